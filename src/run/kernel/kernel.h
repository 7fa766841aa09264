/* `specbias kernel`: the kernels of a network, their spectra and what they predict, as tables, arrays and words. */
#ifndef SPECBIAS_EXPERIMENT_KERNEL_KERNEL_H
#define SPECBIAS_EXPERIMENT_KERNEL_KERNEL_H

#include <specbias/report.h>

#include "core/file.h"
#include "core/json.h"
#include "run/kernel/view.h"

/* One of the two kernels, at most, of a view. */
typedef struct sb_spectrum_of {
    sb_view_kernel kernel;
    double *gram;     /* [rows][rows]; NULL: it was never there as a whole, and .. */
    double *line;     /* .. [rows] of it that of the slice */
    sb_linear linear; /* of the view's loss; with kernel.pairs and a loss that is a matrix only its eigen, of F^T K F */
    double *moment;   /* of a packed one, as sb_kernel_modes has them; NULL without forecasts */
    bool whole;       /* all pairs are there */
    double *energy;   /* [count][frequencies] of the modes; NULL without places or modes */
} sb_spectrum_of;

/* Where words and members of kernel/summary.json go, and the tables. */
typedef struct sb_kernel_report {
    sb_view *view;
    const sb_stage *stage;
    FILE *say;
    sb_json json;
    size_t kernels;
    sb_packed packed; /* with kernel.pairs */
    double distance;  /* |K_empirical - K_infinite| / |K_infinite|; nan: one of them is not there */
    sb_spectrum_of of[2];
} sb_kernel_report;

/* u0[n][outputs] less what is wanted, and v0[tests][outputs] unless NULL, of the seed whose kernel it is. */
sb_status sb_kernel_start(const sb_view *view, double *u0, double *v0);
/* Column of residuals `from` [n][outputs], to[n per_row]: what evolves under one kernel. */
void sb_kernel_column(const sb_view *view, size_t n, const double *from, size_t column, double *to);
/* Whether the functions of its modes are known: not of a few pairs under a loss that is a matrix. */
bool sb_kernel_has_modes(const sb_spectrum_of *of);
/* DIR/kernel/NAME; makes the folder */
sb_status sb_kernel_path(const sb_kernel_report *report, const char *name, char path[SB_PATH]);
sb_status sb_kernel_open_table(const sb_kernel_report *report, const char *name, sb_writer *table);

/* The example from which the slice through a kernel starts: nearest to the middle of a line; on circle and sphere any.
 */
size_t sb_kernel_center(const sb_view *view);
/* The frequency with the largest share of mode k; nan when nothing is known of it, or most of it is at higher ones. */
double sb_kernel_dominant(const sb_view *view, const sb_spectrum_of *s, size_t k);

/* spectrum.tsv, eigenvectors.tsv, alignment.KERNEL.tsv, slice.tsv, transform.tsv */
sb_status sb_kernel_say_spectra(const sb_kernel_report *report);
/* forecast.KERNEL.tsv, modes.KERNEL.tsv */
sb_status sb_kernel_say_forecasts(const sb_kernel_report *report);
/* widths.tsv */
sb_status sb_kernel_say_widths(const sb_kernel_report *report);
/* degrees.tsv: on circle and sphere, the rates of degrees that follow from the kernel of infinite width, and the orders
 * of a Sobolev loss that flatten and reverse them */
sb_status sb_kernel_say_degrees(const sb_kernel_report *report);

#endif
