/* What the parts of the comparison share: sealed forecasts and observed tables, loaded. */
#ifndef SPECBIAS_EXPERIMENT_COMPARISON_H
#define SPECBIAS_EXPERIMENT_COMPARISON_H

#include <specbias/experiment.h>

/* One forecast. */
typedef struct sb_told {
    const char *name;
    const sb_source *source;
    bool paired;
    size_t count;        /* seeds when paired, else 1 */
    sb_decay *flow, *gd; /* [count]; NULL: there is no flow */
    double *law;         /* of one whose networks move: [SB_LAW_COLUMNS][count][nxi][SB_LEVELS] (table.h), else NULL */
    double *error;       /* [nxi][SB_LEVELS] how far its ln T may be off, with the grain; NULL: by the grain alone */
} sb_told;

typedef struct sb_comparison {
    const sb_case *cas;
    const sb_stage *stage;
    size_t sources, seeds;
    bool outside;       /* trained there, so that nobody saw how kernels moved */
    sb_told *source;    /* [sources] */
    sb_noise *noise;    /* [sources] of mini-batches; without lines where the forecast knows their order */
    sb_decay *observed; /* [seeds] */
    sb_decay *exact;    /* [seeds] under exact gradient flow; NULL: not asked for */
    sb_draws draws, rehearsals;
    double *grain;        /* [nxi][SB_LEVELS] of a start without randomness, else NULL */
    sb_width_line *width; /* [nxi][SB_LEVELS], or NULL: the draws tell */
    sb_summary *summary;
    double *floor; /* [nxi] of the target */
    double *moved; /* [nxi][SB_LEVELS] mean effect of the moving kernel on ln T (compare.h), half of that of an end */
    double *rounding; /* [nxi] and lost [nxi][SB_LEVELS] (rounding.h) */
} sb_comparison;

static inline int64_t sb_comparison_seed(const sb_comparison *w, size_t run)
{
    return w->cas->config->seeds_first + (int64_t)run;
}

/* loaded.c: all that stands in the directory, into the room that was made for it */
sb_status sb_comparison_load(sb_comparison *w);
/* t->error of one that knows how far it may be off, when w->grain is known. */
sb_status sb_told_measure_error(const sb_comparison *w, sb_told *t);
void sb_told_clear(sb_told *t);

/* What `forecast`, in place of the told one, is judged by. */
sb_evidence sb_comparison_evidence(const sb_comparison *w, const sb_told *t, const sb_decay *forecast);
/* Power of the comparison and what its eigenpairs are like, to a result that is judged. */
sb_status sb_power_measure(const sb_comparison *w, const sb_told *t, sb_source_result *result);
/* Distances of neighbouring rungs at item k. */
sb_budget sb_budget_at(const sb_comparison *w, size_t k);

#endif
