/* Low frequencies dominate the gradients of a tanh network with small weights (theory/dominance/).
 *
 * T. Luo, Z. Ma, Z.-Q. J. Xu, Y. Zhang: Theory of the frequency principle for general deep neural networks (2019), and
 * the two theorems for one hidden layer of tanh in Z.-Q. J. Xu, Y. Zhang, T. Luo, Y. Xiao, Z. Ma: Frequency Principle:
 * Fourier Analysis Sheds Light on Deep Neural Networks (2020). For h(x) = sum_j a_j tanh(w_j x + b_j) and ANGULAR
 * frequency, f^(k) = int f(x) exp(-i k x) dx, the loss at frequency k is L(k) = |h^(k) - f^(k)|^2 / 2.
 *
 *   Theorem 1. For k1 < k2 the set of w in the ball |w| < delta of R^m in which a single parameter has
 *              |dL(k1)| <= |dL(k2)| has a volume fraction F(delta) of at most C exp(-c / delta).
 *   Theorem 2. The same with the norms of the whole gradients. That set is even empty below some delta_0.
 *
 * This header says how large F is, without a constant to fit; measures it exactly for m = 1, and by Monte Carlo for any
 * m; finds delta_0, and how large the set of theorem 2 is above it. */
#ifndef SPECBIAS_DOMINANCE_H
#define SPECBIAS_DOMINANCE_H

#include <complex.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <specbias/monitor.h>

/* ---- the network, frequency by frequency ---- */

typedef struct sb_tanh_neuron {
    double a, w, b; /* a tanh(w x + b), w != 0 */
} sb_tanh_neuron;

/* h^(k) = sum_j a_j / |w_j| exp(i b_j k / w_j) (-i pi) / sinh(pi k / (2 w_j)), k > 0. Its modulus and angle are those
 * of the error A exp(i phi) = h^(k) - f^(k) where f = 0. */
double complex sb_tanh_transform(size_t m, const sb_tanh_neuron *neuron, double k);

/* dL(k)/da, dw, db of one neuron are exp(-decay) times a, w, b. Apart they never underflow. */
typedef struct sb_tanh_gradient {
    double a, w, b;
    double decay; /* pi k / (2 |w|) */
} sb_tanh_gradient;

/* gradient[m] of L(k) for the target's f^(k). */
void sb_tanh_gradients(size_t m, const sb_tanh_neuron *neuron, double k, double complex target,
                       sb_tanh_gradient *gradient);

/* ---- who dominates ---- */

/* Two frequencies 0 < k1 < k2, and the target's f^ at them. */
typedef struct sb_dominance_task {
    double k1, k2;
    double complex f1, f2;
} sb_dominance_task;

enum { SB_DOMINANCE_A, SB_DOMINANCE_W, SB_DOMINANCE_B, SB_DOMINANCE_TYPES }; /* the three types of parameters */

/* alpha = pi (k2 - k1) / 2, the c of the theorems */
double sb_dominance_alpha(const sb_dominance_task *task);

typedef struct sb_dominance_judgement {
    bool type[SB_DOMINANCE_TYPES]; /* some neuron's parameter of the type has |dL(k1)| <= |dL(k2)| */
    bool any;                      /* one of the three: the bad set of theorem 1 */
    bool control;                  /* some parameter has |dL(k2)| <= |dL(k1)| */
    bool norm;                     /* |grad L(k1)| <= |grad L(k2)|: the bad set of theorem 2 */
} sb_dominance_judgement;

/* ---- how large the bad set of theorem 1 is ---- */

/* Volume fractions of the ball; `any` is at most the sum of the types. */
typedef struct sb_dominance_fraction {
    double type[SB_DOMINANCE_TYPES];
    double any;
} sb_dominance_fraction;

/* E_ball[exp(-alpha / |w_1|)], w uniform in the ball of radius delta in R^m; nan: no memory, or no convergence */
double sb_dominance_ball(size_t m, double alpha, double delta);

/* F(delta) without a fit, m (4 / pi^2) |f2 / f1| E_ball times 1, k2 / k1, k2 / k1 by type; `any` is the sum. It holds
 * where h^ is small against f^ (delta up to 0.3) and phases b k / w are equidistributed: not for rational k2 / k1 with
 * one fixed b. SB_ERR_INPUT: not 0 < k1 < k2, f1 = 0, m = 0 or delta <= 0. */
sb_status sb_dominance_forecast(const sb_dominance_task *task, size_t m, double delta, sb_dominance_fraction *fraction);
/* Its leading term for delta -> 0; for m = 1, (4 / pi^2) |f2 / f1| (1 + 2 k2 / k1) (delta / alpha) exp(-alpha / delta).
 */
sb_status sb_dominance_asymptote(const sb_dominance_task *task, size_t m, double delta,
                                 sb_dominance_fraction *fraction);

/* The exact fraction for one neuron with fixed a and b, a b != 0, over |w| < delta: all roots in s = 1 / |w|. */
sb_status sb_dominance_exact(const sb_dominance_task *task, double a, double b, double delta,
                             sb_dominance_fraction *fraction);

/* Slope of log(fraction) over 1 / delta by least squares; NAN below two points. That of fraction / delta^((m + 1) / 2)
 * tends to -alpha. */
double sb_dominance_slope(size_t n, const double *delta, const double *fraction);
/* Its standard error, from those of log(fraction); NAN below two points. */
double sb_dominance_slope_error(size_t n, const double *delta, const double *log_error);

/* ---- where the bad set of theorem 2 is empty ---- */

typedef struct sb_dominance_threshold {
    double certified; /* below, |grad L(k1)| > |grad L(k2)| whatever the phases b k / w: a bound, no scan */
    double empty;     /* delta_0: below it the set is empty; the largest such, INFINITY when nothing was found */
} sb_dominance_threshold;

/* One neuron with fixed a != 0 and b, |w| < largest. */
sb_status sb_dominance_empty_below(const sb_dominance_task *task, double a, double b, double largest,
                                   const sb_monitor *monitor, sb_dominance_threshold *threshold);

/* The fraction of |w| < delta in which the neuron is in that set: all crossings in 1 / |w|. */
sb_status sb_dominance_lost(const sb_dominance_task *task, double a, double b, double delta, const sb_monitor *monitor,
                            double *fraction);
/* *delta: for |w| below it no network of m neurons with |a| in a[2] and b in b[2] is in that set, by the same bound at
 * 9 x 9 neurons of the law. */
sb_status sb_dominance_certain(const sb_dominance_task *task, size_t m, const double a[2], const double b[2],
                               double *delta);

/* ---- the experiment ---- */

typedef struct sb_dominance_spec {
    sb_dominance_task task;
    size_t m;
    double a_low, a_high; /* |a_j| is uniform there, its sign random; fresh in each draw */
    double b_low, b_high; /* b_j is uniform there */
    size_t n;
    const double *delta; /* [n], w is uniform in the ball of this radius */
    uint64_t samples;    /* draws per delta */
    uint64_t seed;
} sb_dominance_spec;

/* The criterion. Ratios are judged for delta up to RANGE, the rest is only shown. What is allowed is what the
 * forecast's leading term may leave out, and SIGMAS standard deviations of the counts. */
#define SB_DOMINANCE_RANGE 0.3
#define SB_DOMINANCE_RATIO 0.10 /* |F / forecast - 1| */
#define SB_DOMINANCE_SLOPE 0.05 /* of log F over 1 / delta, relative to the forecast's */
#define SB_DOMINANCE_SIGMAS 4.0
#define SB_DOMINANCE_CONTROL 0.99
#define SB_DOMINANCE_LEAST 50 /* a delta with fewer bad draws is dropped */

typedef struct sb_dominance_point {
    double delta;
    uint64_t samples, bad; /* draws, and those in the bad set of theorem 1 */
    uint64_t norm;         /* draws in the bad set of theorem 2 */
    sb_dominance_fraction measured, forecast, asymptote;
    double error;   /* of measured.any: its binomial standard deviation */
    double control; /* fraction with k1 and k2 swapped in the comparison */
    double ratio;   /* measured.any / forecast.any */
    double allowed; /* distance of the ratio from 1 */
    bool kept;      /* at least SB_DOMINANCE_LEAST bad draws */
    bool judged;    /* kept, and delta <= SB_DOMINANCE_RANGE */
} sb_dominance_point;

typedef struct sb_dominance {
    size_t n;
    sb_dominance_point *point; /* [n], in the order of the spec */
    double alpha;
    size_t judged;               /* points */
    double worst;                /* ratio farthest from 1 in units of what is allowed, over the judged points */
    double slope_measured;       /* of log F over 1 / delta, over the judged points; NAN below two */
    double slope_error;          /* its standard error, of the counts */
    double slope_forecast;       /* the same slope of the forecast */
    double slope_allowed;        /* distance of their ratio from 1 */
    double control;              /* the smallest */
    bool ratios, slope, swapped; /* the parts of the criterion */
    bool enough;                 /* bad draws: two points are judged at least */
    bool passed;                 /* all four */
    double second;               /* largest delta from which down no draw was in the bad set of theorem 2; 0: none */
    double seconds;
} sb_dominance;

/* SB_ERR_INPUT names what is wrong. */
sb_status sb_dominance_spec_check(const sb_dominance_spec *spec);
/* Draws, measures and judges; the same numbers for any number of threads (0: all cores). SB_ERR_INPUT as above;
 * SB_ERR_INTERRUPTED when the monitor asks for a stop. `result` must be zeroed or cleared. */
sb_status sb_dominance_run(const sb_dominance_spec *spec, size_t threads, const sb_monitor *monitor,
                           sb_dominance *result);
void sb_dominance_clear(sb_dominance *result);

#endif
