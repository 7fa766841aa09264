#include "cli/cli.h"

#include <stdio.h>

int cmd_list(const cli_options *options)
{
    if (!options->operand) {
        for (size_t i = 0; sb_list_at(i); i++) printf("%-12s %s\n", sb_list_at(i)->kind, sb_list_at(i)->help);
        return EXIT_AGREES;
    }
    const sb_list *list = sb_list_find(options->operand);
    if (!list) {
        fprintf(stderr, "specbias: no list '%s'; `specbias list` shows them\n", options->operand);
        return EXIT_USAGE;
    }
    for (size_t i = 0; list->name(i); i++) printf("%-14s %s\n", list->name(i), list->title(i));
    return EXIT_AGREES;
}
