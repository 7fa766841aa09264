#include "experiment/rounding.h"

#include <float.h>
#include <math.h>
#include <stdlib.h>

#include <specbias/compare.h>

typedef struct work {
    const sb_setup *setup;
    sb_net net;             /* of the first seed: sums over weights hardly depend on it */
    double complex *wave;   /* [n] exp(-2 pi i xi x) of one item */
    double *g;              /* [n] */
    double *slope, *change; /* [trained][width] d |e^| / d theta, and the step of every weight */
} work;

static void fill_wave(work *w, size_t k)
{
    const sb_problem *problem = &w->setup->problem;
    for (size_t i = 0; i < problem->n; i++) {
        double turns = 0;
        for (size_t d = 0; d < problem->dim; d++)
            turns += problem->grid.xi[k * problem->dim + d] * problem->x[i * problem->dim + d];
        w->wave[i] = cexp(-2 * M_PI * I * turns);
    }
}

/* d |e^| / d theta where e^ = s f^, s > 0: the gradient of sum_i q_i Re(conj(f^) / |f^| wave_i) h(x_i) */
static sb_status find_slope(work *w, size_t k)
{
    const sb_problem *problem = &w->setup->problem;
    double complex f = problem->target[k], turn = conj(f) / cabs(f);
    for (size_t i = 0; i < problem->n; i++) w->g[i] = problem->q[i] * creal(turn * w->wave[i]);
    return sb_net_gradient(&w->net, problem->n, problem->x, w->g, w->slope);
}

/* One step of the weights where the residual is of this item alone, err = q: u_i ~ Re(f^ conj(wave_i)). */
static sb_status find_change(work *w, size_t k, double q)
{
    const sb_problem *problem = &w->setup->problem;
    double complex f = problem->target[k] / cabs(problem->target[k]), sum = 0;
    for (size_t i = 0; i < problem->n; i++) {
        w->g[i] = creal(f * conj(w->wave[i]));
        sum += problem->q[i] * w->wave[i] * w->g[i];
    }
    double size = q * cabs(problem->target[k]) / cabs(sum);
    for (size_t i = 0; i < problem->n; i++) w->g[i] *= problem->eta * problem->c[i] * size;
    return sb_net_gradient(&w->net, problem->n, problem->x, w->g, w->change);
}

/* Weight p of unit j */
static double weight(const work *w, size_t p, size_t j)
{
    return w->net.theta[p * w->net.padded + j];
}

/* rms of what the rounding of all weights in one step does to err: an error of 2^-52 |theta| at each, at least twice
 * what rounding to the nearest makes, all of them independent */
static double noise_of_step(const work *w, size_t k)
{
    double sum = 0;
    for (size_t p = 0; p < w->net.trained; p++)
        for (size_t j = 0; j < w->net.width; j++)
            sum += pow(w->slope[p * w->net.width + j] * DBL_EPSILON * weight(w, p, j), 2);
    return sqrt(sum) / cabs(w->setup->problem.target[k]);
}

/* |ln| of what is left of the step, as d |e^|, once every weight is a double again; infinite: nothing */
static double lost_of_step(const work *w)
{
    double wanted = 0, made = 0;
    for (size_t p = 0; p < w->net.trained; p++)
        for (size_t j = 0; j < w->net.width; j++) {
            size_t at = p * w->net.width + j;
            volatile double after = weight(w, p, j) - w->change[at];
            wanted += w->slope[at] * w->change[at];
            made += w->slope[at] * (weight(w, p, j) - after);
        }
    return wanted > 0 && made > 0 ? fabs(log(made / wanted)) : INFINITY;
}

sb_status sb_rounding_measure(const sb_setup *setup, double *noise, double *lost)
{
    sb_status status = SB_OK;
    size_t n = setup->problem.n;
    work w = {.setup = setup, .wave = malloc(n * sizeof *w.wave), .g = malloc(n * sizeof *w.g)};
    SB_TRY(sb_net_init(&setup->net, (uint64_t)setup->config->seeds_first, SB_STREAM_TRAIN, &w.net));
    w.slope = malloc(2 * w.net.trained * w.net.width * sizeof *w.slope);
    if (!w.wave || !w.g || !w.slope) SB_TRY(sb_fail(SB_ERR_NOMEM, "no memory for %zu weights", w.net.width));
    w.change = w.slope + w.net.trained * w.net.width;
    for (size_t k = 0; k < setup->problem.grid.n; k++) {
        fill_wave(&w, k);
        SB_TRY(find_slope(&w, k));
        noise[k] = noise_of_step(&w, k);
        for (size_t level = 0; level < SB_LEVELS; level++) {
            SB_TRY(find_change(&w, k, sb_level[level]));
            lost[k * SB_LEVELS + level] = lost_of_step(&w);
        }
    }
done:
    sb_net_clear(&w.net);
    free(w.wave);
    free(w.g);
    free(w.slope);
    return status;
}
