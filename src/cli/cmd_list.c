#include "cli/cli.h"

#include <stdio.h>
#include <string.h>

#define KINDS 12 /* columns, and a blank */
#define NAMES 14

bool print_list(const sb_list *list, const char *name)
{
    bool found = false;
    for (size_t i = 0; list->name(i); i++) {
        if (name && strcmp(list->name(i), name) != 0) continue;
        size_t at = (size_t)(name ? printf("%s, of `specbias list %s`:", name, list->kind)
                                  : printf("%-*s", NAMES, list->name(i)));
        print_words(&at, NAMES, list->title(i));
        printf("\n");
        found = true;
    }
    return found;
}

int cmd_list(const cli_options *options)
{
    if (!options->operand) {
        for (size_t i = 0; sb_list_at(i); i++) {
            size_t at = (size_t)printf("%-12s", sb_list_at(i)->kind);
            print_words(&at, KINDS, sb_list_at(i)->help);
            printf("\n");
        }
        return EXIT_AGREES;
    }
    const sb_list *list = sb_list_find(options->operand);
    if (!list) {
        fprintf(stderr, "specbias: no list '%s'; `specbias list` shows them\n", options->operand);
        return EXIT_USAGE;
    }
    print_list(list, NULL);
    return EXIT_AGREES;
}
