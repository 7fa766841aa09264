#include "forecast/law/line.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/gsl.h"
#include "core/linalg.h"

#define NOTHING 1e-15 /* density times distance from 0, beyond which a law has ended */
#define NARROW 1e-12  /* cells, as a part of the whole, that hold no nodes */
#define FARTHEST 1e3  /* times the place of its highest density, where one of frequencies must have ended */

bool sb_line_smooth(const sb_start_law *law)
{
    return law->density || (law->size != 0 && law->law->fixed_abs == 0);
}

static double density(const sb_start_law *law, double x)
{
    if (law->density) return sb_density_value(law->density, x);
    return law->law->density_abs(fabs(x) / law->size) / (2 * law->size);
}

/* From `start`, where the law still is, outwards. */
static double last_place(const sb_start_law *law, double start, double most)
{
    double at = start;
    while (at < most && density(law, at) * at > NOTHING) at *= 1.05;
    return fmin(at, most);
}

sb_status sb_line_end(const sb_start_law *law, double *end)
{
    if (!law->density) {
        *end = sb_line_smooth(law) ? last_place(law, law->size, law->law->max_abs * law->size)
                                   : law->law->fixed_abs * law->size;
        return SB_OK;
    }
    double edge = sb_density_edge(law->density), scale = 1 / sb_density_value(law->density, 0);
    *end = edge > 0 && isfinite(edge) ? edge : last_place(law, scale, FARTHEST * scale);
    if (*end < FARTHEST * scale) return SB_OK;
    return sb_fail(SB_ERR_UNSUPPORTED, "nodes of a law of frequencies with heavy tails are not known");
}

static int ascending(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

/* Ends of the cells: all cuts inside, the ends, 0 of a half, and the jumps of a density. */
static sb_status cell_ends(const sb_start_law *law, bool half, size_t cuts, const double *cut, size_t *ends,
                           double **all)
{
    double end, *jump = NULL;
    size_t jumps = 0;
    *ends = 0;
    sb_status status = sb_line_end(law, &end);
    if (status == SB_OK && law->density) status = sb_density_breaks(law->density, &jumps, &jump);
    if (status != SB_OK) return status;
    double *at = *all = malloc((cuts + 2 * jumps + 2) * sizeof *at), first = half ? 0 : -end;
    if (!at) {
        free(jump);
        return sb_fail(SB_ERR_NOMEM, "no memory for %zu cells of a law", cuts);
    }
    at[(*ends)++] = first;
    at[(*ends)++] = end;
    for (size_t i = 0; i < cuts; i++)
        if (cut[i] > first && cut[i] < end) at[(*ends)++] = cut[i];
    for (size_t i = 0; i < 2 * jumps; i++) {
        double place = i % 2 ? -jump[i / 2] : jump[i / 2];
        if (place > first && place < end) at[(*ends)++] = place;
    }
    qsort(at, *ends, sizeof *at, ascending);
    free(jump);
    return SB_OK;
}

static sb_status open_line(size_t n, sb_line *line)
{
    line->x = malloc((n + 1) * sizeof *line->x);
    line->weight = malloc((n + 1) * sizeof *line->weight);
    if (line->x && line->weight) return SB_OK;
    sb_line_clear(line);
    return sb_fail(SB_ERR_NOMEM, "no memory for %zu nodes of a law", n);
}

typedef gsl_integration_glfixed_table gauss_table;

/* int rho f over [a, b] by the nodes of f alone */
static void fill_legendre(const sb_start_law *law, const gauss_table *gauss, double a, double b, size_t each, double *x,
                          double *weight)
{
    for (size_t i = 0; i < each; i++) {
        gsl_integration_glfixed_point(a, b, i, &x[i], &weight[i], gauss);
        weight[i] *= density(law, x[i]);
    }
}

/* Coefficients of the orthogonal polynomials of a sum over points, by Stieltjes: matrix[each][each] has the zeros of
 * the polynomial as eigenvalues. p and before are scratch [count]. Returns the sum of the weights. */
static double recursion(size_t count, const double *x, const double *weight, size_t each, double *matrix, double *p,
                        double *before)
{
    double last = 0, all = 0;
    for (size_t i = 0; i < count; i++) p[i] = 1, before[i] = 0;
    for (size_t k = 0; k < each; k++) {
        double norm = 0, middle = 0;
        for (size_t i = 0; i < count; i++) norm += weight[i] * p[i] * p[i], middle += weight[i] * p[i] * p[i] * x[i];
        if (k == 0) all = norm;
        double alpha = middle / norm, beta = k == 0 ? 0 : norm / last;
        matrix[k * each + k] = alpha;
        if (k > 0) matrix[k * each + k - 1] = matrix[(k - 1) * each + k] = sqrt(beta);
        for (size_t i = 0; i < count; i++) {
            double next = (x[i] - alpha) * p[i] - beta * before[i];
            before[i] = p[i];
            p[i] = next;
        }
        last = norm;
    }
    return all;
}

/* int rho f over [a, b] by Gauss nodes of the weight rho: exact for polynomials f up to 2 each - 1 (Golub, Welsch 1969)
 */
static sb_status fill_gauss(const sb_start_law *law, double a, double b, size_t each, double *x, double *weight)
{
    sb_status status = SB_OK;
    size_t fine = 100 + 10 * each;
    gauss_table *gauss = sb_gauss_table(fine);
    double *room = calloc(4 * fine + each * each, sizeof *room), *matrix = room + 4 * fine, all;
    if (!gauss || !room) SB_TRY(sb_fail(SB_ERR_NOMEM, "no memory for %zu nodes of a law", each));
    fill_legendre(law, gauss, a, b, fine, room, room + fine);
    for (size_t i = 0; i < fine; i++) room[i] = 2 * (room[i] - a) / (b - a) - 1; /* polynomials of size about 1 */
    all = recursion(fine, room, room + fine, each, matrix, room + 2 * fine, room + 3 * fine);
    SB_TRY(sb_syevd(each, matrix, x));
    for (size_t i = 0; i < each; i++) {
        x[i] = a + (b - a) * (x[i] + 1) / 2;
        weight[i] = all * matrix[i * each] * matrix[i * each];
    }
done:
    if (gauss) gsl_integration_glfixed_table_free(gauss);
    free(room);
    return status;
}

static bool is_constant(const sb_start_law *law, double a, double b)
{
    double middle = density(law, (a + b) / 2);
    return density(law, a + (b - a) / 5) == middle && density(law, a + (b - a) / 3) == middle;
}

static sb_status fill_cell(const sb_start_law *law, const gauss_table *gauss, double a, double b, size_t each,
                           sb_line *line)
{
    double *x = line->x + line->n, *weight = line->weight + line->n;
    line->n += each;
    if (!is_constant(law, a, b)) return fill_gauss(law, a, b, each, x, weight);
    fill_legendre(law, gauss, a, b, each, x, weight);
    return SB_OK;
}

static sb_status fill_points(const sb_start_law *law, bool half, sb_line *line)
{
    double size = law->size * (law->size != 0 ? law->law->fixed_abs : 0);
    sb_status status = open_line(2, line);
    if (status != SB_OK) return status;
    line->n = half || size == 0 ? 1 : 2;
    line->x[0] = size, line->x[1] = -size;
    line->weight[0] = line->weight[1] = 1 / (double)line->n;
    return SB_OK;
}

sb_status sb_line_create(const sb_start_law *law, bool half, size_t cuts, double *cut, size_t each, sb_line *line)
{
    sb_status status = SB_OK;
    double *end = NULL, sum = 0;
    size_t ends;
    if (!sb_line_smooth(law)) return fill_points(law, half, line);
    gauss_table *gauss = sb_gauss_table(each);
    if (!gauss) SB_TRY(sb_fail(SB_ERR_NOMEM, "no memory for %zu nodes of a law", each));
    SB_TRY(cell_ends(law, half, cuts, cut, &ends, &end));
    SB_TRY(open_line(ends * each, line));
    double narrow = NARROW * (end[ends - 1] - end[0]);
    for (size_t i = 1; i < ends; i++)
        if (end[i] - end[i - 1] > narrow) SB_TRY(fill_cell(law, gauss, end[i - 1], end[i], each, line));
    for (size_t i = 0; i < line->n; i++) sum += line->weight[i];
    for (size_t i = 0; i < line->n; i++) line->weight[i] /= sum;
done:
    if (gauss) gsl_integration_glfixed_table_free(gauss);
    free(end);
    return status;
}

void sb_line_clear(sb_line *line)
{
    free(line->x);
    free(line->weight);
    *line = (sb_line){0};
}

double sb_line_quantile(const sb_start_law *law, double p)
{
    double side = 2 * p - 1;
    if (law->size == 0) return 0;
    if (law->law->fixed_abs != 0) return copysign(law->law->fixed_abs * law->size, side);
    return copysign(law->law->quantile_abs(fabs(side)) * law->size, side);
}
