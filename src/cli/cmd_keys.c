#include "cli/cli.h"

#include <stdio.h>
#include <string.h>

int cmd_keys(const cli_options *options)
{
    (void)options;
    for (size_t i = 0; sb_key_at(i); i++) {
        const sb_key *key = sb_key_at(i);
        printf("%-22s %-7s default %s", key->path, key->type, key->value);
        if (*key->range == '@')
            printf("; one of `specbias list %s`", key->range + 1);
        else if (strcmp(key->type, "choice") == 0)
            printf("; one of %s", key->range);
        else if (*key->range && strcmp(key->range, "(-inf, inf)") != 0)
            printf("; in %s", key->range);
        if (*key->unit) printf(" [%s]", key->unit);
        printf("\n    %s\n", key->help);
    }
    return EXIT_AGREES;
}
