/* What goes into the stack: waves, means and factors of the rest. */
#include <math.h>
#include <stdlib.h>

#include "forecast/angles/inside.h"

#define LEAST 1e-13 /* of the variance of u: what of the rest is left out */

/* Gauss, Laguerre: nodes and weights of R^2 / 2 */
static const double node[] = {0.4157745567834790833, 2.294280360279041720, 6.289945082937479197},
                    share[] = {0.7110930099291730155, 0.2785177335692408488, 0.01038925650158613575};

/* E u(o) u(o') at a distance, and E u(o) u'(0). */
static double covariance(const sb_angles_spec *spec, double o)
{
    double sum = 0;
    for (size_t i = 0; i < spec->modes; i++) sum += 2 * spec->power[i] * cos(spec->frequency[i] * o);
    return sum;
}

static double slope_covariance(const sb_angles_spec *spec, double o)
{
    double sum = 0;
    for (size_t i = 0; i < spec->modes; i++)
        sum += 2 * spec->power[i] * spec->frequency[i] * sin(spec->frequency[i] * o);
    return sum;
}

/* E u^2 F^power */
static double moment(const sb_angles_spec *spec, double power)
{
    double sum = 0;
    for (size_t i = 0; i < spec->modes; i++) sum += 2 * spec->power[i] * pow(spec->frequency[i], power);
    return sum;
}

/* Rows with M = sum over rows of row row^T, largest pivots first, M[n][n] used up; how many. */
static size_t factorise(size_t n, double least, double *m, double *row)
{
    size_t rank = 0;
    for (; rank < n; rank++) {
        double *r = row + rank * n;
        size_t pivot = 0;
        for (size_t i = 1; i < n; i++)
            if (m[i * n + i] > m[pivot * n + pivot]) pivot = i;
        if (!(m[pivot * n + pivot] > least)) break;
        double root = sqrt(m[pivot * n + pivot]);
        for (size_t i = 0; i < n; i++) r[i] = m[i * n + pivot] / root;
        for (size_t i = 0; i < n * n; i++) m[i] -= r[i / n] * r[i % n];
    }
    return rank;
}

/* The window: offsets, and of each the two regressions. */
typedef struct window {
    size_t n;
    double *place, *mask, *p0, *p1; /* [n] places of the functions and of the masks */
    double sigma, slope;            /* rms of u and of u' */
    double *rest, *row;             /* [n][n] both */
    size_t rank;
} window;

static size_t offset_of(const sb_angles *angles)
{
    size_t before = 0;
    for (size_t l = 0; l < angles->layers; l++) before += angles->part[l].taps / 2;
    return before;
}

static void fill_window(const sb_angles_spec *spec, const sb_angles *angles, window *w)
{
    size_t n = w->n, before = offset_of(angles);
    double variance = moment(spec, 0);
    w->sigma = sqrt(variance);
    w->slope = sqrt(moment(spec, 2));
    for (size_t i = 0; i < n; i++) {
        double o = (double)i - (double)before;
        w->place[i] = spec->spacing * o;
        w->mask[i] = spec->mask_spacing * o * w->slope / w->sigma;
        w->p0[i] = covariance(spec, w->place[i]) / w->sigma;
        w->p1[i] = slope_covariance(spec, w->place[i]) / w->slope;
    }
    for (size_t i = 0; i < n; i++)
        for (size_t j = 0; j < n; j++)
            w->rest[i * n + j] =
                covariance(spec, w->place[i] - w->place[j]) - w->p0[i] * w->p0[j] - w->p1[i] * w->p1[j];
    w->rank = factorise(n, LEAST * variance, w->rest, w->row);
}

static void fill_state(const window *w, double phi, double radius, double *to, double *wanted)
{
    for (size_t i = 0; i < w->n; i++) {
        to[SB_WAVE * w->n + i] = w->sigma * radius * cos(phi - w->mask[i]);
        to[SB_MEAN * w->n + i] = radius * (cos(phi) * w->p0[i] + sin(phi) * w->p1[i]);
    }
    for (size_t i = 0; i < w->rank * w->n; i++) to[SB_FACTORS * w->n + i] = w->row[i];
    *wanted = w->slope * radius * sin(phi);
}

static bool is_biased(const sb_angles *angles)
{
    bool biased = false;
    for (size_t l = 0; l < angles->layers; l++) biased = biased || angles->part[l].bias != SIZE_MAX;
    return biased;
}

sb_status sb_angles_fill(const sb_angles_spec *spec, sb_angles *angles)
{
    size_t n = angles->width[0], radii = is_biased(angles) ? sizeof node / sizeof node[0] : 1;
    window w = {.n = n, .place = malloc((4 * n + 2 * n * n) * sizeof *w.place)};
    if (!w.place) return sb_fail(SB_ERR_NOMEM, "no memory for a window of %zu points", n);
    w.mask = w.place + n, w.p0 = w.mask + n, w.p1 = w.p0 + n, w.rest = w.p1 + n, w.row = w.rest + n * n;
    fill_window(spec, angles, &w);
    angles->states = spec->phases * radii;
    angles->rows = SB_FACTORS + w.rank;
    angles->weight = malloc(angles->states * sizeof *angles->weight);
    angles->wanted = malloc(angles->states * sizeof *angles->wanted);
    angles->value[0] = malloc(angles->states * angles->rows * n * sizeof(double));
    bool all = angles->weight && angles->wanted && angles->value[0];
    for (size_t s = 0; all && s < angles->states; s++) {
        double phi = 2 * M_PI * ((double)(s / radii) + 0.5) / (double)spec->phases;
        double half = radii > 1 ? node[s % radii] : 1;
        angles->weight[s] = (radii > 1 ? share[s % radii] : 1) / (double)spec->phases;
        fill_state(&w, phi, sqrt(2 * half), angles->value[0] + s * angles->rows * n, &angles->wanted[s]);
    }
    free(w.place);
    return all ? SB_OK : sb_fail(SB_ERR_NOMEM, "no memory for %zu phases", spec->phases);
}
