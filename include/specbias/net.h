/* MODULE 3: the finite networks, a sum over units, i = 1 .. width:
 *
 *   two_layer  h(x) = scale * sum_i out_i s(in_i (x + shift_i)), one dimension; all of out, in, shift are trained
 *   fourier    h(x) = scale * sum_i a_i cos(w_i . x) + b_i sin(w_i . x); a, b and, unless frozen, w are trained
 *
 * scale = gain * width^-1/2 in NTK parametrisation and gain in standard parametrisation. */
#ifndef SPECBIAS_NET_H
#define SPECBIAS_NET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <specbias/density.h>
#include <specbias/isa.h>
#include <specbias/law.h>
#include <specbias/rng.h>
#include <specbias/status.h>

/* ---- activations: src/net/activation/NAME.c and one line in list.def ---- */

/* An activation s and the loops over units that use it, compiled once per instruction set. `units` is a multiple of
 * SB_UNITS; arrays of units are out[units], in[units], shift[units]. */
#define SB_UNITS 16

struct sb_sweep;

typedef struct sb_activation {
    const char *name, *title;
    bool kinked; /* s' jumps at 0 (ReLU): its kernel moves when kinks cross data */
    /* s[i] = s(z[i]), ds[i] = s'(z[i]), any n */
    void (*evaluate)(size_t n, const double *z, double *s, double *ds);
    void (*evaluate_single)(size_t n, const float *z, float *s, float *ds);
    /* dds[i] = s''(z[i]), 0 at a kink */
    void (*second)(size_t n, const double *z, double *dds);
    /* h[i] = sum over units of out s(in (x_i + shift)) */
    void (*forward)(size_t units, const double *out, const double *in, const double *shift, size_t n, const double *x,
                    double *h);
    /* d_out = sum_i g_i s, d_in = out sum_i g_i s' (x_i + shift), d_shift = out in sum_i g_i s' */
    void (*backward)(size_t units, const double *out, const double *in, const double *shift, size_t n, const double *x,
                     const double *g, double *d_out, double *d_in, double *d_shift);
    /* backward, theta -= rate * gradient, forward, in one go; NULL: the three are called. x ascending,
     * scratch[SB_SCRATCH * n] */
    void (*advance)(size_t units, double *out, double *in, double *shift, size_t n, const double *x, const double *g,
                    double rate, double *scratch, double *h);
    /* The fused step of `count` units of a model from `first` on, for any optimiser (src/net/sweep.h): double, float */
    void (*sweep)(const struct sb_sweep *sweep, size_t first, size_t count);
    void (*sweep_single)(const struct sb_sweep *sweep, size_t first, size_t count);
} sb_activation;

#define SB_SCRATCH 25 /* doubles per point: three vectors of eight and a number */
#define SB_MOST_DIMENSIONS 16

const sb_activation *sb_activation_at(size_t index); /* NULL past the last */
const sb_activation *sb_activation_find(const char *name);
/* One value and derivative; for tests and quadrature. */
void sb_activation_value(const sb_activation *activation, double z, double *s, double *ds);

/* ---- laws of the initial weights (law.h): src/net/law/NAME.c and one line in list.def ---- */

const sb_law *sb_law_at(size_t index); /* NULL past the last */
const sb_law *sb_law_find(const char *name);

/* ---- kinds of networks: src/net/kind/NAME.c and one line in list.def ---- */

typedef struct sb_net_kind sb_net_kind;
const sb_net_kind *sb_net_kind_at(size_t index); /* NULL past the last */
const sb_net_kind *sb_net_kind_find(const char *name);
const char *sb_net_kind_name(const sb_net_kind *kind);
const char *sb_net_kind_title(const sb_net_kind *kind);
/* Whether its units are features with a density of frequencies; else neurons with an activation. */
bool sb_net_kind_features(const sb_net_kind *kind);

/* ---- the network ---- */

typedef struct sb_net_spec {
    const sb_net_kind *kind;
    size_t dim;    /* of the input */
    size_t width;  /* all units, both copies of an antisymmetric start counted */
    bool standard; /* standard parametrisation instead of NTK */
    double gain;   /* factor of the output */
    const sb_law *out;
    double out_scale;
    bool antisymmetric; /* ASI: units 2i and 2i + 1 differ in the sign of the output weights, so h = 0 exactly */

    /* two_layer */
    const sb_activation *activation;
    const sb_law *in;
    double in_scale;
    double shift_range; /* shifts are uniform on [-range, range] */
    bool quiet;         /* shifts on midpoints, all four sign pairs (needs fixed |in|, |out|) */

    /* fourier */
    const sb_density *density; /* [dim] of w, one per axis; borrowed */
    bool frozen;               /* w is not trained */
} sb_net_spec;

typedef struct sb_net {
    sb_net_spec spec;
    size_t width, padded;     /* padded to a multiple of SB_UNITS with units that stay zero */
    size_t per_unit, trained; /* parameters of a unit, output weights first; how many of them are trained, the first */
    double scale;
    double *theta; /* [per_unit][padded]; the same by name: */
    union {
        struct {
            double *out, *in, *shift; /* two_layer, [padded] */
        };
        struct {
            double *cosine, *sine, *freq; /* fourier: a, b [padded], w [dim][padded] */
        };
    };
} sb_net;

/* SB_ERR_INPUT with the reason when the spec makes no network. */
sb_status sb_net_check(const sb_net_spec *spec);
/* What the network is called in a line of text: its activation, or its kind. */
const char *sb_net_label(const sb_net_spec *spec);
/* Whether h(x) = 0 at the start for every seed. */
bool sb_net_starts_at_zero(const sb_net_spec *spec);
/* Initial weights from (seed, stream); `net` must be zeroed or cleared. */
sb_status sb_net_init(const sb_net_spec *spec, uint64_t seed, sb_stream stream, sb_net *net);
sb_status sb_net_copy(const sb_net *from, sb_net *to);
void sb_net_clear(sb_net *net);

/* h[n] = network at x[n][dim]. */
sb_status sb_net_forward(const sb_net *net, size_t n, const double *x, double *h);
/* gradient[trained][width] of sum_i g_i h(x_i). */
sb_status sb_net_gradient(const sb_net *net, size_t n, const double *x, const double *g, double *gradient);
/* Jacobian columns for sb_jacobian (kernel.h): columns[n][trained * count], for each point [trained][count]. */
void sb_net_columns(const void *net, size_t n, const double *x, size_t first, size_t count, double *columns);

/* ---- the fused step, for the training loop: blocks of units, each summed apart, so any split over threads gives the
 * same bits ---- */

size_t sb_net_blocks(const sb_net *net);
/* For one block: gradient of sum_i g_i h_i, theta -= eta * gradient, then partial[n] = the block's share of the new h.
 * g = NULL: no update, the share only. x[n][dim], ascending in one dimension; scratch[SB_SCRATCH * n]. */
void sb_net_sweep(sb_net *net, size_t block, size_t n, const double *x, const double *g, double eta, double *scratch,
                  double *partial);
/* The block's columns of gradient[trained][padded] of sum_i g_i h(x_i); 0 for the padding. */
void sb_net_block_gradient(const sb_net *net, size_t block, size_t n, const double *x, const double *g,
                           double *gradient);

/* Smallest distance of a kink (two_layer: -shift) to a data point; infinity without kinks. */
double sb_net_kink_distance(const sb_net *net, size_t n, const double *x);

#endif
