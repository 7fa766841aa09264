/* The error budget: how far neighbouring rungs of the ladder of approximations are apart. */
#include <math.h>
#include <string.h>

#include "run/comparison.h"

/* The first forecast whose rung is the lowest of `from` .. `to`; NULL: there is none. */
static const sb_told *lowest(const sb_comparison *w, int from, int to)
{
    const sb_told *found = NULL;
    for (size_t s = 0; s < w->sources; s++) {
        int rung = w->source[s].source->rung;
        if (rung >= from && rung <= to && (!found || rung < found->source->rung)) found = &w->source[s];
    }
    return found;
}

/* Largest distance over seeds; a table that is not of one seed stands for all of them. */
static double distance(const sb_comparison *w, const sb_decay *a, size_t na, const sb_decay *b, size_t nb, size_t k)
{
    double largest = NAN;
    for (size_t r = 0; r < w->seeds; r++) largest = fmax(largest, sb_decay_distance(&a[r % na], &b[r % nb], k));
    return largest;
}

sb_budget sb_budget_at(const sb_comparison *w, size_t k)
{
    const sb_told *own = lowest(w, 20, 29), *wide = lowest(w, 30, 39), *equation = lowest(w, 40, 49);
    const sb_told *uniform = lowest(w, 45, 49), *law = lowest(w, 50, 59), *coupled = uniform ? uniform : equation;
    sb_budget b = {NAN, NAN, NAN, NAN, NAN, NAN, NAN};
    if (w->exact) b.flow = distance(w, w->observed, w->seeds, w->exact, w->seeds, k);
    if (w->exact && own) b.drift = distance(w, w->exact, w->seeds, own->flow, own->count, k);
    if (own) {
        b.training = distance(w, w->observed, w->seeds, own->gd, own->count, k);
        b.step = distance(w, own->gd, own->count, own->flow, own->count, k);
    }
    if (own && wide) b.width = distance(w, own->gd, own->count, wide->gd, wide->count, k);
    if (wide && equation) b.continuum = distance(w, wide->gd, wide->count, equation->gd, equation->count, k);
    if (coupled && law) b.coupling = distance(w, coupled->gd, coupled->count, law->gd, law->count, k);
    return b;
}
