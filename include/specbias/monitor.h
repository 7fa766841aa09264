/* How long work reports to its caller: progress, a wish to stop, warnings. Every function accepts a NULL monitor. */
#ifndef SPECBIAS_MONITOR_H
#define SPECBIAS_MONITOR_H

#include <stdbool.h>

#include <specbias/status.h>

typedef struct sb_monitor {
    /* Work of `stage` is at `done` of `total`. Returns false to ask for a stop. May be called from several threads. */
    bool (*progress)(void *context, const char *stage, double done, double total);
    /* Something the user should know that does not stop the work. May be called from several threads. */
    void (*warn)(void *context, const char *text);
    void *context;
} sb_monitor;

/* SB_ERR_INTERRUPTED when the monitor asks for a stop, else SB_OK. */
sb_status sb_monitor_progress(const sb_monitor *monitor, const char *stage, double done, double total);

#if defined(__GNUC__)
__attribute__((format(printf, 2, 3)))
#endif
void
sb_monitor_warn(const sb_monitor *monitor, const char *format, ...);

#endif
