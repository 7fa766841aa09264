#include <specbias/monitor.h>

#include <stdarg.h>
#include <stdio.h>

#include "core/text.h"

sb_status sb_monitor_progress(const sb_monitor *monitor, const char *stage, double done, double total)
{
    if (!monitor || !monitor->progress || monitor->progress(monitor->context, stage, done, total)) return SB_OK;
    return sb_fail(SB_ERR_INTERRUPTED, "stopped during %s", stage);
}

void sb_monitor_warn(const sb_monitor *monitor, const char *format, ...)
{
    if (!monitor || !monitor->warn) return;
    char text[512];
    va_list arguments;
    va_start(arguments, format);
    sb_format_list(text, sizeof text, format, arguments);
    va_end(arguments);
    sb_printable(text, "");
    monitor->warn(monitor->context, text);
}
