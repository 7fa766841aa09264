/* One neuron at one frequency: what its transform and its gradients share. */
#ifndef SPECBIAS_THEORY_DOMINANCE_WAVES_H
#define SPECBIAS_THEORY_DOMINANCE_WAVES_H

#include <specbias/dominance.h>

typedef struct tanh_wave {
    double decay;    /* z = pi k / (2 |w|) */
    double fade;     /* exp(-z) */
    double gap;      /* 1 - exp(-2 z), so that 2 sinh(z) = exp(z) gap */
    double cos, sin; /* of beta = b k / w */
} tanh_wave;

tanh_wave sb_wave_of(const sb_tanh_neuron *neuron, double k);
/* The neuron's term of h^(k). */
double complex sb_wave_transform(const sb_tanh_neuron *neuron, const tanh_wave *wave);
/* The scaled gradient of L(k) at error = h^(k) - f^(k). */
sb_tanh_gradient sb_wave_gradient(const sb_tanh_neuron *neuron, const tanh_wave *wave, double k, double complex error);

/* Compares without underflow; work space wave[2 m]. */
void sb_dominance_judge(const sb_dominance_task *task, size_t m, const sb_tanh_neuron *neuron, tanh_wave *wave,
                        sb_dominance_judgement *judgement);

sb_status sb_dominance_check(const sb_dominance_task *task);

/* The zero of a continuous value(context, s) between low and high, where its signs differ. */
double sb_bisect(double (*value)(const void *context, double s), const void *context, double low, double high);

#endif
