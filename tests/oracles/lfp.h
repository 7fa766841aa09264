/* The linear F-Principle beyond what the program computes: closed kernels, several dimensions, and what a start that is
 * not zero adds. Tests hold the theory to it, and it to networks. Constants are absolute, for h = m^-1/2 sum over m
 * neurons and the loss (1/2n) sum u^2; derivations in theory/README.md. */
#ifndef SPECBIAS_TESTS_ORACLES_LFP_H
#define SPECBIAS_TESTS_ORACLES_LFP_H

#include <specbias/theory.h>

/* ---- one dimension, any activation ---- */

/* The kernel of a network of fixed |in| = r in the wide limit r (L - |x|) >> 1, closed form (relu and sine: exact for
 * |x| <= L). nan: no such activation, or another law. */
double sb_lfp_kernel(const sb_theory_params *params, double x1, double x2);
/* The share of neurons that are wide for |x| <= extent; the equation 'lfp' carries them by frequencies and the others
 * as smooth functions. */
double sb_lfp_wide(const sb_theory_params *params, double extent);

/* ---- several dimensions: ReLU networks whose neurons point in all directions nu alike ---- */

typedef enum sb_lfp_kind {
    SB_LFP_FIXED,   /* out ReLU(rho (nu . x + l)), nu is not trained */
    SB_LFP_TURNING, /* out ReLU(r . x + |r| l), rho = |r|, nu = r / rho */
    SB_LFP_VECTOR,  /* out ReLU(r . (x + l)), l normal in each component */
    SB_LFP_BIAS,    /* out ReLU(r . x + b) */
} sb_lfp_kind;

typedef struct sb_lfp_net {
    sb_lfp_kind kind;
    size_t dim;             /* 1, 2, .. */
    double range;           /* L, B: l, b are uniform on [-range, range]; VECTOR, normal_bias: standard deviation */
    bool normal_bias;       /* BIAS: b is normal (the kernel is that of fixed rho); else must be false */
    double out2;            /* <out^2>, independent of rho */
    double rho, rho2, rho3; /* moments of rho (FIXED, TURNING, VECTOR: rho2; BIAS: all) */
} sb_lfp_net;

/* K(x, x') of points [dim], |x| <= range (BIAS: rho |x| <= range). nan: normal l or b so narrow beside x, x' that the
 * mean over directions does not settle. */
double sb_lfp_net_kernel(const sb_lfp_net *net, const double *x1, const double *x2);
/* dh^/dt = -K^(|xi|) u^_c + (1 / 4 pi^2) div_xi( kappa(|xi|) A grad_xi u^_c ),
 * u^_c = sum_i c_i u_i exp(-2 pi i xi . x_i), with A = 1 for BIAS, 1 - xi xi^T / |xi|^2 (along the sphere) for TURNING,
 * and 1 - ((d + 1) / 2) xi xi^T / |xi|^2 for VECTOR. */
double sb_lfp_net_rate(const sb_lfp_net *net, double xi);
double sb_lfp_net_diffusion(const sb_lfp_net *net, double xi);

/* ---- a start that is not zero; gram[n][n] = K(X, X), cross[m][n] = K(at, X) ---- */

/* h[m] for t -> infinity from a network with outputs start[n] on the data and start_at[m]:
 * start_at + cross gram^-1 (y - start). */
sb_status sb_start_limit(size_t n, const double *gram, const double *y, const double *start, size_t m,
                         const double *cross, const double *start_at, double *h);
/* <h(x) h(x')> of a 1-D ReLU network with independent symmetric weights: <out^2><in^2> [ L^2/6 + x x'/2 + D^3/(24 L) ].
 */
double sb_start_covariance(double in2, double out2, double range, double x1, double x2);
/* extra[m], the variance that a start of covariance C adds to h(at) as t -> infinity; its integral is the extra error:
 * C(at, at) - 2 k K^-1 C(X, at) + k K^-1 C(X, X) K^-1 k^T. data[n][n] = C(X, X), mixed[m][n] = C(at, X),
 * diagonal[m] = C(at, at). */
sb_status sb_start_variance(size_t n, const double *gram, const double *data, size_t m, const double *cross,
                            const double *mixed, const double *diagonal, double *extra);
/* |theta(inf) - theta(0)|^2 = u^T gram^-1 u of the linearised network, u the residual at t = 0: the least that fits. */
sb_status sb_start_displacement(size_t n, const double *gram, const double *u, double *distance2);

#endif
