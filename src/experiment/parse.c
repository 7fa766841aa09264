#include "experiment/parse.h"

#include "core/text.h"

bool sb_parse(config_t *parsed, const char *text)
{
    locale_t host = sb_text_enter();
    int read = config_read_string(parsed, text);
    sb_text_leave(host);
    return read == CONFIG_TRUE;
}
