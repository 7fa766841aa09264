/* The error budget: how far neighbouring rungs of the ladder of approximations are apart. */
#include <math.h>
#include <string.h>

#include "experiment/comparison.h"

static const sb_told *find(const sb_comparison *w, const char *name)
{
    for (size_t s = 0; s < w->sources; s++)
        if (strcmp(w->source[s].name, name) == 0) return &w->source[s];
    return NULL;
}

/* Largest distance over seeds; a table that is not of one seed stands for all of them. */
static double distance(const sb_comparison *w, const sb_decay *a, size_t na, const sb_decay *b, size_t nb, size_t k)
{
    double largest = 0;
    for (size_t r = 0; r < w->seeds; r++) largest = fmax(largest, sb_decay_distance(&a[r % na], &b[r % nb], k));
    return largest;
}

sb_budget sb_budget_at(const sb_comparison *w, size_t k)
{
    const sb_told *own = find(w, "ntk.empirical"), *wide = find(w, "ntk.infinite"), *lfp = find(w, "lfp");
    const sb_told *heat = find(w, "heat"), *law = find(w, "heat.rate");
    const sb_told *points = find(w, "heat.points"), *equation = lfp ? lfp : points ? points : heat;
    sb_budget b = {NAN, NAN, NAN, NAN, NAN, NAN, NAN};
    if (w->exact) b.flow = distance(w, w->observed, w->seeds, w->exact, w->seeds, k);
    if (w->exact && own) b.drift = distance(w, w->exact, w->seeds, own->flow, own->count, k);
    if (own) {
        b.training = distance(w, w->observed, w->seeds, own->gd, own->count, k);
        b.step = distance(w, own->gd, own->count, own->flow, own->count, k);
    }
    if (own && wide) b.width = distance(w, own->gd, own->count, wide->gd, wide->count, k);
    if (wide && equation) b.continuum = distance(w, wide->gd, wide->count, equation->gd, equation->count, k);
    if (heat && law) b.coupling = distance(w, heat->gd, heat->count, law->gd, law->count, k);
    return b;
}
