/* How the empirical kernel comes near to that of infinite width. */
#include <math.h>
#include <stdlib.h>

#include "core/text.h"
#include "run/kernel/kernel.h"

/* Slope of ln y over ln x by least squares; nan when x does not vary. */
static double slope(size_t n, const double *x, const double *y)
{
    double sx = 0, sy = 0, sxx = 0, sxy = 0;
    for (size_t i = 0; i < n; i++) {
        sx += log(x[i]);
        sy += log(y[i]);
        sxx += log(x[i]) * log(x[i]);
        sxy += log(x[i]) * log(y[i]);
    }
    double spread = (double)n * sxx - sx * sx;
    return spread > 1e-12 ? ((double)n * sxy - sx * sy) / spread : NAN;
}

/* off[draws]: distances at one width; seeds of their own for each width. */
static sb_status measure(const sb_kernel_report *r, size_t index, double *gram, double *infinite, double *off)
{
    sb_status status = SB_OK;
    const sb_config *config = r->view->config;
    size_t draws = (size_t)config->kernel_draws, size = r->view->rows * r->view->rows;
    double all = (double)(config->kernel_widths.n * draws), factor = config->kernel_widths.v[index];
    SB_TRY(sb_view_gram_of_width(r->view, factor, SB_VIEW_INFINITE, 0, NULL, infinite));
    for (size_t d = 0; d < draws; d++) {
        uint64_t seed = 1000003 + index * draws + d;
        SB_TRY(sb_monitor_progress(r->stage->monitor, "widths", (double)(index * draws + d), all));
        SB_TRY(sb_view_gram_of_width(r->view, factor, SB_VIEW_EMPIRICAL, seed, NULL, gram));
        off[d] = sb_gram_distance(size, gram, infinite);
    }
done:
    return status;
}

/* Root mean square over the draws of each width, without draw `left_out`, and the exponent that follows. */
static double exponent_without(const sb_reals *factors, size_t draws, const double *off, size_t left_out, double *rms)
{
    for (size_t i = 0; i < factors->n; i++) {
        double square = 0, count = 0;
        for (size_t d = 0; d < draws; d++) {
            if (d == left_out) continue;
            square += off[i * draws + d] * off[i * draws + d];
            count++;
        }
        rms[i] = sqrt(square / count);
    }
    return slope(factors->n, factors->v, rms);
}

/* Its standard error by leaving out each draw (jackknife). */
static double exponent_error(const sb_reals *factors, size_t draws, const double *off, double *rms)
{
    double sum = 0, square = 0, n = (double)draws;
    for (size_t d = 0; d < draws; d++) {
        double exponent = exponent_without(factors, draws, off, d, rms);
        sum += exponent / n;
        square += exponent * exponent / n;
    }
    return sqrt((n - 1) * fmax(0, square - sum * sum));
}

sb_status sb_kernel_say_widths(const sb_kernel_report *r)
{
    sb_status status = SB_OK;
    const sb_view *view = r->view;
    const sb_reals *factors = &view->config->kernel_widths;
    sb_writer table = {0};
    bool random = !view->cas.deterministic;
    if (factors->n == 0 || !view->infinite || !random) return SB_OK;
    size_t draws = (size_t)view->config->kernel_draws;
    double *gram = malloc(2 * view->rows * view->rows * sizeof *gram);
    double *off = malloc(factors->n * (draws + 1) * sizeof *off);
    if (!gram || !off) SB_TRY(sb_fail(SB_ERR_NOMEM, "no memory for a kernel of %zu rows", view->rows));
    double *rms = off + factors->n * draws;
    double *infinite = gram + view->rows * view->rows;
    for (size_t i = 0; i < factors->n; i++) SB_TRY(measure(r, i, gram, infinite, off + i * draws));
    double error = draws > 1 ? exponent_error(factors, draws, off, rms) : NAN;
    double exponent = exponent_without(factors, draws, off, draws, rms);
    SB_TRY(sb_kernel_open_table(r, "widths.tsv", &table));
    fputs("factor\tdistance\n", table.stream);
    sb_print(r->say, "width     ");
    for (size_t i = 0; i < factors->n; i++) {
        sb_print(table.stream, "%.10g\t%.10g\n", factors->v[i], rms[i]);
        sb_print(r->say, "x %g: %.3g  ", factors->v[i], rms[i]);
    }
    SB_TRY(sb_writer_close(&table, SB_OK));
    sb_print(r->say, "from infinite width");
    if (rms[0] < 1e-10)
        sb_print(r->say, ": equal to rounding");
    else if (isfinite(exponent)) {
        sb_print(r->say, ": exponent %.2f", exponent);
        if (isfinite(error)) sb_print(r->say, " +- %.2f", error);
        sb_print(r->say, ", -0.50 expected");
        sb_json_real(r->json, "width_exponent", exponent);
    }
    fputs("\n", r->say);
done:
    free(gram);
    free(off);
    return status;
}
