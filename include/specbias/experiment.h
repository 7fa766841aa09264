/* From a configuration file to a verdict: reading keys, connecting theory, kernel and network, the stages of a run. */
#ifndef SPECBIAS_EXPERIMENT_H
#define SPECBIAS_EXPERIMENT_H

#include <stdint.h>
#include <stdio.h>

#include <specbias/claim.h>
#include <specbias/compare.h>
#include <specbias/data.h>
#include <specbias/fit.h>
#include <specbias/linear.h>
#include <specbias/measure.h>
#include <specbias/monitor.h>
#include <specbias/net.h>
#include <specbias/theory.h>

/* ---- configuration (keys.def) ---- */

typedef struct sb_reals {
    size_t n;
    double *v;
} sb_reals;

typedef struct sb_texts {
    size_t n;
    char **v;
} sb_texts;

#define SB_KEY_TEXT char *
#define SB_KEY_CHOICE char *
#define SB_KEY_WHOLE int64_t
#define SB_KEY_REAL double
#define SB_KEY_FLAG bool
#define SB_KEY_REALS sb_reals
#define SB_KEY_TEXTS sb_texts

typedef struct sb_config {
#define KEY(group, name, TYPE, value, range, unit, where, help) SB_KEY_##TYPE group##_##name;
#include <specbias/keys.def>
#undef KEY
    char **origin; /* [keys] where each was set, "FILE:LINE" or "--set KEY=VALUE"; NULL: its default */
} sb_config;

/* Every key at its default. `config` must be zeroed or cleared. */
sb_status sb_config_init(sb_config *config);
void sb_config_clear(sb_config *config);
/* Reads a file over the present values. Errors carry file:line; an unknown key names the nearest one. The file that
 * init.table names (relative to the configuration) is read, too: its nodes become keys, its name is forgotten. */
sb_status sb_config_read(sb_config *config, const char *path);
/* `to` must be zeroed or cleared. */
sb_status sb_config_copy(const sb_config *from, sb_config *to);
/* `key=value` as of --set; strings may stand without quotes, lists without brackets; let.NAME is a variable. */
sb_status sb_config_set(sb_config *config, const char *assignment);
/* Puts the values of `let` in the place of $name in texts and writes out every repeat(n, ..) of net.layers, so that the
 * keys stand alone; `let` is then empty. A sweep keeps both, for its points. SB_ERR_INPUT for a name that is not there,
 * or that no text uses. */
sb_status sb_config_resolve(sb_config *config);
/* SB_ERR_INPUT for a key that is not at its default and has no effect in this experiment (the column `where`), with
 * what it would need. One that this kind of experiment chooses itself may stay, and is not written. */
sb_status sb_config_check(const sb_config *config);
/* Writes every key that has an effect, in the form that sb_config_read reads back to the same bits. */
void sb_config_write(const sb_config *config, FILE *stream);
/* The same with help, range and unit of each in comments, at most 100 columns wide where words allow; all: also those
 * without an effect, as comments that say what they need. */
sb_status sb_config_tell(const sb_config *config, bool all, FILE *stream);

/* One line of `specbias keys`; NULL past the last. */
typedef struct sb_key {
    const char *path, *type, *value, *range, *unit, *where, *help;
} sb_key;
const sb_key *sb_key_at(size_t index);

/* The lists of `specbias list KIND`. */
typedef struct sb_list {
    const char *kind, *help;
    const char *(*name)(size_t index); /* NULL past the last */
    const char *(*title)(size_t index);
} sb_list;
const sb_list *sb_list_at(size_t index);
const sb_list *sb_list_find(const char *kind);

/* ---- the case a configuration describes: data, network, loss, rule, what is watched ---- */

/* How a forecast is made: not at all; from a kernel or an equation, in which modes go their ways apart; or by training
 * something by the run's own rule; by reading what the user gave. */
typedef enum sb_way { SB_WAY_NONE, SB_WAY_MODES, SB_WAY_TRAINED, SB_WAY_GIVEN } sb_way;

typedef struct sb_case {
    const sb_config *config;

    size_t n, inputs, outputs; /* examples */
    sb_dataset data, test[SB_TEST_SETS];
    size_t tests;
    sb_problem problem;  /* a function on points, as frequency equations see it; n = 0 of data sets */
    sb_problem examples; /* inputs of any data, as equations of inputs do: n, dim, x, c and times alone, c its own */
    sb_density points;   /* of the points, when they follow one */

    bool external; /* the network is the user's own, trained outside: `model` is a stand-in of which nothing is asked */
    bool lawless;  /* nothing is known of a law of the weights at the start: it is external, or they are given .. */
    struct sb_start *start; /* .. (init.file, case/start.h); NULL: they are drawn */
    bool units;             /* net.kind names a sum over units, which is a list of layers like any other */
    sb_model *model;
    sb_theory_params theory; /* the law of such a sum, also of one that is written as layers */
    sb_wide_law wide;        /* when there is a kernel of infinite width .. */
    bool infinite;
    char unlike[256];   /* .. or why not */
    bool deterministic; /* the start has no randomness (quiet) */
    bool random_output; /* the start's output is not zero: every forecast is of one seed */
    size_t per_row;     /* outputs of a row of examples in the empirical kernel: all of them, or 1, their mean */

    sb_loss *loss, *test_loss[SB_TEST_SETS];
    sb_quadratic quadratic;      /* of examples: P of the loss, or 1/n where it has none */
    sb_quadratic quadratic_rows; /* the same of examples times outputs, when per_row > 1 */
    sb_rule rule;                /* of training; a flow where it has no mode */
    bool curved;                 /* the loss is no quadratic form: not even its flow has modes */
    char silent[256];    /* why the run's steps have no modes: the loss, the rule, the schedule; "": they have */
    char unjudged[256];  /* why forecasts are not judged; "": they are */
    double batch_step;   /* up to which mini-batches drawn anew are stable in the mean square; nan: not known */
    double largest_step; /* the largest stable one; printed by sb_rule_printed_step; nan: not known */

    size_t steps, nt;
    double *step, *t; /* [nt] recorded steps, and flow time; of a rule without flow time steps once more */
    sb_terms terms;

    sb_watch watch;
    sb_watch watch_test[SB_TEST_SETS]; /* with observe.tests the same items of the test sets; else nothing */
    size_t watched;                    /* with observe.response: the test set that it looks at */
    double complex *target;            /* [watch.items.parts] of the wanted function */
    sb_watch field;                    /* cells of the error field; no items: it is not asked for */
    struct sb_snapshots *snapshots;    /* what is kept of outputs on the way; NULL: nothing */
    struct sb_spectra *spectra;        /* and of their spectra; NULL: nothing */

    size_t sources;
    const struct sb_source **source; /* [sources] that forecast it, in the order of forecast.sources .. */
    sb_way (*way)[2];                /* .. and how each makes its tables of the flow and of the run's steps */
    size_t givens;
    struct sb_given *given; /* [givens] what of them the user gave */
    char skipped[1024];     /* which of the default ones do not, and why; "": all do */
} sb_case;

/* SB_ERR_INPUT when the keys make no case: points outside the kernel's range, frequencies above Nyquist, a target
 * without energy, a learning rate that diverges (the largest stable one is named; not with train.unstable), sources
 * that do not cover it (those of the default list are left out then). */
sb_status sb_case_create(const sb_config *config, const sb_monitor *monitor, sb_case *cas);
/* SB_ERR_INPUT for a key that is not at its default and belongs to forecasts of which the case has none. */
sb_status sb_case_check_keys(const sb_case *cas);
/* The same without a look at whether it can be trained here and what forecasts it. */
sb_status sb_case_open(const sb_config *config, const sb_monitor *monitor, sb_case *cas);
void sb_case_clear(sb_case *cas);

/* "relu 1-8192-1, ASI" or the list of layers */
void sb_case_describe(const sb_case *cas, char *text, size_t size);
/* Examples of a batch. */
size_t sb_case_batch(const sb_case *cas);
double sb_case_epoch(const sb_case *cas); /* steps of a pass through the data */
/* Whether batches are drawn anew in each step; whether the loss of one is no mean over its examples. */
bool sb_case_independent(const sb_case *cas);
bool sb_case_sums(const sb_case *cas);
/* All that training a network of layers needs but the seed, files and who looks on. */
sb_fit_spec sb_case_fit_spec(const sb_case *cas);

/* Whether its runs are going to have it: SB_ERR_INPUT where there is no such test set, item or forecaster, with those
 * that there are. */
sb_status sb_case_check_measure(const sb_case *cas, const sb_measure *measure);
/* The same of all measures of the key `claims`. */
sb_status sb_case_check_claims(const sb_case *cas);

/* Untrained networks behind the band of the forecasts: none where the start has no randomness, or nothing is forecast
 * that is not of one seed. */
size_t sb_draw_count(const sb_case *cas);
/* Networks that are trained in the forecast stage, behind the band of forecasts that sb_source_rehearsed tells. */
size_t sb_rehearsal_count(const sb_case *cas);

/* Bytes that one forecast or one seed needs, roughly; jobs run at the same time. */
double sb_memory_estimate(const sb_case *cas);

/* A forecast of laziness: the effect[items][SB_LEVELS] on ln T (path.h) that the kernel of the first seed's network
 * would have if its weights moved as in its linearisation, and the largest of times within the record. nan: too large a
 * case to be foretold in seconds, no time is reached, or the network is the user's own. */
sb_status sb_expected_effect(const sb_case *cas, double *effect, double *largest);

/* ---- forecasters: every frequency equation (theory.h), and src/forecast/NAME.c with one line in list.def
 * ----
 *
 * Ladder of approximations, each rung one step further from the network that was trained: 0 observed, 10 the same
 * network under exact gradient flow, 20 its linearisation at the start, 30 infinite width on the data, 40 a frequency
 * equation (45: one that also takes the data for uniform), 50 a rate law per frequency. The budget tells neighbours
 * apart. */

typedef struct sb_source {
    const char *name, *title, *citation;
    int rung;
    bool per_seed; /* forecasts each seed's own network */
    bool moving; /* holds nothing of the network fixed: rehearsals tell its band, no moving kernel is its fault, and it
                    may go beyond the largest stable step */
    const sb_theory *theory;      /* a frequency equation, which has its own of the following; else NULL */
    const struct sb_given *given; /* what the user gave, which has, too (case/given.h); else NULL. The name of its kind
                                     ends with a colon: "file:" of "file.mine" */
    bool gives_kernels;           /* of such a kind: matrices and no table */
    /* gram[rows][rows]: the kernel on the data of which this is the forecast; rows are those of sb_source_per_row.
     * `check`: SB_ERR_INPUT or SB_ERR_UNSUPPORTED when it does not cover the case. NULL, both: it has none */
    sb_status (*check)(const sb_case *cas);
    sb_status (*gram)(const sb_case *cas, uint64_t seed, double *gram);
    /* The same by training, where the steps have no modes or are of mini-batches: fills a table of the watch's items by
     * its form, of the flow or of the run's steps. NULL, both: it has modes alone */
    sb_status (*check_training)(const sb_case *cas);
    sb_status (*train)(const sb_case *cas, const sb_watch *watch, uint64_t seed, const sb_monitor *monitor,
                       sb_decay *decay);
    /* Instead of `train` in a run: the table of its steps, and files of its own in the directory. NULL: it has none */
    sb_status (*train_into)(const sb_case *cas, uint64_t seed, const char *directory, const sb_monitor *monitor,
                            sb_decay *decay);
    bool steps_alone; /* there is no table of the flow */
    bool responds;    /* tells of functions that are not among the examples (observe.response), and of nothing else */
    sb_wrong_set wrongs; /* the wrong theories that it is held against */
} sb_source;

/* way[flow, steps] in which a source makes its tables; SB_ERR_INPUT or SB_ERR_UNSUPPORTED when it does not cover the
 * case. */
sb_status sb_source_cover(const sb_case *cas, const sb_source *source, sb_way way[2]);
/* Of a source of the case. */
sb_way sb_source_way(const sb_case *cas, const sb_source *source, sb_form form);
/* Whether rehearsals tell its band: of networks that move, and of infinite width where steps have no modes, without
 * which a draw tells no time; of what was given also where mini-batches or a random output scatter T. */
bool sb_source_rehearsed(const sb_case *cas, const sb_source *source);
/* Whether one of the case's sources is made in that way; a given one counts as what the case's kernels would be. */
bool sb_case_has_way(const sb_case *cas, sb_form form, sb_way way);
sb_status sb_source_gram(const sb_case *cas, const sb_source *source, uint64_t seed, double *gram);
const sb_source *sb_source_at(size_t index); /* NULL past the last */
/* Also the kind of "file:mine.tsv" and "file.mine". */
const sb_source *sb_source_find(const char *name);

/* ---- the stages, each on a run directory (report.h) ---- */

/* What a stage is asked to do beside its directory. */
typedef struct sb_stage {
    const char *directory;
    bool force;                 /* replace what an earlier run left there */
    bool resume;                /* go on with an interrupted run from its checkpoints */
    bool redraw;                /* write over figure scripts that a person edited */
    bool edited;                /* run such scripts, which are the user's own */
    const struct sb_look *look; /* of figures; NULL: as ever */
    size_t jobs;                /* seeds and forecasts at the same time; 0: all cores */
    size_t cores;               /* for those jobs; 0: all */
    const sb_monitor *monitor;
} sb_stage;

/* Computes every forecast from initial states only, writes and seals them. One that trains something which diverges is
 * told (a warning, decay/uncovered.tsv) and left out, here and in the stages that follow. `seal` (65 bytes) receives
 * the sha256 of forecast.sha256. */
sb_status sb_forecast_stage(const sb_case *cas, const sb_stage *stage, char *seal);

/* One seed's training as the summary tells it. */
typedef struct sb_run_record {
    uint64_t seed;
    double steps, seconds, loss;
    double kernel_change; /* |K_end - K_start| / |K_start|, Frobenius; nan: it was not looked at */
    double accuracy, test_loss[SB_TEST_SETS], test_accuracy[SB_TEST_SETS]; /* at the end; nan without classes */
    char route[16], first_route[16]; /* that it ended with and began with (fit.h) */
} sb_run_record;

/* Trains every seed of a sealed directory and writes what was observed; what a person wants to read beside it (how far
 * kernels moved, with observe.drift) to `say`, if any. Refuses a broken seal or other keys. */
sb_status sb_train_stage(const sb_case *cas, const sb_stage *stage, FILE *say);

/* The same of networks that were trained outside: files[seeds] of their residuals u = h - y on the data, .npy arrays
 * [record][example][output] (of one output [record][example]), and a table whose column `step` tells the step of each
 * record; the case's are among them. */
typedef struct sb_outside {
    size_t files;
    const char *const *file;
    const char *steps;
} sb_outside;
sb_status sb_observe_stage(const sb_case *cas, const sb_stage *stage, const sb_outside *outside, FILE *say);

/* Power of the comparison with one forecast. */
typedef struct sb_power {
    bool right_rejected; /* the unchanged kernel is rejected, so nothing can be said */
    sb_wrong_set wrongs; /* which wrong theories were tried */
    bool tried[SB_WRONGS], rejected[SB_WRONGS];
    double least_factor; /* sb_noticed_factor */
} sb_power;

typedef struct sb_source_result {
    char name[64];
    sb_form form;
    sb_judgement *judgement; /* [nxi][SB_LEVELS] */
    sb_verdict verdict;
    const char *finite_width; /* what told its shift and spread: "quadrature", "draws", "rehearsals" or "none" */
    sb_power power;
    /* eigenpairs of its kernel, the worst of all seeds when paired; rates per unit time */
    double rate_max, rate_min, residual, orthogonality, negative;
} sb_source_result;

/* What separates two neighbouring rungs a, b of the ladder at one item. */
typedef struct sb_gap {
    double distance; /* max over t and seeds of |e_a - e_b| / |f^|; nan: there are no such tables */
    double log_time; /* mean over seeds of ln T_a(1/2) - ln T_b(1/2), with its sign; nan: not reached */
} sb_gap;

enum {
    SB_GAP_FLOW,      /* observed - the same network under exact gradient flow (train.flow) */
    SB_GAP_DRIFT,     /* the same network - linearised network, both under exact gradient flow */
    SB_GAP_TRAINING,  /* observed - linearised network with the same steps: movement of the kernel */
    SB_GAP_STEP,      /* linearised network: discrete steps - gradient flow */
    SB_GAP_WIDTH,     /* linearised - infinite width, frozen */
    SB_GAP_FINITE,    /* observed - law: finite width */
    SB_GAP_FEATURES,  /* law - infinite width, frozen: the feature learning of the law */
    SB_GAP_CONTINUUM, /* infinite width on the data - frequency equation */
    SB_GAP_COUPLING,  /* frequency equation - rate law per frequency */
    SB_GAPS
};
const char *sb_gap_name(size_t index); /* "flow", ..; NULL past the last */

/* log_time adds up along every way down: observed to infinite width is training + width, and finite + features;
 * training is flow + drift - step. Distances do not: they have no sign. */
typedef struct sb_budget {
    sb_gap gap[SB_GAPS];
} sb_budget;

/* When what is watched was learned, of what was observed alone. */
typedef struct sb_seen {
    double *settled;   /* [runs][frequencies] step from which on err stays below observe.level; nan: never */
    double projection; /* rank correlation of frequency and last error along the principal direction */
    double *low_ahead; /* [filters] share of records in which the low part of the error is the smaller */
} sb_seen;

/* Of stacks of convolutions (law.conv) the rates of the first seed's frozen at infinite width, and the late ratio of
 * relative square errors on the bands of the test sets `low` and `high`, nan where these are not there. */
#define SB_CLOSED_RATES 4
typedef struct sb_closed {
    double rate[SB_CLOSED_RATES], late;
} sb_closed;

/* The test losses at the end, means over seeds, as law.conv forecasts them and as they were. */
typedef struct sb_bands {
    double told[SB_TEST_SETS], seen[SB_TEST_SETS];
    sb_closed closed;
} sb_bands;

typedef struct sb_summary {
    size_t nxi, sources, runs, biases;
    sb_items items; /* [nxi] what is watched */
    char seal[65];
    char uncovered[1024];     /* forecasts that diverged, and why: "law: not covered: .."; "": none */
    const char *unjudged;     /* why forecasts are not judged; "": they are */
    sb_source_result *source; /* [sources] */
    sb_run_record *run;       /* [runs] */
    sb_bands bands;           /* with law.conv, else zeros */
    sb_budget *budget;        /* [nxi] */
    sb_bias_result *bias;     /* [biases] forms of each source, all runs, each run */
    sb_seen seen;
    size_t claims;
    sb_finding *claim;  /* [claims] what became of the key `claims` */
    sb_verdict verdict; /* the worst of all sources and claims; SB_NONE: nothing was judged */
    double *effect;     /* [nxi][SB_LEVELS] of the moving kernel on ln T (path.h), the largest of all runs */
    double laziness;    /* the largest effect of all lines that were judged; nan: none was */
} sb_summary;

/* Reads sealed forecasts and observed tables and judges; writes nothing. */
sb_status sb_compare(const sb_case *cas, const sb_stage *stage, sb_summary *summary);
/* The same, and writes agreement.tsv, budget.tsv, bias.tsv and summary.json. */
sb_status sb_compare_stage(const sb_case *cas, const sb_stage *stage, sb_summary *summary);
void sb_summary_clear(sb_summary *summary);

/* Draws the figures of a directory. *drawn = false with a warning when there is no gnuplot. */
sb_status sb_plot_stage(const sb_case *cas, const sb_stage *stage, bool *drawn);

/* A run directory with its case. */
typedef struct sb_plotted {
    const sb_case *cas;
    const char *directory;
} sb_plotted;
#define SB_PLOTTED_MOST 12
/* Draws `n` runs, at most SB_PLOTTED_MOST, on one axis, to a directory of its own (stage->directory), which holds the
 * tables it is drawn from. SB_ERR_INPUT for runs whose items have nothing in common, or whose units, levels or times
 * differ, and where the directory holds anything else. */
sb_status sb_plot_runs(size_t n, const sb_plotted *run, const sb_stage *stage, bool *drawn);

/* The kernels of the network at its start, empirical and of infinite width: spectra, eigenvectors and their
 * frequencies, distance to infinite width, forecasts; tables in kernel/ and arrays of the stage's directory, words to
 * `say`. Experiments of kind "train". */
sb_status sb_kernel_stage(const sb_config *config, const sb_stage *stage, FILE *say);
/* What that will take with kernel.pairs, about: memory, and time on these threads if they have
 * a core each, from a sample of the kernels.
 * Errors as of the stage. */
sb_status sb_kernel_cost(const sb_config *config, const sb_monitor *monitor, double *bytes, double *seconds);

/* ---- studies: experiments other than one network's training: src/study/NAME.c and one line in list.def
 * ----
 */

typedef struct sb_study {
    const char *name, *title, *citation; /* name: what experiment.kind says */
    /* Whether the keys make such an experiment, and what a person wants to read of that to `say`, if any; NULL: running
     * tells. stage NULL: runs that it builds upon may not be there yet. */
    sb_status (*check)(const sb_config *config, const sb_stage *stage, FILE *say);
    /* Predicts, seals, observes and compares in the stage's directory; writes what a person wants to read to `say`. */
    sb_status (*run)(const sb_config *config, const sb_stage *stage, FILE *say, sb_verdict *verdict);
} sb_study;

const sb_study *sb_study_at(size_t index); /* NULL past the last */
/* NULL for "train" */
const sb_study *sb_study_find(const char *name);
/* Whether the stage is to resume a study that has ended, of which nothing has to be done again: *verdict is then that
 * of its summary. */
sb_status sb_study_finished(const sb_config *config, const sb_stage *stage, bool *finished, sb_verdict *verdict);
/* The verdict in the summary of a study that has ended; SB_ERR_INPUT when there is none. */
sb_status sb_study_verdict(const sb_stage *stage, sb_verdict *verdict);

/* Draws the figures of a study's directory. */
sb_status sb_study_plot(const sb_config *config, const sb_stage *stage, bool *drawn);

#endif
