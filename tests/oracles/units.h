/* A network as a sum over units, written as its formula, one unit and one point at a time, with a start of its own:
 * what networks of layers are held against. Every function ends the test when it cannot.
 *
 *   neurons   h(x) = scale sum_j out_j s(in_j (x + shift_j)), one dimension
 *   features  h(x) = scale sum_j cosine_j cos(w_j . x) + sine_j sin(w_j . x)
 *
 * scale = gain * width^-1/2 in NTK parametrisation and gain in standard parametrisation. */
#ifndef SPECBIAS_ORACLE_UNITS_H
#define SPECBIAS_ORACLE_UNITS_H

#include <specbias/kernel.h>
#include <specbias/model.h>
#include <specbias/problem.h>

typedef struct unit_spec {
    const char *activation; /* NULL: features */
    size_t dim, width;      /* width: all units, both copies of an antisymmetric start counted */
    bool standard;
    double gain;
    const sb_law *out;
    double out_scale;
    bool antisymmetric; /* units 2i and 2i + 1 differ in the sign of the output weights */
    /* neurons */
    const sb_law *in;
    double in_scale;
    double shift_range; /* shifts are uniform on [-range, range] */
    bool quiet;         /* shifts on midpoints, all four sign pairs */
    /* features */
    const sb_density *density; /* [dim] of w, one per axis; borrowed */
    const char *density_text;  /* the same in words */
    bool frozen;               /* w is not trained */
} unit_spec;

typedef struct unit_sum {
    unit_spec spec;
    const sb_activation *activation;
    size_t width, per_unit, trained; /* parameters of a unit, output weights first; how many are trained, the first */
    double scale;
    double *theta; /* [per_unit][width]; the same by name: */
    union {
        struct {
            double *out, *in, *shift; /* [width] */
        };
        struct {
            double *cosine, *sine, *freq; /* [width], [width], [dim][width] */
        };
    };
} unit_sum;

/* To be cleared. */
unit_sum units_start(const unit_spec *spec, uint64_t seed, sb_stream stream);
unit_sum units_copy(const unit_sum *net);
void units_clear(unit_sum *net);

/* h at x[dim] */
double units_output(const unit_sum *net, const double *x);
/* jacobian[trained][width] = d h(x) / d theta */
void units_jacobian(const unit_sum *net, const double *x, double *jacobian);
/* gradient[trained][width] of sum_i g_i h(x_i) */
void units_gradient(const unit_sum *net, size_t n, const double *x, const double *g, double *gradient);
/* gram[n][n] = J J^T of the units first .. first + count - 1 */
void units_gram(const unit_sum *net, size_t first, size_t count, size_t n, const double *x, double *gram);
/* u = h - y and the loss (1/2) sum c u^2; then one step of gradient descent. */
double units_step(unit_sum *net, const sb_problem *problem, double *u);

#endif
