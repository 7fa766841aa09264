/* Circle and sphere: what the kernel of infinite width says of each degree, and what orders of a Sobolev loss make of
 * it (Yu, Yang, Townsend 2023). */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include <specbias/zonal.h>

#include "core/text.h"
#include "experiment/kernel/kernel.h"

/* K of two points of the sphere at an angle. */
static double at_angle(const void *context, double t)
{
    const sb_view *view = context;
    double x1[SB_MOST_DIMENSIONS] = {1}, x2[SB_MOST_DIMENSIONS] = {cos(t), sin(t)};
    return sb_wide_kernel(&view->wide, x1, x2);
}

static bool on_unit_sphere(const sb_view *view)
{
    if (!view->layers || !view->infinite || view->inputs < 2 || view->inputs > SB_MOST_DIMENSIONS) return false;
    if (view->wide.layer[0].kind == SB_WIDE_FOURIER) return false; /* of a density that has directions */
    for (size_t i = 0; i < view->n; i++) {
        double square = 0;
        for (size_t d = 0; d < view->inputs; d++) square += pow(view->x[i * view->inputs + d], 2);
        if (fabs(square - 1) > 1e-12) return false;
    }
    return view->kind == SB_PLACE_CIRCLE || view->kind == SB_PLACE_SPHERE;
}

/* What the loss makes of a degree: a Sobolev loss its weight; quadrature its factor, the same for all; else nan, as
 * degrees mix. */
static double weight_of(const sb_view *view, sb_sobolev convention, size_t l)
{
    const sb_config *config = view->config;
    size_t most = config->loss_degree ? (size_t)config->loss_degree : SIZE_MAX;
    if (strcmp(config->loss_kind, "sobolev") == 0)
        return l <= most ? sb_sobolev_weight(convention, (double)l, config->loss_s) : 0;
    if (!view->loss.root) return NAN;
    double factor = pow(view->loss.root[0], 2) / view->q[0];
    for (size_t i = 1; i < view->n; i++)
        if (fabs(pow(view->loss.root[i * view->per_row], 2) - factor * view->q[i]) > 1e-12 * factor * view->q[i])
            return NAN;
    return factor;
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
    sb_sobolev convention = strcmp(view->config->loss_convention, "a") == 0 ? SB_SOBOLEV_A : SB_SOBOLEV_B;
    if (!on_unit_sphere(view)) return SB_OK;
    size_t count = view->frequencies > 2 ? view->frequencies : 2;
    double *mu = malloc(count * sizeof *mu);
    if (!mu) return sb_fail(SB_ERR_NOMEM, "no memory for %zu degrees", count);
    SB_TRY(sb_zonal_eigenvalues(view->inputs, count, at_angle, view, mu));
    SB_TRY(sb_kernel_open_table(r, "degrees.tsv", &table));
    fputs("degree\tmultiplicity\tmu\tweight\trate\n", table.stream);
    for (size_t l = 0; l < count; l++) {
        double weight = weight_of(view, convention, l);
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
