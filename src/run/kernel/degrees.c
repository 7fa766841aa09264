/* Circle and sphere: what the kernel of infinite width says of each degree, and what orders of a Sobolev loss make of
 * it (Yu, Yang, Townsend 2023). */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include <specbias/zonal.h>

#include "core/text.h"
#include "run/kernel/kernel.h"

/* K of two points of the sphere at an angle. */
static double at_angle(const void *context, double t)
{
    const sb_view *view = context;
    double x1[SB_MOST_DIMENSIONS] = {1}, x2[SB_MOST_DIMENSIONS] = {cos(t), sin(t)};
    return sb_wide_kernel(&view->cas.wide, x1, x2);
}

static bool on_unit_sphere(const sb_view *view)
{
    if (!view->cas.model || !view->infinite || view->inputs < 2 || view->inputs > SB_MOST_DIMENSIONS) return false;
    if (view->cas.wide.layer[0].kind == SB_WIDE_FOURIER) return false; /* of a density that has directions */
    for (size_t i = 0; i < view->n; i++) {
        double square = 0;
        for (size_t d = 0; d < view->inputs; d++) square += pow(view->x[i * view->inputs + d], 2);
        if (fabs(square - 1) > 1e-12) return false;
    }
    return view->kind == SB_PLACE_CIRCLE || view->kind == SB_PLACE_SPHERE;
}

/* A function of the degree at all points: cos and sin of l times the angle, or zonal about the first and last of them.
 */
static void fill_harmonic(const sb_view *view, size_t l, int which, double *y)
{
    const double *pole = view->x + (which ? view->n - 1 : 0) * view->inputs;
    for (size_t i = 0; i < view->n; i++) {
        double angle = 2 * M_PI * (view->place[i] - view->left) / view->length, t = 0;
        for (size_t d = 0; d < view->inputs; d++) t += view->x[i * view->inputs + d] * pole[d];
        if (view->kind == SB_PLACE_CIRCLE)
            y[i] = which ? sin((double)l * angle) : cos((double)l * angle);
        else
            y[i] = sb_zonal(view->inputs, l, t);
    }
}

/* g = P y of a loss 1/2 u^T P u, of the first output */
static void apply_loss(const sb_view *view, const double *y, double *g)
{
    const sb_quadratic *loss = view->loss;
    size_t n = view->n, step = view->per_row;
    memset(g, 0, n * sizeof *g);
    for (size_t k = 0; k < loss->rank; k++) {
        const double *column = loss->root ? NULL : loss->factor + k * loss->rows;
        double part = 0;
        for (size_t i = 0; column && i < n; i++) part += column[i * step] * y[i];
        for (size_t i = 0; column && i < n; i++) g[i] += part * column[i * step];
    }
    for (size_t i = 0; loss->root && i < n; i++) g[i] = pow(loss->root[i * step], 2) * y[i];
}

#define MIXED 0.01 /* of P Y: more of it that is not of the degree, and the degree has no rate */

/* What the loss makes of the eigenvalue of a degree, in units of the sphere's surface, by what it does to its
 * functions:
 *
 *   P Y = w Q Y,   K P Y = w int K Y dq = w measure mu Y
 *
 * with Q the weights of integration, whose measure may be another than the surface. nan where functions mix, as under
 * equal weights of unequal points. work[2][n] */
static double weight_of(const sb_view *view, size_t l, double *work)
{
    double *y = work, *g = work + view->n, sum = 0, count = 0;
    double measure = view->kind == SB_PLACE_CIRCLE ? view->length / (2 * M_PI) : 1;
    for (int which = 0; which < 2; which++) {
        double yqy = 0, ypy = 0, size = 0, mixed = 0, all = 0;
        fill_harmonic(view, l, which, y);
        apply_loss(view, y, g);
        for (size_t i = 0; i < view->n; i++) {
            all += view->q[i];
            yqy += view->q[i] * y[i] * y[i];
            ypy += y[i] * g[i];
        }
        if (!(yqy > 1e-9 * all)) continue; /* it vanishes at all points */
        for (size_t i = 0; i < view->n; i++) {
            mixed += pow(g[i] - ypy / yqy * view->q[i] * y[i], 2);
            size += g[i] * g[i];
        }
        if (mixed > MIXED * MIXED * size) return NAN;
        sum += ypy / yqy;
        count++;
    }
    return count > 0 ? measure * sum / count : NAN;
}

/* Watched degrees that are whole and positive, ascending; returns how many. */
static size_t watched_degrees(const sb_view *view, size_t count, double *degree)
{
    const sb_reals *list = view->config->observe_xi.n ? &view->config->observe_xi : &view->config->target_xi;
    double turns = view->dim > 0 ? 1 : sb_cycles_per_unit(view->config) * view->length;
    size_t found = 0;
    for (size_t k = 0; k < list->n; k++) {
        double l = list->v[k] * turns;
        if (fabs(l - round(l)) > 1e-9 || l < 0.5 || l >= (double)count) continue;
        if (found == 0 || round(l) > degree[found - 1]) degree[found++] = round(l);
    }
    return found;
}

static void say_orders(const sb_kernel_report *r, size_t count, const double *mu)
{
    static const char *const names[] = {"(1 + l)^2s", "(1 + l^2)^s"};
    double degree[64], chosen[64], flat, spread, reversed;
    size_t found = watched_degrees(r->view, count < 64 ? count : 64, degree), kept = 0;
    for (size_t k = 0; k < found; k++) {
        double value = mu[(size_t)degree[k]];
        if (!(value > 1e-12 * mu[0])) continue;
        degree[kept] = degree[k];
        chosen[kept++] = value;
    }
    if (kept < 2) return;
    sb_print(r->say, "sobolev   orders for the watched degrees");
    for (size_t k = 0; k < kept; k++) sb_print(r->say, " %g", degree[k]);
    fputc('\n', r->say);
    for (int c = 0; c < 2; c++) {
        if (sb_sobolev_flattest((sb_sobolev)c, kept, degree, chosen, &flat, &spread) != SB_OK ||
            sb_sobolev_reversed((sb_sobolev)c, kept, degree, chosen, &reversed) != SB_OK)
            continue;
        sb_print(r->say, "  weights %-11s: flattest at s = %.3f (rates within a factor %.2f), reversed beyond %.3f\n",
                 names[c], flat, spread, reversed);
        sb_json orders = sb_json_object(r->json, c == SB_SOBOLEV_A ? "sobolev_a" : "sobolev_b");
        sb_json_real(orders, "flattest", flat);
        sb_json_real(orders, "spread", spread);
        sb_json_real(orders, "reversed", reversed);
    }
}

sb_status sb_kernel_say_degrees(const sb_kernel_report *r)
{
    sb_status status = SB_OK;
    const sb_view *view = r->view;
    sb_writer table = {0};
    if (!on_unit_sphere(view)) return SB_OK;
    size_t count = view->frequencies > 2 ? view->frequencies : 2;
    double *mu = malloc((count + 2 * view->n) * sizeof *mu);
    if (!mu) return sb_fail(SB_ERR_NOMEM, "no memory for %zu degrees", count);
    double *work = mu + count;
    SB_TRY(sb_zonal_eigenvalues(view->inputs, count, at_angle, view, mu));
    SB_TRY(sb_kernel_open_table(r, "degrees.tsv", &table));
    fputs("degree\tmultiplicity\tmu\tweight\trate\n", table.stream);
    for (size_t l = 0; l < count; l++) {
        double weight = weight_of(view, l, work);
        sb_print(table.stream, "%zu\t%.0f", l, sb_harmonics(view->inputs, l));
        sb_write_cell(table.stream, mu[l]);
        sb_write_cell(table.stream, weight);
        sb_write_cell(table.stream, weight * mu[l]);
        fputc('\n', table.stream);
    }
    SB_TRY(sb_writer_close(&table, SB_OK));
    sb_print(r->say, "degrees   mu_0 .. of infinite width:");
    for (size_t l = 0; l < count && l < 6; l++) sb_print(r->say, " %.6g", mu[l]);
    sb_print(r->say, "  (degrees.tsv)\n");
    say_orders(r, count, mu);
done:
    free(mu);
    return status;
}
