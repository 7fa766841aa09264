/* At which frequencies the modes of a kernel are: the share of each in the functions of a frequency. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/linalg.h"
#include "run/kernel/view.h"
#include "watch/harmonics.h"

/* f[count][n]: orthonormal functions of the places, and group[count], the frequency of each, ascending. */
typedef struct functions {
    size_t count;
    double *f;
    size_t *group;
} functions;

/* On a circle cos and sin of 2 pi j x / length; on a line cos(pi j (x - left) / length), which are all of its
 * functions.
 */
static void fill_waves(const sb_view *view, functions *all)
{
    bool circle = view->kind == SB_PLACE_CIRCLE;
    for (size_t k = 0; k < all->count; k++) {
        size_t j = all->group[k] = circle ? (k + 1) / 2 : k;
        double *f = all->f + k * view->n;
        for (size_t i = 0; i < view->n; i++) {
            double phase = (circle ? 2 : 1) * M_PI * (double)j * (view->place[i] - view->left) / view->length;
            f[i] = circle && k > 0 && k % 2 == 0 ? sin(phase) : cos(phase);
        }
    }
}

/* Harmonics of dimension 3; in more dimensions only their zonal ones could be written down. */
static sb_status fill_harmonics(const sb_view *view, functions *all)
{
    size_t degree = view->frequencies - 1;
    for (size_t i = 0; i < view->n; i++) sb_sphere_harmonics(degree, view->x + 3 * i, view->n, all->f + i);
    for (size_t l = 0; l <= degree; l++)
        for (size_t k = l * l; k < (l + 1) * (l + 1); k++) all->group[k] = l;
    return SB_OK;
}

static double dot(size_t n, const double *q, const double *a, const double *b)
{
    double sum = 0;
    for (size_t i = 0; i < n; i++) sum += q[i] * a[i] * b[i];
    return sum;
}

/* Orthonormal under q, by ascending frequency, so that shares add up to 1 at most and a frequency that the points do
 * not tell from a lower one counts as that; what nothing is left of becomes 0 (Gram and Schmidt, twice). */
static void orthonormalise(const sb_view *view, functions *all)
{
    size_t n = view->n;
    for (size_t k = 0; k < all->count; k++) {
        double *f = all->f + k * n, before = dot(n, view->q, f, f);
        for (size_t l = 0; l < 2 * k; l++) {
            const double *g = all->f + l % k * n;
            double share = dot(n, view->q, f, g);
            for (size_t i = 0; i < n; i++) f[i] -= share * g[i];
        }
        double after = dot(n, view->q, f, f);
        for (size_t i = 0; i < n; i++) f[i] = after > 1e-8 * before ? f[i] / sqrt(after) : 0;
    }
}

static sb_status open_functions(const sb_view *view, functions *all)
{
    bool sphere = view->kind == SB_PLACE_SPHERE;
    size_t frequencies = view->frequencies;
    all->count = sphere ? frequencies * frequencies : view->kind == SB_PLACE_CIRCLE ? 2 * frequencies - 1 : frequencies;
    all->f = malloc(all->count * view->n * sizeof *all->f);
    all->group = malloc(all->count * sizeof *all->group);
    if (!all->f || !all->group) return sb_fail(SB_ERR_NOMEM, "no memory for %zu functions", all->count);
    if (sphere)
        fill_harmonics(view, all);
    else
        fill_waves(view, all);
    orthonormalise(view, all);
    return SB_OK;
}

/* weighted[count][n] = q u of output `output`, and the squared norms of all outputs, size[count] */
static void take_output(const sb_view *view, size_t count, const double *mode, size_t output, double *weighted,
                        double *size)
{
    for (size_t k = 0; k < count; k++)
        for (size_t i = 0; i < view->n; i++) {
            double u = mode[k * view->rows + i * view->per_row + output];
            weighted[k * view->n + i] = view->q[i] * u;
            size[k] += view->q[i] * u * u;
        }
}

sb_status sb_view_energies(const sb_view *view, size_t count, const double *mode, double *energy)
{
    sb_status status = SB_OK;
    functions all = {0};
    double *weighted = malloc((count * view->n + count) * sizeof *weighted), *part = NULL;
    if (!weighted) return sb_fail(SB_ERR_NOMEM, "no memory for %zu modes", count);
    double *size = weighted + count * view->n;
    SB_TRY(open_functions(view, &all));
    part = malloc(count * all.count * sizeof *part);
    if (!part) SB_TRY(sb_fail(SB_ERR_NOMEM, "no memory for %zu modes", count));
    memset(size, 0, count * sizeof *size);
    memset(energy, 0, count * view->frequencies * sizeof *energy);
    for (size_t o = 0; o < view->per_row; o++) {
        take_output(view, count, mode, o, weighted, size);
        sb_gemm_nt(count, all.count, view->n, weighted, view->n, all.f, view->n, 0, part, all.count);
        for (size_t k = 0; k < count; k++)
            for (size_t f = 0; f < all.count; f++)
                energy[k * view->frequencies + all.group[f]] += part[k * all.count + f] * part[k * all.count + f];
    }
    for (size_t k = 0; k < count; k++)
        for (size_t j = 0; j < view->frequencies && size[k] > 0; j++) energy[k * view->frequencies + j] /= size[k];
done:
    free(weighted);
    free(part);
    free(all.f);
    free(all.group);
    return status;
}
