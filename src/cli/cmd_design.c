#include "cli/cli.h"

#include <stdlib.h>
#include <string.h>

/* `run` with the key kind = design. */
int cmd_design(const cli_options *options)
{
    cli_options design = *options;
    design.set = malloc((options->sets + 1) * sizeof *design.set);
    if (!design.set) return cli_fail(sb_fail(SB_ERR_NOMEM, "no memory for the options"));
    if (options->sets) memcpy(design.set, options->set, options->sets * sizeof *design.set);
    design.set[design.sets++] = "kind=design";
    int code = cmd_run(&design);
    free(design.set);
    return code;
}
