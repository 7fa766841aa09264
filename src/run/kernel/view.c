#include "run/kernel/view.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include <gsl/gsl_sort.h>

#include "core/linalg.h"
#include "core/parallel.h"
#include "core/text.h"

#define TEST_POINTS 201 /* of a function on a line */

/* ---- places ---- */

static sb_status copy_numbers(size_t n, const double *from, double **to)
{
    *to = malloc((n + 1) * sizeof **to);
    if (!*to) return sb_fail(SB_ERR_NOMEM, "no memory for %zu places", n);
    if (from) memcpy(*to, from, n * sizeof **to);
    return SB_OK;
}

/* On a line, circle or sphere as the data set says; else along the principal direction, if there is one. */
static sb_status choose_place(sb_view *view)
{
    const sb_dataset *set = &view->cas.data;
    if (set->place_dim == 1 && set->q) {
        view->kind = strcmp(view->config->data_map, "circle") == 0 ? SB_PLACE_CIRCLE : SB_PLACE_LINE;
        view->left = set->a;
        view->length = set->b - set->a;
        sb_status status = copy_numbers(view->n, set->place, &view->place);
        return status == SB_OK ? copy_numbers(view->n, set->q, &view->q) : status;
    }
    sb_status status = copy_numbers(view->n, set->q, &view->q);
    if (status == SB_OK) status = copy_numbers(view->n, NULL, &view->place);
    if (status != SB_OK) return status;
    if (set->q && set->place_dim == 0) {
        view->dim = view->inputs;
        view->kind = view->dim == 2 ? SB_PLACE_CIRCLE : SB_PLACE_SPHERE;
        view->length = 2 * M_PI;
        for (size_t i = 0; i < view->n && view->dim == 2; i++)
            view->place[i] = atan2(view->x[2 * i + 1], view->x[2 * i]);
        return SB_OK;
    }
    double *p = malloc(view->inputs * sizeof *p);
    if (!p) return sb_fail(SB_ERR_NOMEM, "no memory for %zu inputs", view->inputs);
    status = sb_principal_direction(view->n, view->inputs, view->x, p, view->place, &view->length);
    free(p);
    view->left = INFINITY;
    for (size_t i = 0; i < view->n; i++) {
        view->q[i] = view->length / (double)view->n;
        view->left = fmin(view->left, view->place[i]);
    }
    if (status == SB_OK) view->kind = SB_PLACE_ALONG;
    return status == SB_ERR_NOMEM ? status : SB_OK; /* no direction is the first: no place */
}

/* Places that differ, which bear no more functions than they are. */
static sb_status count_places(const sb_view *view, size_t *count)
{
    double *place = malloc((view->n + 1) * sizeof *place);
    if (!place) return sb_fail(SB_ERR_NOMEM, "no memory for %zu places", view->n);
    memcpy(place, view->place, view->n * sizeof *place);
    gsl_sort(place, 1, view->n);
    *count = 1;
    for (size_t i = 1; i < view->n; i++) *count += place[i] - place[i - 1] > 1e-9 * view->length;
    free(place);
    return SB_OK;
}

static sb_status choose_frequencies(sb_view *view)
{
    size_t wish = 1 + (size_t)view->config->kernel_frequencies, most = view->n;
    if (view->kind == SB_PLACE_LINE || view->kind == SB_PLACE_CIRCLE || view->kind == SB_PLACE_ALONG) {
        sb_status status = count_places(view, &most);
        if (status != SB_OK) return status;
    }
    if (view->kind == SB_PLACE_CIRCLE) most = most / 2 + 1;
    if (view->kind == SB_PLACE_SPHERE) most = 1 + (size_t)sqrt(fmin((double)view->n, 500));
    view->frequencies = view->kind == SB_PLACE_NONE ? 0 : wish < most ? wish : most;
    return SB_OK;
}

static bool on_ring(const sb_view *view)
{
    return view->kind == SB_PLACE_CIRCLE;
}

const char *sb_view_unit(const sb_view *view)
{
    if (view->kind == SB_PLACE_SPHERE) return "degree";
    if (view->kind == SB_PLACE_ALONG) return "half_waves"; /* as observe.projection counts */
    return view->dim == 2 ? "index" : view->config->target_unit;
}

const char *sb_view_place_name(const sb_view *view)
{
    static const char *const name[] = {"none", "line", "circle", "sphere", "along"};
    bool shared = view->kind == SB_PLACE_LINE && view->inputs > 1; /* parity */
    return shared ? "sum" : name[view->kind];
}

bool sb_view_is_word(const char *text)
{
    static const char *const word[] = {"none",   "line",       "circle", "sphere",  "along", "sum",
                                       "degree", "half_waves", "index",  "angular", "cycles"};
    for (size_t i = 0; i < sizeof word / sizeof word[0]; i++)
        if (strcmp(word[i], text) == 0) return true;
    return false;
}

double sb_view_label(const sb_view *view, size_t j)
{
    const char *unit = sb_view_unit(view);
    if (strcmp(unit, "degree") == 0 || strcmp(unit, "half_waves") == 0) return (double)j;
    double index = on_ring(view) ? (double)j : 0.5 * (double)j;
    return strcmp(unit, "index") == 0 ? index : index / view->length / sb_cycles_per_unit(view->config);
}

/* ---- other points ---- */

/* The same function on a fine grid of the same domain. */
static sb_status test_on_line(sb_view *view)
{
    sb_status status = SB_OK;
    char number[32];
    sb_config fine = {0};
    sb_dataset set = {0};
    sb_case other;
    memset(&other, 0, sizeof other);
    if (strcmp(view->config->target_kind, "values") == 0) return SB_OK; /* known at the data alone */
    sb_format(number, sizeof number, "data.n=%d", TEST_POINTS);
    SB_TRY(sb_config_copy(view->config, &fine));
    SB_TRY(sb_config_set(&fine, "data.kind=uniform"));
    SB_TRY(sb_config_set(&fine, "data.points=midpoint"));
    SB_TRY(sb_config_set(&fine, "data.weights=equal"));
    SB_TRY(sb_config_set(&fine, number));
    SB_TRY(sb_case_points(&fine, NULL, &other));
    SB_TRY(sb_dataset_of_problem(&other.problem, on_ring(view), &set));
    view->tests = set.n;
    SB_TRY(copy_numbers(set.n * view->inputs, set.x, &view->test_x));
    SB_TRY(copy_numbers(set.n, set.y, &view->test_y));
done:
    sb_dataset_clear(&set);
    sb_case_clear(&other);
    sb_config_clear(&fine);
    return status;
}

static sb_status choose_tests(sb_view *view)
{
    bool function = sb_points_find(view->config->data_kind) != NULL;
    if (function && !sb_view_packed(view) && strcmp(view->config->loss_kind, "ritz") != 0 &&
        view->kind != SB_PLACE_ALONG && view->kind != SB_PLACE_NONE)
        return test_on_line(view);
    if (view->cas.tests == 0 || sb_view_packed(view)) return SB_OK; /* the rest would change what is predicted there */
    const sb_dataset *set = &view->cas.test[0];
    view->tests = set->n;
    sb_status status = copy_numbers(set->n * view->inputs, set->x, &view->test_x);
    return status == SB_OK ? copy_numbers(set->n * view->outputs, set->y, &view->test_y) : status;
}

/* ---- memory ---- */

bool sb_view_packed(const sb_view *view)
{
    size_t pairs = (size_t)view->config->kernel_pairs;
    return pairs > 0 && pairs < view->rows && view->loss->root;
}

double sb_view_memory(const sb_view *view)
{
    double rows = (double)view->rows, pairs = (double)view->config->kernel_pairs, tests = (double)view->tests;
    double functions = (double)(view->frequencies + view->cas.watch.functions);
    bool random = view->infinite && !view->cas.deterministic && view->config->kernel_widths.n > 0;
    double need = 5e8 + 8 * rows * functions + 8 * (double)view->n * (double)(2 * view->inputs + 3 * view->outputs);
    if (random) need += 16 * rows * rows;
    size_t moments = view->cas.watch.functions * view->per_row + view->columns;
    double probes = view->forecast ? (double)(view->columns + 3 * moments) : 0; /* they, scaled, multiplied */
    if (sb_view_packed(view))
        return need + 8 * rows * (2 * pairs + probes) +
               sb_packed_bytes(view->rows, sb_packed_block(view->rows, view->per_row), (size_t)pairs);
    double all = pairs > 0 && pairs < rows ? 8 * rows * (rows + 4 * pairs) : 8 * 8 * rows * rows;
    double matrix = view->loss->root ? 0 : 10 * 8 * rows * rows;
    return need + 16 * rows * rows + all + matrix + 16 * tests * (double)view->per_row * rows +
           16 * rows * tests * (double)view->outputs;
}

static sb_status check_memory(const sb_view *view)
{
    double pairs = (double)view->config->kernel_pairs;
    if (view->rows > 32700 && !(pairs > 0 && pairs < (double)view->rows))
        return sb_fail(SB_ERR_INPUT,
                       "a kernel of %zu rows: all eigenpairs are possible up to 32700 (dsyevd's 32-bit "
                       "workspace); ask for kernel.pairs alone",
                       view->rows);
    double need = sb_view_memory(view), have = sb_memory();
    if (need - 5e8 <= have) return SB_OK;
    return sb_fail(SB_ERR_INPUT,
                   "a kernel of %zu rows needs about %.1f GB of memory, %.1f GB are free: reduce data.n, ask for "
                   "kernel.pairs alone, take kernel.widths = []%s",
                   view->rows, 1e-9 * need, 1e-9 * have, view->per_row > 1 ? " or kernel.outputs = \"mean\"" : "");
}

static void give_reason(sb_view *view, const char *reason)
{
    view->forecast = false;
    sb_format(view->silent, sizeof view->silent, "%s", reason);
}

static void show_case(sb_view *view)
{
    const sb_case *cas = &view->cas;
    view->n = cas->n;
    view->inputs = cas->inputs;
    view->outputs = cas->outputs;
    view->x = cas->data.x;
    view->y = cas->data.reference ? cas->data.reference : cas->data.y;
    view->infinite = cas->infinite;
    memcpy(view->unlike, cas->unlike, sizeof view->unlike);
    view->per_row = cas->per_row;
    view->rows = view->n * view->per_row;
    view->columns = view->outputs / view->per_row;
    view->loss = sb_case_form(cas, cas->per_row);
    view->forecast = true;
    if (*cas->silent) give_reason(view, cas->silent);
}

sb_status sb_view_create(const sb_config *config, const sb_monitor *monitor, sb_view *view)
{
    sb_status status = SB_OK;
    memset(view, 0, sizeof *view);
    view->config = config;
    SB_TRY(sb_case_open(config, monitor, &view->cas)); /* nothing is trained */
    if (view->cas.watch.response.count > 0)
        SB_TRY(sb_fail(SB_ERR_INPUT, "observe.response is of test functions, of which a kernel on the examples tells "
                                     "nothing: leave it out"));
    show_case(view);
    SB_TRY(choose_place(view));
    SB_TRY(choose_frequencies(view));
    SB_TRY(choose_tests(view));
    SB_TRY(check_memory(view));
    if (config->kernel_pairs > 0 && (size_t)config->kernel_pairs < view->loss->rank &&
        (!view->loss->root || view->cas.watch.filter.count > 0))
        give_reason(view, "it needs all eigenpairs (kernel.pairs = 0)");
done:
    if (status != SB_OK) sb_view_clear(view);
    return status;
}

void sb_view_clear(sb_view *view)
{
    sb_case_clear(&view->cas);
    free(view->place);
    free(view->q);
    free(view->test_x);
    free(view->test_y);
    memset(view, 0, sizeof *view);
}

/* ---- kernels ---- */

const char *sb_view_kernel_name(sb_view_kernel kernel)
{
    return kernel == SB_VIEW_EMPIRICAL ? "empirical" : "infinite";
}

sb_status sb_view_write_rows(void *rows, size_t first, size_t count, double *panel)
{
    const sb_view_rows *k = rows;
    size_t per_row = k->view->per_row, threads = (size_t)k->view->config->train_threads;
    if (k->kernel == SB_VIEW_INFINITE)
        return sb_case_wide_rows(&k->view->cas, per_row, first / per_row, count / per_row, panel);
    return sb_network_rows(&k->network, per_row, threads, first / per_row, count / per_row, panel);
}

sb_status sb_view_gram_of_width(const sb_view *view, double factor, sb_view_kernel kernel, uint64_t seed,
                                const sb_monitor *monitor, double *gram)
{
    const sb_case *cas = &view->cas;
    sb_network network = {0};
    const sb_ranks *grid = sb_ranks_of(view->rows);
    bool by_rows = kernel == SB_VIEW_EMPIRICAL || factor == 1;
    if (grid && by_rows) return grid->gram(view, kernel, factor, seed, gram);
    if (kernel == SB_VIEW_INFINITE) return sb_case_wide_gram(cas, factor, view->per_row, 0, NULL, gram);
    sb_status status = sb_network_start(cas, factor, seed, SB_STREAM_TRAIN, &network);
    size_t threads = (size_t)view->config->train_threads;
    if (status == SB_OK) status = sb_network_gram(&network, view->n, view->per_row, threads, monitor, gram);
    sb_network_clear(&network);
    return status;
}

sb_status sb_view_cross(const sb_view *view, sb_view_kernel kernel, uint64_t seed, double *cross)
{
    const sb_case *cas = &view->cas;
    size_t threads = (size_t)view->config->train_threads;
    sb_network network = {0};
    if (kernel == SB_VIEW_INFINITE) return sb_case_wide_gram(cas, 1, view->per_row, view->tests, view->test_x, cross);
    sb_status status = sb_network_start(cas, 1, seed, SB_STREAM_TRAIN, &network);
    if (status == SB_OK) status = sb_network_cross(&network, view->per_row, threads, view->tests, view->test_x, cross);
    sb_network_clear(&network);
    return status;
}

sb_status sb_view_start(const sb_view *view, uint64_t seed, double *h, double *test_h)
{
    sb_network network = {0};
    sb_status status = sb_network_start(&view->cas, 1, seed, SB_STREAM_TRAIN, &network);
    if (status == SB_OK) status = sb_network_outputs(&network, view->n, view->x, h);
    if (status == SB_OK && test_h) status = sb_network_outputs(&network, view->tests, view->test_x, test_h);
    sb_network_clear(&network);
    return status;
}
