/* The stack frozen at infinite width, and what is left late: closed forms that stand beside the forecast. */
#include <math.h>
#include <stdlib.h>

#include "core/linalg.h"
#include "forecast/angles/angles.h"

/* sum over taps of exp(i x j) is k D_k(x) with D_k(x) = sin(k x / 2) / (k sin(x / 2)), up to a phase */
static double sum_of_taps(double k, double x)
{
    double low = sin(x / 2);
    return low == 0 ? k : sin(k * x / 2) / low;
}

/* dH(F)/dt = - sum over F' of K(F - F') S_F' (H(F') - i F') for H(F) = W_L(F) m .. m W_1(F), half of the masks open:
 * K(x) = prod over layers of k D_k(x s) times prod over hidden layers of units / 2 times the sum over layers of what
 * the weights of all others are in the mean square */
static double kernel(const sb_angles_spec *spec, const double *square, double x)
{
    double taps = spec->output_scale * spec->output_scale, sum = 0;
    for (size_t l = 0; l < spec->layers; l++) {
        const sb_conv_part *p = &spec->part[l];
        double others = p->weight_scale * p->weight_scale;
        for (size_t m = 0; m < spec->layers; m++)
            if (m != l) others *= square[m] * spec->part[m].weight_scale * spec->part[m].weight_scale;
        sum += others;
        taps *= sum_of_taps((double)p->taps, x * spec->spacing) * (l + 1 < spec->layers ? (double)p->units / 2 : 1);
    }
    return taps * sum;
}

/* F of -F_n .. -F_1, F_1 .. F_n */
static double signed_frequency(const sb_angles_spec *spec, size_t i)
{
    return i < spec->modes ? -spec->frequency[i] : spec->frequency[i - spec->modes];
}

sb_status sb_angles_frozen(const sb_angles_spec *spec, const double *square, double *rate)
{
    size_t n = 2 * spec->modes;
    double *matrix = malloc((n * n + n) * sizeof *matrix), *value = matrix + n * n;
    if (!matrix) return sb_fail(SB_ERR_NOMEM, "no memory for %zu frequencies", n);
    for (size_t i = 0; i < n; i++)
        for (size_t j = 0; j < n; j++)
            matrix[i * n + j] = sqrt(spec->power[i % spec->modes] * spec->power[j % spec->modes]) *
                                kernel(spec, square, signed_frequency(spec, i) - signed_frequency(spec, j));
    sb_status status = sb_syevd(n, matrix, value);
    for (size_t i = 0; status == SB_OK && i < n; i++) rate[i] = value[n - 1 - i];
    free(matrix);
    return status;
}

static double sum_of(const sb_angles_spec *spec, double power)
{
    double sum = 0;
    for (size_t i = 0; i < spec->modes; i++) sum += spec->power[i] * pow(spec->frequency[i], power);
    return sum;
}

double sb_angles_late(const sb_angles_spec *spec, double low, double high)
{
    double square = sum_of(spec, 4) / sum_of(spec, 2), left = 0, wanted = 0;
    for (size_t i = 0; i < spec->modes; i++) {
        double f2 = spec->frequency[i] * spec->frequency[i];
        if (spec->frequency[i] < low || spec->frequency[i] > high) continue;
        left += f2 * pow(1 - f2 / square, 2);
        wanted += f2;
    }
    return left / wanted;
}
