#include "core/call.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/text.h"

/* The part [from, to) without blanks at its ends; false when it does not fit. */
static bool copy_trimmed(const char *from, const char *to, char *text, size_t size)
{
    while (from < to && sb_is_space(*from)) from++;
    while (from < to && sb_is_space(to[-1])) to--;
    if ((size_t)(to - from) >= size) return false;
    sb_format(text, size, "%.*s", (int)(to - from), from);
    return true;
}

/* The end of an argument: a comma or the closing parenthesis outside inner parentheses; NULL: there is none. */
static const char *argument_end(const char *p)
{
    for (int depth = 0; *p; p++) {
        if (depth == 0 && (*p == ',' || *p == ')')) return p;
        depth += (*p == '(') - (*p == ')');
    }
    return NULL;
}

static sb_status take_argument(const char *text, const char *from, const char *to, sb_call *call)
{
    if (call->n == SB_CALL_MOST) return sb_fail(SB_ERR_INPUT, "\"%s\" has more than %d arguments", text, SB_CALL_MOST);
    const char *equals = memchr(from, '=', (size_t)(to - from)), *open = memchr(from, '(', (size_t)(to - from));
    if (open && equals > open) equals = NULL;
    bool fits = !equals || copy_trimmed(from, equals, call->argument[call->n].key, sizeof call->argument[0].key);
    fits = fits &&
           copy_trimmed(equals ? equals + 1 : from, to, call->argument[call->n].value, sizeof call->argument[0].value);
    if (!fits) return sb_fail(SB_ERR_INPUT, "\"%s\": an argument is too long", text);
    if (!*call->argument[call->n].value) return sb_fail(SB_ERR_INPUT, "\"%s\": an argument is empty", text);
    call->n++;
    return SB_OK;
}

sb_status sb_call_parse(const char *text, sb_call *call)
{
    const char *open = strchr(text, '('), *end = text + strlen(text);
    *call = (sb_call){0};
    if (!copy_trimmed(text, open ? open : end, call->name, sizeof call->name) || !*call->name)
        return sb_fail(SB_ERR_INPUT, "\"%s\" must begin with a name", text);
    for (const char *p = open; p;) {
        const char *stop = argument_end(p + 1);
        if (!stop) return sb_fail(SB_ERR_INPUT, "\"%s\": a parenthesis is not closed", text);
        bool none = call->n == 0 && *stop == ')' && strspn(p + 1, " \t") == (size_t)(stop - p - 1);
        sb_status status = none ? SB_OK : take_argument(text, p + 1, stop, call);
        if (status != SB_OK) return status;
        if (*stop == ')' && stop[1 + strspn(stop + 1, " \t")])
            return sb_fail(SB_ERR_INPUT, "\"%s\": there is something behind the parenthesis", text);
        p = *stop == ')' ? NULL : stop;
    }
    return SB_OK;
}

/* The i-th argument without a key; NULL: there are fewer. */
static const char *positional(const sb_call *call, size_t i)
{
    for (size_t j = 0; j < call->n; j++)
        if (!*call->argument[j].key && i-- == 0) return call->argument[j].value;
    return NULL;
}

sb_status sb_call_number(const sb_call *call, size_t i, const char *what, double low, double high, double *value)
{
    const char *text = positional(call, i);
    char *end;
    if (!text) return sb_fail(SB_ERR_INPUT, "%s needs %s", call->name, what);
    *value = sb_text_real(text, &end);
    if (end == text || *end) return sb_fail(SB_ERR_INPUT, "%s: %s must be a number, not '%s'", call->name, what, text);
    if (*value >= low && *value <= high) return SB_OK;
    return sb_fail(SB_ERR_INPUT, "%s: %s = %s must lie in [%g, %g]", call->name, what, text, low, high);
}

sb_status sb_call_whole(const sb_call *call, size_t i, const char *what, size_t low, size_t high, size_t *value)
{
    double number;
    sb_status status = sb_call_number(call, i, what, (double)low, (double)high, &number);
    if (status != SB_OK) return status;
    if (number != floor(number)) return sb_fail(SB_ERR_INPUT, "%s: %s must be a whole number", call->name, what);
    *value = (size_t)number;
    return SB_OK;
}

const char *sb_call_value(const sb_call *call, const char *key)
{
    for (size_t j = 0; j < call->n; j++)
        if (strcmp(call->argument[j].key, key) == 0) return call->argument[j].value;
    return NULL;
}

bool sb_call_flag(const sb_call *call, const char *word)
{
    for (size_t j = 0; j < call->n; j++)
        if (!*call->argument[j].key && strcmp(call->argument[j].value, word) == 0) return true;
    return false;
}
