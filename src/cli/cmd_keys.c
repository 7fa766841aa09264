#include "cli/cli.h"

#include <stdio.h>
#include <string.h>

#define WIDTH 80
#define INDENT 4

/* The words of `text` behind column *at, in lines of WIDTH. */
static void print_words(size_t *at, const char *text)
{
    for (size_t length; *text; text += length + (text[length] == ' ')) {
        length = strcspn(text, " ");
        if (*at > INDENT && *at + 1 + length > WIDTH) *at = (size_t)printf("\n%*s", INDENT, "") - 1;
        *at += (size_t)printf("%s%.*s", *at > INDENT ? " " : "", (int)length, text);
    }
}

static void print_key(const sb_key *key)
{
    char text[256] = "";
    size_t at = (size_t)printf("%-22s %-7s", key->path, key->type);
    bool list = *key->range == '@', choice = strcmp(key->type, "choice") == 0;
    if (list)
        snprintf(text, sizeof text, "; one of `specbias list %s`", key->range + 1);
    else if (*key->range && strcmp(key->range, "(-inf, inf)") != 0)
        snprintf(text, sizeof text, "; %s %s", choice ? "one of" : "in", key->range);
    print_words(&at, "default");
    print_words(&at, key->value);
    printf("%s", *text ? ";" : "");
    at++;
    print_words(&at, *text ? text + 2 : "");
    snprintf(text, sizeof text, "[%s]", key->unit);
    print_words(&at, *key->unit ? text : "");
    at = (size_t)printf("\n%*s", INDENT, "") - 1;
    print_words(&at, key->help);
    if (*key->where) {
        at = (size_t)printf("\n%*s", INDENT, "") - 1;
        print_words(&at, "in");
        print_words(&at, key->where);
    }
    printf("\n");
}

int cmd_keys(const cli_options *options)
{
    (void)options;
    puts("Key, type, default, range [unit]; what it is; in which experiments it has an\n"
         "effect: kinds, then what other keys must be (| or, != not, ~ contains; @points,\n"
         "@sets: kinds of data points and of data sets). Elsewhere it is refused.\n");
    for (size_t i = 0; sb_key_at(i); i++) print_key(sb_key_at(i));
    return EXIT_AGREES;
}
