#include "experiment/kernel/view.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include <gsl/gsl_sort.h>

#include "core/parallel.h"
#include "core/text.h"

#define TEST_POINTS 201 /* of a function on a line */

/* ---- network and data ---- */

static sb_status open_units(const sb_monitor *monitor, sb_view *view)
{
    sb_status status = sb_setup_create(view->config, monitor, &view->setup);
    const sb_problem *problem = &view->setup.problem;
    if (status != SB_OK) return status;
    view->n = problem->n;
    view->inputs = problem->dim;
    view->outputs = 1;
    view->x = problem->x;
    view->y = problem->y;
    view->nt = problem->nt;
    view->step = problem->step;
    view->infinite = sb_kernel_for(&view->setup.law) != NULL;
    if (!view->infinite) sb_format(view->unlike, sizeof view->unlike, "none is one of net %s", view->setup.law.net);
    view->label = problem->grid.label;
    view->modes = &view->units_modes;
    return sb_modes_create(problem->n, problem->dim, problem->x, problem->q, problem->grid.n, problem->grid.xi, 1,
                           problem->y, &view->units_modes);
}

static sb_status open_layers(const sb_monitor *monitor, sb_view *view)
{
    sb_learn *learn = &view->learn;
    sb_status status = sb_learn_open(view->config, monitor, learn); /* nothing is trained */
    if (status != SB_OK) return status;
    view->n = learn->train.n;
    view->inputs = sb_model_inputs(learn->model);
    view->outputs = sb_model_outputs(learn->model);
    view->single = sb_model_single(learn->model);
    view->x = learn->train.x;
    view->y = learn->train.reference ? learn->train.reference : learn->train.y;
    view->nt = learn->nt;
    view->step = learn->step;
    view->infinite = sb_model_wide_law(learn->model, &view->wide) == SB_OK;
    if (!view->infinite) sb_format(view->unlike, sizeof view->unlike, "%s", sb_error_text());
    if (learn->modes.count) {
        view->modes = &learn->modes;
        view->label = learn->label;
    } else if (learn->along.count) {
        view->modes = &learn->along;
        view->label = view->config->observe_projection.v;
    }
    return SB_OK;
}

/* ---- loss and rule ---- */

static void give_reason(sb_view *view, const char *reason)
{
    view->forecast = false;
    sb_format(view->silent, sizeof view->silent, "%s", reason);
}

/* Rows of an example all weigh c_i. */
static sb_status weigh_rows(const double *c, sb_view *view)
{
    double *weight = malloc(view->rows * sizeof *weight);
    if (!weight) return sb_fail(SB_ERR_NOMEM, "no memory for %zu weights", view->rows);
    for (size_t i = 0; i < view->rows; i++) weight[i] = c[i / view->per_row];
    sb_status status = sb_quadratic_weights(view->rows, weight, &view->loss);
    free(weight);
    return status;
}

/* c_i from the gradient c_i u_i at u = 1. A mini-batch sees batch/n of the examples in the mean, which matters where
 * the loss is a sum. */
static sb_status loss_of_squares(sb_view *view)
{
    size_t count = view->n * view->outputs, batch = (size_t)view->config->train_batch;
    if (batch == 0 || batch > view->n) batch = view->n;
    double *h = malloc((2 * count + view->n) * sizeof *h), *g = h + count, *c = g + count;
    if (!h) return sb_fail(SB_ERR_NOMEM, "no memory for %zu weights", count);
    for (size_t i = 0; i < count; i++) h[i] = view->learn.train.y[i] + 1;
    sb_loss_value(view->learn.loss, view->n, NULL, batch, h, g);
    for (size_t i = 0; i < view->n; i++) c[i] = g[i * view->outputs] * (double)batch / (double)view->n;
    sb_status status = weigh_rows(c, view);
    free(h);
    return status;
}

/* Column i of P is the gradient at u = e_i. */
static sb_status loss_of_matrix(sb_view *view)
{
    size_t n = view->n;
    double *p = malloc((n * n + n) * sizeof *p), *h = p + n * n;
    if (!p) return sb_fail(SB_ERR_NOMEM, "no memory for the matrix of a loss of %zu points", n);
    memcpy(h, view->learn.train.y, n * sizeof *h);
    for (size_t i = 0; i < n; i++) {
        double kept = h[i];
        h[i] += 1; /* of a wanted output of any size: the loss is exactly quadratic */
        sb_loss_value(view->learn.loss, n, NULL, n, h, p + i * n);
        h[i] = kept;
    }
    sb_status status = sb_quadratic_matrix(n, p, &view->loss);
    free(p);
    return status;
}

static sb_status equal_weights(sb_view *view)
{
    double *c = malloc(view->n * sizeof *c);
    if (!c) return sb_fail(SB_ERR_NOMEM, "no memory for %zu weights", view->n);
    for (size_t i = 0; i < view->n; i++) c[i] = 1 / (double)view->n;
    sb_status status = weigh_rows(c, view);
    free(c);
    return status;
}

static sb_status make_loss(sb_view *view)
{
    const char *kind = view->config->loss_kind;
    char text[200];
    if (!view->layers) return weigh_rows(view->setup.problem.c, view);
    if (strcmp(kind, "mse") == 0 || strcmp(kind, "nmse") == 0) return loss_of_squares(view);
    if (strcmp(kind, "sobolev") == 0 && view->outputs == 1) return loss_of_matrix(view);
    sb_format(text, sizeof text,
              "the loss %s is not a quadratic form of the residual%s; eigenvalues are those of K / n", kind,
              strcmp(kind, "sobolev") == 0 ? " of one output" : "");
    give_reason(view, text);
    return equal_weights(view);
}

static void make_rule(sb_view *view)
{
    const sb_config *config = view->config;
    char text[200];
    view->rule = sb_rule_of(config->train_optimizer, config->train_eta, config->train_momentum);
    sb_format(text, sizeof text, "%s does not follow gradients of the loss alone", config->train_optimizer);
    if (!view->rule.kind->shrink) give_reason(view, text);
    if (view->layers && strcmp(config->train_schedule, "constant") != 0)
        give_reason(view, "the learning rate changes on the way (train.schedule)");
}

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
    const sb_dataset *set = &view->learn.train;
    const sb_problem *problem = &view->setup.problem;
    if (!view->layers && problem->dim == 1) {
        view->kind = SB_PLACE_LINE;
        view->left = problem->a;
        view->length = problem->b - problem->a;
        sb_status status = copy_numbers(view->n, problem->x, &view->place);
        return status == SB_OK ? copy_numbers(view->n, problem->q, &view->q) : status;
    }
    if (view->layers && set->place_dim == 1 && set->q) {
        view->kind = strcmp(view->config->data_map, "circle") == 0 ? SB_PLACE_CIRCLE : SB_PLACE_LINE;
        view->left = set->a;
        view->length = set->b - set->a;
        sb_status status = copy_numbers(view->n, set->place, &view->place);
        return status == SB_OK ? copy_numbers(view->n, set->q, &view->q) : status;
    }
    sb_status status = copy_numbers(view->n, view->layers ? set->q : NULL, &view->q);
    if (status == SB_OK) status = copy_numbers(view->n, NULL, &view->place);
    if (status != SB_OK) return status;
    if (view->layers && set->q && set->place_dim == 0) {
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
    sb_setup setup;
    sb_dataset set = {0};
    memset(&setup, 0, sizeof setup);
    if (strcmp(view->config->target_kind, "values") == 0) return SB_OK; /* known at the data alone */
    sb_format(number, sizeof number, "data.n=%d", TEST_POINTS);
    SB_TRY(sb_config_copy(view->config, &fine));
    SB_TRY(sb_config_set(&fine, "data.kind=uniform"));
    SB_TRY(sb_config_set(&fine, "data.points=midpoint"));
    SB_TRY(sb_config_set(&fine, "data.weights=equal"));
    SB_TRY(sb_config_set(&fine, number));
    SB_TRY(sb_setup_data(&fine, NULL, &setup));
    SB_TRY(sb_dataset_of_problem(&setup.problem, view->layers && on_ring(view), &set));
    view->tests = set.n;
    SB_TRY(copy_numbers(set.n * view->inputs, set.x, &view->test_x));
    SB_TRY(copy_numbers(set.n, set.y, &view->test_y));
done:
    sb_dataset_clear(&set);
    sb_setup_clear(&setup);
    sb_config_clear(&fine);
    return status;
}

static sb_status choose_tests(sb_view *view)
{
    bool function = sb_points_find(view->config->data_kind) != NULL;
    if (function && strcmp(view->config->loss_kind, "ritz") != 0 && view->kind != SB_PLACE_ALONG &&
        view->kind != SB_PLACE_NONE)
        return test_on_line(view);
    if (!view->layers || view->learn.tests == 0) return SB_OK;
    const sb_dataset *set = &view->learn.test[0];
    view->tests = set->n;
    sb_status status = copy_numbers(set->n * view->inputs, set->x, &view->test_x);
    return status == SB_OK ? copy_numbers(set->n * view->outputs, set->y, &view->test_y) : status;
}

/* ---- memory ---- */

static sb_status check_memory(const sb_view *view)
{
    double rows = (double)view->rows, pairs = (double)view->config->kernel_pairs, tests = (double)view->tests;
    if (view->rows > 32700 && !(pairs > 0 && pairs < rows))
        return sb_fail(SB_ERR_INPUT,
                       "a kernel of %zu rows: all eigenpairs are possible up to 32700 (dsyevd's 32-bit "
                       "workspace); ask for kernel.pairs alone",
                       view->rows);
    double all = pairs > 0 && pairs < rows ? 8 * rows * (rows + 4 * pairs) : 8 * 8 * rows * rows;
    double matrix = view->layers && strcmp(view->config->loss_kind, "sobolev") == 0 ? 10 * 8 * rows * rows : 0;
    double need = 2 * 8 * rows * rows + all + matrix + 16 * tests * (double)view->per_row * rows +
                  16 * rows * tests * (double)view->outputs + 5e8;
    double have = sb_memory();
    if (need - 5e8 <= have) return SB_OK;
    return sb_fail(
        SB_ERR_INPUT,
        "a kernel of %zu rows needs about %.1f GB of memory, the machine has %.1f GB: reduce data.n, ask for "
        "kernel.pairs alone%s",
        view->rows, 1e-9 * need, 1e-9 * have, view->per_row > 1 ? ", or take kernel.outputs = \"mean\"" : "");
}

sb_status sb_view_create(const sb_config *config, const sb_monitor *monitor, sb_view *view)
{
    sb_status status = SB_OK;
    memset(view, 0, sizeof *view);
    view->config = config;
    view->forecast = true;
    view->layers = strcmp(config->experiment_kind, "learn") == 0;
    if (!view->layers && strcmp(config->experiment_kind, "train") != 0)
        return sb_fail(SB_ERR_INPUT,
                       "an experiment of kind \"%s\" has no kernel of its own; those of kind \"train\" "
                       "and \"learn\" have",
                       config->experiment_kind);
    SB_TRY(view->layers ? open_layers(monitor, view) : open_units(monitor, view));
    view->per_row = strcmp(config->kernel_outputs, "full") == 0 ? view->outputs : 1;
    view->rows = view->n * view->per_row;
    view->columns = view->outputs / view->per_row;
    SB_TRY(choose_place(view));
    SB_TRY(choose_frequencies(view));
    SB_TRY(choose_tests(view));
    SB_TRY(check_memory(view));
    SB_TRY(make_loss(view));
    make_rule(view);
    if (config->kernel_pairs > 0 && (size_t)config->kernel_pairs < view->loss.rank)
        give_reason(view, "it needs all eigenpairs (kernel.pairs = 0)");
done:
    if (status != SB_OK) sb_view_clear(view);
    return status;
}

void sb_view_clear(sb_view *view)
{
    sb_setup_clear(&view->setup);
    sb_learn_clear(&view->learn);
    sb_wide_law_clear(&view->wide);
    sb_quadratic_clear(&view->loss);
    sb_modes_clear(&view->units_modes);
    free(view->place);
    free(view->q);
    free(view->test_x);
    free(view->test_y);
    memset(view, 0, sizeof *view);
}

/* ---- kernels ---- */

static size_t threads_of(const sb_view *view)
{
    return (size_t)view->config->train_threads;
}

const char *sb_view_kernel_name(sb_view_kernel kernel)
{
    return kernel == SB_VIEW_EMPIRICAL ? "empirical" : "infinite";
}

/* K of one output on the diagonal of outputs: those of an infinitely wide network do not couple. */
static void spread_outputs(size_t m, size_t n, size_t per_row, const double *one, double *gram)
{
    memset(gram, 0, m * n * per_row * per_row * sizeof *gram);
    for (size_t i = 0; i < m; i++)
        for (size_t j = 0; j < n; j++)
            for (size_t o = 0; o < per_row; o++)
                gram[(i * per_row + o) * n * per_row + j * per_row + o] = one[i * n + j];
}

/* Rows x1[m], columns x2[n]; x2 = NULL: x1 with itself. */
static sb_status wide_kernel(const sb_view *view, const sb_wide_law *wide, size_t m, const double *x1, size_t n,
                             const double *x2, double *gram)
{
    if (view->per_row == 1) return sb_gram_wide(wide, m, x1, n, x2, threads_of(view), gram);
    double *one = malloc(m * n * sizeof *one);
    if (!one) return sb_fail(SB_ERR_NOMEM, "no memory for a kernel of %zu points", n);
    sb_status status = sb_gram_wide(wide, m, x1, n, x2, threads_of(view), one);
    if (status == SB_OK) spread_outputs(m, n, view->per_row, one, gram);
    free(one);
    return status;
}

static sb_outputs outputs_of(const sb_view *view)
{
    return view->per_row > 1 ? SB_OUTPUTS_FULL : SB_OUTPUTS_MEAN;
}

/* Of a model like the view's, at its start. */
static sb_status layers_kernel(const sb_view *view, const sb_model *model, uint64_t seed, const sb_monitor *monitor,
                               size_t m, const double *x1, double *gram)
{
    sb_factors factors = {0};
    double *theta = malloc(sb_model_parameters(model) * sizeof *theta);
    if (!theta) return sb_fail(SB_ERR_NOMEM, "no memory for a network");
    sb_model_start(model, seed, SB_STREAM_TRAIN, theta);
    sb_status status = sb_model_factors(model, theta, &factors);
    sb_gram_spec spec = {
        .factors = &factors, .outputs = outputs_of(view), .threads = threads_of(view), .monitor = monitor};
    if (status == SB_OK)
        status = x1 ? sb_gram_layers_cross(&spec, m, x1, view->n, view->x, gram)
                    : sb_gram_layers(&spec, view->n, view->x, gram);
    sb_factors_clear(&factors);
    free(theta);
    return status;
}

sb_status sb_view_gram(const sb_view *view, sb_view_kernel kernel, uint64_t seed, const sb_monitor *monitor,
                       double *gram)
{
    if (!view->layers)
        return sb_source_find(kernel == SB_VIEW_INFINITE ? "ntk.infinite" : "ntk.empirical")
            ->gram(&view->setup, seed, gram);
    if (kernel == SB_VIEW_INFINITE) return wide_kernel(view, &view->wide, view->n, view->x, view->n, NULL, gram);
    return layers_kernel(view, view->learn.model, seed, monitor, 0, NULL, gram);
}

/* |K - mean x 1| / |K| of K [m outputs][m outputs] */
static double coupling_of(size_t m, size_t outputs, const double *k)
{
    double off = 0, size = 0, rows = (double)outputs;
    for (size_t i = 0; i < m; i++)
        for (size_t j = 0; j < m; j++) {
            double mean = 0;
            for (size_t o = 0; o < outputs; o++) mean += k[(i * outputs + o) * m * outputs + j * outputs + o] / rows;
            for (size_t o = 0; o < outputs; o++)
                for (size_t p = 0; p < outputs; p++) {
                    double value = k[(i * outputs + o) * m * outputs + j * outputs + p];
                    off += pow(value - (o == p ? mean : 0), 2);
                    size += value * value;
                }
        }
    return sqrt(off / size);
}

enum { COUPLED_ROWS = 2000, COUPLED_EXAMPLES = 16 }; /* of which a look at all of K consists, at most */

sb_status sb_view_coupling(const sb_view *view, uint64_t seed, size_t *examples, double *coupling)
{
    sb_view part = *view; /* its first examples, and all of the kernel */
    size_t m = COUPLED_ROWS / view->outputs;
    m = m > COUPLED_EXAMPLES ? COUPLED_EXAMPLES : m;
    part.n = *examples = m > view->n ? view->n : m;
    part.per_row = view->outputs;
    *coupling = NAN;
    if (!view->layers || view->outputs == 1 || part.n == 0) return SB_OK;
    size_t rows = part.n * view->outputs;
    double *k = malloc(rows * rows * sizeof *k);
    if (!k) return sb_fail(SB_ERR_NOMEM, "no memory for a kernel of %zu rows", rows);
    sb_status status = layers_kernel(&part, view->learn.model, seed, NULL, 0, NULL, k);
    if (status == SB_OK) *coupling = coupling_of(part.n, view->outputs, k);
    free(k);
    return status;
}

/* The part of the kernel on data and tests together. */
static sb_status units_cross(const sb_view *view, uint64_t seed, double *cross)
{
    sb_status status = SB_OK;
    size_t n = view->n, m = view->tests, all = n + m;
    sb_net net = {0};
    double *x = malloc(all * view->inputs * sizeof *x), *gram = malloc(all * all * sizeof *gram);
    if (!x || !gram) SB_TRY(sb_fail(SB_ERR_NOMEM, "no memory for a kernel of %zu points", all));
    memcpy(x, view->x, n * view->inputs * sizeof *x);
    memcpy(x + n * view->inputs, view->test_x, m * view->inputs * sizeof *x);
    SB_TRY(sb_net_init(&view->setup.net, seed, SB_STREAM_TRAIN, &net));
    sb_jacobian jacobian = {
        .dim = net.spec.dim, .units = net.width, .per_unit = net.trained, .columns = sb_net_columns, .context = &net};
    SB_TRY(sb_gram_empirical(&jacobian, all, x, threads_of(view), gram));
    for (size_t i = 0; i < m; i++) memcpy(cross + i * n, gram + (n + i) * all, n * sizeof *cross);
done:
    sb_net_clear(&net);
    free(x);
    free(gram);
    return status;
}

sb_status sb_view_cross(const sb_view *view, sb_view_kernel kernel, uint64_t seed, double *cross)
{
    if (view->layers && kernel == SB_VIEW_INFINITE)
        return wide_kernel(view, &view->wide, view->tests, view->test_x, view->n, view->x, cross);
    if (view->layers) return layers_kernel(view, view->learn.model, seed, NULL, view->tests, view->test_x, cross);
    if (kernel == SB_VIEW_EMPIRICAL) return units_cross(view, seed, cross);
    const sb_net_law *law = &view->setup.law;
    return sb_gram_infinite(sb_kernel_for(law), law, view->tests, view->test_x, view->n, view->x, threads_of(view),
                            cross);
}

/* A layer as it was written, with `factor` times its units. */
static void widen_text(const char *text, double factor, char *wider, size_t size)
{
    const char *number = text + strcspn(text, "0123456789"), *open = strchr(text, '(');
    if (!open || number < open) {
        sb_format(wider, size, "%s", text);
        return;
    }
    char *end;
    double units = round(factor * sb_text_real(number, &end));
    sb_format(wider, size, "%.*s%.0f%s", (int)(number - text), text, units < 1 ? 1 : units, end);
}

static bool has_units(const char *text)
{
    return strncmp(text, "dense(", 6) == 0 || strncmp(text, "conv", 4) == 0 || strncmp(text, "fourier(", 8) == 0;
}

/* All layers with units but the last are `factor` times as wide. */
static sb_status widen_layers(const sb_view *view, double factor, sb_config *config)
{
    size_t last = 0;
    sb_texts *layers = &config->net_layers;
    for (size_t i = 0; i < layers->n; i++)
        if (has_units(layers->v[i])) last = i;
    for (size_t i = 0; i < last; i++) {
        char wider[128];
        if (!has_units(layers->v[i])) continue;
        widen_text(view->config->net_layers.v[i], factor, wider, sizeof wider);
        char *text = strdup(wider);
        if (!text) return sb_fail(SB_ERR_NOMEM, "no memory for a network");
        free(layers->v[i]);
        layers->v[i] = text;
    }
    return SB_OK;
}

static sb_status units_of_width(const sb_view *view, double factor, uint64_t seed, double *gram)
{
    sb_net net = {0};
    sb_net_spec spec = view->setup.net;
    size_t step = spec.antisymmetric ? 2 : 1;
    if (spec.quiet) step *= 4;
    spec.width = (size_t)fmax(1, round(factor * (double)spec.width / (double)step)) * step;
    sb_status status = sb_net_init(&spec, seed, SB_STREAM_TRAIN, &net);
    if (status == SB_OK) status = sb_net_gram(&view->setup, &net, 0, net.width, gram);
    sb_net_clear(&net);
    return status;
}

static sb_status layers_of_width(const sb_view *view, double factor, sb_view_kernel kernel, uint64_t seed, double *gram)
{
    sb_status status = SB_OK;
    sb_config config = {0};
    sb_model *model = NULL;
    sb_wide_law wide = {0};
    SB_TRY(sb_config_copy(view->config, &config));
    SB_TRY(widen_layers(view, factor, &config));
    SB_TRY(sb_learn_model(&config, view->learn.train.input, &model));
    if (kernel == SB_VIEW_EMPIRICAL)
        SB_TRY(layers_kernel(view, model, seed, NULL, 0, NULL, gram));
    else {
        SB_TRY(sb_model_wide_law(model, &wide));
        SB_TRY(wide_kernel(view, &wide, view->n, view->x, view->n, NULL, gram));
    }
done:
    sb_wide_law_clear(&wide);
    sb_model_destroy(&model);
    sb_config_clear(&config);
    return status;
}

sb_status sb_view_gram_of_width(const sb_view *view, double factor, sb_view_kernel kernel, uint64_t seed, double *gram)
{
    if (view->layers) return layers_of_width(view, factor, kernel, seed, gram);
    if (kernel == SB_VIEW_INFINITE) return sb_view_gram(view, kernel, seed, NULL, gram);
    return units_of_width(view, factor, seed, gram);
}

static sb_status units_start(const sb_view *view, uint64_t seed, double *h, double *test_h)
{
    sb_net net = {0};
    sb_status status = sb_net_init(&view->setup.net, seed, SB_STREAM_TRAIN, &net);
    if (status == SB_OK) status = sb_net_forward(&net, view->n, view->x, h);
    if (status == SB_OK && test_h) status = sb_net_forward(&net, view->tests, view->test_x, test_h);
    sb_net_clear(&net);
    return status;
}

sb_status sb_view_start(const sb_view *view, uint64_t seed, double *h, double *test_h)
{
    if (!view->layers) return units_start(view, seed, h, test_h);
    const sb_model *model = view->learn.model;
    double *theta = malloc(sb_model_parameters(model) * sizeof *theta);
    if (!theta) return sb_fail(SB_ERR_NOMEM, "no memory for a network");
    sb_model_start(model, seed, SB_STREAM_TRAIN, theta);
    sb_status status = sb_model_evaluate(model, theta, view->n, view->x, h);
    if (status == SB_OK && test_h) status = sb_model_evaluate(model, theta, view->tests, view->test_x, test_h);
    free(theta);
    return status;
}
