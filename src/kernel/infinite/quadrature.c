/* Any activation s: with z = in (x + l), z' = in (x' + l),
 *
 *   K = E[ s(z) s(z') + <out^2> s'(z) s'(z') ( (x + l)(x' + l) + in^2 ) ],
 *
 * the average over l uniform on [-range, range] within that over |in|, and over both signs of `in`. Both are
 * Gauss-Legendre panels that check themselves (settle). Of l they grow from 2/|in| away from -x and -x', where z and z'
 * are 0; of |in| they halve towards 0 until the data look alike to a neuron: with nothing narrower than that, no panel
 * can overlook a step. */
#include <specbias/kernel.h>

#include <math.h>

#include "core/gsl.h"

#define POINTS 20
#define PANELS 160      /* before any is halved */
#define HALVINGS 40     /* of one panel */
#define EFFORT 4000000  /* panels of one K(x, x'): about a second */
#define TOLERANCE 1e-10 /* what the last two Legendre coefficients may add; the error is far below */

static bool covers(const sb_wide_layer *shifted)
{
    return shifted->activation && shifted->evaluate && shifted->in;
}

/* On [0, 1]; last: the weights of |a_18| + |a_19| of the Legendre series, which Gauss-Legendre gives exactly. */
typedef struct rule {
    double node[POINTS], weight[POINTS], last[POINTS], before[POINTS];
} rule;

/* P_k by (k + 1) P_{k+1} = (2 k + 1) t P_k - k P_{k-1}; a_k = (2 k + 1) int_0^1 f P_k(2 t - 1) dt */
static bool make_rule(rule *gauss)
{
    gsl_integration_glfixed_table *table = sb_gauss_table(POINTS);
    if (!table) return false;
    for (size_t i = 0; i < POINTS; i++) {
        double t, weight, p[POINTS] = {1};
        gsl_integration_glfixed_point(0, 1, i, &gauss->node[i], &weight, table);
        t = p[1] = 2 * gauss->node[i] - 1;
        for (int k = 1; k + 1 < POINTS; k++) p[k + 1] = ((2 * k + 1) * t * p[k] - k * p[k - 1]) / (k + 1);
        gauss->weight[i] = weight;
        gauss->last[i] = (2 * POINTS - 1) * weight * p[POINTS - 1];
        gauss->before[i] = (2 * POINTS - 3) * weight * p[POINTS - 2];
    }
    gsl_integration_glfixed_table_free(table);
    return true;
}

/* f[POINTS] at t[POINTS]: of both parts of an average */
typedef void integrand(void *context, const double *t, sb_average *f);

typedef struct average {
    const rule *rule;
    integrand *f;
    void *context;
    size_t *panels; /* so far */
    double out2;    /* K, whose series is to end, is output + out2 rest */
    double size;    /* integral of |K| */
} average;

typedef struct panel {
    double left, width, size, rest;
    sb_average sum;
} panel;

/* a += factor b */
static void add(sb_average *a, double factor, sb_average b)
{
    a->output += factor * b.output;
    a->rest += factor * b.rest;
}

static panel measure(average *a, double left, double width)
{
    double t[POINTS], last = 0, before = 0;
    sb_average f[POINTS];
    panel p = {.left = left, .width = width};
    for (int i = 0; i < POINTS; i++) t[i] = left + width * a->rule->node[i];
    a->f(a->context, t, f);
    for (int i = 0; i < POINTS; i++) {
        double k = f[i].output + a->out2 * f[i].rest;
        add(&p.sum, width * a->rule->weight[i], f[i]);
        p.size += width * a->rule->weight[i] * fabs(k);
        last += width * a->rule->last[i] * k;
        before += width * a->rule->before[i] * k;
    }
    p.rest = fabs(last) + fabs(before);
    ++*a->panels;
    return p;
}

/* The integral over one panel, in halves where its series has not ended; nan: it does not end. */
static sb_average settle(average *a, const panel *p, int halvings)
{
    if (p->rest <= TOLERANCE * a->size + 1e-280) return p->sum;
    if (halvings == 0 || *a->panels > EFFORT || !(p->rest < INFINITY)) return (sb_average){NAN, NAN};
    panel left = measure(a, p->left, p->width / 2), right = measure(a, p->left + p->width / 2, p->width / 2);
    sb_average sum = settle(a, &left, halvings - 1);
    add(&sum, 1, settle(a, &right, halvings - 1));
    return sum;
}

typedef struct pair {
    const sb_wide_layer *layer;
    double out2;
    rule rule;
    size_t panels;
    double x1, x2, in; /* x1 <= x2 */
} pair;

/* The integral between the edges. */
static sb_average integrate(pair *p, integrand *f, size_t count, const double *edge)
{
    average a = {.rule = &p->rule, .f = f, .context = p, .panels = &p->panels, .out2 = p->out2};
    panel panels[PANELS];
    sb_average sum = {count == 0 ? NAN : 0, 0};
    for (size_t i = 0; i < count; i++) {
        panels[i] = measure(&a, edge[i], edge[i + 1] - edge[i]);
        a.size += panels[i].size;
    }
    for (size_t i = 0; i < count; i++) add(&sum, 1, settle(&a, &panels[i], HALVINGS));
    return sum;
}

static void over_shift(void *context, const double *shift, sb_average *f)
{
    const pair *p = context;
    double z[4 * POINTS], s[4 * POINTS], ds[4 * POINTS], place2 = p->layer->weight_trained;
    for (int i = 0; i < POINTS; i++) {
        z[i] = p->in * (p->x1 + shift[i]);
        z[i + POINTS] = p->in * (p->x2 + shift[i]);
        z[i + 2 * POINTS] = -z[i];
        z[i + 3 * POINTS] = -z[i + POINTS];
    }
    p->layer->evaluate(4 * POINTS, z, s, ds);
    for (int i = 0; i < POINTS; i++) {
        const double *down = s + 2 * POINTS, *slope = ds + 2 * POINTS;
        double inner = place2 * (p->x1 + shift[i]) * (p->x2 + shift[i]) + p->in * p->in;
        f[i].output = 0.5 * (s[i] * s[i + POINTS] + down[i] * down[i + POINTS]);
        f[i].rest = 0.5 * inner * (ds[i] * ds[i + POINTS] + slope[i] * slope[i + POINTS]);
    }
}

/* Panels no wider than 2/|in| or their distance from the nearer of -x2 <= -x1, which are edges; 0: steps too narrow. */
static size_t grade(const pair *p, double *edge)
{
    double zero[3] = {-p->x2, -p->x1, INFINITY}, range = p->layer->range, least = 2 / p->in, at = -range;
    size_t count = 0, next = 0;
    double passed = -INFINITY;
    edge[0] = at;
    while (at < range && count < PANELS) {
        while (zero[next] <= at) passed = zero[next++];
        double ahead = zero[next] - at, width = fmax(fmax(at - passed, least), 0);
        width = fmin(width, ahead <= 2 * least ? ahead : fmax(ahead / 2, least));
        at = width < ahead ? at + width : zero[next];
        if (!(at < range)) at = range;
        edge[++count] = at;
    }
    return at < range ? 0 : count;
}

/* The mean over shifts of neurons with |in| = in */
static sb_average of_weight(pair *p, double in)
{
    double edge[PANELS + 1];
    p->in = in;
    size_t count = grade(p, edge);
    sb_average mean = {0};
    add(&mean, 1 / (2 * p->layer->range), integrate(p, over_shift, count, edge));
    return mean;
}

static void over_weight(void *context, const double *r, sb_average *f)
{
    pair *p = context;
    for (int i = 0; i < POINTS; i++) {
        double density = p->layer->in->density_abs(r[i]);
        f[i] = (sb_average){0};
        if (density >= 1e-25) add(&f[i], density, of_weight(p, p->layer->in_scale * r[i])); /* K grows as r^2 at most */
    }
}

static sb_average value(const sb_wide_layer *layer, double out2, double first, double second)
{
    pair p = {.layer = layer, .out2 = out2, .x1 = fmin(first, second), .x2 = fmax(first, second)};
    if (!covers(layer) || !make_rule(&p.rule)) return (sb_average){NAN, NAN};
    if (!layer->in->density_abs) return of_weight(&p, layer->in_scale * layer->in->fixed_abs);
    double edge[PANELS + 1] = {0}, alike = 1 / (layer->in_scale * (layer->range + fmax(-p.x1, p.x2)));
    int halves = (int)fmin(fmax(ceil(log2(layer->in->max_abs / alike)), 0), PANELS - 1);
    for (int i = 0; i <= halves; i++) edge[i + 1] = ldexp(layer->in->max_abs, i - halves);
    return integrate(&p, over_weight, (size_t)halves + 1, edge);
}

const sb_kernel sb_kernel_quadrature = {
    .name = "quadrature",
    .title = "any activation, Gauss-Legendre quadrature over the law of the weights",
    .citation = "Jacot, Gabriel, Hongler: Neural tangent kernel (2018)",
    .covers = covers,
    .average = value,
};
