/* Figures of the source papers by one command: a file (experiments/reproduce.cfg) says for each the runs that make it
 * and what they are to show, as claims (claim.h) that are judged by what lies in the directories of the runs. */
#ifndef SPECBIAS_STUDY_REPRODUCE_H
#define SPECBIAS_STUDY_REPRODUCE_H

#include <specbias/claim.h>
#include <specbias/experiment.h>
#include <specbias/report.h>

#include "case/parse.h"

/* Texts of the file, which live as long as the plan. */
typedef struct sb_words {
    size_t n;
    const char **v;
} sb_words;

/* One run: its directory is called after it. Runs of the same name are one. */
typedef struct sb_planned_run {
    const config_setting_t *at;
    const char *name, *file;  /* the configuration, beside the plan */
    sb_words set, fast, full; /* as of --set: in both sizes, and in each */
    sb_words figures;
} sb_planned_run;

typedef struct sb_planned_check {
    sb_claim claim;
    const sb_planned_run *run;
    bool fails; /* it is not to hold */
} sb_planned_check;

/* What a figure is to show. Checks that are to hold and checks that are to fail say together how it comes out. */
typedef struct sb_planned_claim {
    const config_setting_t *at;
    const char *claim, *expected; /* in words, and the number of the paper or of a theory */
    size_t checks;
    sb_planned_check *check;
} sb_planned_claim;

typedef struct sb_planned_entry {
    const config_setting_t *at;
    const char *id, *paper, *figure, *equation;
    double minutes; /* of the fast size */
    size_t runs, claims;
    sb_planned_run *run;
    sb_planned_claim *claim;
} sb_planned_entry;

typedef struct sb_plan {
    sb_parsed parsed;
    char folder[SB_PATH]; /* of the file, "" or with its slash */
    size_t entries;
    sb_planned_entry *entry;
} sb_plan;

/* SB_ERR_INPUT with file:line. `plan` must be zeroed. */
sb_status sb_plan_read(const char *path, sb_plan *plan);
void sb_plan_clear(sb_plan *plan);
/* SB_ERR_INPUT with what is nearest: there is no such entry. */
sb_status sb_plan_find(const sb_plan *plan, const char *id, const sb_planned_entry **entry);
/* The reason with the place of a setting in front. */
sb_status sb_plan_at(const sb_plan *plan, const config_setting_t *at, sb_status status);

/* ---- runs ---- */

/* The configuration of a run in a size. `config` must be zeroed. */
sb_status sb_plan_config(const sb_plan *plan, const sb_planned_run *run, bool fast, sb_config *config);
/* Whether each of an entry makes an experiment in both sizes, and is going to have what is measured of it. */
sb_status sb_plan_check(const sb_plan *plan, const sb_planned_entry *entry);
/* Forecasts, seals, trains, compares and draws in the stage's directory. What is finished there of the same keys under
 * unbroken seals is not done again (*before), what was interrupted goes on, runs of other keys are replaced. */
sb_status sb_planned_train(const sb_config *config, const sb_stage *stage, bool *before, sb_verdict *verdict);

/* ---- outcomes ---- */

typedef enum sb_outcome { SB_HOLDS, SB_CONDITION, SB_HOLDS_NOT, SB_OPEN, SB_OUTCOMES } sb_outcome;
const char *sb_outcome_name(sb_outcome outcome); /* "holds", "with a condition", "does not hold", "undecided" */
/* What the plan expects: checks that hold and none that fails, both, or such that fail alone. */
sb_outcome sb_planned_outcome(const sb_planned_claim *claim);

/* A line of the table of claims. */
typedef struct sb_claim_line {
    const sb_planned_entry *entry;
    const sb_planned_claim *claim;
    sb_outcome outcome;
    sb_verdict verdict; /* the worst of the runs */
    char measured[160];
    sb_finding *finding; /* [claim->checks] */
} sb_claim_line;

/* Judges a claim by the directories DIR/RUN. `line` must be zeroed. */
sb_status sb_claim_line_judge(const sb_planned_entry *entry, const sb_planned_claim *claim, const char *directory,
                              sb_claim_line *line);
void sb_claim_line_clear(sb_claim_line *line);

/* DIR/claims.tsv and DIR/claims.md; `size` is said in words. */
sb_status sb_claim_lines_save(size_t lines, const sb_claim_line *line, const char *size, const char *directory);

#endif
