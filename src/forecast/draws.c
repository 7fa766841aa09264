#include "forecast/draws.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "case/case.h"
#include "case/given.h"
#include "case/network.h"
#include "forecast/forecast.h"
#include "forecast/noise.h"

/* Steps up to ten times the record: the draws that are late must not be missing from the spread. */
static sb_status make_later(sb_draw_work *w)
{
    enum { MORE = 60 };
    const sb_case *cas = w->cas;
    double last = cas->step[cas->nt - 1];
    w->step = malloc((cas->nt + MORE) * sizeof *w->step);
    w->t = malloc((cas->nt + MORE) * sizeof *w->t);
    if (!w->step || !w->t) return sb_fail(SB_ERR_NOMEM, "no memory for %zu records", cas->nt + MORE);
    memcpy(w->step, cas->step, cas->nt * sizeof *cas->step);
    w->nt = cas->nt;
    for (size_t i = 1; i <= MORE; i++) {
        double step = round(last * pow(10, (double)i / MORE));
        if (step > w->step[w->nt - 1]) w->step[w->nt++] = step;
    }
    for (size_t i = 0; i < w->nt; i++) w->t[i] = sb_rule_time(&cas->rule, w->step[i]);
    return SB_OK;
}

static sb_status modes_of(const sb_draw_work *w, const double *gram, size_t per_row, bool single,
                          sb_kernel_modes *modes)
{
    return sb_kernel_modes_create(gram, single, per_row, sb_case_form(w->cas, per_row), &w->cas->watch, modes);
}

/* Infinite width from the same start: with a random output, and where scales grow with the width, only the ratio to it
 * tells of the kernel. */
static sb_status make_references(sb_draw_work *w)
{
    sb_status status = SB_OK;
    const sb_case *cas = w->cas;
    size_t n = cas->n;
    if (w->halves || !(cas->infinite || w->own)) return SB_OK;
    if (w->own) n *= w->own->per_row;
    double *gram = malloc(n * n * sizeof *gram);
    if (!gram) return sb_fail(SB_ERR_NOMEM, "no memory for a kernel of %zu points", n);
    if (w->own) {
        sb_given_mean(cas, w->own, gram);
        SB_TRY(modes_of(w, gram, w->own->per_row, w->own->single, &w->reference[0]));
        goto done;
    }
    for (size_t h = 0; h < 2; h++) {
        SB_TRY(sb_case_wide_gram(cas, h ? w->factor / 2 : w->factor, 1, 0, NULL, gram));
        SB_TRY(sb_kernel_modes_create(gram, false, 1, &cas->quadratic, &cas->watch, &w->reference[h]));
    }
done:
    free(gram);
    return status;
}

/* Numbers of err that a draw has. */
static size_t errors_of_draw(const sb_draw_work *w)
{
    return (w->orders ? w->orders : 1) * w->cas->nt * w->cas->watch.items.n;
}

sb_status sb_draw_open(const sb_case *cas, sb_draw_work *w)
{
    size_t count = sb_draw_count(cas);
    double wish = (double)cas->config->forecast_draw_width;
    w->cas = cas;
    w->factor = cas->units && wish > 0 ? wish / (double)cas->config->net_width : 1;
    /* half a network has an output of its own, which lies in the span of its own gradients: a random start is no start
     * of the halves */
    w->own = sb_given_draws(cas);
    w->halves = !w->own && !cas->random_output && cas->per_row == 1 &&
                sb_network_units(&(sb_network){.cas = cas, .model = cas->model}) > 1;
    sb_status status = sb_draws_init(&w->draws, count, cas->watch.items.n);
    if (status != SB_OK || count == 0) return status;
    for (size_t s = 0; s < cas->sources && !cas->random_output; s++)
        if (sb_noise_matters(cas, cas->source[s])) w->orders = SB_NOISE_ORDERS;
    w->err = malloc(count * errors_of_draw(w) * sizeof *w->err);
    w->late = malloc((count * w->orders * cas->watch.items.n * SB_LEVELS + 1) * sizeof *w->late);
    if (!w->err || !w->late) return sb_fail(SB_ERR_NOMEM, "no memory for %zu draws", count);
    status = make_later(w);
    return status == SB_OK ? make_references(w) : status;
}

void sb_draw_close(sb_draw_work *w)
{
    sb_draws_clear(&w->draws);
    for (size_t h = 0; h < 2; h++) sb_kernel_modes_clear(&w->reference[h]);
    free(w->err);
    free(w->late);
    free(w->t);
    free(w->step);
}

/* ---- ln T of one kernel ---- */

/* T within the record of nt times, as runs have it: behind its end err may rise again, under momentum. Later only where
 * it is above q there. -infinite where err is below q from the start, nan where it never gets there. */
static double log_time(const sb_decay *decay, size_t nt, size_t line)
{
    sb_decay record = *decay;
    double q = decay->items.level[line % SB_LEVELS];
    record.nt = nt;
    double t = sb_decay_line_time(&record, line);
    if (!isnan(t)) return log(t);
    bool below = decay->err[(nt - 1) * decay->nxi + line / SB_LEVELS] < q;
    return below ? -INFINITY : log(sb_decay_line_time(decay, line));
}

/* a - b; -infinite where one of them is */
static double log_ratio(double a, double b)
{
    return a == -INFINITY || b == -INFINITY ? -INFINITY : a - b;
}

/* ln_t[nxi][SB_LEVELS]; err[nt][nxi] of the record when asked for */
static sb_status times_of_modes(const sb_draw_work *w, const sb_kernel_modes *modes, const double *u0, double *ln_t,
                                double *err)
{
    sb_status status = SB_OK;
    const sb_case *cas = w->cas;
    size_t nxi = cas->watch.items.n;
    sb_decay decay = {0};
    SB_TRY(sb_decay_init(&decay, &cas->watch.items, w->nt, w->t, w->step, "draw", SB_FORM_GD, &cas->terms));
    SB_TRY(sb_kernel_forecast(modes, &cas->rule, NULL, u0, &decay));
    for (size_t j = 0; j < nxi * SB_LEVELS; j++) ln_t[j] = log_time(&decay, cas->nt, j);
    if (err) memcpy(err, decay.err, cas->nt * nxi * sizeof *err);
done:
    sb_decay_clear(&decay);
    return status;
}

static sb_status log_times(const sb_draw_work *w, const double *gram, size_t per_row, const double *u0, double *ln_t,
                           double *err)
{
    const sb_case *cas = w->cas;
    bool single = w->own ? w->own->single : sb_model_single(cas->model);
    sb_kernel_modes modes = {0};
    sb_status status = modes_of(w, gram, per_row, single, &modes);
    if (status == SB_OK) status = times_of_modes(w, &modes, u0, ln_t, err);
    sb_kernel_modes_clear(&modes);
    return status;
}

/* ln T of a reference from the same start, taken off; scratch[nxi][SB_LEVELS] */
static sb_status subtract_reference(const sb_draw_work *w, size_t h, const double *u0, double *scratch, double *ln_t)
{
    size_t cells = w->draws.nxi * SB_LEVELS;
    if (!w->reference[h].watch) return SB_OK;
    sb_status status = times_of_modes(w, &w->reference[h], u0, scratch, NULL);
    for (size_t j = 0; j < cells && status == SB_OK; j++) ln_t[j] = log_ratio(ln_t[j], scratch[j]);
    return status;
}

/* A draw that is below q from the start, or of which a half is, tells nothing of T: its time is 0. */
static void keep_times(size_t cells, const double *ln_t, const double *ln_shift, double widths, double *times,
                       double *shift)
{
    for (size_t j = 0; j < cells; j++) {
        bool told = ln_t[j] != -INFINITY && ln_shift[j] != -INFINITY;
        times[j] = told ? exp(ln_t[j]) : 0;
        shift[j] = told ? ln_shift[j] * widths : NAN;
    }
}

/* Under mini-batches a draw's errors are those of some orders, under its own kernel, whose ln T in the mean is ln_t. */
static sb_status follow_orders(const sb_draw_work *w, size_t b, const double *gram, size_t per_row, const double *u0,
                               const double *ln_t)
{
    sb_status status = SB_OK;
    const sb_case *cas = w->cas;
    size_t cells = cas->nt * w->draws.nxi, lines = w->draws.nxi * SB_LEVELS;
    sb_decay decay = {0};
    sb_noise_spec spec = {cas, per_row, gram, u0, NULL};
    SB_TRY(sb_case_table(cas, "draw", SB_FORM_GD, &decay));
    for (size_t o = 0; o < w->orders; o++) {
        SB_TRY(sb_noise_follow(&spec, b * w->orders + o, SB_STREAM_NOISE, &decay));
        memcpy(w->err + b * errors_of_draw(w) + o * cells, decay.err, cells * sizeof *w->err);
        double *late = w->late + (b * w->orders + o) * lines;
        for (size_t j = 0; j < lines; j++) late[j] = log(sb_decay_line_time(&decay, j)) - ln_t[j];
    }
done:
    sb_decay_clear(&decay);
    return status;
}

/* ---- sums over units: the two halves of a draw ---- */

/* The draw's kernel from its two halves, K = share_1 K1 + share_2 K2, and what that says of finite width. The part of
 * an output bias, which is no unit's, is the same in the halves as in the whole. */
static sb_status draw_units(sb_draw_work *w, size_t b, const sb_network *network, const double *u0, double *gram)
{
    sb_status status = SB_OK;
    size_t n = w->cas->n, cells = w->draws.nxi * SB_LEVELS, width = sb_network_units(network);
    size_t half = width / 2, count[2] = {half, width - half};
    double offset = sb_network_offset_kernel(network), *whole = gram, *part[2] = {gram + n * n, gram + 2 * n * n};
    double *shift = w->draws.shift + b * cells, *times = w->draws.times + b * cells, *ln_t = gram + 3 * n * n;
    for (size_t h = 0; h < 2; h++) SB_TRY(sb_network_gram_of(network, h * half, count[h], part[h]));
    double wider =
        strcmp(w->cas->config->net_parametrisation, "standard") == 0 ? w->factor : 1; /* rates go with the width */
    for (size_t i = 0; i < n * n; i++) {
        part[0][i] = (part[0][i] - offset) / wider + offset;
        part[1][i] /= wider;
        whole[i] = part[0][i] + part[1][i];
    }
    for (size_t j = 0; j < cells; j++) shift[j] = half ? 0 : NAN;
    for (size_t h = 0; h < 2 && half; h++) {
        double share = (double)count[h] / (double)width;
        for (size_t i = 0; i < n * n; i++) part[h][i] = (part[h][i] - (h == 0 ? offset : 0)) / share + offset;
        SB_TRY(log_times(w, part[h], 1, u0, ln_t, NULL));
        for (size_t j = 0; j < cells; j++) shift[j] += share * ln_t[j];
    }
    SB_TRY(log_times(w, whole, 1, u0, ln_t, w->err + b * errors_of_draw(w)));
    SB_TRY(follow_orders(w, b, whole, 1, u0, ln_t));
    double widths = w->factor; /* the shift goes like 1 / width */
    for (size_t j = 0; j < cells; j++) shift[j] = log_ratio(shift[j], ln_t[j]);
    keep_times(cells, ln_t, shift, widths, times, shift);
done:
    return status;
}

/* ---- layers: a network of the width and one of half of it ---- */

/* ln T, and in off what is left of it when infinite width with the scales of that width is taken off. */
static sb_status times_of_width(const sb_draw_work *w, size_t b, size_t h, double *gram, double *ln_t, double *off,
                                double *err)
{
    sb_status status = SB_OK;
    const sb_case *cas = w->cas;
    size_t cells = w->draws.nxi * SB_LEVELS;
    sb_network network = {0};
    double *u0 = malloc((cas->n * cas->outputs + cells) * sizeof *u0);
    if (!u0) return sb_fail(SB_ERR_NOMEM, "no memory for %zu points", cas->n);
    SB_TRY(sb_network_start(cas, h ? w->factor / 2 : w->factor, 2 * b + 1 + h, SB_STREAM_DRAW, &network));
    SB_TRY(sb_network_residual(&network, u0));
    SB_TRY(sb_network_gram(&network, cas->n, cas->per_row, 1, NULL, gram));
    SB_TRY(log_times(w, gram, cas->per_row, u0, ln_t, err));
    if (err) SB_TRY(follow_orders(w, b, gram, cas->per_row, u0, ln_t));
    memcpy(off, ln_t, cells * sizeof *off);
    SB_TRY(subtract_reference(w, h, u0, u0 + cas->n * cas->outputs, off));
done:
    sb_network_clear(&network);
    free(u0);
    return status;
}

/* b / M from widths M / 2 and M: each is off from infinite width by b over its own. */
static sb_status draw_layers(sb_draw_work *w, size_t b, double *gram)
{
    sb_status status = SB_OK;
    const sb_case *cas = w->cas;
    size_t rows = cas->n * cas->per_row, cells = w->draws.nxi * SB_LEVELS;
    double *ln_t = gram + rows * rows, *off[2] = {ln_t + cells, ln_t + 2 * cells};
    double *shift = w->draws.shift + b * cells, *times = w->draws.times + b * cells;
    SB_TRY(times_of_width(w, b, 1, gram, ln_t, off[1], NULL));
    SB_TRY(times_of_width(w, b, 0, gram, ln_t, off[0], w->err + b * errors_of_draw(w)));
    for (size_t j = 0; j < cells; j++) shift[j] = log_ratio(off[1][j], off[0][j]);
    keep_times(cells, cas->random_output ? off[0] : ln_t, shift, w->factor, times, shift);
done:
    return status;
}

/* ---- kernels of the user's ---- */

/* ln T of one, and how far that is from ln T of their mean. */
static sb_status draw_own(sb_draw_work *w, size_t b)
{
    sb_status status = SB_OK;
    const sb_case *cas = w->cas;
    const sb_given *own = w->own;
    size_t rows = cas->n * own->per_row, cells = w->draws.nxi * SB_LEVELS;
    const double *gram = own->gram + b * rows * rows;
    double *u0 = malloc((cas->n * cas->outputs + 3 * cells) * sizeof *u0);
    if (!u0) return sb_fail(SB_ERR_NOMEM, "no memory for %zu points", cas->n);
    double *ln_t = u0 + cas->n * cas->outputs, *off = ln_t + cells;
    SB_TRY(sb_start_residual(cas, 0, u0));
    SB_TRY(log_times(w, gram, own->per_row, u0, ln_t, w->err + b * errors_of_draw(w)));
    SB_TRY(follow_orders(w, b, gram, own->per_row, u0, ln_t));
    memcpy(off, ln_t, cells * sizeof *off);
    SB_TRY(subtract_reference(w, 0, u0, off + cells, off));
    keep_times(cells, ln_t, off, 1, w->draws.times + b * cells, w->draws.shift + b * cells);
done:
    free(u0);
    return status;
}

/* What the forecast is shifted by is the mean over them, which has the error of ln T and no other. */
static void level_shifts(sb_draws *draws)
{
    size_t cells = draws->nxi * SB_LEVELS;
    for (size_t j = 0; j < cells; j++) {
        double sum = 0, told = 0;
        for (size_t b = 0; b < draws->count; b++)
            if (draws->times[b * cells + j] != 0) sum += draws->shift[b * cells + j], told++;
        for (size_t b = 0; b < draws->count; b++)
            if (draws->times[b * cells + j] != 0) draws->shift[b * cells + j] = sum / told;
    }
}

void sb_draw_settle(sb_draw_work *w)
{
    if (w->own) level_shifts(&w->draws);
}

sb_status sb_draw_one(sb_draw_work *w, size_t b)
{
    sb_status status = SB_OK;
    if (w->own) return draw_own(w, b);
    const sb_case *cas = w->cas;
    size_t rows = cas->n * cas->per_row, grams = w->halves ? 3 : 1;
    sb_network network = {0};
    double *gram = malloc((grams * rows * rows + 3 * w->draws.nxi * SB_LEVELS) * sizeof *gram);
    double *u0 = malloc(cas->n * cas->outputs * sizeof *u0);
    if (!gram || !u0) SB_TRY(sb_fail(SB_ERR_NOMEM, "no memory for a kernel of %zu points", cas->n));
    if (!w->halves) {
        SB_TRY(draw_layers(w, b, gram));
        goto done;
    }
    SB_TRY(sb_network_start(cas, w->factor, b + 1, SB_STREAM_DRAW, &network));
    SB_TRY(sb_network_residual(&network, u0));
    SB_TRY(draw_units(w, b, &network, u0, gram));
done:
    free(gram);
    free(u0);
    sb_network_clear(&network);
    return status;
}

sb_status sb_draw_band(size_t count, const double *err, double below, sb_decay *decay)
{
    size_t cells = decay->nt * decay->nxi;
    double *column = malloc((count + 1) * sizeof *column);
    if (!column) return sb_fail(SB_ERR_NOMEM, "no memory for %zu draws", count);
    for (size_t j = 0; j < cells && count > 0; j++) {
        for (size_t b = 0; b < count; b++) column[b] = err[b * cells + j];
        decay->lo[j] = sb_quantile(column, count, below);
        decay->hi[j] = sb_quantile(column, count, 1 - below);
    }
    free(column);
    return SB_OK;
}
