/* Keys -> case, a part at a time: what each of these files makes of a zeroed sb_case, in this order. */
#ifndef SPECBIAS_CASE_CASE_H
#define SPECBIAS_CASE_CASE_H

#include <specbias/experiment.h>

#include "core/json.h"

#define SB_MOST_ROWS 4096 /* of a loss that is a matrix */

/* data.c: points and target as a problem, and examples, also those of data sets */
sb_status sb_case_data(const sb_config *config, const sb_monitor *monitor, sb_case *cas);
/* Points, target and watched frequencies of a function alone: cas->problem. */
sb_status sb_case_points(const sb_config *config, const sb_monitor *monitor, sb_case *cas);
/* What a data set of the configuration is made by; it borrows lists and texts. */
sb_dataset_spec sb_case_set_spec(const sb_config *config);
/* Places between the data, by observe.grid, with what is wanted there (nan: nobody knows). `set` must be zeroed or
 * cleared. */
sb_status sb_case_between(const sb_config *config, sb_dataset *set);
/* What of a data set is used, of which file, and left out: words without an end of line to `say`; members of
 * summary.json; row numbers as arrays. */
void sb_case_say_data(const sb_case *cas, FILE *say);
void sb_case_data_line(const sb_case *cas, FILE *say); /* "data      .." and its end, if it is of a data set */
void sb_case_json_data(const sb_case *cas, sb_json json);
sb_status sb_case_save_rows(const sb_case *cas, const char *directory);
/* Whether examples are right or wrong: those of classes, and one output of -1 or 1. */
bool sb_has_classes(const sb_dataset *set);
/* data.weights, where "auto" stands for one of the others; one of the user's units of frequency in cycles per length.
 */
const char *sb_data_weights(const sb_config *config);
double sb_cycles_per_unit(const sb_config *config);

/* network.c: a sum over units with its law, or a list of layers */
sb_status sb_case_network(const sb_config *config, sb_case *cas);

/* loss.c: the loss, and the quadratic form that it is, if it is one */
sb_status sb_case_loss(const sb_config *config, sb_case *cas);
/* arrays/loss_weights.npy: c[rows] of L = 1/2 sum c u^2, or the factor F^T [rank][rows] of 1/2 |F^T u|^2 */
sb_status sb_case_save_loss(const sb_quadratic *loss, const char *directory);
/* What its tests are measured by (loss.test), of a set of such examples. `*loss` must be NULL. */
sb_status sb_case_test_loss(const sb_config *config, const sb_dataset *set, sb_loss **loss);

/* observe.c: frequencies, degrees, directions, filters, the error field */
sb_status sb_case_watch(const sb_config *config, sb_case *cas);

/* ---- what everything that works on a case asks ---- */

#define SB_FIELD_CELLS 120 /* frequencies of the error field */

/* An empty table of the case's items and times. */
sb_status sb_case_table(const sb_case *cas, const char *source, sb_form form, sb_decay *decay);
/* P of the loss for rows of so many outputs. */
const sb_quadratic *sb_case_form(const sb_case *cas, size_t per_row);
/* The rule of a form: gradient flow, or the run's own. */
sb_rule sb_case_rule(const sb_case *cas, sb_form form);
/* What its largest stable step is in terms of the kernel, "2/lambda_max"; "": more than can be said in a word. */
const char *sb_case_limit_text(const sb_case *cas);
/* How many kernels a run keeps of its way, at most SB_PATH_NODES: few where they would cost a tenth of the training, as
 * one costs about n / 5 of its steps, and where they are large. */
size_t sb_case_nodes(const sb_case *cas);

/* ---- its keys in a run directory ---- */

/* config.cfg of the directory must hold these keys. */
sb_status sb_check_keys(const sb_config *config, const char *directory);
/* All keys as text, to be freed. */
sb_status sb_config_text(const sb_config *config, char **text);
sb_status sb_write_config(const sb_config *config, const char *directory);
sb_status sb_write_manifest(const sb_config *config, const char *directory);

/* arrays/BASE.npy; makes the folder. */
sb_status sb_save_array(const char *directory, const char *base, const double *values, size_t rows, size_t columns);

#endif
