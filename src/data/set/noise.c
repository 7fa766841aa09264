#include <complex.h>
#include <math.h>
#include <stdlib.h>

#include "core/parallel.h"
#include "data/set/set.h"

typedef struct task {
    const sb_dataset_spec *spec;
    uint64_t stream;
    sb_dataset *set;
} task;

/* The signed index of frequency of bin k of n. */
static double signed_index(size_t k, size_t n)
{
    return 2 * k < n ? (double)k : (double)k - (double)n;
}

static bool in_band(const sb_dataset_spec *spec, sb_shape shape, size_t k1, size_t k2)
{
    double size = hypot(signed_index(k1, shape.height), signed_index(k2, shape.width));
    return size >= spec->noise_low && size <= spec->noise_high;
}

/* c[height][width] such that Re sum c_k exp(2 pi i k.x) is white noise cut to the band. The waves k and -k are one
 * another's conjugate and share a coefficient, which stands at the first of them; of a wave that is its own there is
 * only the cosine, of mean square 1 instead of 1/2. */
static void draw(const sb_dataset_spec *spec, sb_shape shape, sb_rng *rng, double complex *c)
{
    for (size_t k1 = 0; k1 < shape.height; k1++)
        for (size_t k2 = 0; k2 < shape.width; k2++) {
            size_t here = k1 * shape.width + k2;
            size_t there = (shape.height - k1) % shape.height * shape.width + (shape.width - k2) % shape.width;
            c[here] = 0;
            if (here > there || !in_band(spec, shape, k1, k2)) continue;
            double re = sb_rng_normal(rng), im = sb_rng_normal(rng);
            c[here] = here == there ? re : M_SQRT2 * (re - I * im);
        }
}

/* out[j] = sum_k c[k] exp(2 pi i k j / n), numbers `stride` apart; turn[m] = exp(2 pi i m / n). */
static void transform(size_t n, size_t stride, const double complex *turn, const double complex *c, double complex *out)
{
    for (size_t j = 0; j < n; j++) out[j * stride] = 0;
    for (size_t k = 0; k < n; k++) {
        if (c[k * stride] == 0) continue;
        for (size_t j = 0; j < n; j++) out[j * stride] += c[k * stride] * turn[k * j % n];
    }
}

static void turns(size_t n, double complex *turn)
{
    for (size_t m = 0; m < n; m++) turn[m] = cexp(2 * M_PI * I * (double)m / (double)n);
}

/* Rows, then columns: c[height][width] becomes the sum over waves at each pixel; work has the same size, and room for
 * the turns. */
static void synthesise(sb_shape shape, double complex *c, double complex *work)
{
    double complex *turn = work + shape.height * shape.width;
    turns(shape.width, turn);
    for (size_t i = 0; i < shape.height; i++)
        transform(shape.width, 1, turn, c + i * shape.width, work + i * shape.width);
    turns(shape.height, turn);
    for (size_t j = 0; j < shape.width; j++) transform(shape.height, shape.width, turn, work + j, c + j);
}

/* The channels have noise of their own and one rms. */
static sb_status of_example(void *context, size_t index)
{
    const task *t = context;
    sb_shape shape = t->set->input;
    size_t pixels = shape.height * shape.width, most = shape.height > shape.width ? shape.height : shape.width;
    double complex *c = malloc((pixels * (shape.channels + 1) + most) * sizeof *c);
    if (!c) return sb_fail(SB_ERR_NOMEM, "no memory for the noise of an image of %zu pixels", pixels);
    double complex *work = c + pixels * shape.channels;
    sb_rng rng = sb_rng_at(t->spec->seed, t->stream, index);
    double square = 0, *x = t->set->x + index * pixels * shape.channels;
    for (size_t channel = 0; channel < shape.channels; channel++) {
        draw(t->spec, shape, &rng, c + channel * pixels);
        synthesise(shape, c + channel * pixels, work);
    }
    for (size_t i = 0; i < pixels * shape.channels; i++) square += creal(c[i]) * creal(c[i]);
    double scale = t->spec->noise / sqrt(square / (double)(pixels * shape.channels));
    for (size_t i = 0; i < pixels; i++)
        for (size_t channel = 0; channel < shape.channels; channel++)
            x[i * shape.channels + channel] += scale * creal(c[channel * pixels + i]);
    free(c);
    return SB_OK;
}

sb_status sb_add_noise(const sb_dataset_spec *spec, size_t index, sb_dataset *set)
{
    size_t waves = 0;
    for (size_t k1 = 0; k1 < set->input.height; k1++)
        for (size_t k2 = 0; k2 < set->input.width; k2++) waves += in_band(spec, set->input, k1, k2);
    if (waves == 0 || sb_shape_size(set->input) == set->input.channels)
        return sb_fail(SB_ERR_INPUT, "inputs of %zu x %zu pixels have no frequency with %g <= |k| <= %g for the noise",
                       set->input.height, set->input.width, spec->noise_low, spec->noise_high);
    task t = {spec, SB_DATA_NOISE + index, set};
    return sb_parallel_for(0, set->n, of_example, &t);
}
