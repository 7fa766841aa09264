/* ReLU networks in d dimensions. A neuron of direction nu sees a = nu . x; |nu . u|^p averages to M_p |u|^p over
 * directions, and a spectrum f(|xi|) on the line becomes Gamma(d/2) pi^(-d/2) f(|xi|) / |xi|^(d-1). So, with
 * C = Gamma(d/2) pi^(-d/2) / (2 L),
 *
 *   FIXED    K  = c4 [ L^2/6 + x.x'/(2 d) + M3 D^3/(24 L) ] + c2 [ 1/2 - M1 D/(4 L) ],
 *            K^ = C [ c4 / (16 pi^4 |xi|^(d+3)) + c2 / (4 pi^2 |xi|^(d+1)) ],
 *   TURNING  the same, and <out^2> H H' (x.x' - (nu.x)(nu.x')), which makes the angular diffusion,
 *   VECTOR   the same with c2 + <out^2> (d - 1) range^2 and 1/(2 L) -> 1 / (sqrt(2 pi) range), range >> |x|; as the
 *            density of nu.l falls, by 1 - (nu.x)^2 / (2 range^2), so large a c2 gives another term of the order of
 *            the diffusion, -((d - 1) / 2) kappa along xi,
 *   BIAS     rho^3 for c4, <out^2> rho for c2 and an isotropic diffusion of the same <out^2> rho. */
#include "tests/oracles/lfp.h"

#include <math.h>

#include <gsl/gsl_integration.h>

/* M_p = Gamma(d/2) Gamma((p + 1)/2) / (sqrt(pi) Gamma((p + d)/2)) */
static double mean_power(size_t dim, double p)
{
    double d = (double)dim;
    return exp(lgamma(d / 2) + lgamma((p + 1) / 2) - lgamma((p + d) / 2)) / sqrt(M_PI);
}

static double dot(size_t dim, const double *a, const double *b)
{
    double sum = 0;
    for (size_t i = 0; i < dim; i++) sum += a[i] * b[i];
    return sum;
}

/* What two points are to directions: x.x', D, and the components of both along x - x' */
typedef struct pair {
    double inner, distance, along1, along2;
} pair;

static pair make_pair(size_t dim, const double *x1, const double *x2)
{
    double s1 = dot(dim, x1, x1), s2 = dot(dim, x2, x2), distance2 = 0;
    pair p = {.inner = dot(dim, x1, x2)};
    for (size_t i = 0; i < dim; i++) distance2 += (x1[i] - x2[i]) * (x1[i] - x2[i]);
    p.distance = sqrt(distance2);
    /* x = x': the direction is arbitrary, take that of x */
    p.along1 = p.distance > 0 ? (s1 - p.inner) / p.distance : sqrt(s1);
    p.along2 = p.distance > 0 ? (p.inner - s2) / p.distance : sqrt(s2);
    return p;
}

/* E over nu and l of a a' H H' and of H H', uniform l on [-L, L] */
static double mean_product(const sb_lfp_net *net, const pair *p)
{
    double range = net->range;
    return range * range / 6 + p->inner / (2 * (double)net->dim) +
           mean_power(net->dim, 3) * pow(p->distance, 3) / (24 * range);
}

static double mean_step(const sb_lfp_net *net, const pair *p)
{
    return 0.5 - mean_power(net->dim, 1) * p->distance / (4 * net->range);
}

/* E of H H' (x.x' - (nu.x)(nu.x')) */
static double mean_across(const sb_lfp_net *net, const pair *p)
{
    double d = (double)net->dim, m1 = mean_power(net->dim, 1), m3 = mean_power(net->dim, 3);
    if (net->dim == 1) return 0;
    double along = p->along1 * p->along2, across = p->inner - along;
    return (1 - 1 / d) * p->inner / 2 -
           p->distance / (4 * net->range) * ((m1 - m3) * along + (m1 - (m1 - m3) / (d - 1)) * across);
}

static double kernel_bias(const sb_lfp_net *net, const pair *p)
{
    double d = (double)net->dim, range = net->range, m1 = mean_power(net->dim, 1), m3 = mean_power(net->dim, 3);
    return range * range / 6 + net->rho2 * p->inner / (2 * d) + net->rho3 * m3 * pow(p->distance, 3) / (24 * range) +
           (1 + p->inner) * net->out2 * (0.5 - net->rho * m1 * p->distance / (4 * range));
}

/* ---- normal nu . l or b: the mean over it is closed and that over directions is not ---- */

/* VECTOR: p = nu.x, q = nu.x', lambda = nu.l; BIAS: p = rho nu.x, q = rho nu.x', lambda = b, rho fixed. lambda is
 * normal with deviation s and H H' = [lambda > -min(p, q)]. */
static double normal_direction(const sb_lfp_net *net, const pair *points, double p, double q)
{
    if (net->kind == SB_LFP_BIAS) p *= net->rho, q *= net->rho;
    double s = net->range, least = fmin(p, q), step = 0.5 * erfc(-least / (s * M_SQRT2));
    double bell = exp(-least * least / (2 * s * s)) / sqrt(2 * M_PI);
    double product = (p * q + s * s) * step + s * (p + q - least) * bell;
    if (net->kind == SB_LFP_BIAS) return product + net->out2 * (1 + points->inner) * step;
    double across = points->inner - p * q + (double)(net->dim - 1) * s * s;
    return (net->rho2 + net->out2) * product + net->out2 * (net->rho2 + across) * step;
}

/* The mean over the angle of nu in the plane of x and x', in which it has length tau; p = q where cos = 0. */
static double mean_angle(const sb_lfp_net *net, const pair *p, double tau, size_t points,
                         const gsl_integration_glfixed_table *table)
{
    double across = sqrt(fmax(p->inner - p->along1 * p->along2, 0)), sum = 0;
    for (int half = 0; half < 2; half++)
        for (size_t i = 0; i < points; i++) {
            double angle, weight, left = -M_PI / 2 + half * M_PI;
            gsl_integration_glfixed_point(left, left + M_PI, i, &angle, &weight, table);
            double along = tau * cos(angle), aside = tau * sin(angle) * across;
            sum += weight / (2 * M_PI) * normal_direction(net, p, along * p->along1 + aside, along * p->along2 + aside);
        }
    return sum;
}

/* tau = sin a has the density (d - 2) sin a cos^(d-3) a over a in (0, pi/2). */
static double mean_direction(const sb_lfp_net *net, const pair *p, size_t points)
{
    double d = (double)net->dim, sum = 0;
    gsl_integration_glfixed_table *table = gsl_integration_glfixed_table_alloc(points);
    if (!table) return NAN;
    if (net->dim == 2) sum = mean_angle(net, p, 1, points, table);
    for (size_t i = 0; net->dim > 2 && i < points; i++) {
        double a, weight;
        gsl_integration_glfixed_point(0, M_PI / 2, i, &a, &weight, table);
        sum += weight * (d - 2) * sin(a) * pow(cos(a), d - 3) * mean_angle(net, p, sin(a), points, table);
    }
    gsl_integration_glfixed_table_free(table);
    return sum;
}

/* Twice the points until nothing changes; where the law of the biases is narrow beside the data, a step: nan. */
static double kernel_normal(const sb_lfp_net *net, const pair *p)
{
    if (net->dim == 1)
        return (normal_direction(net, p, p->along1, p->along2) + normal_direction(net, p, -p->along1, -p->along2)) / 2;
    double before = mean_direction(net, p, 24), size = (net->rho2 + net->out2) * net->range * net->range;
    for (size_t points = 48; points <= 384; points *= 2) {
        double now = mean_direction(net, p, points);
        if (fabs(now - before) <= 1e-10 * fmax(fabs(now), size)) return now;
        before = now;
    }
    return NAN;
}

double sb_lfp_net_kernel(const sb_lfp_net *net, const double *x1, const double *x2)
{
    pair p = make_pair(net->dim, x1, x2);
    if (net->kind == SB_LFP_VECTOR || net->normal_bias) return kernel_normal(net, &p);
    if (net->kind == SB_LFP_BIAS) return kernel_bias(net, &p);
    double k = (net->rho2 + net->out2) * mean_product(net, &p) + net->rho2 * net->out2 * mean_step(net, &p);
    return net->kind == SB_LFP_TURNING ? k + net->out2 * mean_across(net, &p) : k;
}

/* ---- frequencies ---- */

/* C: Gamma(d/2) pi^(-d/2) times the density of the shifts at 0 */
static double constant(const sb_lfp_net *net)
{
    double d = (double)net->dim;
    bool normal = net->kind == SB_LFP_VECTOR || net->normal_bias;
    double density = normal ? 1 / (sqrt(2 * M_PI) * net->range) : 1 / (2 * net->range);
    return exp(lgamma(d / 2) - d / 2 * log(M_PI)) * density;
}

double sb_lfp_net_rate(const sb_lfp_net *net, double xi)
{
    double d = (double)net->dim, omega2 = 4 * M_PI * M_PI * xi * xi, c4, c2;
    if (net->kind == SB_LFP_BIAS) {
        c4 = net->rho3;
        c2 = net->out2 * net->rho;
    } else {
        c4 = net->rho2 + net->out2;
        c2 = net->rho2 * net->out2;
    }
    if (net->kind == SB_LFP_VECTOR) c2 += net->out2 * (d - 1) * net->range * net->range;
    return constant(net) * (c4 / (omega2 * omega2) + c2 / omega2) / pow(fabs(xi), d - 1);
}

double sb_lfp_net_diffusion(const sb_lfp_net *net, double xi)
{
    double omega2 = 4 * M_PI * M_PI * xi * xi, size = net->kind == SB_LFP_BIAS ? net->out2 * net->rho : net->out2;
    if (net->kind == SB_LFP_FIXED || (net->dim == 1 && net->kind != SB_LFP_BIAS)) return 0;
    return constant(net) * size / (omega2 * pow(fabs(xi), (double)net->dim - 1));
}
