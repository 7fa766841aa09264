/* The fast routes of training, and the fused step below them, against the formula of dense(m), activation, dense(1),
 * one unit and one point at a time: every activation, optimiser and instruction set, double and float. */
#include "common/test.h"

#include <stdio.h>

#include <specbias/fit.h>

#include "net/sweep.h"
#include "train/session.h"

enum { N = 201, UNITS = 203, MOST_DIM = 3, SIZE = UNITS * (MOST_DIM + 2) + 1, STEPS = 20, BLOCK = 32 };

/* What most tests are told. */
typedef struct subject {
    const char *isa;
    const sb_activation *activation;
} subject;

/* From here on the code of its instruction set is used. */
static const sb_activation *under_test(void **state)
{
    const subject *told = *state;
    assert_int_equal(setenv("SPECBIAS_ISA", told->isa, 1), 0);
    return told->activation;
}

/* Parameters, their optimiser's state, and what is trained on. */
typedef struct problem {
    size_t n;
    sb_two_layer parts;
    const sb_rule_kind *rule;
    double rate, spacing;
    double x[N * MOST_DIM], y[N];
    double theta[SIZE], slot[2][SIZE];
    double h[N], g[N];
} problem;

static sb_update constants(const problem *p, size_t step)
{
    return sb_rule_step(p->rate, 0.9, 0.999, 1e-8, step);
}

static double rate_of(const char *optimizer)
{
    return strcmp(optimizer, "adam") == 0 ? 3e-3 : strcmp(optimizer, "gd") == 0 ? 0.02 : 5e-3;
}

static double target(double x)
{
    return sin(4 * x);
}

static void make_problem(const sb_activation *activation, const char *optimizer, size_t dim, problem *p)
{
    enum { FEW = 53 };
    *p = (problem){.n = 41, .rule = sb_rule_find(optimizer), .rate = rate_of(optimizer)};
    p->parts = (sb_two_layer){.activation = activation,
                              .units = FEW,
                              .dim = dim,
                              .in = 2 * FEW, /* not in the order in which they are used */
                              .shift = 0,
                              .out = FEW,
                              .offset = SIZE_MAX,
                              .in_scale = 1.25,
                              .shift_scale = 0.75,
                              .out_scale = 0.5,
                              .in_trained = true,
                              .out_trained = true};
    seed_numbers(17);
    for (size_t j = 0; j < (2 + dim) * FEW; j++) p->theta[j] = number_in(-1.5, 1.5);
    for (size_t i = 0; i < p->n; i++) {
        for (size_t d = 0; d < dim; d++) p->x[i * dim + d] = dim == 1 ? -1.3 + 0.0625 * (double)i : number_in(-1, 1);
        p->y[i] = target(p->x[i * dim]);
    }
}

static void residual(problem *p)
{
    for (size_t i = 0; i < p->n; i++) p->g[i] = (p->h[i] - p->y[i]) / (double)p->n;
}

/* ---- the formula ---- */

static double value[N][UNITS], slope[N][UNITS]; /* s and s' of the last naive_output */

static double naive_z(const problem *p, const double *theta, size_t j, size_t i)
{
    const sb_two_layer *parts = &p->parts;
    double z = parts->shift == SIZE_MAX ? 0 : parts->shift_scale * theta[parts->shift + j];
    for (size_t d = 0; d < parts->dim; d++)
        z += parts->in_scale * theta[parts->in + j * parts->dim + d] * p->x[i * parts->dim + d];
    return z;
}

static void naive_output(problem *p)
{
    const sb_two_layer *parts = &p->parts;
    for (size_t i = 0; i < p->n; i++) {
        p->h[i] = parts->offset == SIZE_MAX ? 0 : parts->offset_scale * p->theta[parts->offset];
        for (size_t j = 0; j < parts->units; j++) {
            sb_activation_value(parts->activation, naive_z(p, p->theta, j, i), &value[i][j], &slope[i][j]);
            p->h[i] += parts->out_scale * p->theta[parts->out + j] * value[i][j];
        }
    }
}

static void naive_gradient(const problem *p, double gradient[SIZE])
{
    const sb_two_layer *parts = &p->parts;
    memset(gradient, 0, SIZE * sizeof *gradient);
    for (size_t i = 0; i < p->n; i++) {
        if (parts->offset != SIZE_MAX) gradient[parts->offset] += p->g[i] * parts->offset_scale;
        for (size_t j = 0; j < parts->units; j++) {
            if (parts->out_trained) gradient[parts->out + j] += p->g[i] * parts->out_scale * value[i][j];
            double g_z = p->g[i] * parts->out_scale * p->theta[parts->out + j] * slope[i][j];
            if (!parts->in_trained) continue;
            if (parts->shift != SIZE_MAX) gradient[parts->shift + j] += g_z * parts->shift_scale;
            for (size_t d = 0; d < parts->dim; d++)
                gradient[parts->in + j * parts->dim + d] += g_z * parts->in_scale * p->x[i * parts->dim + d];
        }
    }
}

static void naive_update(problem *p, size_t step, const double gradient[SIZE])
{
    static const char *const known[] = {"gd", "heavy_ball", "nesterov", "adam"};
    const char *name = p->rule->name;
    double beta = 0.9, beta2 = 0.999;
    bool formula = false;
    for (size_t i = 0; i < 4; i++) formula = formula || strcmp(name, known[i]) == 0;
    if (!formula) {
        sb_update how = constants(p, step);
        p->rule->update(&how, SIZE, p->theta, gradient, p->slot[0], p->slot[1]);
    }
    for (size_t j = 0; j < SIZE; j++) {
        double g = gradient[j], *v = &p->slot[0][j], *v2 = &p->slot[1][j];
        if (strcmp(name, "gd") == 0) p->theta[j] -= p->rate * g;
        if (strcmp(name, "heavy_ball") == 0) p->theta[j] -= p->rate * (*v = beta * *v + g);
        if (strcmp(name, "nesterov") == 0) {
            *v = beta * *v + g;
            p->theta[j] -= p->rate * (g + beta * *v);
        }
        if (strcmp(name, "adam") != 0) continue;
        *v = beta * *v + (1 - beta) * g;
        *v2 = beta2 * *v2 + (1 - beta2) * g * g;
        p->theta[j] -=
            p->rate * (*v / (1 - pow(beta, (double)step))) / (sqrt(*v2 / (1 - pow(beta2, (double)step))) + 1e-8);
    }
}

static void naive_steps(problem *p)
{
    double gradient[SIZE];
    naive_output(p);
    for (size_t step = 1; step <= STEPS; step++) {
        residual(p);
        naive_gradient(p, gradient);
        naive_update(p, step, gradient);
        naive_output(p);
    }
}

/* ---- the loops, in blocks of units ---- */

typedef struct fast {
    problem *p;
    bool single;
    sb_update how;
    double theta[SIZE], slot[2][SIZE], x[N * MOST_DIM], g[N]; /* or as many floats */
    char *scratch;
} fast;

static void to_numbers(bool single, size_t n, const double *from, void *to)
{
    for (size_t i = 0; i < n; i++)
        if (single)
            ((float *)to)[i] = (float)from[i];
        else
            ((double *)to)[i] = from[i];
}

static void update(void *context, size_t first, size_t count, const void *gradient)
{
    fast *f = context;
    const sb_rule_kind *rule = f->p->rule;
    assert_true(first + count <= SIZE);
    if (f->single)
        rule->update_single(&f->how, count, (float *)f->theta + first, gradient, (float *)f->slot[0] + first,
                            (float *)f->slot[1] + first);
    else
        rule->update(&f->how, count, f->theta + first, gradient, f->slot[0] + first, f->slot[1] + first);
}

static void fast_sweep(fast *f, bool step)
{
    problem *p = f->p;
    double share[N];
    sb_sweep sweep = {.parts = &p->parts,
                      .theta = f->theta,
                      .n = p->n,
                      .x = f->x,
                      .spacing = p->spacing,
                      .g = step ? f->g : NULL,
                      .context = f,
                      .update = update,
                      .scratch = f->scratch,
                      .h = share};
    const sb_activation *activation = p->parts.activation;
    memset(p->h, 0, sizeof p->h);
    for (size_t first = 0; first < p->parts.units; first += BLOCK) {
        size_t count = p->parts.units - first < BLOCK ? p->parts.units - first : BLOCK;
        (f->single ? activation->sweep_single : activation->sweep)(&sweep, first, count);
        for (size_t i = 0; i < p->n; i++) p->h[i] += share[i];
    }
}

static void fast_steps(problem *p, bool single)
{
    fast *f = calloc(1, sizeof *f);
    assert_non_null(f);
    f->p = p;
    f->single = single;
    f->scratch = malloc(sb_sweep_scratch(p->n, p->parts.dim));
    assert_non_null(f->scratch);
    to_numbers(single, SIZE, p->theta, f->theta);
    to_numbers(single, p->n * p->parts.dim, p->x, f->x);
    fast_sweep(f, false);
    for (size_t step = 1; step <= STEPS; step++) {
        residual(p);
        to_numbers(single, p->n, p->g, f->g);
        f->how = constants(p, step);
        fast_sweep(f, true);
    }
    for (size_t j = 0; j < SIZE; j++) p->theta[j] = single ? (double)((float *)f->theta)[j] : f->theta[j];
    free(f->scratch);
    free(f);
}

/* ---- the fused step ---- */

static void compare(const problem *start, double tolerance, bool single)
{
    problem fused = *start, naive = *start;
    fast_steps(&fused, single);
    naive_steps(&naive);
    assert_at_most(max_difference(start->n, fused.h, naive.h), tolerance * max_abs(start->n, naive.h));
    assert_at_most(max_difference(SIZE, fused.theta, naive.theta), tolerance * max_abs(SIZE, naive.theta));
    assert_at_least(max_difference(SIZE, fused.theta, start->theta),
                    fmin(1e-3, start->rate)); /* something was learned */
}

/* An update that divides by the size of the gradient makes of a rounded float what it likes where that is tiny; and a
 * point at a kink may count on either side. */
static double float_tolerance(const problem *p)
{
    if (p->parts.activation->kinked) return 5e-4;
    return strcmp(p->rule->name, "adam") == 0 ? 2e-4 : 2e-5;
}

static void steps_are_the_formula(void **state)
{
    const sb_activation *activation = under_test(state);
    problem p;
    for (size_t dim = 1; dim <= MOST_DIM; dim++)
        for (size_t o = 0; sb_rule_at(o); o++) {
            if (!sb_rule_at(o)->update) continue;
            make_problem(activation, sb_rule_at(o)->name, dim, &p);
            compare(&p, 1e-12, false);
            compare(&p, float_tolerance(&p), true);
        }
}

/* Rates so large that no Taylor series reaches, and so small that all do. */
static void rates_of_any_size(void **state)
{
    const sb_activation *activation = under_test(state);
    static const double rates[] = {2e-5, 1e-3, 5e-3, 0.1};
    problem p;
    for (size_t r = 0; r < sizeof rates / sizeof *rates; r++) {
        make_problem(activation, "adam", 1, &p);
        p.rate = rates[r];
        compare(&p, 1e-12, false);
    }
}

static void parts_may_be_missing_or_frozen(void **state)
{
    const sb_activation *activation = under_test(state);
    problem p;
    make_problem(activation, "heavy_ball", 2, &p);
    p.parts.shift = SIZE_MAX;
    compare(&p, 1e-12, false);
    make_problem(activation, "adam", 1, &p);
    p.parts.in_trained = false;
    compare(&p, 1e-12, false);
    make_problem(activation, "adam", 1, &p);
    p.parts.out_trained = false;
    compare(&p, 1e-12, false);
}

static void turning_is_evaluating(void **state)
{
    const sb_activation *activation = under_test(state);
    problem p;
    for (size_t o = 0; sb_rule_at(o); o++) {
        if (!sb_rule_at(o)->update) continue;
        make_problem(activation, sb_rule_at(o)->name, 1, &p);
        p.spacing = sb_grid_spacing(p.n, p.x);
        assert_near(p.spacing, 0.0625, 1e-15);
        compare(&p, 1e-12, false);
        compare(&p, float_tolerance(&p), true);
    }
    static const size_t sizes[] = {3, 4, 5, 31, 32, 33, 63, 64, 65, 130, N}; /* blocks are of 32 points */
    for (size_t k = 0; k < sizeof sizes / sizeof sizes[0]; k++) {
        size_t n = sizes[k];
        make_problem(activation, "adam", 1, &p);
        p.n = n;
        for (size_t i = 0; i < n; i++) p.x[i] = -1.3 + 0.015625 * (double)i, p.y[i] = target(p.x[i]);
        p.spacing = sb_grid_spacing(n, p.x);
        compare(&p, 1e-12, false);
    }
}

static void grids_are_told_from_others(void **state)
{
    double x[9];
    (void)state;
    for (size_t i = 0; i < 9; i++) x[i] = -0.3 + 0.1 * (double)i;
    assert_near(sb_grid_spacing(9, x), 0.1, 1e-16);
    assert_true(sb_grid_spacing(2, x) == 0);
    x[4] += 1e-14;
    assert_true(sb_grid_spacing(9, x) == 0);
    x[4] = NAN;
    assert_true(sb_grid_spacing(9, x) == 0);
}

/* ---- training by a route ---- */

typedef struct training {
    sb_dataset set;
    sb_model *model;
    sb_loss *loss;
    sb_fit_spec spec;
    sb_fit_result result;
    double *theta, *y;
    double record[STEPS]; /* steps to record */
} training;

static sb_status remember(void *context, const sb_fit_state *state)
{
    training *t = context;
    memcpy(t->y, state->h, t->set.n * sizeof *t->y);
    return SB_OK;
}

/* Points of [-1.3, 1.3] and f(x) = sin 4x; the first layers are those of `text`, parted by blanks; of two copies when
 * it begins with ASI. */
static void start_training(training *t, const char *text, bool single)
{
    bool antisymmetric = strncmp(text, "ASI ", 4) == 0;
    if (antisymmetric) text += 4;
    static char room[4][32];
    static const char *const layer[4] = {room[0], room[1], room[2], room[3]};
    size_t layers = (size_t)sscanf(text, "%31s %31s %31s %31s", room[0], room[1], room[2], room[3]);
    const char *const *const first = layer;
    const char *all[5] = {first[0], first[1], first[2], first[3]};
    all[layers] = "dense(1)";
    *t = (training){.set = {.n = N, .input = {1, 1, 1}, .output = {1, 1, 1}}};
    t->set.x = new_doubles(N);
    t->set.y = new_doubles(N);
    t->y = new_doubles(N);
    for (size_t i = 0; i < N; i++) {
        t->set.x[i] = -1.3 + 2.6 * (double)i / (N - 1);
        t->set.y[i] = target(t->set.x[i]);
    }
    sb_model_spec model = {.input = t->set.input,
                           .layers = layers + 1,
                           .layer = all,
                           .parametrisation = "standard",
                           .gain = 1,
                           .weights = "uniform(0.7)",
                           .biases = "gaussian(0.3)",
                           .shift_range = 1,
                           .antisymmetric = antisymmetric,
                           .single = single};
    sb_loss_spec loss = {.kind = "mse", .factor = "half_mean", .weights = "equal"};
    assert_ok(sb_model_create(&model, &t->model));
    assert_ok(sb_loss_create(&loss, &t->set, &t->loss));
    t->theta = new_doubles(sb_model_parameters(t->model));
    sb_model_start(t->model, 1, SB_STREAM_TRAIN, t->theta);
    for (size_t i = 0; i < STEPS; i++) t->record[i] = (double)(7 * i);
    t->spec = (sb_fit_spec){.model = t->model,
                            .set = &t->set,
                            .loss = t->loss,
                            .rule = sb_rule_find("adam"),
                            .schedule = sb_schedule_find("constant"),
                            .eta = rate_of("adam"),
                            .momentum = .9,
                            .beta2 = .999,
                            .epsilon = 1e-8,
                            .decay = 1,
                            .period = 1,
                            .steps = STEPS,
                            .nt = STEPS,
                            .record_step = t->record,
                            .threads = 1,
                            .recorder = remember,
                            .context = t,
                            .identity = "test"};
}

static void run_route(training *t, const char *route)
{
    t->spec.route = route;
    assert_ok(sb_fit(&t->spec, NULL, t->theta, &t->result));
}

static void end_training(training *t)
{
    sb_loss_destroy(&t->loss);
    sb_model_destroy(&t->model);
    free(t->set.x), free(t->set.y), free(t->theta), free(t->y);
    *t = (training){0};
}

static const char *two_layers(const sb_activation *activation)
{
    static char text[64];
    snprintf(text, sizeof text, "dense(%d) %s", UNITS, activation->name);
    return text;
}

/* Interpolation at nodes is exact where nothing jumps at 0, the second derivative neither. */
static bool route_covers(const char *route, const sb_activation *activation)
{
    static const double beside[] = {-1e-9, 1e-9};
    double second[2];
    if (strcmp(route, "rotation") == 0) return strcmp(activation->name, "sine") == 0;
    activation->second(2, beside, second);
    return strcmp(route, "nodes") != 0 || (!activation->kinked && fabs(second[1] - second[0]) < 1e-6);
}

static const char *const routes[] = {"fused", "nodes", "rotation"};
enum { ROUTES = sizeof routes / sizeof routes[0] };

static void compare_route(const char *route, const problem *start, const problem *naive, bool single, double tolerance)
{
    training t;
    start_training(&t, two_layers(start->parts.activation), single);
    size_t parameters = sb_model_parameters(t.model);
    t.spec.rule = start->rule;
    t.spec.eta = start->rate;
    run_route(&t, route);
    assert_string_equal(t.result.route, route);
    assert_at_most(max_difference(N, t.y, naive->h), tolerance * max_abs(N, naive->h));
    assert_at_most(max_difference(parameters, t.theta, naive->theta), tolerance * max_abs(parameters, naive->theta));
    end_training(&t);
}

/* Every optimiser by every route, double and float. */
static void routes_are_the_formula(void **state)
{
    const sb_activation *activation = under_test(state);
    for (size_t o = 0; sb_rule_at(o); o++) {
        if (!sb_rule_at(o)->update) continue;
        const char *optimizer = sb_rule_at(o)->name;
        problem start = {.n = N, .rule = sb_rule_find(optimizer), .rate = rate_of(optimizer)};
        training t;
        start_training(&t, two_layers(activation), false);
        sb_two_layer parts[SB_MOST_COPIES];
        assert_int_equal(sb_model_two_layer(t.model, parts), 1);
        start.parts = parts[0];
        memcpy(start.theta, t.theta, sb_model_parameters(t.model) * sizeof *t.theta);
        memcpy(start.x, t.set.x, N * sizeof *start.x);
        memcpy(start.y, t.set.y, N * sizeof *start.y);
        end_training(&t);
        problem naive = start;
        naive_steps(&naive);
        for (size_t r = 0; r < ROUTES; r++) {
            if (!route_covers(routes[r], activation)) continue;
            compare_route(routes[r], &start, &naive, false, strcmp(routes[r], "nodes") == 0 ? 1e-11 : 1e-12);
            compare_route(routes[r], &start, &naive, true, activation->kinked ? 5e-4 : 1e-4);
        }
    }
}

static void check_threads(const char *route, const char *text, bool single)
{
    training one, two;
    start_training(&one, text, single);
    start_training(&two, text, single);
    two.spec.threads = 2;
    run_route(&one, route);
    run_route(&two, route);
    assert_memory_equal(one.theta, two.theta, sb_model_parameters(one.model) * sizeof(double));
    assert_memory_equal(one.y, two.y, N * sizeof(double));
    end_training(&one);
    end_training(&two);
}

static void threads_make_no_difference(void **state)
{
    const sb_activation *activation = under_test(state);
    char copies[64];
    snprintf(copies, sizeof copies, "ASI shifted(70) %s", activation->name);
    for (size_t r = 0; r < ROUTES; r++)
        for (int single = 0; route_covers(routes[r], activation) && single < 2; single++) {
            check_threads(routes[r], two_layers(activation), single);
            check_threads(routes[r], copies, single);
        }
}

/* Layers one after the other say what the sweeps must give. */
static void compare_with_plain(const char *route, const char *optimizer, const char *text, bool single)
{
    training swept, plain;
    /* Adam divides gradients by their size + epsilon: where they are small their rounding, 1e-16, becomes 1e-8. The
     * outputs of two copies cancel, to about a hundredth. */
    double tolerance = single ? 5e-4 : strcmp(optimizer, "adam") == 0 ? 1e-8 : 1e-11;
    start_training(&swept, text, single);
    start_training(&plain, text, single);
    swept.spec.rule = plain.spec.rule = sb_rule_find(optimizer);
    swept.spec.eta = plain.spec.eta = rate_of(optimizer);
    run_route(&swept, route);
    run_route(&plain, "plain");
    assert_string_equal(swept.result.route, route);
    size_t parameters = sb_model_parameters(plain.model);
    assert_at_most(max_difference(N, swept.y, plain.y), tolerance * max_abs(N, plain.y));
    assert_at_most(max_difference(parameters, swept.theta, plain.theta), tolerance * max_abs(parameters, plain.theta));
    end_training(&swept);
    end_training(&plain);
}

static void shifted_units_and_copies(void **state)
{
    static const char *const shapes[] = {"shifted(50)", "ASI shifted(50)", "ASI dense(50)", "ASI dense(50,frozen)"};
    const sb_activation *activation = under_test(state);
    for (size_t k = 0; k < sizeof shapes / sizeof shapes[0]; k++)
        for (size_t r = 0; r < ROUTES; r++) {
            char text[64];
            snprintf(text, sizeof text, "%s %s", shapes[k], activation->name);
            /* nodes want 1e-13 of the output, which two copies leave a small part of */
            bool by_nodes = strcmp(routes[r], "nodes") == 0 && k > 0;
            if (!route_covers(routes[r], activation) || by_nodes) continue;
            compare_with_plain(routes[r], "gd", text, false);
            compare_with_plain(routes[r], "adam", text, false);
            compare_with_plain(routes[r], "gd", text, true);
        }
}

/* ---- nodes ---- */

/* Deep networks go by plain on the nodes. */
static void deep_networks_by_nodes(void **state)
{
    static const char *const text = "dense(24) tanh dense(30) sine";
    training nodes, plain;
    (void)state;
    for (int single = 0; single < 2; single++) {
        start_training(&nodes, text, single);
        start_training(&plain, text, single);
        run_route(&nodes, "auto");
        assert_string_equal(nodes.result.route, "nodes");
        run_route(&plain, "plain");
        double tolerance = single ? 1e-4 : 1e-11;
        assert_at_most(max_difference(N, nodes.y, plain.y), tolerance * max_abs(N, plain.y));
        assert_at_most(max_difference(sb_model_parameters(plain.model), nodes.theta, plain.theta), tolerance);
        end_training(&nodes);
        end_training(&plain);
        check_threads("nodes", text, single);
    }
}

/* A session as sb_fit makes it, in the hands of the test. */
static void open_session(training *t, sb_session *s)
{
    size_t parameters = sb_model_parameters(t->model);
    *s = (sb_session){.spec = &t->spec, .parameters = parameters, .inputs = 1, .outputs = 1};
    s->rows = s->count = N;
    s->threads = 1;
    sb_barrier_init(&s->barrier, 1);
    s->theta = new_doubles(parameters);
    s->h = new_doubles(N);
    s->g = new_doubles(N);
    memcpy(s->theta, t->theta, parameters * sizeof(double));
    s->route = sb_fit_route_find("nodes");
    assert_true(s->route->covers(s));
    assert_ok(s->route->create(s));
}

static double nodes_in_use(sb_session *s)
{
    size_t count;
    return s->route->carry(s, &count)[0];
}

/* As the weights grow more nodes are taken, until they are half of the examples; whoever is told that all is well has
 * the outputs of the network. */
static void growing_weights_take_more_nodes(void **state)
{
    training t;
    sb_session s;
    double direct[N];
    size_t refined = 0;
    bool refused = false;
    (void)state;
    start_training(&t, "dense(50) tanh", false);
    open_session(&t, &s);
    double first = nodes_in_use(&s), *theta = s.theta;
    for (double factor = 1; factor < 30 && !refused; factor *= 1.1) {
        for (size_t j = 0; j < 50; j++) theta[j] = factor * t.theta[j];
        s.carried = false;
        s.route->evaluate(&s, 0);
        while (!refused && !s.route->exact(&s)) {
            assert_ok(sb_model_evaluate(t.model, theta, N, t.set.x, direct));
            refused = !s.route->refine(&s);
            refined++;
            s.carried = false;
            s.route->evaluate(&s, 0);
        }
        assert_ok(sb_model_evaluate(t.model, theta, N, t.set.x, direct));
        if (!refused) assert_at_most(max_difference(N, s.h, direct), 5e-13 * max_abs(N, direct));
    }
    assert_true(refused && refined >= 3);
    assert_true(first <= 48 && nodes_in_use(&s) == 96); /* of 201 examples */
    s.route->destroy(&s);
    free(s.theta), free(s.h), free(s.g);
    end_training(&t);
}

/* Weights grow so fast that first more nodes are taken and then another route: the outcome is that of plain. */
static void growth_in_training_falls_back(void **state)
{
    static const double rate[] = {0.01, 0.05, 0.6};
    static const char *const last[] = {"nodes", "nodes", "fused"};
    (void)state;
    for (size_t i = 0; i < 3; i++) {
        training nodes, plain;
        start_training(&nodes, "dense(50) tanh", false);
        start_training(&plain, "dense(50) tanh", false);
        nodes.spec.eta = plain.spec.eta = rate[i];
        run_route(&nodes, "auto");
        run_route(&plain, "plain");
        assert_string_equal(nodes.result.route, last[i]);
        assert_int_equal(nodes.result.records, plain.result.records);
        assert_at_most(max_difference(N, nodes.y, plain.y), 1e-10 * max_abs(N, plain.y));
        end_training(&nodes);
        end_training(&plain);
    }
}

/* A narrow feature that the nodes cannot see is not overlooked: the route gives up at the start. */
static void what_nodes_cannot_give_is_refused(void **state)
{
    training t;
    (void)state;
    start_training(&t, "dense(50) tanh", false);
    t.theta[7] *= 400;
    run_route(&t, "auto");
    assert_string_equal(t.result.route, "fused");
    end_training(&t);
    start_training(&t, "dense(50) tanh", false);
    t.theta[7] *= 400;
    t.spec.route = "nodes";
    double size = max_abs(50, t.theta);
    sb_status status = sb_fit(&t.spec, NULL, t.theta, &t.result);
    assert_true(size > 20 && status == SB_OK && strcmp(t.result.route, "nodes") != 0);
    end_training(&t);
}

/* ---- a loss that is not a sum over examples ---- */

static void coupled_losses_by_fused(void **state)
{
    static const char *const ways[] = {"plain", "fused", "nodes"};
    double outcome[3][N];
    (void)state;
    for (size_t r = 0; r < 3; r++) {
        training t;
        double q[N];
        start_training(&t, "dense(40) tanh", false);
        for (size_t i = 0; i < N; i++) q[i] = 2.6 / N;
        t.set.place_dim = 1;
        t.set.place = t.set.x;
        t.set.q = q;
        t.set.spacing = 2.6 / (N - 1);
        t.set.a = -1.3, t.set.b = 1.3;
        sb_loss_destroy(&t.loss);
        sb_loss_spec coupled = {
            .kind = "sobolev", .domain = "line", .weights = "quadrature", .convention = "b", .s = -.5};
        assert_ok(sb_loss_create(&coupled, &t.set, &t.loss));
        t.spec.loss = t.loss;
        run_route(&t, ways[r]);
        memcpy(outcome[r], t.y, sizeof outcome[r]);
        end_training(&t);
    }
    assert_at_most(max_difference(N, outcome[0], outcome[1]), 1e-12 * max_abs(N, outcome[0]));
    assert_at_most(max_difference(N, outcome[0], outcome[2]), 1e-11 * max_abs(N, outcome[0]));
}

/* ---- every activation on every instruction set ---- */

enum { ISAS = 3, MOST = 240 };
static char names[MOST][96];
static subject subjects[MOST];
static struct CMUnitTest tests[MOST];
static size_t count;

static void add(subject told, const char *name, CMUnitTestFunction run)
{
    if (count == MOST) abort(); /* make room */
    snprintf(names[count], sizeof names[count], "%s: %s, %s", name, told.activation->name, told.isa);
    subjects[count] = told;
    tests[count] = (struct CMUnitTest){.name = names[count], .test_func = run, .initial_state = &subjects[count]};
    count++;
}

#define ADD(test) add(told, #test, test)

int main(void)
{
    static const char *const isas[ISAS] = {"baseline", "avx2", "avx512"};
    static const struct CMUnitTest once[] = {
        cmocka_unit_test(grids_are_told_from_others),        cmocka_unit_test(deep_networks_by_nodes),
        cmocka_unit_test(growing_weights_take_more_nodes),   cmocka_unit_test(growth_in_training_falls_back),
        cmocka_unit_test(what_nodes_cannot_give_is_refused), cmocka_unit_test(coupled_losses_by_fused),
    };
    for (; count < sizeof once / sizeof once[0]; count++) tests[count] = once[count];
    for (size_t i = 0; i < ISAS; i++) {
        setenv("SPECBIAS_ISA", isas[i], 1);
        if (strcmp(sb_isa_name(), isas[i]) != 0) continue; /* not on this machine */
        for (size_t a = 0; sb_activation_at(a); a++) {
            subject told = {isas[i], sb_activation_at(a)};
            ADD(steps_are_the_formula);
            ADD(rates_of_any_size);
            ADD(parts_may_be_missing_or_frozen);
            if (strcmp(told.activation->name, "sine") == 0) ADD(turning_is_evaluating);
            ADD(routes_are_the_formula);
            ADD(threads_make_no_difference);
            ADD(shifted_units_and_copies);
        }
    }
    return _cmocka_run_group_tests("routes", tests, count, NULL, NULL);
}
