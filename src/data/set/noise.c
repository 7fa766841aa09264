#include <complex.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/parallel.h"
#include "data/set/set.h"
#include "watch/fft.h"

typedef struct task {
    const sb_dataset_spec *spec;
    uint64_t stream;
    sb_fft *fft;
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

/* amp[height][width / 2 + 1] of white noise cut to the band. The waves k and -k are one another's conjugate and share a
 * draw, at the first of them; of a wave that is its own there is only the cosine, of mean square 1 instead of 1/2. */
static void draw(const task *t, sb_shape shape, sb_rng *rng, double complex *amp)
{
    size_t bins = shape.width / 2 + 1;
    memset(amp, 0, shape.height * bins * sizeof *amp);
    for (size_t k1 = 0; k1 < shape.height; k1++)
        for (size_t k2 = 0; k2 < shape.width; k2++) {
            size_t l1 = (shape.height - k1) % shape.height, l2 = (shape.width - k2) % shape.width; /* -k */
            bool own = k1 == l1 && k2 == l2, first = k1 < l1 || (k1 == l1 && k2 <= l2);
            if (!first || !in_band(t->spec, shape, k1, k2)) continue;
            double re = sb_rng_normal(rng), im = sb_rng_normal(rng);
            double complex c = own ? re : (re - I * im) / M_SQRT2;
            if (k2 < bins) amp[k1 * bins + k2] = c;
            if (l2 < bins) amp[l1 * bins + l2] = conj(c);
        }
}

/* The channels have noise of their own and one rms. */
static sb_status of_example(void *context, size_t index)
{
    const task *t = context;
    sb_shape shape = t->set->input;
    size_t pixels = shape.height * shape.width, size = pixels * shape.channels;
    double *noise = malloc(size * sizeof *noise), square = 0, *x = t->set->x + index * size;
    double complex *amp = malloc(sb_fft_bins(t->fft) * sizeof *amp);
    sb_status status = SB_OK;
    if (!noise || !amp) {
        status = sb_fail(SB_ERR_NOMEM, "no memory for the noise of an image of %zu pixels", pixels);
        goto done;
    }
    sb_rng rng = sb_rng_at(t->spec->seed, t->stream, index);
    for (size_t channel = 0; channel < shape.channels; channel++) {
        draw(t, shape, &rng, amp);
        sb_fft_backward(t->fft, amp, noise + channel * pixels);
    }
    for (size_t i = 0; i < size; i++) square += noise[i] * noise[i];
    double scale = t->spec->noise / sqrt(square / (double)size);
    for (size_t i = 0; i < size; i++) x[i] += scale * noise[i % shape.channels * pixels + i / shape.channels];
done:
    free(noise);
    free(amp);
    return status;
}

sb_status sb_add_noise(const sb_dataset_spec *spec, size_t index, sb_dataset *set)
{
    size_t waves = 0;
    for (size_t k1 = 0; k1 < set->input.height; k1++)
        for (size_t k2 = 0; k2 < set->input.width; k2++) waves += in_band(spec, set->input, k1, k2);
    if (waves == 0 || sb_shape_size(set->input) == set->input.channels)
        return sb_fail(SB_ERR_INPUT, "inputs of %zu x %zu pixels have no frequency with %g <= |k| <= %g for the noise",
                       set->input.height, set->input.width, spec->noise_low, spec->noise_high);
    task t = {spec, SB_DATA_NOISE + index, NULL, set};
    sb_status status = sb_fft_create(set->input.height, set->input.width, &t.fft);
    if (status == SB_OK) status = sb_parallel_for(0, set->n, of_example, &t);
    sb_fft_destroy(&t.fft);
    return status;
}
