/* The fused step of dense(m), activation, dense(1) against its formula, one unit and one point at a time: every
 * activation, optimiser and instruction set, double and float. */
#include "common/test.h"

#include <stdio.h>

#include <specbias/optimizer.h>

#include "net/sweep.h"

enum { N = 41, UNITS = 53, MOST_DIM = 3, SIZE = UNITS * (MOST_DIM + 2), STEPS = 30, BLOCK = 32 };

/* Parameters, their optimiser's state, and what is trained on. */
typedef struct problem {
    sb_two_layer parts;
    const sb_optimizer *optimizer;
    double rate, spacing;
    double x[N * MOST_DIM], y[N];
    double theta[SIZE], slot[2][SIZE];
    double h[N], g[N];
} problem;

static sb_update constants(const problem *p, size_t step)
{
    return sb_optimizer_step(p->optimizer, p->rate, 0.9, 0.999, 1e-8, step);
}

static void make_problem(const sb_activation *activation, const char *optimizer, size_t dim, problem *p)
{
    *p = (problem){.optimizer = sb_optimizer_find(optimizer), .rate = strcmp(optimizer, "adam") == 0 ? 3e-3 : 0.02};
    p->parts = (sb_two_layer){.activation = activation,
                              .units = UNITS,
                              .dim = dim,
                              .in = 2 * UNITS, /* not in the order in which they are used */
                              .shift = 0,
                              .out = UNITS,
                              .offset = SIZE_MAX,
                              .in_scale = 1.25,
                              .shift_scale = 0.75,
                              .out_scale = 0.5,
                              .in_trained = true,
                              .out_trained = true};
    seed_numbers(17);
    for (size_t j = 0; j < (2 + dim) * UNITS; j++) p->theta[j] = number_in(-1.5, 1.5);
    for (size_t i = 0; i < N; i++) {
        for (size_t d = 0; d < dim; d++) p->x[i * dim + d] = dim == 1 ? -1.3 + 0.0625 * (double)i : number_in(-1, 1);
        p->y[i] = sin(4 * p->x[i * dim]);
    }
}

static void residual(problem *p)
{
    for (size_t i = 0; i < N; i++) p->g[i] = (p->h[i] - p->y[i]) / N;
}

/* ---- the formula ---- */

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
    for (size_t i = 0; i < N; i++) {
        p->h[i] = 0;
        for (size_t j = 0; j < UNITS; j++) {
            double s, unused;
            sb_activation_value(parts->activation, naive_z(p, p->theta, j, i), &s, &unused);
            p->h[i] += parts->out_scale * p->theta[parts->out + j] * s;
        }
    }
}

static void naive_gradient(const problem *p, double gradient[SIZE])
{
    const sb_two_layer *parts = &p->parts;
    memset(gradient, 0, SIZE * sizeof *gradient);
    for (size_t i = 0; i < N; i++)
        for (size_t j = 0; j < UNITS; j++) {
            double s, ds;
            sb_activation_value(parts->activation, naive_z(p, p->theta, j, i), &s, &ds);
            if (parts->out_trained) gradient[parts->out + j] += p->g[i] * parts->out_scale * s;
            double slope = p->g[i] * parts->out_scale * p->theta[parts->out + j] * ds;
            if (!parts->in_trained) continue;
            if (parts->shift != SIZE_MAX) gradient[parts->shift + j] += slope * parts->shift_scale;
            for (size_t d = 0; d < parts->dim; d++)
                gradient[parts->in + j * parts->dim + d] += slope * parts->in_scale * p->x[i * parts->dim + d];
        }
}

static void naive_update(problem *p, size_t step, const double gradient[SIZE])
{
    const char *name = p->optimizer->name;
    double beta = 0.9, beta2 = 0.999;
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
    const sb_optimizer *optimizer = f->p->optimizer;
    assert_true(first + count <= SIZE);
    if (f->single)
        optimizer->update_single(&f->how, count, (float *)f->theta + first, gradient, (float *)f->slot[0] + first,
                                 (float *)f->slot[1] + first);
    else
        optimizer->update(&f->how, count, f->theta + first, gradient, f->slot[0] + first, f->slot[1] + first);
}

static void fast_sweep(fast *f, bool step)
{
    problem *p = f->p;
    double share[N];
    sb_sweep sweep = {.parts = &p->parts,
                      .theta = f->theta,
                      .n = N,
                      .x = f->x,
                      .spacing = p->spacing,
                      .g = step ? f->g : NULL,
                      .context = f,
                      .update = update,
                      .scratch = f->scratch,
                      .h = share};
    const sb_activation *activation = p->parts.activation;
    memset(p->h, 0, sizeof p->h);
    for (size_t first = 0; first < UNITS; first += BLOCK) {
        size_t count = UNITS - first < BLOCK ? UNITS - first : BLOCK;
        (f->single ? activation->sweep_single : activation->sweep)(&sweep, first, count);
        for (size_t i = 0; i < N; i++) p->h[i] += share[i];
    }
}

static void fast_steps(problem *p, bool single)
{
    fast *f = calloc(1, sizeof *f);
    assert_non_null(f);
    f->p = p;
    f->single = single;
    f->scratch = malloc(sb_sweep_scratch(N, p->parts.dim));
    assert_non_null(f->scratch);
    to_numbers(single, SIZE, p->theta, f->theta);
    to_numbers(single, N * p->parts.dim, p->x, f->x);
    fast_sweep(f, false);
    for (size_t step = 1; step <= STEPS; step++) {
        residual(p);
        to_numbers(single, N, p->g, f->g);
        f->how = constants(p, step);
        fast_sweep(f, true);
    }
    for (size_t j = 0; j < SIZE; j++) p->theta[j] = single ? (double)((float *)f->theta)[j] : f->theta[j];
    free(f->scratch);
    free(f);
}

/* ---- tests ---- */

static void compare(const problem *start, double tolerance, bool single)
{
    problem fused = *start, naive = *start;
    fast_steps(&fused, single);
    naive_steps(&naive);
    assert_at_most(max_difference(N, fused.h, naive.h), tolerance * max_abs(N, naive.h));
    assert_at_most(max_difference(SIZE, fused.theta, naive.theta), tolerance * max_abs(SIZE, naive.theta));
    assert_at_least(max_difference(SIZE, fused.theta, start->theta), 1e-3); /* something was learned */
}

/* An update that divides by the size of the gradient makes of a rounded float what it likes where that is tiny. */
static double float_tolerance(const problem *p)
{
    return strcmp(p->optimizer->name, "adam") == 0 ? 2e-4 : 2e-5;
}

static void steps_are_the_formula(void **state)
{
    problem p;
    for (size_t dim = 1; dim <= MOST_DIM; dim++)
        for (size_t o = 0; sb_optimizer_at(o); o++) {
            make_problem(*state, sb_optimizer_at(o)->name, dim, &p);
            compare(&p, 1e-12, false);
            compare(&p, float_tolerance(&p), true);
        }
}

/* Rates so large that no Taylor series reaches, and so small that all do. */
static void rates_of_any_size(void **state)
{
    static const double rates[] = {1e-3, 5e-3, 0.1};
    problem p;
    for (size_t r = 0; r < sizeof rates / sizeof *rates; r++) {
        make_problem(*state, "adam", 1, &p);
        p.rate = rates[r];
        compare(&p, 1e-12, false);
    }
}

static void parts_may_be_missing_or_frozen(void **state)
{
    problem p;
    make_problem(*state, "heavy_ball", 2, &p);
    p.parts.shift = SIZE_MAX;
    compare(&p, 1e-12, false);
    make_problem(*state, "adam", 1, &p);
    p.parts.in_trained = false;
    compare(&p, 1e-12, false);
    make_problem(*state, "adam", 1, &p);
    p.parts.out_trained = false;
    compare(&p, 1e-12, false);
}

static void turning_is_evaluating(void **state)
{
    problem p;
    for (size_t o = 0; sb_optimizer_at(o); o++) {
        make_problem(*state, sb_optimizer_at(o)->name, 1, &p);
        p.spacing = sb_grid_spacing(N, p.x);
        assert_near(p.spacing, 0.0625, 1e-15);
        compare(&p, 1e-12, false);
        compare(&p, float_tolerance(&p), true);
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

enum { ISAS = 3, MOST = 160 };
static char names[MOST][96];
static struct CMUnitTest tests[MOST];
static size_t count;

static void add(const char *isa, const sb_activation *activation, const char *name, CMUnitTestFunction run)
{
    if (count == MOST) abort(); /* make room */
    snprintf(names[count], sizeof names[count], "%s: %s, %s", name, activation->name, isa);
    tests[count] =
        (struct CMUnitTest){.name = names[count], .test_func = run, .initial_state = (void *)(uintptr_t)activation};
    count++;
}

int main(void)
{
    static const char *const isas[ISAS] = {"baseline", "avx2", "avx512"};
    tests[count++] = (struct CMUnitTest)cmocka_unit_test(grids_are_told_from_others);
    for (size_t i = 0; i < ISAS; i++) {
        setenv("SPECBIAS_ISA", isas[i], 1);
        if (strcmp(sb_isa_name(), isas[i]) != 0) continue; /* not on this machine */
        for (size_t a = 0; sb_activation_at(a); a++) {
            const sb_activation *activation = sb_activation_at(a);
            add(isas[i], activation, "steps_are_the_formula", steps_are_the_formula);
            add(isas[i], activation, "rates_of_any_size", rates_of_any_size);
            add(isas[i], activation, "parts_may_be_missing_or_frozen", parts_may_be_missing_or_frozen);
            if (strcmp(activation->name, "sine") == 0)
                add(isas[i], activation, "turning_is_evaluating", turning_is_evaluating);
        }
    }
    return _cmocka_run_group_tests("sweep", tests, count, NULL, NULL);
}
