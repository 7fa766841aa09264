/* The pieces from which the heat equation is solved: the nodes of an axis, its finite elements, one of the solvers. */
#ifndef SPECBIAS_THEORY_HEAT_PARTS_H
#define SPECBIAS_THEORY_HEAT_PARTS_H

#include <specbias/heat.h>

#define SB_NOWHERE ((size_t)-1)

/* ---- one axis of the equation ---- */

typedef struct heat_range {
    const sb_density *density, *slope; /* of D and of K; slope NULL: the same */
    double lattice;                    /* spacing of the data, 0: none */
    double spread;                     /* 2 c sigma_a^2 t: until t a start at w spreads by sqrt(spread rho(w)) */
    double spacing;                    /* at which the start is looked at */
    double farthest;                   /* wanted frequency */
} heat_range;

/* rho, aliased on a lattice */
double sb_heat_rho(const heat_range *range, double w);
/* The same of the diffusion. */
double sb_heat_slope(const heat_range *range, double w);
/* Half the period of the aliased density, pi / h; INFINITY without a lattice. */
double sb_heat_nyquist(double lattice);
/* No frequency beyond it moves: the band's edge or the Nyquist frequency; INFINITY. */
double sb_heat_limit(const heat_range *range);
/* The frequency that is `lengths` diffusion lengths above w, int dw / sqrt(spread rho); never above the limit. */
double sb_heat_beyond(const heat_range *range, double w, double lengths);

/* ---- nodes ---- */

typedef struct heat_nodes {
    size_t n;
    double *w;        /* [n] ascending */
    double tolerance; /* frequencies that are closer are one node */
} heat_nodes;

typedef struct heat_mesh {
    double end;     /* the nodes are on [0, end] */
    double longest; /* element */
    double stretch; /* elements grow as cosh asinh(w / stretch); INFINITY: they do not */
} heat_mesh;

/* Nodes at 0, at the end, at each break of rho, at each of the wanted frequencies |w[i * stride]| up to the end, and
 * elements of equal length between them. */
sb_status sb_heat_nodes_create(const heat_range *range, const heat_mesh *mesh, size_t nw, const double *w,
                               size_t stride, heat_nodes *nodes);
/* Every element halved. */
sb_status sb_heat_nodes_halve(heat_nodes *nodes);
/* On [-end, end]. */
sb_status sb_heat_nodes_mirror(heat_nodes *nodes);
void sb_heat_nodes_clear(heat_nodes *nodes);

/* ---- linear finite elements ---- */

/* Symmetric tridiagonal matrices over the nodes at which rho does not vanish on both sides; where it vanishes between
 * two of them they are not coupled. */
typedef struct heat_axis {
    size_t n;
    double *w;                 /* [n] the nodes */
    double *mass, *mass_off;   /* M = int phi_i phi_j, [n] and [n - 1] */
    double *damp, *damp_off;   /* D = int rho phi_i phi_j */
    double *slope, *slope_off; /* K = int rho phi_i' phi_j' */
    double highest, steepest;  /* D <= highest M, K <= steepest M */
    double tolerance;
} heat_axis;

sb_status sb_heat_axis_create(const heat_range *range, const heat_nodes *nodes, heat_axis *axis);
void sb_heat_axis_clear(heat_axis *axis);
/* The node at w, SB_NOWHERE when there is none. */
size_t sb_heat_axis_at(const heat_axis *axis, double w);

/* y = T x, T symmetric tridiagonal */
void sb_heat_multiply(size_t n, const double *diagonal, const double *off, const double *x, double *y);
/* T = L diag(pivot) L^T, T positive definite, and x <- T^-1 x. */
void sb_heat_factor(size_t n, const double *diagonal, const double *off, double *pivot, double *lower);
void sb_heat_back(size_t n, const double *pivot, const double *lower, double *x);

/* ---- time ---- */

/* By how much a step count or a time shrinks what decays at this rate: exp(-rate t) or (1 - eta rate)^step. */
double sb_heat_factor_at(const sb_heat_query *query, double rate, size_t record);
/* The same for eigenvalues of a mesh, of which the large ones are spurious: nothing is left of those at which gradient
 * descent would diverge, eta rate >= 2. */
double sb_heat_damped_factor_at(const sb_heat_query *query, double rate, size_t record);

const char *sb_heat_stage(sb_form form); /* for the monitor */

/* What is wanted of a vector at each time: value[record * stride + i] = y[index[i]] */
typedef struct heat_probes {
    size_t count;
    const size_t *index; /* [count] */
    size_t stride;
    double *value;
} heat_probes;

/* A, self-adjoint in some inner product, with eigenvalues in [0, top] */
typedef struct heat_operator {
    size_t n;
    void (*apply)(const void *context, const double *y, double *out); /* out = A y */
    const void *context;
    double top;
} heat_operator;

/* The flow or the steps of y' = -A y from start[n], which is work space afterwards. */
sb_status sb_heat_chebyshev(const heat_operator *op, const sb_heat_query *query, double *start,
                            const sb_monitor *monitor, const heat_probes *probes);
/* How many polynomials that takes, roughly. */
double sb_heat_chebyshev_degree(const sb_heat_query *query, double top);

/* ---- solvers ---- */

/* rho at w[dim], aliased on a lattice; 0 beyond the Nyquist frequency */
double sb_heat_density(const sb_heat *heat, const double *w);

/* The equation on its mesh. */
typedef struct heat_run {
    const sb_heat *heat;
    const sb_density *points; /* of the data: of the convolution alone */
    const sb_heat_query *query;
    const sb_monitor *monitor;
    heat_range range[2]; /* per axis */
    heat_nodes nodes[2]; /* on [0, end], in the plane on [-end, end] */
} heat_run;

void sb_heat_run_clear(heat_run *run);

/* U[nt][nw], which is at the start, on the mesh of the run: of the wanted frequencies that have a node, the others are
 * left alone. */
typedef sb_status heat_solver(const heat_run *run, double complex *U);
heat_solver sb_heat_line, sb_heat_plane;
/* The same extrapolated, if the user wants that. */
sb_status sb_heat_refine(heat_run *run, heat_solver *solve, double complex *U);
/* Unknowns of the largest system that sb_heat_line solves at once. */
sb_status sb_heat_line_unknowns(const heat_run *run, size_t *count);

#endif
