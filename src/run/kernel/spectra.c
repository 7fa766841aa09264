/* Tables of eigenvalues, eigenvectors, their frequencies, and of a slice through the kernel. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include <gsl/gsl_sort.h>

#include "core/text.h"
#include "run/kernel/kernel.h"

static const sb_eigen *pairs_of(const sb_spectrum_of *s)
{
    return &s->linear.eigen;
}

double sb_kernel_dominant(const sb_view *view, const sb_spectrum_of *s, size_t k)
{
    size_t best = 0;
    if (!s->energy) return NAN;
    const double *energy = s->energy + k * view->frequencies;
    double sum = 0;
    for (size_t j = 0; j < view->frequencies; j++) {
        sum += energy[j];
        if (energy[j] > energy[best]) best = j;
    }
    return sum > 0.5 ? sb_view_label(view, best) : NAN;
}

static sb_status save_spectrum(const sb_kernel_report *r)
{
    sb_writer table = {0};
    size_t most = 0;
    sb_status status = sb_kernel_open_table(r, "spectrum.tsv", &table);
    if (status != SB_OK) return status;
    fputs("k", table.stream);
    for (size_t s = 0; s < r->kernels; s++) {
        const char *name = sb_view_kernel_name(r->of[s].kernel);
        sb_print(table.stream, "\t%s\t%s_frequency", name, name);
        if (pairs_of(&r->of[s])->error) sb_print(table.stream, "\t%s_error", name);
        if (pairs_of(&r->of[s])->count > most) most = pairs_of(&r->of[s])->count;
    }
    fputc('\n', table.stream);
    for (size_t k = 0; k < most; k++) {
        sb_print(table.stream, "%zu", k + 1);
        for (size_t s = 0; s < r->kernels; s++) {
            const sb_spectrum_of *of = &r->of[s];
            bool there = k < pairs_of(of)->count;
            sb_write_cell(table.stream, there ? pairs_of(of)->lambda[k] : NAN);
            sb_write_cell(table.stream, there ? sb_kernel_dominant(r->view, of, k) : NAN);
            if (pairs_of(of)->error) sb_write_cell(table.stream, there ? pairs_of(of)->error[k] : NAN);
        }
        fputc('\n', table.stream);
    }
    return sb_writer_close(&table, SB_OK);
}

/* ---- functions of place ---- */

/* order[n]: examples by ascending key */
static size_t *ascending(size_t n, const double *key)
{
    size_t *order = malloc(n * sizeof *order);
    if (order)
        gsl_sort_index(order, key, 1, n);
    else
        sb_fail(SB_ERR_NOMEM, "no memory for %zu places", n);
    return order;
}

static bool on_line(const sb_view *view)
{
    return view->kind == SB_PLACE_LINE || view->kind == SB_PLACE_CIRCLE || view->kind == SB_PLACE_ALONG;
}

/* v[n]: mode k of the output in which it is strongest, of mean square 1 there; mode[rows] is scratch. */
static void take_vector(const sb_view *view, const sb_spectrum_of *of, size_t k, double *mode, double *v)
{
    size_t best = 0, outputs = view->per_row;
    double most = 0, all = 0;
    sb_linear_mode(&of->linear, k, mode);
    for (size_t i = 0; i < view->n; i++) all += view->q[i];
    for (size_t o = 0; o < outputs; o++) {
        double square = 0;
        for (size_t i = 0; i < view->n; i++) square += view->q[i] * pow(mode[i * outputs + o], 2) / all;
        if (square <= most) continue;
        most = square;
        best = o;
    }
    for (size_t i = 0; i < view->n; i++) v[i] = most > 0 ? mode[i * outputs + best] / sqrt(most) : 0;
}

/* The leading modes of the last kernel. */
static sb_status save_vectors(const sb_kernel_report *r)
{
    sb_status status = SB_OK;
    const sb_view *view = r->view;
    sb_writer table = {0};
    size_t n = view->n, wish = (size_t)view->config->kernel_vectors, *order = NULL;
    const sb_spectrum_of *of = &r->of[r->kernels - 1];
    if (!sb_kernel_has_modes(of) || !on_line(view)) return SB_OK;
    size_t count = wish < of->linear.rank ? wish : of->linear.rank;
    double *vector = malloc((count * n + view->rows) * sizeof *vector);
    order = ascending(n, view->place);
    if (!order || !vector) SB_TRY(sb_fail(SB_ERR_NOMEM, "no memory for %zu modes", count));
    double *mode = vector + count * n;
    SB_TRY(sb_kernel_open_table(r, "eigenvectors.tsv", &table));
    fputs("place", table.stream);
    for (size_t k = 0; k < count; k++) {
        take_vector(view, of, k, mode, vector + k * n);
        sb_print(table.stream, "\tv_%zu", k + 1);
    }
    fputc('\n', table.stream);
    for (size_t i = 0; i < n; i++) {
        sb_print(table.stream, "%.17g", view->place[order[i]]);
        for (size_t k = 0; k < count; k++) sb_write_cell(table.stream, vector[k * n + order[i]]);
        fputc('\n', table.stream);
    }
    status = sb_writer_close(&table, SB_OK);
done:
    free(vector);
    free(order);
    return status;
}

enum { SHOWN = 64 }; /* modes of the alignment matrix */

static sb_status save_alignment(const sb_kernel_report *r, const sb_spectrum_of *of)
{
    char name[64];
    sb_writer table = {0};
    const sb_view *view = r->view;
    if (!of->energy) return SB_OK;
    sb_format(name, sizeof name, "alignment.%s.tsv", sb_view_kernel_name(of->kernel));
    sb_status status = sb_kernel_open_table(r, name, &table);
    if (status != SB_OK) return status;
    fputs("k\tj\tfrequency\tshare\n", table.stream);
    for (size_t k = 0; k < of->linear.rank && k < SHOWN; k++) {
        for (size_t j = 0; j < view->frequencies; j++) {
            sb_print(table.stream, "%zu\t%zu\t%.10g", k + 1, j, sb_view_label(view, j));
            sb_write_cell(table.stream, of->energy[k * view->frequencies + j]);
            fputc('\n', table.stream);
        }
    }
    return sb_writer_close(&table, SB_OK);
}

/* ---- a slice K(x_0, .) ---- */

size_t sb_kernel_center(const sb_view *view)
{
    size_t best = 0;
    if (view->kind != SB_PLACE_LINE && view->kind != SB_PLACE_ALONG) return 0;
    double lo = INFINITY, hi = -INFINITY;
    for (size_t i = 0; i < view->n; i++) {
        lo = fmin(lo, view->place[i]);
        hi = fmax(hi, view->place[i]);
    }
    double middle = 0.5 * (lo + hi);
    for (size_t i = 1; i < view->n; i++)
        if (fabs(view->place[i] - middle) < fabs(view->place[best] - middle)) best = i;
    return best;
}

/* Place along the line from x_0, the angle to it on circle and sphere. */
static double apart(const sb_view *view, size_t from, size_t i)
{
    double angle, t = 0;
    switch (view->kind) {
    case SB_PLACE_CIRCLE:
        angle = 2 * M_PI * (view->place[i] - view->place[from]) / view->length;
        return angle - 2 * M_PI * round(angle / (2 * M_PI));
    case SB_PLACE_SPHERE:
        for (size_t d = 0; d < view->inputs; d++) t += view->x[from * view->inputs + d] * view->x[i * view->inputs + d];
        return acos(fmax(-1, fmin(1, t)));
    default: return view->place[i] - view->place[from];
    }
}

/* The same, but for many inputs the distance of x_0 and x: of a kernel as of networks of layers no place along a
 * direction makes a function. */
static double away(const sb_view *view, size_t from, size_t i)
{
    bool line = view->kind == SB_PLACE_LINE || view->kind == SB_PLACE_ALONG;
    double sum = 0;
    if (!line || view->inputs == 1) return apart(view, from, i);
    for (size_t d = 0; d < view->inputs; d++) {
        double step = view->x[i * view->inputs + d] - view->x[from * view->inputs + d];
        sum += step * step;
    }
    return sqrt(sum);
}

static double slice_at(const sb_view *view, const sb_spectrum_of *of, size_t from, size_t i)
{
    return of->gram ? of->gram[from * view->per_row * view->rows + i * view->per_row] : of->line[i * view->per_row];
}

static sb_status save_slice(const sb_kernel_report *r)
{
    sb_status status = SB_OK;
    sb_writer table = {0};
    const sb_view *view = r->view;
    size_t from = sb_kernel_center(view), *order = NULL;
    double *key = malloc(view->n * sizeof *key);
    if (!key) return sb_fail(SB_ERR_NOMEM, "no memory for %zu places", view->n);
    for (size_t i = 0; i < view->n; i++) key[i] = away(view, from, i);
    order = ascending(view->n, key);
    if (!order) status = SB_ERR_NOMEM;
    SB_TRY(status);
    SB_TRY(sb_kernel_open_table(r, "slice.tsv", &table));
    fputs("apart", table.stream);
    for (size_t s = 0; s < r->kernels; s++) sb_print(table.stream, "\t%s", sb_view_kernel_name(r->of[s].kernel));
    fputc('\n', table.stream);
    for (size_t i = 0; i < view->n; i++) {
        sb_print(table.stream, "%.17g", key[order[i]]);
        for (size_t s = 0; s < r->kernels; s++) sb_write_cell(table.stream, slice_at(view, &r->of[s], from, order[i]));
        fputc('\n', table.stream);
    }
    status = sb_writer_close(&table, SB_OK);
done:
    free(key);
    free(order);
    return status;
}

/* |int K(x_0, x) exp(-2 pi i xi (x - x_0)) dx|, xi whole periods of line or circle; of degree l: int K(x_0 . x)
 * P_l(x_0 . x) dx, the eigenvalue. */
static double transform_at(const sb_view *view, const sb_spectrum_of *of, size_t from, size_t j)
{
    double re = 0, im = 0, turn = view->kind == SB_PLACE_CIRCLE ? 1 : M_PI / view->length;
    for (size_t i = 0; i < view->n; i++) {
        double k = view->q[i] * slice_at(view, of, from, i), distance = apart(view, from, i);
        if (view->kind == SB_PLACE_SPHERE) {
            re += k * sb_zonal(view->inputs, j, cos(distance));
            continue;
        }
        re += k * cos((double)j * turn * distance);
        im += k * sin((double)j * turn * distance);
    }
    return hypot(re, im);
}

static sb_status save_transform(const sb_kernel_report *r)
{
    sb_writer table = {0};
    const sb_view *view = r->view;
    size_t from = sb_kernel_center(view);
    if (view->frequencies == 0) return SB_OK;
    sb_status status = sb_kernel_open_table(r, "transform.tsv", &table);
    if (status != SB_OK) return status;
    fputs("frequency", table.stream);
    for (size_t s = 0; s < r->kernels; s++) sb_print(table.stream, "\t%s", sb_view_kernel_name(r->of[s].kernel));
    fputc('\n', table.stream);
    size_t step = view->kind == SB_PLACE_LINE || view->kind == SB_PLACE_ALONG ? 2 : 1; /* half waves see the ends */
    for (size_t j = 0; j < view->frequencies; j += step) {
        sb_print(table.stream, "%.10g", sb_view_label(view, j));
        for (size_t s = 0; s < r->kernels; s++) sb_write_cell(table.stream, transform_at(view, &r->of[s], from, j));
        fputc('\n', table.stream);
    }
    return sb_writer_close(&table, SB_OK);
}

/* ---- words ---- */

static void say_pairs(const sb_kernel_report *r, const sb_spectrum_of *of)
{
    const sb_eigen *eigen = pairs_of(of);
    const char *name = sb_view_kernel_name(of->kernel);
    double sum = 0;
    for (size_t k = 0; k < eigen->count; k++) sum += eigen->lambda[k];
    sb_print(r->say, "%-9s %zu rates %.4g .. %.4g", name, eigen->count, eigen->lambda[0],
             eigen->lambda[eigen->count - 1]);
    if (eigen->count < eigen->n)
        sb_print(r->say, ", %.1f %% of the trace", eigen->trace > 0 ? 100 * sum / eigen->trace : 0);
    else
        sb_print(r->say, ", condition %.2g, effective rank %.1f", sb_eigen_condition(eigen),
                 sb_eigen_effective_rank(eigen));
    sb_print(r->say, "; residual %.0e, orthogonality %.0e\n", eigen->residual, eigen->orthogonality);
    sb_json json = sb_json_object(r->json, name);
    sb_json_whole(json, "pairs", eigen->count);
    sb_json_real(json, "largest", eigen->lambda[0]);
    sb_json_real(json, "smallest", eigen->lambda[eigen->count - 1]);
    sb_json_real(json, "trace", eigen->trace);
    sb_json_real(json, "residual", eigen->residual);
    sb_json_real(json, "orthogonality", eigen->orthogonality);
    sb_json_real(json, "condition", sb_eigen_condition(eigen));
    sb_json_real(json, "effective_rank", sb_eigen_effective_rank(eigen));
}

/* The distance of the two kernels. */
static void say_distance(const sb_kernel_report *r)
{
    if (r->kernels < 2) return;
    sb_print(r->say, "distance  |K_empirical - K_infinite| / |K_infinite| = %.3g\n", r->distance);
    sb_json_real(r->json, "distance", r->distance);
}

sb_status sb_kernel_say_spectra(const sb_kernel_report *r)
{
    sb_status status = SB_OK;
    for (size_t s = 0; s < r->kernels; s++) {
        say_pairs(r, &r->of[s]);
        SB_TRY(save_alignment(r, &r->of[s]));
    }
    if (!r->view->infinite) sb_print(r->say, "infinite  no kernel: %s\n", r->view->unlike);
    say_distance(r);
    SB_TRY(save_spectrum(r));
    SB_TRY(save_vectors(r));
    if (r->view->kind != SB_PLACE_NONE) SB_TRY(save_slice(r));
    SB_TRY(save_transform(r));
done:
    return status;
}
