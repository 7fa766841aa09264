/* Cases of keys, and a run of one. Every function fails the test when it cannot. */
#ifndef SPECBIAS_TEST_CASES_H
#define SPECBIAS_TEST_CASES_H

#include <specbias/experiment.h>

#include "case/network.h"
#include "run/run.h"

/* keys: "key=value", .., NULL */
void open_case(const char *const *keys, sb_config *config, sb_case *cas);
void close_case(sb_config *config, sb_case *cas);
/* Trains a network of seed 1, from where it stands. */
void open_run(const sb_case *cas, sb_network *network, sb_layout *layout, sb_run *run);
void close_run(sb_layout *layout, sb_run *run);

#endif
