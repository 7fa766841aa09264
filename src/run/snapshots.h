/* Snapshots of a run: outputs at the states that the case asks for (case/snapshots.h), kept with its notes. */
#ifndef SPECBIAS_RUN_SNAPSHOTS_H
#define SPECBIAS_RUN_SNAPSHOTS_H

#include <stdio.h>

#include "case/snapshots.h"
#include "run/run.h"

/* Nothing was taken yet. */
void sb_snapshots_begin(const sb_case *cas, double *states);
/* Takes what is due at this record. */
sb_status sb_snapshots_take(const sb_case *cas, const sb_fit_state *state, double *states);
/* The folder snapshots/ of a directory. */
sb_status sb_snapshots_save(const sb_case *cas, const sb_layout *layout, const char *directory, size_t count,
                            const sb_run *run);

/* frames.c: what the figure of that name shows. */
sb_status sb_frames_save(const sb_case *cas, const char *directory, size_t count, const double *const *states);
/* spectra.c: of all seeds; and of each example that is a line, of the first one. */
sb_status sb_spectra_save(const sb_case *cas, const char *directory, size_t count, const double *const *states);
sb_status sb_dominant_save(const sb_case *cas, const char *directory, const double *states);

#endif
