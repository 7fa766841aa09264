/* The tables of a trained directory, read as they are asked for: what measures (measure.h) are taken from. */
#ifndef SPECBIAS_RUN_RESULTS_H
#define SPECBIAS_RUN_RESULTS_H

#include <specbias/experiment.h>
#include <specbias/measure.h>
#include <specbias/report.h>

#include "run/sheet.h"

typedef struct sb_kept {
    char name[160];
    sb_sheet sheet;
} sb_kept;

struct sb_results {
    char directory[SB_PATH];
    sb_config config;
    size_t seeds, sheets;
    sb_kept **sheet;    /* [sheets] */
    sb_decay *observed; /* [seeds]; NULL: not read yet */
    double pass;        /* steps of a pass through the data */
};

/* sb_results_open for whoever has checked the seals. */
sb_status sb_results_read(const char *directory, sb_results **results);
/* A table of the directory. */
sb_status sb_results_sheet(sb_results *results, const char *name, const sb_sheet **sheet);
/* A text that is to stand in that file. */
sb_status sb_results_put(sb_results *results, const char *name, const char *text);
/* observed[seeds], what each run did at the case's records. */
sb_status sb_results_observed(sb_results *results, const sb_decay **observed);

#endif
