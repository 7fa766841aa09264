/* One network of a case: at its start, or where training brought it. */
#ifndef SPECBIAS_EXPERIMENT_NETWORK_H
#define SPECBIAS_EXPERIMENT_NETWORK_H

#include <specbias/experiment.h>

typedef struct sb_network {
    const sb_case *cas;
    const sb_model *model;
    sb_model *own; /* that model, when its width is not the case's */
    double *theta; /* [parameters] */
} sb_network;

/* The case's model, `factor` times as wide; *model must be NULL. */
sb_status sb_case_model(const sb_case *cas, double factor, sb_model **model);

/* `factor` times as wide as the case's, from (seed, stream). `network` must be zeroed or cleared. */
sb_status sb_network_start(const sb_case *cas, double factor, uint64_t seed, sb_stream stream, sb_network *network);
void sb_network_clear(sb_network *network);
/* The same network, of the case's width, in float, of which everything takes half the time; `draft` as above. */
sb_status sb_network_draft(const sb_network *network, sb_network *draft);

/* h[n][outputs] at x[n][inputs] */
sb_status sb_network_outputs(const sb_network *network, size_t n, const double *x, double *h);
/* u[n][outputs] = h - wanted on the data, of a network at its start. */
sb_status sb_network_residual(const sb_network *network, double *u);
/* gradient[parameters] of sum g . h, g[n][outputs] on the data */
size_t sb_network_parameters(const sb_network *network);
sb_status sb_network_gradient(const sb_network *network, const double *g, double *gradient);

/* Kernel on the first n data: gram[n per_row][n per_row]; per_row = 1: the mean over outputs, or outputs. */
sb_status sb_network_gram(const sb_network *network, size_t n, size_t per_row, size_t threads,
                          const sb_monitor *monitor, double *gram);
/* Units of a network that is a sum over them, of each antisymmetric copy; 0: it is none. */
size_t sb_network_units(const sb_network *network);
/* Of such a network what units first .. first + count - 1 add to the kernel. */
sb_status sb_network_gram_of(const sb_network *network, size_t first, size_t count, double *gram);
/* What of every element of it is of a trained output bias, which goes with unit 0; 0 without one. */
double sb_network_offset_kernel(const sb_network *network);
/* cross[m per_row][n per_row] of other points x1[m][inputs] and the data */
sb_status sb_network_cross(const sb_network *network, size_t per_row, size_t threads, size_t m, const double *x1,
                           double *cross);
/* panel[count per_row][(first + count) per_row]: of examples first .. first + count - 1 and all up to them */
sb_status sb_network_rows(const sb_network *network, size_t per_row, size_t threads, size_t first, size_t count,
                          double *panel);

/* The kernel of infinite width, with the scales of a network of `factor` times the width (in standard parametrisation
 * they grow with it): gram[n per_row][n per_row] on the data, or with x1 != NULL [m per_row][n per_row].
 * SB_ERR_UNSUPPORTED: there is none; SB_ERR_NUMERIC: it cannot be computed. */
sb_status sb_case_wide_gram(const sb_case *cas, double factor, size_t per_row, size_t m, const double *x1,
                            double *gram);
/* As sb_network_rows, of the kernel of infinite width, which there is. */
sb_status sb_case_wide_rows(const sb_case *cas, size_t per_row, size_t first, size_t count, double *panel);

#endif
