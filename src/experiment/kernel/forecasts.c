/* What a kernel predicts: the error at each frequency and mode, when to stop, what steps are stable. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/text.h"
#include "experiment/kernel/kernel.h"

#define LONG 600     /* times of the long record .. */
#define LONGER 100.0 /* .. which goes so much farther than training */

/* Residuals of all columns in time. */
typedef struct course {
    size_t nt;
    double *t;     /* [nt] steps */
    double *u;     /* [nt][n][outputs] */
    double *loss;  /* [nt] 1/2 sum over columns of u^T P u */
    double *error; /* [nt][modes] relative; NULL without watched frequencies */
    double *test;  /* [nt] mean square over other points and outputs; NULL without */
} course;

static void close_course(course *c)
{
    free(c->t);
    free(c->u);
    free(c->loss);
    free(c->error);
    free(c->test);
}

static sb_status open_course(const sb_view *view, size_t nt, course *c)
{
    *c = (course){.nt = nt};
    c->t = malloc((nt + 1) * sizeof *c->t);
    c->u = malloc(nt * view->n * view->outputs * sizeof *c->u);
    c->loss = calloc(nt + 1, sizeof *c->loss);
    c->error = view->modes ? malloc((nt * view->modes->count + 1) * sizeof *c->error) : NULL;
    c->test = view->tests ? calloc(nt + 1, sizeof *c->test) : NULL;
    if (c->t && c->u && c->loss && (!view->modes || c->error) && (!view->tests || c->test)) return SB_OK;
    return sb_fail(SB_ERR_NOMEM, "no memory for %zu times of %zu examples", nt, view->n);
}

/* Column of residuals `from` [n][outputs]: what evolves under one kernel. */
static void take_column(const sb_view *view, size_t n, const double *from, size_t column, double *to)
{
    for (size_t i = 0; i < n; i++)
        for (size_t o = 0; o < view->per_row; o++)
            to[i * view->per_row + o] = from[i * view->outputs + column * view->per_row + o];
}

static double squared(const sb_quadratic *loss, const double *u)
{
    double sum = 0;
    for (size_t k = 0; k < loss->rank; k++) {
        double part = 0;
        if (loss->root)
            part = loss->root[k] * u[k];
        else
            for (size_t i = 0; i < loss->rows; i++) part += loss->factor[k * loss->rows + i] * u[i];
        sum += part * part;
    }
    return sum;
}

/* One column's share in c, from u0[n][outputs]. */
static sb_status follow_column(const sb_view *view, const sb_linear *linear, const double *u0, size_t column, course *c)
{
    size_t rows = view->rows, n = view->n;
    double *start = malloc((rows + c->nt * rows) * sizeof *start), *u = start + rows;
    if (!start) return sb_fail(SB_ERR_NOMEM, "no memory for %zu times of %zu examples", c->nt, n);
    take_column(view, n, u0, column, start);
    sb_status status = sb_linear_residuals(linear, &view->rule, c->nt, c->t, start, u);
    for (size_t i = 0; status == SB_OK && i < c->nt; i++) {
        c->loss[i] += 0.5 * squared(&view->loss, u + i * rows);
        for (size_t j = 0; j < n; j++)
            for (size_t o = 0; o < view->per_row; o++)
                c->u[(i * n + j) * view->outputs + column * view->per_row + o] = u[i * rows + j * view->per_row + o];
    }
    free(start);
    return status;
}

/* The same at other points, v0[tests][outputs]. */
static sb_status test_column(const sb_view *view, const sb_linear *linear, const double *u0, const double *cross,
                             const double *v0, size_t column, course *c)
{
    size_t rows = view->rows, m = view->tests * view->per_row;
    double *start = malloc((rows + m + c->nt * m) * sizeof *start), *v = start + rows, *change = v + m;
    if (!start) return sb_fail(SB_ERR_NOMEM, "no memory for %zu times of %zu examples", c->nt, view->tests);
    take_column(view, view->n, u0, column, start);
    take_column(view, view->tests, v0, column, v);
    sb_status status = sb_linear_changes(linear, &view->rule, c->nt, c->t, start, m, cross, change);
    for (size_t i = 0; status == SB_OK && i < c->nt; i++)
        for (size_t j = 0; j < m; j++)
            c->test[i] += pow(v[j] + change[i * m + j], 2) / (double)(view->tests * view->outputs);
    free(start);
    return status;
}

static sb_status follow(const sb_view *view, const sb_linear *linear, const double *u0, const double *cross,
                        const double *v0, course *c)
{
    sb_status status = SB_OK;
    for (size_t column = 0; column < view->columns; column++) {
        SB_TRY(follow_column(view, linear, u0, column, c));
        if (cross) SB_TRY(test_column(view, linear, u0, cross, v0, column, c));
    }
    for (size_t i = 0; view->modes && i < c->nt; i++)
        SB_TRY(
            sb_modes_apply(view->modes, c->u + i * view->n * view->outputs, c->error + i * view->modes->count, NULL));
done:
    return status;
}

/* ---- tables ---- */

static sb_status save_course(const sb_kernel_report *r, const char *kernel, const course *c)
{
    char name[64];
    sb_writer table = {0};
    const sb_view *view = r->view;
    sb_format(name, sizeof name, "forecast.%s.tsv", kernel);
    sb_status status = sb_kernel_open_table(r, name, &table);
    if (status != SB_OK) return status;
    fputs("step\ttime\tloss", table.stream);
    if (c->test) fputs("\ttest", table.stream);
    for (size_t k = 0; view->modes && k < view->modes->count; k++) sb_print(table.stream, "\terr_%zu", k);
    fputc('\n', table.stream);
    for (size_t i = 0; i < c->nt; i++) {
        sb_print(table.stream, "%.0f", c->t[i]);
        sb_write_cell(table.stream, sb_rule_time(&view->rule, c->t[i]));
        sb_write_cell(table.stream, c->loss[i]);
        if (c->test) sb_write_cell(table.stream, c->test[i]);
        for (size_t k = 0; view->modes && k < view->modes->count; k++)
            sb_write_cell(table.stream, c->error[i * view->modes->count + k]);
        fputc('\n', table.stream);
    }
    return sb_writer_close(&table, SB_OK);
}

/* Share of each mode in the error that the loss sees at the start, sum over columns of a_k^2 / sum a^2; when half of it
 * is learned. */
static sb_status save_modes(const sb_kernel_report *r, const sb_spectrum_of *of, const double *u0)
{
    char name[64];
    sb_writer table = {0};
    const sb_view *view = r->view;
    const sb_linear *linear = &of->linear;
    double *start = malloc((view->rows + linear->rank) * sizeof *start), *share = start + view->rows, sum = 0;
    if (!start) return sb_fail(SB_ERR_NOMEM, "no memory for %zu modes", linear->rank);
    memset(share, 0, linear->rank * sizeof *share);
    for (size_t column = 0; column < view->columns; column++) {
        take_column(view, view->n, u0, column, start);
        for (size_t k = 0; k < linear->rank; k++) share[k] += pow(sb_linear_share(linear, k, start), 2);
    }
    for (size_t k = 0; k < linear->rank; k++) sum += share[k];
    sb_format(name, sizeof name, "modes.%s.tsv", sb_view_kernel_name(of->kernel));
    sb_status status = sb_kernel_open_table(r, name, &table);
    if (status == SB_OK) fputs("k\trate\ttime_half\tshare\tfrequency\n", table.stream);
    for (size_t k = 0; status == SB_OK && k < linear->rank; k++) {
        double rate = linear->eigen.lambda[k];
        sb_print(table.stream, "%zu", k + 1);
        sb_write_cell(table.stream, rate);
        sb_write_cell(table.stream, rate > 0 ? M_LN2 / rate : NAN);
        sb_write_cell(table.stream, share[k] / sum);
        sb_write_cell(table.stream, sb_kernel_dominant(view, of, k));
        fputc('\n', table.stream);
    }
    free(start);
    return status == SB_OK ? sb_writer_close(&table, SB_OK) : status;
}

/* ---- words ---- */

/* The first time after the last at which the error is at least q, interpolated in its logarithm; infinity: later than
 * all that was looked at; nan: it is below from the start. */
static double reach(const course *c, size_t count, size_t k, double q)
{
    size_t last = c->nt;
    while (last > 0 && c->error[(last - 1) * count + k] < q) last--;
    if (last == 0) return NAN;
    if (last == c->nt) return INFINITY;
    double before = log(c->error[(last - 1) * count + k] / q), after = log(c->error[last * count + k] / q);
    return c->t[last - 1] + (c->t[last] - c->t[last - 1]) * before / (before - after);
}

static void print_reach(FILE *stream, double t, double last, int width)
{
    char text[32];
    if (isnan(t))
        sb_format(text, sizeof text, "start");
    else
        sb_format(text, sizeof text, isinf(t) ? "> %.3g" : "%.4g", isinf(t) ? last : t);
    sb_print(stream, "%-*s", width, text);
}

static void say_reach(const sb_kernel_report *r, sb_json json, const course *c)
{
    const sb_view *view = r->view;
    size_t count = view->modes->count;
    double last = c->t[c->nt - 1];
    sb_json frequencies = sb_json_array(json, "frequencies");
    for (size_t k = 0; k < count; k++) {
        double half = reach(c, count, k, 0.5), tenth = reach(c, count, k, 0.1);
        sb_print(r->say, "  frequency %-8.6g error 1/2 at step ", view->label[k]);
        print_reach(r->say, half, last, 11);
        sb_print(r->say, "1/10 at ");
        print_reach(r->say, tenth, last, 0);
        fputc('\n', r->say);
        sb_json one = sb_json_object(frequencies, NULL);
        sb_json_real(one, "label", view->label[k]);
        sb_json_real(one, "half", half);
        sb_json_real(one, "tenth", tenth);
    }
}

static sb_status say_stop(const sb_kernel_report *r, sb_json json, const sb_spectrum_of *of, const double *u0,
                          const double *cross, const double *v0, double trained)
{
    sb_stop stop;
    const sb_view *view = r->view;
    size_t rows = view->rows, m = view->tests * view->per_row, columns = view->columns;
    double *u = malloc(columns * (rows + m) * sizeof *u), *v = u + columns * rows;
    if (!u) return sb_fail(SB_ERR_NOMEM, "no memory for %zu examples", view->n);
    for (size_t column = 0; column < columns; column++) {
        take_column(view, view->n, u0, column, u + column * rows);
        take_column(view, view->tests, v0, column, v + column * m);
    }
    sb_status status = sb_linear_stop(&of->linear, &view->rule, columns, u, m, cross, v, NULL, &stop);
    free(u);
    if (status != SB_OK) return status;
    sb_print(r->say, "  test error (mean square) %.3g at the start, %.3g after the last step, %.3g for t -> infinity; ",
             stop.start, trained, stop.end);
    if (isinf(stop.t) || stop.best > 0.999 * stop.end)
        sb_print(r->say, "stopping early gains nothing\n");
    else
        sb_print(r->say, "least, %.3g, at step %.4g\n", stop.best, stop.t);
    sb_json_real(json, "test_start", stop.start);
    sb_json_real(json, "test_trained", trained);
    sb_json_real(json, "test_end", stop.end);
    sb_json_real(json, "test_least", stop.best);
    sb_json_real(json, "stop_step", stop.t);
    return SB_OK;
}

/* Whether steps are small enough for a forecast. */
static bool say_stability(const sb_kernel_report *r, sb_json json, const sb_spectrum_of *of)
{
    const sb_view *view = r->view;
    double largest = sb_rule_largest_step(&view->rule, of->linear.eigen.lambda[0]);
    bool stable = view->rule.eta <= largest;
    sb_print(r->say, "forecast  %s, %s: largest stable step %.4g, train.eta is %.6g%s\n",
             sb_view_kernel_name(of->kernel), view->config->train_optimizer, sb_rule_printed_step(largest),
             view->rule.eta,
             !stable                                         ? ": training diverges"
             : view->layers && view->config->train_batch > 0 ? "; the mean over mini-batches"
                                                             : "");
    sb_json_real(json, "largest_step", largest);
    return stable;
}

/* Steps 0, 1, .. to LONGER times as long as training. */
static void long_times(const sb_view *view, course *c)
{
    double last = LONGER * view->step[view->nt - 1];
    c->nt = sb_log_steps((size_t)last, LONG, c->t);
}

static sb_status forecast(const sb_kernel_report *r, const sb_spectrum_of *of)
{
    sb_status status = SB_OK;
    const sb_view *view = r->view;
    uint64_t seed = (uint64_t)view->config->seeds_first;
    size_t count = view->n * view->outputs, tests = view->tests * view->outputs;
    course record = {0}, longer = {0};
    double *u0 = malloc((count + tests + 1) * sizeof *u0), *v0 = u0 + count;
    double *cross = tests ? malloc(view->tests * view->per_row * view->rows * sizeof *cross) : NULL;
    if (!u0 || (tests && !cross)) SB_TRY(sb_fail(SB_ERR_NOMEM, "no memory for %zu examples", view->n));
    SB_TRY(sb_view_start(view, seed, u0, tests ? v0 : NULL));
    for (size_t i = 0; i < count; i++) u0[i] -= view->y[i];
    for (size_t i = 0; i < tests; i++) v0[i] -= view->test_y[i];
    SB_TRY(save_modes(r, of, u0));
    sb_json json =
        sb_json_object(r->json, of->kernel == SB_VIEW_EMPIRICAL ? "forecast_empirical" : "forecast_infinite");
    if (!say_stability(r, json, of)) goto done;
    if (tests) SB_TRY(sb_view_cross(view, of->kernel, seed, cross));
    SB_TRY(open_course(view, view->nt, &record));
    memcpy(record.t, view->step, view->nt * sizeof *record.t);
    SB_TRY(follow(view, &of->linear, u0, cross, v0, &record));
    SB_TRY(save_course(r, sb_view_kernel_name(of->kernel), &record));
    if (view->modes) {
        SB_TRY(open_course(view, LONG + 2, &longer));
        long_times(view, &longer);
        SB_TRY(follow(view, &of->linear, u0, NULL, NULL, &longer));
        say_reach(r, json, &longer);
    }
    if (tests) SB_TRY(say_stop(r, json, of, u0, cross, v0, record.test[record.nt - 1]));
done:
    free(u0);
    free(cross);
    close_course(&record);
    close_course(&longer);
    return status;
}

#define COUPLED 0.5 /* beyond it the mean over outputs forecasts nothing */

/* Whether outputs evolve apart, as a forecast from their mean takes them to; says how far they do not. */
static sb_status say_coupling(const sb_kernel_report *r, bool *apart)
{
    size_t examples;
    double coupling;
    const sb_view *view = r->view;
    *apart = true;
    if (view->per_row > 1 || view->outputs == 1) return SB_OK;
    sb_status status = sb_view_coupling(view, (uint64_t)view->config->seeds_first, &examples, &coupling);
    if (status != SB_OK || isnan(coupling)) return status;
    *apart = coupling <= COUPLED;
    sb_print(r->say, "outputs   |K - mean x 1| / |K| = %.2g on %zu examples: ", coupling, examples);
    sb_print(r->say, coupling <= 0.1 ? "they evolve apart\n"
                     : *apart        ? "they couple, forecasts of the mean are rough (kernel.outputs = \"full\")\n"
                                     : "they couple too much for forecasts of the mean (kernel.outputs = \"full\")\n");
    sb_json_real(r->json, "coupling", coupling);
    return SB_OK;
}

sb_status sb_kernel_say_forecasts(const sb_kernel_report *r)
{
    bool apart;
    if (!r->view->forecast) {
        sb_print(r->say, "forecast  none: %s\n", r->view->silent);
        return SB_OK;
    }
    sb_status status = say_coupling(r, &apart);
    for (size_t s = 0; s < r->kernels && status == SB_OK; s++)
        if (apart || r->of[s].kernel == SB_VIEW_INFINITE) status = forecast(r, &r->of[s]);
    return status;
}
