#ifndef SPECBIAS_CLI_SWEEP_SCRIPT_H
#define SPECBIAS_CLI_SWEEP_SCRIPT_H

#include "cli/cli.h"
#include "study/sweep/sweep.h"

/* A job file for another engine: --script slurm, parallel or snakemake. */
sb_status print_sweep_script(const cli_options *options, const cli_session *session, const sb_sweep *sweep);

#endif
