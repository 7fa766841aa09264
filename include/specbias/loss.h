/* What training minimises: src/train/loss/NAME.c and one line in list.def. Every loss gives value and gradient. */
#ifndef SPECBIAS_LOSS_H
#define SPECBIAS_LOSS_H

#include <stdbool.h>

#include <specbias/dataset.h>

/* Words that are NULL stand for the first one named. */
typedef struct sb_loss_spec {
    const char *kind;       /* specbias list loss */
    const char *factor;     /* mse: "half_mean" 1/(2n), "mean" 1/n, "half_sum" 1/2, "sum" 1, of the sum over outputs */
    const char *weights;    /* "equal"; "quadrature": the sum over examples is one with the q of the data set */
    const char *domain;     /* sobolev: "auto" as the data are; "circle", "line", "sphere", "image" */
    double s;               /* sobolev: order */
    size_t degree;          /* sobolev: highest frequency kept; 0: all that the data resolve */
    const char *convention; /* sobolev: "b" (1 + l^2)^s, "a" (1 + l)^2s */
    bool normalise;         /* sobolev on images: divide its weights by their mean */
    double p;               /* lp: its exponent, at least 1 */
    double beta;            /* ritz: penalty of the boundary values */
} sb_loss_spec;

/* A loss of one data set, which is borrowed. */
typedef struct sb_loss sb_loss;

/* SB_ERR_INPUT when the data set does not suit it. `*loss` must be NULL. */
sb_status sb_loss_create(const sb_loss_spec *spec, const sb_dataset *set, sb_loss **loss);
void sb_loss_destroy(sb_loss **loss);

/* Whether it is a sum over examples, so that parts of the set can be evaluated apart and mini-batches make sense. */
bool sb_loss_separable(const sb_loss *loss);
/* Whether the loss of a batch is the sum over its examples and not their mean. */
bool sb_loss_sums(const sb_loss *loss);
/* Its form in the residual u = h - y: kernels propagate those that are quadratic. */
typedef enum sb_loss_form {
    SB_LOSS_CURVED,   /* none of those below */
    SB_LOSS_SQUARES,  /* (1/2) sum_i c_i |u_i|^2, c_i >= 0 */
    SB_LOSS_QUADRATIC /* (1/2) u^T P u */
} sb_loss_form;
sb_loss_form sb_loss_form_of(const sb_loss *loss);
/* Derivatives of the network by its inputs that it needs: tangents of sb_model_forward, along the input axes. */
size_t sb_loss_tangents(const sb_loss *loss);

/* The share of n examples in the loss of a batch of `batch` examples, and its gradient by the outputs. index[n] says
 * which examples of the set they are; NULL: the first n. h and g are [1 + tangents][n][outputs]; g may be NULL. A loss
 * that is not separable takes the whole set at once. Safe from several threads; nan when there is no memory (only
 * sobolev needs some). Quadrature weights, and those of ritz, count set / batch times in a mini-batch, so that its loss
 * is that of the set in the mean. */
double sb_loss_value(const sb_loss *loss, size_t n, const size_t *index, size_t batch, const double *h, double *g);

/* p[n][outputs]: what of h is compared with the wanted outputs; softmax: probabilities, others: h itself. p may be h.
 */
void sb_loss_predict(const sb_loss *loss, size_t n, const double *h, double *p);

/* ---- the registry ---- */

typedef struct sb_loss_kind sb_loss_kind;
const char *sb_loss_name(size_t index); /* NULL past the last */
const char *sb_loss_title(size_t index);

#endif
