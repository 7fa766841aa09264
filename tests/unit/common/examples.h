/* Small data sets for the tests of losses. */
#ifndef SPECBIAS_TEST_EXAMPLES_H
#define SPECBIAS_TEST_EXAMPLES_H

#include <specbias/loss.h>

#define VECTOR(size) ((sb_shape){1, 1, size})

/* n examples with random wanted outputs, all else zero. */
void make_examples(sb_dataset *set, size_t n, sb_shape input, sb_shape output, size_t place_dim);
/* One output on x_i = a + (b - a) (i + shift) / n, also as places; q their equal weights. */
void make_grid(sb_dataset *set, size_t n, double a, double b, double shift);
/* Random places in [a, b], random q. */
void make_scattered(sb_dataset *set, size_t n, size_t outputs, double a, double b);
/* Random unit vectors of `dim` numbers as inputs. */
void make_directions(sb_dataset *set, size_t n, size_t dim);
void random_outputs(size_t n, double *h);

/* The loss of the whole set, created for this call. */
double loss_of(const sb_loss_spec *spec, const sb_dataset *set, const double *h, double *g);

#endif
