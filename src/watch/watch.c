#include <specbias/watch.h>

#include <float.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/text.h"
#include "watch/examples.h"

/* ---- items ---- */

/* The largest error of a component by rounding of values of size `largest`: eps largest (sum (q f)^2)^1/2. */
static double noise_of(const sb_modes *modes, size_t k, double eps, double largest)
{
    double square = 0;
    for (size_t f = 0; f < modes->functions; f++) {
        if (modes->mode[f] != k) continue;
        for (size_t i = 0; i < modes->n; i++) square += pow(modes->weight[f * modes->n + i], 2);
    }
    return eps * largest * sqrt(square * (double)modes->outputs);
}

static void add_modes(sb_watch *watch, const sb_modes *modes, const char *form, const double *label, const double *xi,
                      double eps)
{
    for (size_t k = 0; k < modes->count; k++) {
        sb_item *item = &watch->items.item[watch->items.n++];
        size_t functions = 0;
        for (size_t f = 0; f < modes->functions; f++) functions += modes->mode[f] == k;
        *item = (sb_item){.label = label[k],
                          .xi = xi[k],
                          .wanted = modes->wanted[k],
                          .first = watch->items.parts,
                          .parts = (modes->waves ? 1 : functions) * watch->outputs};
        item->floor = item->wanted > 0 ? noise_of(modes, k, eps, modes->largest) / item->wanted : 0;
        sb_format(item->name, sizeof item->name, form, label[k]);
        watch->items.parts += item->parts;
    }
}

static void add_filters(sb_watch *watch, const double *variance, double eps)
{
    const sb_filter *filter = &watch->filter;
    for (size_t d = 0; d < 2 * filter->count; d++) {
        bool low = d % 2 == 0;
        double wanted = (low ? filter->wanted_low : filter->wanted_high)[d / 2];
        sb_item *item = &watch->items.item[watch->items.n++];
        *item = (sb_item){.label = variance[d / 2], .xi = variance[d / 2], .wanted = wanted};
        item->first = watch->items.parts;
        item->floor = wanted > 0 ? eps * filter->size / wanted : 0;
        sb_format(item->name, sizeof item->name, low ? "low(%g)" : "high(%g)", variance[d / 2]);
    }
}

/* Names that stand twice, as of frequencies of one length in several dimensions, get a number: "5", "5_2". */
static void tell_apart(sb_items *items)
{
    for (size_t k = items->n; k-- > 1;) {
        char *name = items->item[k].name;
        size_t number = 1, used = strlen(name);
        for (size_t j = 0; j < k; j++) number += strcmp(items->item[j].name, name) == 0;
        if (number > 1) sb_format(name + used, sizeof items->item[k].name - used, "_%zu", number);
    }
}

sb_status sb_watch_finish(sb_watch *watch, const double *label, const double *xi, const char *unit, const double *along,
                          const double *variance, bool single)
{
    double eps = single ? FLT_EPSILON : DBL_EPSILON;
    size_t count = watch->modes.count + watch->along.count + 2 * watch->filter.count;
    sb_status status = sb_items_init(&watch->items, count);
    if (status != SB_OK) return status;
    watch->items.n = watch->items.parts = 0;
    watch->functions = watch->modes.functions + watch->along.functions;
    add_modes(watch, &watch->modes, "%g", label, xi, eps);
    bool alone = watch->modes.count == 0 && watch->filter.count == 0;
    add_modes(watch, &watch->along, alone ? "%g" : "along(%g)", along, along, eps);
    add_filters(watch, variance, eps);
    tell_apart(&watch->items);
    watch->items.axis = watch->filter.count == 0 && (watch->modes.count == 0 || watch->along.count == 0);
    const char *word = watch->modes.count ? unit : watch->along.count ? "half_waves" : "variance";
    if (!watch->items.axis && watch->modes.count + watch->along.count > 0) word = "mixed";
    sb_format(watch->items.unit, sizeof watch->items.unit, "%s", word);
    return SB_OK;
}

/* Of waves in the mean over `length` points: a rounding error of eps `largest` at each. */
sb_status sb_watch_finish_response(sb_watch *watch, const double *frequency, double until, bool single)
{
    const sb_response *response = &watch->response;
    size_t count = response->count;
    double eps = (single ? FLT_EPSILON : DBL_EPSILON) * response->largest, square = 0;
    sb_status status = sb_items_init(&watch->items, count + 1);
    if (status != SB_OK) return status;
    watch->items.parts = 0;
    watch->items.level[1] = until;
    for (size_t k = 0; k < count; k++) {
        sb_item *item = &watch->items.item[k];
        *item = (sb_item){.label = frequency[k], .xi = frequency[k], .wanted = response->wanted[k]};
        item->floor = eps * sqrt((double)response->n / (double)response->length) / item->wanted;
        square += item->floor * item->floor / (double)count;
        sb_format(item->name, sizeof item->name, "%g", frequency[k]);
    }
    watch->items.item[count] = (sb_item){.name = "rms", .wanted = sqrt((double)count), .floor = sqrt(square)};
    tell_apart(&watch->items);
    sb_format(watch->items.unit, sizeof watch->items.unit, "index");
    return SB_OK;
}

sb_status sb_watch_problem(const sb_problem *problem, sb_watch *watch)
{
    sb_status status = SB_OK;
    const sb_grid *grid = &problem->grid;
    double *xi = malloc((grid->n + 1) * sizeof *xi);
    if (!xi) return sb_fail(SB_ERR_NOMEM, "no memory for %zu frequencies", grid->n);
    *watch = (sb_watch){.n = problem->n, .outputs = 1};
    for (size_t k = 0; k < grid->n; k++) xi[k] = sb_grid_size(grid, k);
    SB_TRY(sb_modes_create(problem->n, problem->dim, problem->x, problem->q, grid->n, grid->xi, 1, problem->y,
                           &watch->modes));
    SB_TRY(sb_watch_finish(watch, grid->label, xi, grid->unit, NULL, NULL, false));
done:
    free(xi);
    if (status != SB_OK) sb_watch_clear(watch);
    return status;
}

void sb_watch_clear(sb_watch *watch)
{
    sb_modes_clear(&watch->modes);
    sb_modes_clear(&watch->along);
    sb_filter_clear(&watch->filter);
    sb_response_clear(&watch->response);
    sb_items_clear(&watch->items);
    *watch = (sb_watch){0};
}

size_t sb_watch_item(const sb_watch *watch, size_t f)
{
    size_t first = watch->modes.functions;
    return f < first ? watch->modes.mode[f] : watch->modes.count + watch->along.mode[f - first];
}

/* ---- looking ---- */

void sb_watch_sums(const sb_watch *watch, size_t columns, const double *v, double *sums)
{
    if (watch->modes.count) sb_modes_sums(&watch->modes, columns, v, sums);
    if (watch->along.count) sb_modes_sums(&watch->along, columns, v, sums + watch->modes.functions * columns);
}

/* Components in their order: of waves e^ of each output, of harmonics each function of each output. */
static double complex *put_components(const sb_modes *modes, size_t outputs, const double *sums, double complex *amp)
{
    size_t count = modes->waves ? modes->count : modes->functions;
    for (size_t j = 0; j < count * outputs; j++)
        *amp++ = modes->waves ? sums[j] + I * sums[count * outputs + j] : sums[j];
    return amp;
}

void sb_watch_components(const sb_watch *watch, const double *sums, double complex *amp)
{
    amp = put_components(&watch->modes, watch->outputs, sums, amp);
    put_components(&watch->along, watch->outputs, sums + watch->modes.functions * watch->outputs, amp);
}

static void set_err(const sb_watch *watch, const double complex *amp, double *err)
{
    for (size_t k = 0; k < watch->items.n; k++) {
        const sb_item *item = &watch->items.item[k];
        double size = 0;
        for (size_t p = item->first; p < item->first + item->parts; p++) size = hypot(size, cabs(amp[p]));
        if (item->parts > 0) err[k] = item->wanted > 0 ? size / item->wanted : NAN;
    }
}

sb_status sb_watch_apply(const sb_watch *watch, const double *u, size_t threads, double complex *amp, double *err)
{
    if (watch->response.count > 0) return sb_response_apply(&watch->response, u, err);
    sb_status status = sb_check_finite(SB_ERR_NUMERIC, "output", watch->n, watch->outputs, u);
    size_t filters = watch->filter.count;
    double *sums = malloc((watch->functions * watch->outputs + 2 * filters + 1) * sizeof *sums);
    double complex *kept = amp ? amp : malloc((watch->items.parts + 1) * sizeof *kept);
    if (!sums || !kept) status = sb_fail(SB_ERR_NOMEM, "no memory for %zu watched items", watch->items.n);
    SB_TRY(status);
    sb_watch_sums(watch, watch->outputs, u, sums);
    sb_watch_components(watch, sums, kept);
    set_err(watch, kept, err);
    if (filters == 0) goto done;
    double *part = err + watch->items.n - 2 * filters;
    SB_TRY(sb_filter_apply(&watch->filter, u, threads, sums, sums + filters));
    for (size_t d = 0; d < filters; d++) {
        part[2 * d] = sums[d];
        part[2 * d + 1] = sums[filters + d];
    }
done:
    free(sums);
    if (kept != amp) free(kept);
    return status;
}

/* v_io = sum over components p = (f, o) of Re(conj(target_p) / |target|) q f(x_i): of waves the imaginary part has
 * functions of its own. */
void sb_watch_slope(const sb_watch *watch, size_t k, const double complex *target, double *v)
{
    bool second = k >= watch->modes.count;
    const sb_modes *modes = second ? &watch->along : &watch->modes;
    const sb_item *item = &watch->items.item[k];
    size_t n = watch->n, outputs = watch->outputs, j = 0;
    if (second) k -= watch->modes.count;
    memset(v, 0, n * outputs * sizeof *v);
    for (size_t f = 0; f < modes->functions; f++) {
        if (modes->mode[f] != k) continue;
        for (size_t o = 0; o < outputs; o++, j++) {
            double complex part = target[item->first + j % item->parts] / item->wanted;
            double share = j < item->parts ? creal(part) : cimag(part);
            for (size_t i = 0; i < n; i++) v[i * outputs + o] += share * modes->weight[f * n + i];
        }
    }
}
