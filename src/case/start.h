/* Weights at the start that the user gives, init.file: a .npy array [parameters] for every seed, or
 * [seeds][parameters], in the order of `specbias help layers`. Of two antisymmetric copies they are those of both, or
 * of one, which both then start from. They follow no law that anything could be forecast of, or drawn from. A copy in
 * the run directory, decay/start.npy, is sealed with the forecast. */
#ifndef SPECBIAS_CASE_START_H
#define SPECBIAS_CASE_START_H

#include <specbias/experiment.h>

typedef struct sb_start {
    char *text; /* the file, [length] bytes */
    size_t length, rows, parameters;
    double *theta; /* [rows][parameters] of all copies */
} sb_start;

/* The file of init.file to cas->start: the copy where the configuration stands in a run directory that has one, else
 * relative to the configuration; tells cas->random_output. The case must have its model. SB_ERR_INPUT, with file:line,
 * for what is no start of it. */
sb_status sb_start_read(sb_case *cas);
void sb_start_clear(sb_case *cas);
/* theta[parameters] of that network; SB_ERR_UNSUPPORTED where it is none of those that are trained. */
sb_status sb_start_take(const sb_case *cas, double factor, uint64_t seed, sb_stream stream, double *theta);

/* Without init.file both do nothing. SB_ERR_INPUT when the directory was made with other weights. */
sb_status sb_start_save(const sb_case *cas, const char *directory);
sb_status sb_start_check(const sb_config *config, const char *directory);

#endif
