#include "cli/cli.h"

#include <stdio.h>
#include <string.h>

#define INDENT 3 /* and a blank */

void print_key(const sb_key *key)
{
    char text[256] = "";
    size_t at = (size_t)printf("%-22s %-7s", key->path, key->type);
    bool list = *key->range == '@', choice = strcmp(key->type, "choice") == 0;
    if (list)
        snprintf(text, sizeof text, "; one of `specbias list %s`", key->range + 1);
    else if (*key->range && strcmp(key->range, "(-inf, inf)") != 0)
        snprintf(text, sizeof text, "; %s %s", choice ? "one of" : "in", key->range);
    print_words(&at, INDENT, "default");
    print_words(&at, INDENT, key->value);
    printf("%s", *text ? ";" : "");
    at++;
    print_words(&at, INDENT, *text ? text + 2 : "");
    snprintf(text, sizeof text, "[%s]", key->unit);
    print_words(&at, INDENT, *key->unit ? text : "");
    at = (size_t)printf("\n%*s", INDENT, "") - 1;
    print_words(&at, INDENT, key->help);
    if (*key->where) {
        at = (size_t)printf("\n%*s", INDENT, "") - 1;
        print_words(&at, INDENT, "in");
        print_words(&at, INDENT, key->where);
    }
    printf("\n");
}

int cmd_keys(const cli_options *options)
{
    (void)options;
    puts("Key, type, default, range [unit]; what it is; in which experiments it has an\n"
         "effect: kinds, then what other keys must be (| or, != not, ~ contains; @points,\n"
         "@sets: kinds of data points and of data sets; train.optimizer=@KEY: rules that\n"
         "take it). Elsewhere it is refused.\n");
    for (size_t i = 0; sb_key_at(i); i++) print_key(sb_key_at(i));
    return EXIT_AGREES;
}
