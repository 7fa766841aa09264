/* Densities rho of the frequencies of Fourier features: src/density/NAME.c and one line in list.def.
 *
 * A density is symmetric, rho(w) = rho(-w), over ANGULAR frequency w = 2 pi xi, and integrates to 1 over the real line.
 * Users write it as a text, a sum of weighted parts (weights are normalised to 1):
 *     "gaussian(16)"   "0.6 uniform(48) + 0.4 gaussian(6)"   "student(16, 3)"   "bumps(22, 8)"   "table" */
#ifndef SPECBIAS_DENSITY_H
#define SPECBIAS_DENSITY_H

#include <stdbool.h>
#include <stddef.h>

#include <specbias/rng.h>
#include <specbias/status.h>

typedef struct sb_density_kind sb_density_kind;

#define SB_DENSITY_NUMBERS 2 /* parameters of a kind, at most */

/* Piecewise linear rho on ascending nodes w >= 0, zero beyond the last and before the first. As the user gives it; a
 * density normalises its own copy. */
typedef struct sb_density_table {
    size_t n;
    const double *w, *rho; /* [n] */
} sb_density_table;

typedef struct sb_density_part {
    const sb_density_kind *kind;
    double weight;                     /* of the sum; all weights add to 1 */
    double number[SB_DENSITY_NUMBERS]; /* e.g. scale; centre and width */
    size_t n;                          /* table: */
    double *w, *rho, *mass;            /* [n] nodes, normalised values, mass of |w| up to each node */
} sb_density_part;

struct sb_density_kind {
    const char *name, *title;
    const char *usage; /* "gaussian(sd)" */
    size_t numbers;    /* parameters */
    /* SB_ERR_INPUT when the numbers make no integrable, non-negative density. NULL: all must be positive. */
    sb_status (*check)(const sb_density_part *part);
    /* Instead of numbers: copies, normalises and checks a table (NULL: none was given). NULL for other kinds. */
    sb_status (*fill)(sb_density_part *part, const sb_density_table *table);
    double (*value)(const sb_density_part *part, double w);          /* rho(w) */
    double (*characteristic)(const sb_density_part *part, double z); /* phi(z) = int rho(w) cos(w z) dw */
    double (*lack)(const sb_density_part *part, double z);           /* 1 - phi(z), with all digits of small z */
    /* rho_a(w) = sum_k rho(w + 2 pi k / h), h > 0 the spacing of a lattice; of period 2 pi / h in w. NULL: the sum over
     * the copies, finitely many, as there is an edge. */
    double (*aliased)(const sb_density_part *part, double h, double w);
    double (*sample)(const sb_density_part *part, sb_rng *rng); /* of both signs */
    double (*edge)(const sb_density_part *part);                /* rho = 0 beyond; NULL: has none */
    /* Writes the w > 0 at which rho or rho' jumps (also the edge) to at[] unless NULL; returns how many. NULL: none. */
    size_t (*breaks)(const sb_density_part *part, double *at);
};

const sb_density_kind *sb_density_kind_at(size_t index); /* NULL past the last */
const sb_density_kind *sb_density_kind_find(const char *name);

typedef struct sb_density {
    size_t parts;
    sb_density_part *part;
} sb_density;

/* Parses the text; `table` (may be NULL) is what the word "table" means. SB_ERR_INPUT names the place in the text, the
 * unknown kind with the nearest one, the wrong number of parameters, or the bad entry of the table.
 * `density` must be zeroed or cleared. */
sb_status sb_density_parse(const char *text, const sb_density_table *table, sb_density *density);
void sb_density_clear(sb_density *density);

/* Reads a table: two columns w, rho, separated by blanks, tabs or commas; lines starting with '#' and one header line
 * are skipped. SB_ERR_INPUT with file:line for anything else, rho < 0 or not finite, w < 0 or not ascending, fewer than
 * two nodes, or zero mass. *w and *rho are the caller's to free. */
sb_status sb_density_read_table(const char *path, size_t *n, double **w, double **rho);

double sb_density_value(const sb_density *density, double w);
double sb_density_characteristic(const sb_density *density, double z);
double sb_density_lack(const sb_density *density, double z);
double sb_density_aliased(const sb_density *density, double h, double w); /* h = 0: the value itself */
double sb_density_sample(const sb_density *density, sb_rng *rng);
double sb_density_edge(const sb_density *density);
/* Ascending, without repetition; *at is the caller's to free. */
sb_status sb_density_breaks(const sb_density *density, size_t *count, double **at);

#endif
