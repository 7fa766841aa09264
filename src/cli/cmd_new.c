#include "cli/cli.h"

#include <stdio.h>
#include <string.h>

/* What a kind changes of the defaults, which are the demo. */
static const struct kind {
    const char *name, *help, *set[8];
} kinds[] = {
    {"demo", "a 1-D ReLU network, three forecasts, five seeds", {NULL}},
    {"quiet",
     "a start without randomness: agreement to 1e-6, where no wrong constant can hide",
     {"name=quiet", "target.amplitude=0.001", "init.quiet=true", "seeds.count=1", NULL}},
};

int cmd_new(const cli_options *options)
{
    const char *name = options->operand ? options->operand : "demo";
    sb_config config = {0};
    sb_status status = SB_OK;
    const struct kind *kind = NULL;
    for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++)
        if (strcmp(kinds[i].name, name) == 0) kind = &kinds[i];
    if (!kind) {
        fprintf(stderr, "specbias: no kind '%s' to start from; there are:\n", name);
        for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++)
            fprintf(stderr, "  %-8s %s\n", kinds[i].name, kinds[i].help);
        return EXIT_USAGE;
    }
    SB_TRY(sb_config_init(&config));
    for (size_t i = 0; kind->set[i]; i++) SB_TRY(sb_config_set(&config, kind->set[i]));
    printf("// %s\n// run it: specbias run FILE.cfg      check it: specbias check FILE.cfg\n\n", kind->help);
    sb_config_write(&config, true, stdout);
done:
    sb_config_clear(&config);
    return status == SB_OK ? EXIT_AGREES : cli_fail(status);
}
