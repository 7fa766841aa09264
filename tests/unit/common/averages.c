#include "averages.h"

#include <stdio.h>

#include <gsl/gsl_integration.h>
#include <gsl/gsl_sort.h>

#include <specbias/problem.h>

#include "problems.h"
#include "test.h"

/* ---- activations by libm ---- */

static double bell(double z)
{
    return exp(-z * z / 2);
}

static void activate(const char *name, double z, double *s, double *ds)
{
    double t = tanh(z), half = tanh(z / 2), phi = erfc(-z * M_SQRT1_2) / 2;
    struct {
        const char *name;
        double s, ds;
    } const all[] = {
        {"relu", fmax(z, 0), z > 0},
        {"tanh", t, 1 / pow(cosh(fmin(fabs(z), 300)), 2)},
        {"sigmoid", (1 + half) / 2, 1 / pow(2 * cosh(fmin(fabs(z), 300) / 2), 2)},
        {"erf", erf(z), M_2_SQRTPI * exp(-z * z)},
        {"gaussian", bell(z), -z * bell(z)},
        {"gelu", z * phi, phi + z * bell(z) / sqrt(2 * M_PI)},
        {"sine", sin(z), cos(z)},
        {"identity", z, 1},
    };
    for (size_t i = 0; i < sizeof all / sizeof *all; i++)
        if (strcmp(all[i].name, name) == 0) {
            *s = all[i].s, *ds = all[i].ds;
            return;
        }
    sb_activation_value(sb_activation_find(name), z, s,
                        ds); /* of another its own code, which finite differences check */
}

/* ---- the mean over `in` of what a shift gives ---- */

typedef struct reference {
    const average_case *c;
    const gsl_integration_glfixed_table *table;
    size_t order;
    double x1, x2;
} reference;

static double one_weight(const reference *e, double in, double shift)
{
    double s1, s2, d1, d2, a = e->x1 + shift, b = e->x2 + shift;
    activate(e->c->activation, in * a, &s1, &d1);
    activate(e->c->activation, in * b, &s2, &d2);
    return s1 * s2 + e->c->out2 * d1 * d2 * (a * b + in * in);
}

/* phi(t) = <cos r t> and chi = -phi'' at unit scale; below 0.05 by their series, 1 - <r^2> t^2/2 + <r^4> t^4/24 - .. */
static void waves(const char *law, double t, double *phi, double *chi)
{
    double s = sin(t), c = cos(t), t2 = t * t;
    if (strcmp(law, "gaussian") == 0)
        *phi = bell(t), *chi = (1 - t2) * bell(t);
    else if (strcmp(law, "two_point") == 0)
        *phi = c, *chi = c;
    else if (fabs(t) > 0.05)
        *phi = s / t, *chi = s / t + 2 * c / t2 - 2 * s / (t2 * t);
    else
        *phi = 1 - t2 / 6 + t2 * t2 / 120 - t2 * t2 * t2 / 5040,
        *chi = 1. / 3 - t2 / 10 + t2 * t2 / 168 - t2 * t2 * t2 / 6480;
}

/* 2 s s' = cos r(a - b) - cos r(a + b), and with + that of the slopes */
static double sine_mean(const reference *e, double shift)
{
    double a = e->x1 + shift, b = e->x2 + shift, scale = e->c->scale, phi[2], chi[2];
    waves(e->c->law->name, scale * (a - b), &phi[0], &chi[0]);
    waves(e->c->law->name, scale * (a + b), &phi[1], &chi[1]);
    return (phi[0] - phi[1] + e->c->out2 * ((phi[0] + phi[1]) * a * b + scale * scale * (chi[0] + chi[1]))) / 2;
}

/* Panels of |in| that halve towards 0 until both z are below 1/2. */
static double mean_over_weights(const reference *e, double shift)
{
    const sb_law *law = e->c->law;
    double top = fmin(law->max_abs, 10), size = fabs(e->x1 + shift) + fabs(e->x2 + shift), sum = 0, r, weight;
    if (strcmp(e->c->activation, "sine") == 0) return sine_mean(e, shift);
    if (law->fixed_abs > 0) return (one_weight(e, e->c->scale, shift) + one_weight(e, -e->c->scale, shift)) / 2;
    for (bool last = false; !last; top /= 2) {
        last = top * size * e->c->scale < 0.5;
        for (size_t i = 0; i < e->order; i++) {
            gsl_integration_glfixed_point(last ? 0 : top / 2, top, i, &r, &weight, e->table);
            double in = e->c->scale * r;
            sum += weight * law->density_abs(r) * (one_weight(e, in, shift) + one_weight(e, -in, shift)) / 2;
        }
    }
    return sum;
}

/* ---- the mean over shifts ---- */

/* Edges at -x and -x' and at distances from them that double from half the narrowest step on. */
static size_t make_edges(const reference *e, double *edge)
{
    double range = e->c->range, least = 0.5 / (e->c->scale * fmin(e->c->law->density_abs ? e->c->law->max_abs : 1, 10));
    size_t count = 0;
    edge[count++] = -range, edge[count++] = range;
    for (int i = 0; i < 2; i++)
        for (double step = 0; step<2 * range; step = step> 0 ? 2 * step : least)
            for (int side = -1; side <= 1; side += 2) {
                double at = -(i ? e->x1 : e->x2) + side * step;
                if (fabs(at) < range) edge[count++] = at;
            }
    gsl_sort(edge, 1, count);
    return count;
}

/* The means of sine turn as cos(2 in l) all over the range. */
static size_t even_edges(const reference *e, double *edge)
{
    size_t panels = 1 + (size_t)(e->c->scale * e->c->range);
    for (size_t i = 0; i <= panels; i++) edge[i] = e->c->range * (2 * (double)i / (double)panels - 1);
    return panels + 1;
}

static double mean_over_shifts(const reference *e)
{
    double edge[1000], sum = 0, shift, weight;
    size_t count = strcmp(e->c->activation, "sine") ? make_edges(e, edge) : even_edges(e, edge);
    for (size_t k = 0; k + 1 < count; k++)
        for (size_t i = 0; i < e->order && edge[k + 1] > edge[k]; i++) {
            gsl_integration_glfixed_point(edge[k], edge[k + 1], i, &shift, &weight, e->table);
            sum += weight * mean_over_weights(e, shift);
        }
    return sum / (2 * e->c->range);
}

static const double place[AVERAGE_POINTS] = {-1, 0.1, 0.9};

void reference_gram(const average_case *c, size_t order, double *gram)
{
    gsl_integration_glfixed_table *table = gsl_integration_glfixed_table_alloc(order);
    assert_non_null(table);
    for (size_t i = 0; i < AVERAGE_POINTS; i++)
        for (size_t k = 0; k <= i; k++) {
            reference e = {c, table, order, c->extent * place[i], c->extent * place[k]};
            gram[i * AVERAGE_POINTS + k] = gram[k * AVERAGE_POINTS + i] = mean_over_shifts(&e);
        }
    gsl_integration_glfixed_table_free(table);
}

/* ---- both routes ---- */

sb_wide_layer kernel_case(const average_case *c)
{
    return shifted_layer(c->activation, c->law, c->scale, c->range);
}

sb_theory_params theory_case(const average_case *c)
{
    double in2 = c->law->second_moment * c->scale * c->scale;
    return (sb_theory_params){.net = "two_layer",
                              .activation = c->activation,
                              .gain = 1,
                              .out2 = c->out2,
                              .c4 = in2 + c->out2,
                              .c2 = in2 * c->out2,
                              .in = c->law,
                              .in_scale = c->scale,
                              .range = c->range,
                              .modes = 2048,
                              .tail = true};
}

void problem_case(const average_case *c, sb_problem *problem)
{
    assert_ok(sb_problem_init(problem, AVERAGE_POINTS, 1, -c->extent, c->extent));
    for (size_t i = 0; i < AVERAGE_POINTS; i++) {
        problem->x[i] = c->extent * place[i];
        problem->q[i] = 1. / AVERAGE_POINTS;
    }
}

/* The frequency equation's kernel; false: refused. The number of frequencies that a refusal asks for is enough. */
static bool lfp_gram(const average_case *c, const sb_problem *problem, double *gram)
{
    sb_theory_params params = theory_case(c);
    const sb_theory *lfp = sb_theory_find("lfp");
    sb_status status = lfp->gram(&params, problem, gram);
    const char *advice = status == SB_OK ? NULL : strstr(sb_error_text(), "; forecast.modes = ");
    if (advice) {
        params.modes = strtoul(advice + 19, NULL, 10);
        assert_in_range(params.modes, 2049, 1000000);
        assert_ok(lfp->gram(&params, problem, gram));
        return true;
    }
    if (status == SB_OK) return true;
    assert_true(status == SB_ERR_UNSUPPORTED || status == SB_ERR_INPUT);
    assert_non_null(strstr(sb_error_text(), "'lfp'"));
    return false;
}

/* The frequencies that are cut off carry this much of the ReLU kernel between points (tests/unit/kernel_values.c). */
static double cut_off(const average_case *c)
{
    sb_theory_params params = theory_case(c);
    double period = 2 * c->extent, narrowest = sin(M_PI * 0.8 * c->extent / period);
    return strcmp(c->activation, "relu") ? 0 : 2 / period * sb_lfp_rate(&params, 2048 / period) / fabs(narrowest);
}

static double check_gram(const average_case *c, const char *what, const double *gram, const double *wanted,
                         double extra)
{
    enum { SIZE = AVERAGE_POINTS * AVERAGE_POINTS };
    double largest = max_abs(SIZE, wanted), off = max_difference(SIZE, gram, wanted);
    if (!(off <= 1e-8 * largest + extra))
        fail_msg("%s of %s, %s, in_scale %g, |x| <= %g, range %g: off by %.1e of %.1e", what, c->activation,
                 c->law->name, c->scale, c->extent, c->range, off, largest);
    return extra > 0 ? 0 : off / largest;
}

void check_averages(const average_case *c, size_t order, average_tally *kernel, average_tally *lfp)
{
    enum { SIZE = AVERAGE_POINTS * AVERAGE_POINTS };
    double wanted[SIZE], gram[SIZE];
    sb_problem problem = {0};
    sb_wide_layer layer = kernel_case(c);
    problem_case(c, &problem);
    reference_gram(c, order, wanted);
    sb_status status = shifted_gram(&layer, c->out2, AVERAGE_POINTS, problem.x, 0, NULL, 1, gram);
    if (status == SB_OK)
        kernel->worst = fmax(kernel->worst, check_gram(c, "kernel", gram, wanted, 0));
    else
        assert_non_null(strstr(sb_error_text(), "init.in_scale"));
    kernel->right += status == SB_OK, kernel->refused += status != SB_OK;
    bool covered = lfp_gram(c, &problem, gram);
    if (covered) lfp->worst = fmax(lfp->worst, check_gram(c, "lfp", gram, wanted, cut_off(c)));
    bool known = covered || !strstr(sb_error_text(), "does not cover the activation");
    lfp->right += covered, lfp->refused += known && !covered;
    sb_problem_clear(&problem);
}

void sweep_averages(size_t stride, size_t order)
{
    static const double scales[] = {1, 3, 10, 30, 100, 300}, places[][2] = {{1, 1.5}, {1, 1}, {0.5, 3}};
    average_tally kernel = {0}, lfp = {0};
    size_t number = 0;
    for (size_t a = 0; sb_activation_at(a); a++)
        for (size_t l = 0; sb_law_at(l); l++, number++)
            for (size_t k = number % stride; k < 18; k += stride) {
                average_case c = {sb_activation_at(a)->name, sb_law_at(l),    scales[k % 6], 0.7,
                                  places[k / 6][1],          places[k / 6][0]};
                check_averages(&c, order, &kernel, &lfp);
            }
    print_message("# kernels: %zu right to %.1e, %zu refused; lfp: %zu right to %.1e, %zu refused\n", kernel.right,
                  kernel.worst, kernel.refused, lfp.right, lfp.worst, lfp.refused);
    assert_int_equal(kernel.refused, 0);
    assert_true(3 * lfp.right > lfp.right + lfp.refused);
}
