#include "cli/cli.h"

#include <math.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "core/clock.h"

static volatile sig_atomic_t interrupted;

static void on_signal(int signal)
{
    (void)signal;
    interrupted = 1; /* the handler is used once: a second Ctrl-C ends at once */
}

static struct {
    pthread_mutex_t lock;
    bool shown; /* stderr is a terminal */
    bool open;  /* a bar stands on the line */
    char stage[32];
    double began, last; /* seconds */
} bar = {.lock = PTHREAD_MUTEX_INITIALIZER};

static void clear_line(void)
{
    if (bar.open) fputs("\r\033[K", stderr);
    bar.open = false;
}

void cli_clear_bar(void)
{
    pthread_mutex_lock(&bar.lock);
    clear_line();
    bar.stage[0] = '\0';
    pthread_mutex_unlock(&bar.lock);
}

static void draw(const char *stage, double part, double now)
{
    char cells[21];
    for (int i = 0; i < 20; i++) cells[i] = i < (int)(part * 20) ? '#' : ' ';
    cells[20] = '\0';
    fprintf(stderr, "\r\033[K%-9s [%s] %3.0f %%", stage, cells, 100 * part);
    if (part > 0.02) fprintf(stderr, "  %.0f s left", ceil((now - bar.began) * (1 - part) / part));
    fflush(stderr);
    bar.open = true;
}

/* Stages inside another stage (lfp.flow inside forecast) may take turns on the line. */
static bool progress(void *context, const char *stage, double done, double total)
{
    (void)context;
    if (bar.shown && pthread_mutex_trylock(&bar.lock) == 0) {
        double now = sb_seconds();
        if (strcmp(bar.stage, stage) != 0) {
            snprintf(bar.stage, sizeof bar.stage, "%s", stage);
            bar.began = bar.last = now;
        } else if (now - bar.last > 0.1) {
            bar.last = now;
            draw(stage, total > 0 ? fmin(done / total, 1) : 0, now);
        }
        pthread_mutex_unlock(&bar.lock);
    }
    return !interrupted;
}

static void warn(void *context, const char *text)
{
    (void)context;
    pthread_mutex_lock(&bar.lock);
    clear_line();
    fprintf(stderr, "specbias: warning: %s\n", text);
    pthread_mutex_unlock(&bar.lock);
}

const sb_monitor *cli_monitor(const cli_options *options)
{
    static const sb_monitor monitor = {.progress = progress, .warn = warn};
    struct sigaction action = {.sa_handler = on_signal, .sa_flags = (int)SA_RESETHAND};
    sigemptyset(&action.sa_mask);
    sigaction(SIGINT, &action, NULL);
    sigaction(SIGTERM, &action, NULL);
    struct sigaction ignore = {.sa_handler = SIG_IGN};
    sigaction(SIGXFSZ, &ignore, NULL); /* a file size limit is a full disk: an error, not a death */
    bar.shown = !options->quiet && isatty(STDERR_FILENO);
    return &monitor;
}

int cli_fail(sb_status status)
{
    cli_clear_bar();
    fprintf(stderr, "specbias: %s\n", sb_error_text());
    switch (status) {
    case SB_ERR_INPUT:
    case SB_ERR_SEAL: return EXIT_USAGE;
    case SB_ERR_INTERRUPTED: return EXIT_INTERRUPTED;
    default: return EXIT_FAILED;
    }
}
