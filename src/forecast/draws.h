/* Draws: untrained networks of the case's law, whose kernels say how much ln T scatters and what finite width does to
 * it (compare.h). */
#ifndef SPECBIAS_EXPERIMENT_DRAWS_H
#define SPECBIAS_EXPERIMENT_DRAWS_H

#include <specbias/experiment.h>

typedef struct sb_draw_work {
    const sb_case *cas;
    double factor; /* of the width of the draws */
    bool halves;   /* the network is a sum over units, whose halves tell of finite width; else widths M and M / 2 do */
    sb_draws draws;
    size_t orders;                /* of mini-batches that each draw goes through; 0: all examples */
    double *late;                 /* [draws][orders][nxi][SB_LEVELS] ln T of one less that of the mean over batches */
    double *err;                  /* [draws][orders, or 1][nt][nxi] */
    size_t nt;                    /* times beyond the record, so that every draw gets there */
    double *t, *step;             /* [nt] */
    const struct sb_given *own;   /* kernels of the user's, which are the draws; NULL: networks are drawn */
    sb_kernel_modes reference[2]; /* infinite width, with the scales of the width and of half of it */
} sb_draw_work;

/* As many as the case needs, none computed yet. `work` must be zeroed. */
sb_status sb_draw_open(const sb_case *cas, sb_draw_work *work);
void sb_draw_close(sb_draw_work *work);
/* Draw b: its times, shifts and errors. Any number at the same time. */
sb_status sb_draw_one(sb_draw_work *work, size_t b);
/* When there are all of them. */
void sb_draw_settle(sb_draw_work *work);
/* decay->lo, hi: the part `below` of err[count][nt][nxi] at each time, and that above */
sb_status sb_draw_band(size_t count, const double *err, double below, sb_decay *decay);

#endif
