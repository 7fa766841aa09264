/* Experiments of kind "learn": a network of layers is trained on a data set and looked at; nothing is forecast. */
#ifndef SPECBIAS_EXPERIMENT_LEARN_H
#define SPECBIAS_EXPERIMENT_LEARN_H

#include <specbias/experiment.h>
#include <specbias/fit.h>
#include <specbias/observe.h>

#include "experiment/drift.h"

/* What the keys make. A record of a run is a row of `columns` numbers: step, time, rate, loss, accuracy, loss and
 * accuracy of each test set, then the relative errors at frequencies, along the projection, low and high of each
 * filter, |e^| of the heat map, and the drift of the kernel, nan where it is not looked at. */
typedef struct sb_learn {
    const sb_config *config;
    sb_dataset train, test[SB_TEST_SETS];
    size_t tests;
    sb_model *model;
    sb_loss *loss, *test_loss[SB_TEST_SETS];
    sb_modes modes, along,
        heat;      /* at observed frequencies, along the projection, of the heat map; count 0: not asked for */
    double *label; /* [modes.count] in the user's unit */
    sb_filter filter;
    size_t steps, nt;
    double *step; /* [nt] to record */
    bool *due;    /* [nt] records at which the kernel is looked at; NULL: none. So is the last one of a run */
    size_t columns;
} sb_learn;

enum { SB_NOTE_STEP, SB_NOTE_TIME, SB_NOTE_RATE, SB_NOTE_LOSS, SB_NOTE_ACCURACY, SB_NOTE_TESTS };

/* Columns of a record. */
size_t sb_note_modes(const sb_learn *learn);
size_t sb_note_along(const sb_learn *learn);
size_t sb_note_low(const sb_learn *learn);
size_t sb_note_high(const sb_learn *learn);
size_t sb_note_heat(const sb_learn *learn);
size_t sb_note_drift(const sb_learn *learn);

/* SB_ERR_INPUT says which keys make no experiment. `learn` must be zeroed or cleared. */
sb_status sb_learn_create(const sb_config *config, const sb_monitor *monitor, sb_learn *learn);
/* The same without a look at whether it can be trained here. */
sb_status sb_learn_open(const sb_config *config, const sb_monitor *monitor, sb_learn *learn);
void sb_learn_clear(sb_learn *learn);

/* The network that the keys describe. */
sb_status sb_learn_model(const sb_config *config, sb_shape input, sb_model **model);
/* All but the model, set and files of a run. */
sb_fit_spec sb_learn_fit_spec(const sb_learn *learn);
/* Of a data set, how many examples there are and what is left out: a line to `say`, members of summary.json. */
void sb_learn_say_data(const sb_learn *learn, FILE *say);
void sb_learn_json_data(const sb_learn *learn, sb_json json);
/* The numbers of its examples in its file, from 1: arrays/rows.train.npy, rows.test.npy. */
sb_status sb_learn_save_rows(const sb_learn *learn, const char *directory);
/* Whether examples are right or wrong: those of classes, and one output of -1 or 1. */
bool sb_learn_has_classes(const sb_dataset *set);
/* Fills a row of notes[columns], without the drift. */
sb_status sb_learn_note(const sb_learn *learn, const sb_fit_state *state, double *note);

/* The start of a run, to which its kernels are compared; made anew when a run is gone on with. */
typedef struct sb_learn_start {
    double *theta; /* [parameters] as training has it; NULL: not made yet */
    double *gram;  /* [n][n] */
    sb_drift_start drift;
} sb_learn_start;

/* Fills the columns of the drift in a run's notes, and keeps the kernel; `start` is made when it is first needed. */
sb_status sb_learn_note_drift(const sb_learn *learn, uint64_t seed, const sb_fit_state *state, sb_learn_start *start,
                              double *notes);
void sb_learn_start_clear(sb_learn_start *start);
/* Bytes that it takes, for one run. */
sb_status sb_learn_drift_memory(const sb_learn *learn, double *bytes);

/* One seed's run; notes[nt + 1][columns], a row for each record, of which there are result.records; then, where the
 * effect of the moving kernel can be told, sb_learn_kernels of them and the outputs at the start. */
typedef struct sb_learn_run {
    uint64_t seed;
    double *notes;
    sb_fit_result result;
} sb_learn_run;

/* history.tsv, frequencies.tsv, projection.tsv, filter.tsv, heat.tsv, and of each seed history.seedN.tsv. */
sb_status sb_learn_save(const sb_learn *learn, const char *directory, size_t count, const sb_learn_run *run);
/* How many kernels [n][n] a run keeps for that; 0: it cannot be told. */
size_t sb_learn_kernels(const sb_learn *learn);
void sb_learn_keep(const sb_learn *learn, const sb_fit_state *state, const double *gram, double *notes);
/* effect.tsv; a line of words to `say`, members of summary.json to `json`; nothing where it cannot be told. */
sb_status sb_learn_effects(const sb_learn *learn, const char *directory, size_t count, const sb_learn_run *run,
                           FILE *say, sb_json json);
/* drift.tsv and drift.seedN.tsv; a line of words to `say`, members of summary.json to `json`. */
sb_status sb_learn_save_drift(const sb_learn *learn, const char *directory, size_t count, const sb_learn_run *run,
                              FILE *say, sb_json json);

/* What the runs say about the order of frequencies: words to `say`, members of summary.json to `json`, and the verdict
 * on observe.claim. */
sb_status sb_learn_report(const sb_learn *learn, size_t count, const sb_learn_run *run, FILE *say, sb_json json,
                          sb_verdict *verdict);

#endif
