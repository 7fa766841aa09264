/* Optimisers and schedules of the learning rate: src/train/optimizer/NAME.c, src/train/schedule/NAME.c and one line in
 * the folder's list.def. */
#ifndef SPECBIAS_OPTIMIZER_H
#define SPECBIAS_OPTIMIZER_H

#include <stdbool.h>
#include <stddef.h>

#include <specbias/status.h>

/* One step's constants. */
typedef struct sb_update {
    double rate;         /* learning rate of this step */
    double beta1, beta2; /* momentum, or Adam's two */
    double epsilon;
    double correction1, correction2; /* Adam: 1 - beta^t, t = 1, 2, .. */
} sb_update;

typedef struct sb_optimizer {
    const char *name, *title;
    size_t slots;  /* numbers of state per parameter, zero at the start */
    bool flow;     /* it follows gradient flow as rates go to 0: its time is sum rate / time_scale */
    bool momentum; /* time is divided by 1 - beta1 */
    /* theta[n] and slot0[n], slot1[n] from gradient[n]; slots not used may be NULL */
    void (*update)(const sb_update *how, size_t n, double *theta, const double *gradient, double *slot0, double *slot1);
    void (*update_single)(const sb_update *how, size_t n, float *theta, const float *gradient, float *slot0,
                          float *slot1);
} sb_optimizer;

const sb_optimizer *sb_optimizer_at(size_t index); /* NULL past the last */
const sb_optimizer *sb_optimizer_find(const char *name);
/* The constants of step 1, 2, .. */
sb_update sb_optimizer_step(double rate, double beta1, double beta2, double epsilon, size_t step);

typedef struct sb_schedule {
    const char *name, *title;
    /* factor of the learning rate in step 0 .. steps - 1 */
    double (*factor)(size_t step, size_t steps, size_t period, double decay);
} sb_schedule;

const sb_schedule *sb_schedule_at(size_t index); /* NULL past the last */
const sb_schedule *sb_schedule_find(const char *name);

#endif
