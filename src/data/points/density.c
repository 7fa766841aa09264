#include <math.h>

#include "core/gsl.h"
#include "data/points/points.h"

#define ORDER 20 /* Gauss-Legendre points between two quantiles */

#define HALVINGS 50
#define AGREED 1e-15 /* of the mass between two quantiles, in each part */

typedef struct walk {
    const sb_density *density;
    double mass; /* between two quantiles */
    gsl_integration_glfixed_table *rule;
} walk;

static double value(double x, void *context)
{
    const walk *w = context;
    return sb_density_value(w->density, x);
}

/* Halved until that changes nothing: where the density jumps, or is narrower than the quantiles are apart, in the end
 * about the place alone. */
static double mass_between(walk *w, double from, double to, int halvings)
{
    gsl_function p = {value, w};
    double middle = 0.5 * (from + to), whole = gsl_integration_glfixed(&p, from, to, w->rule);
    double halves =
        gsl_integration_glfixed(&p, from, middle, w->rule) + gsl_integration_glfixed(&p, middle, to, w->rule);
    if (fabs(whole - halves) <= AGREED * w->mass || halvings == 0) return halves;
    return mass_between(w, from, middle, halvings - 1) + mass_between(w, middle, to, halvings - 1);
}

/* The x behind `from` with this mass between, by Newton's method on the mass with bisection to fall back on. */
static double next(walk *w, double from, double mass, double end)
{
    double low = from, high = end, x = from + mass / fmax(sb_density_value(w->density, from), mass / (end - from));
    for (int i = 0; i < 200; i++) {
        if (!(x > low && x < high)) x = 0.5 * (low + high);
        double missing = mass - mass_between(w, from, x, HALVINGS);
        if (fabs(missing) <= 1e-14 * mass || high - low <= 1e-15 * (1 + fabs(high))) break;
        if (missing > 0)
            low = x;
        else
            high = x;
        x += missing / sb_density_value(w->density, x);
    }
    return x;
}

/* x_i with mass (i + 1/2) / n below: no randomness. Both signs alike, as the density is symmetric. */
static sb_status fill(const sb_points_spec *spec, sb_problem *problem)
{
    size_t n = spec->n, half = n / 2;
    double x = 0, end = fmax(fabs(spec->a), fabs(spec->b));
    if (!spec->density || spec->dim != 1)
        return sb_fail(SB_ERR_INPUT, "points of a density need data.density and one dimension");
    walk w = {spec->density, 1 / (double)n, sb_gauss_table(ORDER)};
    if (!w.rule) return sb_fail(SB_ERR_NOMEM, "no memory for a quadrature rule");
    if (n % 2 == 1) problem->x[half] = 0;
    for (size_t i = 0; i < half; i++) {
        x = next(&w, x, (i > 0 || n % 2 == 1 ? 1 : 0.5) / (double)n, end);
        problem->x[n - half + i] = x;
        problem->x[half - 1 - i] = -x;
    }
    gsl_integration_glfixed_table_free(w.rule);
    if (!(x < end && x <= spec->b && -x >= spec->a))
        return sb_fail(SB_ERR_INPUT, "the domain [%g, %g] is too small for %zu points of data.density", spec->a,
                       spec->b, n);
    sb_points_scattered(problem);
    return SB_OK;
}

const sb_points sb_points_density = {
    .name = "density", .title = "n quantiles of the density data.density", .fill = fill};
