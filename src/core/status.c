#include <specbias/status.h>

#include <stdarg.h>
#include <stdio.h>

#include "core/text.h"

static _Thread_local char reason[1024];

const char *sb_status_text(sb_status status)
{
    static const char *const text[] = {
#define SB_STATUS_TEXT(code, words) words,
        SB_STATUS_LIST(SB_STATUS_TEXT)
#undef SB_STATUS_TEXT
    };
    return (size_t)status < sizeof text / sizeof text[0] ? text[status] : "unknown status";
}

const char *sb_error_text(void)
{
    return reason;
}

sb_status sb_fail(sb_status status, const char *format, ...)
{
    char fresh[sizeof reason]; /* the arguments may point into the old reason */
    va_list arguments;
    va_start(arguments, format);
    sb_format_list(fresh, sizeof fresh, format, arguments);
    va_end(arguments);
    sb_printable(fresh, ""); /* names and lines of files of strangers are in it */
    sb_format(reason, sizeof reason, "%s", fresh);
    return status;
}
