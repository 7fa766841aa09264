/* Networks of layers to try everything on: every kind of layer, in small stacks. */
#ifndef SPECBIAS_TEST_STACKS_H
#define SPECBIAS_TEST_STACKS_H

#include <specbias/model.h>

typedef struct stack {
    const char *name;
    sb_shape input;
    const char *layer[8];
} stack;

/* Shapes of their inputs. */
#define SEQUENCE                                                                                                       \
    {                                                                                                                  \
        1, 12, 2                                                                                                       \
    }
#define IMAGE                                                                                                          \
    {                                                                                                                  \
        6, 4, 2                                                                                                        \
    }

extern const stack stacks[];
extern const size_t stack_count;

/* gain 1.3 when antisymmetric, biases gaussian(0.5), frequencies gaussian(2) */
sb_model *make_stack(const stack *s, const char *parametrisation, bool antisymmetric, bool single);
/* n numbers in (-1, 1) that depend on the key alone. */
double *numbers(uint64_t key, size_t n);
/* Parameters that differ between the copies of an antisymmetric start. */
double *stack_weights(const sb_model *model);

#endif
