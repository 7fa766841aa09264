/* Forecasts that the user gives, forecast.sources = ["file:mine.tsv", "gram:K1.npy,K2.npy"]: which files these are,
 * what they say, and their copies in a run directory, which are sealed with the forecast.
 *
 * A table has a first line of names, `t` (the run's time: flow time, or steps of a rule without) or `step`, then for
 * each watched item `err(NAME)`, or `re(NAME)` and `im(NAME)` where it has one component; records of the run lie
 * within its times, between which it is linear in log t. Or it has a line "NAME rate" for each item: err is then what
 * the rule makes of a mode of that rate, (1 - eta rate)^k of gradient descent, exp(-rate t) where steps have no modes.
 * Cells are those of any table (core/records.h), lines that begin with # are comments.
 *
 * Kernels are matrices K[rows][rows] on the training data in .npy files, rows those of examples, or of examples times
 * outputs. Several are of several networks at their start: their mean makes the forecast, and they are the draws of the
 * case, which tell how much T scatters and how far it is shifted (draws.h). */
#ifndef SPECBIAS_CASE_GIVEN_H
#define SPECBIAS_CASE_GIVEN_H

#include <specbias/experiment.h>
#include <specbias/report.h>

typedef struct sb_given_file {
    char *path; /* as forecast.sources has it */
    char *text; /* NULL: it was not read yet */
    size_t length;
} sb_given_file;

typedef struct sb_given {
    sb_source source; /* its own, of this name: */
    char name[64];    /* "file.mine" of "file:folder/mine.tsv" */
    bool kernels;
    size_t files;
    struct sb_given_file *file; /* [files] */
    bool rates, by_step;
    size_t rows;
    double *at;          /* [rows] t or step, ascending */
    double *err;         /* [rows][items], or the rates [items] */
    double complex *amp; /* [rows][items.parts] with their sign and phase, nan: err alone is told */
    size_t per_row;      /* outputs of a row of kernels */
    double *gram;        /* [files][n per_row][n per_row] */
    bool single;         /* they were float32 */
} sb_given;

/* Whether it is an element of forecast.sources that names a file, and the name of its tables; SB_ERR_INPUT where that
 * would be no name of a file. "" and SB_OK: it names none. */
sb_status sb_given_name(const char *element, char name[64]);
/* Makes the case's own source of such an element, of that kind, unread. */
sb_status sb_given_add(sb_case *cas, const sb_source *kind, const char *element, const sb_source **own);
void sb_givens_clear(sb_case *cas);

/* Reads all of them: the copies in `directory`; NULL: those where the configuration stands in a run directory that has
 * some, else the files, relative to the configuration. SB_ERR_INPUT, with file:line, for what is no forecast of this
 * case. */
sb_status sb_givens_read(const sb_case *cas, const char *directory);
/* Where a file that a key names is: its copy where that key stands in a run directory that has one, else `wanted`,
 * relative to the configuration. */
sb_status sb_given_path(const sb_config *config, const char *key, const char *wanted, const char *copy,
                        char path[SB_PATH]);
/* decay/NAME.given.tsv, decay/NAME.given1.npy, .. */
sb_status sb_givens_save(const sb_case *cas, const char *directory);

/* given_table.c: text -> numbers; and a table of the case's of its form, of the flow or the run's steps. */
sb_status sb_given_parse(const sb_case *cas, const char *path, sb_given *given);
sb_status sb_given_tell(const sb_case *cas, const sb_given *given, sb_decay *decay);

/* given_kernel.c: file `index` of kernels, K symmetric and positive semidefinite to rounding, of which the steps of the
 * run do not diverge; gram[rows][rows], the mean of all. */
sb_status sb_given_take_kernel(const sb_case *cas, const char *path, sb_given *given, size_t index);
void sb_given_mean(const sb_case *cas, const sb_given *given, double *gram);
/* What has several kernels, which are the draws of the case; NULL: none. */
const sb_given *sb_given_draws(const sb_case *cas);

#endif
