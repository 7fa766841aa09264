/* A loss's file defines one const sb_loss_kind, sb_loss_kind_NAME; lp.c is the plainest. */
#ifndef SPECBIAS_TRAIN_LOSS_H
#define SPECBIAS_TRAIN_LOSS_H

#include <specbias/loss.h>

struct sb_loss {
    const sb_loss_kind *kind;
    const sb_dataset *set;
    size_t outputs;    /* of one example */
    bool separable;    /* true unless create says otherwise, as the next two */
    bool sums;         /* false */
    sb_loss_form form; /* curved */
    bool quadrature;   /* weights: those of the data set, which has some */
    void *state;       /* the kind's */
};

struct sb_loss_kind {
    const char *name, *title;
    size_t tangents; /* derivatives by the inputs that it needs */
    /* Checks the data set and makes the state. */
    sb_status (*create)(const sb_loss_spec *spec, sb_loss *loss); /* NULL: any data will do, there is no state */
    void (*destroy)(sb_loss *loss); /* of what the state holds, also after a failure; NULL: nothing */
    double (*value)(const sb_loss *loss, size_t n, const size_t *index, size_t batch, const double *h, double *g);
    void (*predict)(size_t outputs, const double *h, double *p); /* of one example, p may be h; NULL: p = h */
};

const sb_loss_kind *sb_loss_kind_at(size_t index);
const sb_loss_kind *sb_loss_kind_find(const char *name);

/* Which of the `count` words the value of loss.KEY is; NULL: the first. */
sb_status sb_loss_choice(const char *key, const char *value, size_t count, const char *const *words, size_t *which);

/* The example of the set that stands at place i of a batch. */
static inline size_t sb_loss_example(const size_t *index, size_t i)
{
    return index ? index[i] : i;
}

/* ---- weighted sums of squares: factor sum_i weight_i |h_i - y_i|^2 ---- */

typedef struct sb_squares {
    double factor;
    bool mean;      /* divided by the size of the batch */
    double *weight; /* [n] or NULL for 1 */
} sb_squares;

/* The state of a loss, with room for weights when asked for. */
sb_status sb_squares_create(sb_loss *loss, double factor, bool mean, bool weighted);
void sb_squares_destroy(sb_loss *loss);
double sb_squares_value(const sb_loss *loss, size_t n, const size_t *index, size_t batch, const double *h, double *g);

#endif
