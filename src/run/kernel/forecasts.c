/* What a kernel predicts: the error at each frequency and mode, when to stop, what steps are stable. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/text.h"
#include "forecast/coupling.h"
#include "run/kernel/kernel.h"

#define LONG 600     /* times of the long record .. */
#define LONGER 100.0 /* .. which goes so much farther than training */

/* A kernel's forecast, as a run seals it, and what is asked beside: loss, error at other points. */
typedef struct course {
    sb_decay decay;
    double
        *loss; /* [nt] 1/2 sum over columns of u^T P u, then [nt] the least and [nt] the most of a partial spectrum */
    double *test; /* [nt] mean square over other points and outputs; NULL: not asked for */
} course;

static void close_course(course *c)
{
    sb_decay_clear(&c->decay);
    free(c->loss);
    free(c->test);
}

void sb_kernel_column(const sb_view *view, size_t n, const double *from, size_t column, double *to)
{
    for (size_t i = 0; i < n * view->per_row; i++) to[i] = from[i * view->columns + column];
}

sb_status sb_kernel_start(const sb_view *view, double *u0, double *v0)
{
    sb_status status = sb_view_start(view, (uint64_t)view->config->seeds_first, u0, v0);
    for (size_t i = 0; i < view->n * view->outputs; i++) u0[i] -= view->y[i];
    for (size_t i = 0; i < view->tests * view->outputs && v0; i++) v0[i] -= view->test_y[i];
    return status;
}

static sb_status follow_loss(const sb_view *view, const sb_kernel_modes *modes, const double *u0, course *c)
{
    sb_status status = SB_OK;
    size_t nt = c->decay.nt, size = view->n * view->outputs;
    bool weights = view->loss->root; /* then modes have shares of the loss */
    double *u = malloc(((weights ? 0 : nt * size) + view->rows) * sizeof *u);
    c->loss = calloc(3 * nt + 1, sizeof *c->loss);
    if (!u || !c->loss) SB_TRY(sb_fail(SB_ERR_NOMEM, "no memory for %zu times of %zu examples", nt, view->n));
    double *column = weights ? u : u + nt * size;
    for (size_t k = 0; k < view->columns && weights; k++) {
        sb_kernel_column(view, view->n, u0, k, column);
        SB_TRY(sb_linear_losses(&modes->linear, &view->cas.rule, nt, c->decay.step, column, c->loss, c->loss + nt,
                                c->loss + 2 * nt));
    }
    if (weights) goto done;
    SB_TRY(sb_kernel_residuals(modes, &view->cas.rule, u0, nt, c->decay.step, u));
    for (size_t i = 0; i < nt; i++)
        for (size_t k = 0; k < view->columns; k++) {
            sb_kernel_column(view, view->n, u + i * size, k, column);
            c->loss[i] += 0.5 * sb_quadratic_value(view->loss, column);
        }
done:
    free(u);
    return status;
}

/* The error at other points, v0[tests][outputs] at the start. */
static sb_status follow_tests(const sb_view *view, const sb_linear *linear, const double *u0, const double *cross,
                              const double *v0, course *c)
{
    sb_status status = SB_OK;
    size_t rows = view->rows, m = view->tests * view->per_row, nt = c->decay.nt;
    double *start = malloc((rows + m + nt * m) * sizeof *start);
    c->test = calloc(nt + 1, sizeof *c->test);
    if (!start || !c->test) SB_TRY(sb_fail(SB_ERR_NOMEM, "no memory for %zu times of %zu examples", nt, view->tests));
    double *v = start + rows, *change = v + m;
    for (size_t k = 0; k < view->columns; k++) {
        sb_kernel_column(view, view->n, u0, k, start);
        sb_kernel_column(view, view->tests, v0, k, v);
        SB_TRY(sb_linear_changes(linear, &view->cas.rule, nt, c->decay.step, start, m, cross, change));
        for (size_t i = 0; i < nt; i++)
            for (size_t j = 0; j < m; j++)
                c->test[i] += pow(v[j] + change[i * m + j], 2) / (double)(view->tests * view->outputs);
    }
done:
    free(start);
    return status;
}

static sb_status save_course(const sb_kernel_report *r, const sb_spectrum_of *of, const course *c)
{
    char name[64];
    sb_writer table = {0};
    const sb_decay *decay = &c->decay;
    size_t nt = decay->nt, nxi = decay->nxi;
    sb_format(name, sizeof name, "forecast.%s.tsv", sb_view_kernel_name(of->kernel));
    sb_status status = sb_kernel_open_table(r, name, &table);
    if (status != SB_OK) return status;
    sb_print(table.stream, "step\ttime\tloss%s", c->test ? "\ttest" : "");
    for (size_t k = 0; k < nxi; k++) sb_print(table.stream, "\terr(%s)", decay->items.item[k].name);
    if (!of->whole) fputs("\tloss_lo\tloss_hi", table.stream);
    for (size_t k = 0; k < nxi && !of->whole; k++)
        sb_print(table.stream, "\tlo(%s)\thi(%s)", decay->items.item[k].name, decay->items.item[k].name);
    fputc('\n', table.stream);
    for (size_t i = 0; i < nt; i++) {
        sb_print(table.stream, "%.0f", decay->step[i]);
        sb_write_cell(table.stream, decay->t[i]);
        sb_write_cell(table.stream, c->loss[i]);
        if (c->test) sb_write_cell(table.stream, c->test[i]);
        for (size_t k = 0; k < nxi; k++) sb_write_cell(table.stream, decay->err[i * nxi + k]);
        for (size_t b = 1; b < 3 && !of->whole; b++) sb_write_cell(table.stream, c->loss[b * nt + i]);
        for (size_t k = 0; k < 2 * nxi && !of->whole; k++)
            sb_write_cell(table.stream, (k % 2 ? decay->hi : decay->lo)[i * nxi + k / 2]);
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
    double *start = malloc((view->rows + linear->rank) * sizeof *start), sum = 0;
    if (!start) return sb_fail(SB_ERR_NOMEM, "no memory for %zu modes", linear->rank);
    double *share = start + view->rows;
    memset(share, 0, linear->rank * sizeof *share);
    for (size_t column = 0; column < view->columns; column++) {
        sb_kernel_column(view, view->n, u0, column, start);
        for (size_t i = 0; i < view->rows && !of->whole; i++) sum += pow(linear->root[i] * start[i], 2);
        for (size_t k = 0; k < linear->rank; k++) share[k] += pow(sb_linear_share(linear, k, start), 2);
    }
    for (size_t k = 0; k < linear->rank && of->whole; k++) sum += share[k];
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

/* T_q in steps; infinity: later than all that was looked at; nan: it is below from the start. */
static double reach(const sb_view *view, const sb_decay *decay, size_t k, double q)
{
    double t = sb_decay_time(decay, k, q), last = decay->err[(decay->nt - 1) * decay->nxi + k];
    return isnan(t) && !(last < q) ? INFINITY : t / sb_rule_time(&view->cas.rule, 1);
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

/* The times between which a partial spectrum says that err falls below q; they decide nothing where they are 20 %
 * apart, as in a verdict. */
static void say_bound(const sb_kernel_report *r, sb_json json, const sb_decay *decay, size_t k, double q)
{
    double last = decay->step[decay->nt - 1];
    sb_decay low = *decay, high = *decay;
    low.err = decay->lo;
    high.err = decay->hi;
    double from = reach(r->view, &low, k, q), to = reach(r->view, &high, k, q);
    bool told = to <= 1.2 * from || (isinf(from) && isinf(to)) || (isnan(from) && isnan(to));
    fputs(told ? "(" : "(undecided: ", r->say);
    print_reach(r->say, from, last, 0);
    fputs(" .. ", r->say);
    print_reach(r->say, to, last, 0);
    fputc(')', r->say);
    sb_json_real(json, q < 0.5 ? "tenth_least" : "half_least", from);
    sb_json_real(json, q < 0.5 ? "tenth_most" : "half_most", to);
}

static void say_reach(const sb_kernel_report *r, sb_json json, const sb_decay *decay, bool whole)
{
    double last = decay->step[decay->nt - 1];
    sb_json frequencies = sb_json_array(json, "frequencies");
    for (size_t k = 0; k < decay->nxi; k++) {
        const sb_item *item = &decay->items.item[k];
        double half = reach(r->view, decay, k, 0.5), tenth = reach(r->view, decay, k, 0.1);
        sb_print(r->say, "  frequency %-8s error 1/2 at step ", item->name);
        sb_json one = sb_json_object(frequencies, NULL);
        print_reach(r->say, half, last, 11);
        if (!whole) say_bound(r, one, decay, k, 0.5);
        sb_print(r->say, whole ? "1/10 at " : "\n            error 1/10 at step ");
        print_reach(r->say, tenth, last, whole ? 0 : 11);
        if (!whole) say_bound(r, one, decay, k, 0.1);
        fputc('\n', r->say);
        sb_json_text(one, "item", item->name);
        sb_json_real(one, "label", item->label);
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
    double *u = malloc(columns * (rows + m) * sizeof *u);
    if (!u) return sb_fail(SB_ERR_NOMEM, "no memory for %zu examples", view->n);
    double *v = u + columns * rows;
    for (size_t column = 0; column < columns; column++) {
        sb_kernel_column(view, view->n, u0, column, u + column * rows);
        sb_kernel_column(view, view->tests, v0, column, v + column * m);
    }
    sb_status status = sb_linear_stop(&of->linear, &view->cas.rule, columns, u, m, cross, v, NULL, &stop);
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
    double largest = sb_rule_largest_step(&view->cas.rule, of->linear.eigen.lambda[0]);
    bool stable = view->cas.rule.eta <= largest;
    sb_print(r->say, "forecast  %s, %s: largest stable step %.4g, train.eta is %.6g%s\n",
             sb_view_kernel_name(of->kernel), view->config->train_optimizer, sb_rule_printed_step(largest),
             view->cas.rule.eta,
             !stable                               ? ": training diverges"
             : sb_case_batch(&view->cas) < view->n ? "; the mean over mini-batches"
                                                   : "");
    sb_json_real(json, "largest_step", largest);
    return stable;
}

/* Steps 0, 1, .. to LONGER times as long as training. */
static sb_status open_longer(const sb_view *view, sb_decay *decay)
{
    const sb_case *cas = &view->cas;
    double step[LONG + 2], t[LONG + 2];
    size_t count = sb_log_steps((size_t)(LONGER * cas->step[cas->nt - 1]), LONG, step);
    for (size_t i = 0; i < count; i++) t[i] = sb_rule_time(&cas->rule, step[i]);
    return sb_decay_init(decay, &cas->watch.items, count, t, step, "longer", SB_FORM_GD, &cas->terms);
}

static sb_status forecast(const sb_kernel_report *r, const sb_spectrum_of *of)
{
    sb_status status = SB_OK;
    const sb_view *view = r->view;
    const sb_case *cas = &view->cas;
    uint64_t seed = (uint64_t)view->config->seeds_first;
    size_t count = view->n * view->outputs, tests = view->tests * view->outputs;
    course record = {0};
    sb_decay longer = {0};
    sb_kernel_modes modes = {.linear = of->linear,
                             .watch = &cas->watch,
                             .per_row = view->per_row,
                             .columns = view->columns,
                             .moment = of->moment};
    double *u0 = malloc((count + tests + 1) * sizeof *u0);
    double *cross = tests ? malloc(view->tests * view->per_row * view->rows * sizeof *cross) : NULL;
    if (!u0 || (tests && !cross)) SB_TRY(sb_fail(SB_ERR_NOMEM, "no memory for %zu examples", view->n));
    double *v0 = u0 + count;
    SB_TRY(sb_kernel_start(view, u0, tests ? v0 : NULL));
    SB_TRY(save_modes(r, of, u0));
    sb_json json =
        sb_json_object(r->json, of->kernel == SB_VIEW_EMPIRICAL ? "forecast_empirical" : "forecast_infinite");
    if (!say_stability(r, json, of)) goto done;
    if (tests) SB_TRY(sb_view_cross(view, of->kernel, seed, cross));
    SB_TRY(sb_kernel_observe(&modes));
    SB_TRY(sb_case_table(cas, sb_view_kernel_name(of->kernel), SB_FORM_GD, &record.decay));
    SB_TRY(sb_kernel_forecast(&modes, &cas->rule, NULL, u0, &record.decay));
    SB_TRY(follow_loss(view, &modes, u0, &record));
    if (tests) SB_TRY(follow_tests(view, &of->linear, u0, cross, v0, &record));
    SB_TRY(save_course(r, of, &record));
    if (cas->watch.items.n > 0) {
        SB_TRY(open_longer(view, &longer));
        SB_TRY(sb_kernel_forecast(&modes, &cas->rule, NULL, u0, &longer));
        say_reach(r, json, &longer, of->whole);
    }
    if (tests) SB_TRY(say_stop(r, json, of, u0, cross, v0, record.test[record.decay.nt - 1]));
done:
    free(u0);
    free(cross);
    free(modes.observed);
    close_course(&record);
    sb_decay_clear(&longer);
    return status;
}

/* Whether outputs evolve apart, as a forecast from their mean takes them to; says how far they do not. */
static sb_status say_coupling(const sb_kernel_report *r, bool *apart)
{
    size_t examples;
    double coupling;
    const sb_view *view = r->view;
    *apart = true;
    if (view->per_row > 1 || view->outputs == 1) return SB_OK;
    sb_status status = sb_case_coupling(&view->cas, (uint64_t)view->config->seeds_first, &examples, &coupling);
    if (status != SB_OK || isnan(coupling)) return status;
    *apart = coupling <= SB_COUPLED_MUCH;
    sb_print(r->say, "outputs   |K - mean x 1| / |K| = %.2g on %zu examples: ", coupling, examples);
    sb_print(r->say, coupling <= SB_COUPLED ? "they evolve apart\n"
                     : *apart ? "they couple, forecasts of the mean are rough (kernel.outputs = \"full\")\n"
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
