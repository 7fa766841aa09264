/* MODULE 3: a network as a list of layers, src/net/layer/NAME.c and one line in list.def.
 *
 * A layer is written like a call, `dense(400, he)`, `shifted(8192, two_point(2))`, `conv1d(64, 3, circular)`,
 * `maxpool(2)`: a law of its initial weights may stand among the arguments (or init=LAW). An activation is a layer by
 * its name alone, `tanh`. Every layer but activations and pools has weights and, unless `nobias`, biases:
 *
 *   y = weight_scale * W x + bias_scale * b
 *
 * parametrisation  weight_scale                        initial weights unless init says otherwise
 *   standard       1                                   lecun
 *   ntk            fan_in^-1/2                         gaussian(1)
 *   mean_field     fan_in^-1/2, last layer fan_in^-1   gaussian(1)
 *
 * bias_scale is 1. `gain` is a factor of the network's output. An antisymmetric start (ASI; Zhang, Xu, Luo, Ma 2020)
 * has two copies of the network, h = 2^-1/2 (f(theta_1) - f(theta_2)), equal at the start, so that h = 0 and the kernel
 * is that of f. What is written counts the units of one copy.
 *
 * Numbers are double or, when asked for, float: `void *` below points to numbers of the model's kind. */
#ifndef SPECBIAS_MODEL_H
#define SPECBIAS_MODEL_H

#include <stdbool.h>
#include <stdint.h>

#include <specbias/net.h>
#include <specbias/rng.h>
#include <specbias/shape.h>
#include <specbias/status.h>
#include <specbias/tangent.h>

typedef struct sb_model_spec {
    sb_shape input;
    size_t layers;
    const char *const *layer;    /* [layers] */
    const char *parametrisation; /* "standard", "ntk", "mean_field" */
    double gain;
    const char *weights; /* law of the initial weights, such as "glorot" (specbias list init); "": see above */
    const char *biases;  /* of the biases; "": zero */
    double shift_range;  /* of the shifts of `shifted` layers, uniform on [-range, range] */
    const char *density; /* of the frequencies of `fourier` layers, as init.density: one for all axes of the input, or
                            one for each, "gaussian(4) x gaussian(6)"; may be NULL without one */
    const sb_density_table *table; /* that it names; may be NULL */
    bool antisymmetric;
    bool quiet;   /* a start without randomness, of shifted(m), activation, dense(1, nobias) with two_point weights:
                     shifts on midpoints of the range, each with all four sign pairs; m a multiple of 4 */
    bool single;  /* float instead of double */
    double widen; /* all layers with units but the last are so many times as wide as written; 0: as written */
} sb_model_spec;

typedef struct sb_model sb_model;

/* SB_ERR_INPUT names the layer that cannot be. `*model` must be NULL. */
sb_status sb_model_create(const sb_model_spec *spec, sb_model **model);
void sb_model_destroy(sb_model **model);

size_t sb_model_inputs(const sb_model *model);
size_t sb_model_outputs(const sb_model *model);
/* All copies, frozen ones counted; the gradient of frozen parameters is zero. */
size_t sb_model_parameters(const sb_model *model);
/* trained[parameters]: which of them are not frozen. */
void sb_model_trained(const sb_model *model, bool *trained);
bool sb_model_single(const sb_model *model);
size_t sb_model_number(const sb_model *model); /* bytes of a number: 8 or 4 */
/* Whether the output has kinks or jumps as a function of the parameters: ReLU, max pooling. */
bool sb_model_kinked(const sb_model *model);
/* "784 -> dense(400) tanh dense(10), 318010 parameters" */
void sb_model_describe(const sb_model *model, char *text, size_t size);

/* Whether the output is 0 at the start for every seed. */
bool sb_model_starts_at_zero(const sb_model *model);
/* theta[parameters], always double: what (seed, stream) draws does not depend on the kind of numbers, and of a `dense`
 * layer neuron i of width 1024 is neuron i of width 512; so it is of a sum over shifted neurons or features, with its
 * output weights. */
void sb_model_start(const sb_model *model, uint64_t seed, sb_stream stream, double *theta);

/* ---- evaluation: const model, so any number of threads, each with a tape of its own ----
 *
 * A batch has rows [1 + tangents][n][inputs]: n examples, then for each tangent the direction dx of every example.
 * Outputs are [1 + tangents][n][outputs]: h, then dh = (dh/dx) dx (forward mode). */

/* Examples of a batch with which evaluation is fastest. */
size_t sb_model_tile(const sb_model *model);
/* Numbers of a tape for such a batch. */
size_t sb_model_tape(const sb_model *model, size_t n, size_t tangents);
/* Leaves all that `backward` needs on the tape; returns the outputs, which stand there. */
void *sb_model_forward(const sb_model *model, const void *theta, size_t n, size_t tangents, const void *x, void *tape);
/* gradient[parameters] += that of sum g . outputs, g of the shape of the outputs. After a forward of the same batch,
 * whose tape stays fit for another. */
void sb_model_backward(const sb_model *model, const void *theta, size_t n, size_t tangents, const void *x, void *tape,
                       const void *g, void *gradient);

/* change[n][outputs] = J v: how outputs change with the parameters along v[parameters], forward mode. After a forward
 * of the same batch without tangents, whose tape it leaves as it is but for the two gradients behind it; scratch of
 * sb_model_scratch numbers. A backward afterwards leaves the tape fit for both again. */
void sb_model_change(const sb_model *model, const void *theta, const void *v, size_t n, const void *x, void *tape,
                     void *scratch, void *change);
size_t sb_model_scratch(const sb_model *model, size_t n);

/* The same for whole data sets in double, a tile after the other: h[n][outputs], gradient[parameters] of sum g . h,
 * change[n][outputs] along v. A model of float numbers rounds on the way. */
sb_status sb_model_evaluate(const sb_model *model, const double *theta, size_t n, const double *x, double *h);
sb_status sb_model_gradient(const sb_model *model, const double *theta, size_t n, const double *x, const double *g,
                            double *gradient);
sb_status sb_model_derivative(const sb_model *model, const double *theta, const double *v, size_t n, const double *x,
                              double *change);

/* ---- for kernels (tangent.h) ---- */

/* At these parameters, which it copies; the model is borrowed. `factors` must be zeroed or cleared. */
sb_status sb_model_factors(const sb_model *model, const double *theta, sb_factors *factors);

/* Of its infinitely wide limit (kernel.h: sb_gram_wide); densities are borrowed from the model. SB_ERR_UNSUPPORTED
 * names the layer that has no such limit or of which it is not known: convolutions and pools; `fourier` or `shifted`
 * that is not the first layer; an activation of what is not Gaussian, which are the inputs, features, other
 * activations, neurons whose biases are neither zero nor normal, and those of the first weights unless these are
 * normal, because few inputs are no central limit; an end that is not dense. `law` must be zeroed or cleared. */
sb_status sb_model_wide_law(const sb_model *model, sb_wide_law *law);

/* ---- lists for `specbias list` ---- */

typedef struct sb_layer_kind sb_layer_kind; /* dense, conv1d, conv2d, maxpool, fourier; any activation */
const char *sb_layer_name(size_t index);    /* NULL past the last */
const char *sb_layer_title(size_t index);
/* Laws of initial weights: "glorot", "he", "lecun", "gaussian(sd)", "uniform(range)", "two_point(size)", "zero" */
const char *sb_init_name(size_t index);
const char *sb_init_title(size_t index);

/* ---- the shapes `dense(m), activation, dense(1)`, the same with `shifted(m)`, and `fourier(m), dense(1)`: sums over
 * units, which have faster ways (fit.h) ---- */

typedef struct sb_two_layer {
    const sb_activation *activation; /* NULL: of features */
    size_t units, dim;
    size_t in, shift, out, offset; /* where in theta: W[units][dim], b[units], a[units], c; SIZE_MAX: not there */
    size_t out_sine;               /* features: a[units] of the sines, `out` being of the cosines; else SIZE_MAX */
    double in_scale, shift_scale, out_scale,
        offset_scale; /* h = sum out_scale a s(in_scale w . x + shift_scale b) + .. */
    bool shifted;     /* or s(in_scale w (x + b)) */
    bool in_trained, out_trained;
    /* the fused step of `count` units from `first` on, numbers of the model's kind (src/net/sweep.h) */
    void (*sweep)(const struct sb_sweep *sweep, size_t first, size_t count);
} sb_two_layer;

#define SB_MOST_COPIES 2

/* How many antisymmetric copies of such a shape the model is, the network the sum over parts[copies]; 0: of another. */
size_t sb_model_two_layer(const sb_model *model, sb_two_layer parts[SB_MOST_COPIES]);

/* The units first .. first + count - 1 of each copy of such a model, as a network: outputs of all parts add up to those
 * of the whole, and so do kernels. An output bias goes with unit 0. *part must be NULL; *own: its weights, to be freed.
 * SB_ERR_UNSUPPORTED: the model is no sum over units. */
sb_status sb_model_part(const sb_model *model, const double *theta, size_t first, size_t count, sb_model **part,
                        double **own);

/* A dense layer of a network of nothing but these and activations: where its weights and biases stand in theta, the
 * same in each copy one network further on, and the size of what they start with. */
typedef struct sb_dense_part {
    size_t units, weights, weight, biases, bias; /* numbers, and where they begin */
    double weight_size, bias_size;               /* of the laws of unit scale, at the widths of this model */
    bool first, last;                            /* inputs and outputs are no widths */
    bool scaled;                                 /* its scale was given, whatever the fan-in */
} sb_dense_part;

/* How many such layers each copy has, the last layer being one; 0: there are others, or more than part[most]. */
size_t sb_model_dense_parts(const sb_model *model, size_t most, sb_dense_part *part);
/* Parameters of a copy, and how many copies. */
size_t sb_model_copies(const sb_model *model, size_t *parameters);

/* A circular convolution of sequences, of a network of nothing but these and ReLU between them: taps see the taps / 2
 * positions before; W[units][taps][channels] stands at `weight` of theta, biases at `bias`, SIZE_MAX: there are none.
 */
typedef struct sb_conv_part {
    size_t channels, units, taps, weight, bias;
    double weight_scale, bias_scale;
} sb_conv_part;

/* The layers of such a network, one channel at both ends, `*scale` the factor of its output. SB_ERR_UNSUPPORTED names
 * what it is not: layers of another kind, zero padding, antisymmetric copies, float numbers, more than part[most]. */
sb_status sb_model_conv_parts(const sb_model *model, size_t most, sb_conv_part *part, size_t *count, double *scale);

/* What a number of a unit starts with: `size` times a law of unit scale (nothing where size is 0), or a density. */
typedef struct sb_start_law {
    const sb_law *law;
    double size;
    const sb_density *density; /* borrowed; NULL: the law */
} sb_start_law;

/* Of such a model, whose units start independently unless it is quiet: of input weight d of a unit, of its bias or
 * shift, of an output weight. */
sb_start_law sb_model_start_in(const sb_model *model, size_t d);
sb_start_law sb_model_start_shift(const sb_model *model);
sb_start_law sb_model_start_out(const sb_model *model);
/* The same with `units` units in each copy, of double numbers; all scales stay those of the width of `model`, on which
 * they depend. *other must be NULL. */
sb_status sb_model_resize(const sb_model *model, size_t units, sb_model **other);

/* Smallest distance of a kink to a data point x[n], of such a model with one input; infinity where there is none. */
double sb_model_kink_distance(const sb_model *model, const double *theta, size_t n, const double *x);

#endif
