/* The error budget: by how much neighbouring rungs of the ladder of approximations differ. */
#include <math.h>
#include <string.h>

#include "run/comparison.h"

/* Tables of a rung: of each seed, or one for all of them; count = 0: there is none. */
typedef struct rung {
    const sb_decay *table;
    size_t count;
} rung;

/* The first forecast whose rung is the lowest of `from` .. `to`. */
static rung lowest(const sb_comparison *w, int from, int to, sb_form form)
{
    const sb_told *found = NULL;
    for (size_t s = 0; s < w->sources; s++) {
        int at = w->source[s].source->rung;
        if (at >= from && at <= to && (!found || at < found->source->rung)) found = &w->source[s];
    }
    const sb_decay *table = !found ? NULL : form == SB_FORM_FLOW ? found->flow : found->gd;
    return (rung){table, table ? found->count : 0};
}

/* The largest distance over seeds and times, and the mean over seeds of ln T(1/2) of the one less the other. */
static sb_gap gap_of(const sb_comparison *w, rung a, rung b, size_t k)
{
    sb_gap gap = {NAN, NAN};
    if (a.count == 0 || b.count == 0) return gap;
    gap.log_time = 0;
    for (size_t r = 0; r < w->seeds; r++) {
        const sb_decay *one = &a.table[r % a.count], *other = &b.table[r % b.count];
        double q = one->items.level[0], ratio = sb_decay_time(one, k, q) / sb_decay_time(other, k, q);
        gap.distance = fmax(gap.distance, sb_decay_distance(one, other, k));
        gap.log_time += log(ratio) / (double)w->seeds;
    }
    return gap;
}

const char *sb_gap_name(size_t index)
{
    static const char *const name[SB_GAPS] = {
        [SB_GAP_FLOW] = "flow",         [SB_GAP_DRIFT] = "drift",         [SB_GAP_TRAINING] = "training",
        [SB_GAP_STEP] = "step",         [SB_GAP_WIDTH] = "width",         [SB_GAP_FINITE] = "finite",
        [SB_GAP_FEATURES] = "features", [SB_GAP_CONTINUUM] = "continuum", [SB_GAP_COUPLING] = "coupling",
    };
    return index < SB_GAPS ? name[index] : NULL;
}

sb_budget sb_budget_at(const sb_comparison *w, size_t k)
{
    rung observed = {w->observed, w->seeds}, exact = {w->exact, w->exact ? w->seeds : 0};
    rung law = lowest(w, 1, 9, SB_FORM_GD), own = lowest(w, 20, 29, SB_FORM_GD), wide = lowest(w, 30, 39, SB_FORM_GD);
    rung own_flow = lowest(w, 20, 29, SB_FORM_FLOW), equation = lowest(w, 40, 49, SB_FORM_GD);
    rung uniform = lowest(w, 45, 49, SB_FORM_GD), rate = lowest(w, 50, 59, SB_FORM_GD);
    rung coupled = uniform.count ? uniform : equation;
    return (sb_budget){{
        [SB_GAP_FLOW] = gap_of(w, observed, exact, k),
        [SB_GAP_DRIFT] = gap_of(w, exact, own_flow, k),
        [SB_GAP_TRAINING] = gap_of(w, observed, own, k),
        [SB_GAP_STEP] = gap_of(w, own, own_flow, k),
        [SB_GAP_WIDTH] = gap_of(w, own, wide, k),
        [SB_GAP_FINITE] = gap_of(w, observed, law, k),
        [SB_GAP_FEATURES] = gap_of(w, law, wide, k),
        [SB_GAP_CONTINUUM] = gap_of(w, wide, equation, k),
        [SB_GAP_COUPLING] = gap_of(w, coupled, rate, k),
    }};
}
