/* Transform and gradients of a tanh network at one frequency, and the comparison of two frequencies.
 *
 *   h^(k) = sum_j (a_j / |w_j|) exp(i beta_j) (-i pi) / sinh(pi k / (2 w_j)),   beta_j = b_j k / w_j,
 *   h^(k) - f^(k) = A exp(i phi),   L(k) = A^2 / 2,   z = pi k / (2 |w|),
 *   E0 = A / (exp(z) - exp(-z)) = exp(-z) A / gap,   gap = 1 - exp(-2 z),   E1 = sgn(w) coth(z),
 *
 *   dL/da = (2 pi / w) sin(beta - phi) E0
 *   dL/dw = [ sin(beta - phi) (pi^2 a k E1 / w^3 - 2 pi a / w^2) - (2 pi a b k / w^3) cos(beta - phi) ] E0
 *   dL/db = (2 pi a k / w^2) cos(beta - phi) E0
 *
 * The factor exp(-z) is kept apart. A sin(beta - phi) and A cos(beta - phi) are the parts of exp(i beta) conj(error).
 */
#include "theory/dominance/waves.h"

#include <math.h>

#include "core/complex.h"

tanh_wave sb_wave_of(const sb_tanh_neuron *neuron, double k)
{
    double z = M_PI * k / (2 * fabs(neuron->w)), beta = neuron->b * k / neuron->w, fade = exp(-z);
    double gap = z > 1 ? 1 - fade * fade : -expm1(-2 * z); /* the first is faster, and inexact for small z */
    return (tanh_wave){.decay = z, .fade = fade, .gap = gap, .cos = cos(beta), .sin = sin(beta)};
}

/* exp(i beta) (-i) = sin(beta) - i cos(beta) */
double complex sb_wave_transform(const sb_tanh_neuron *neuron, const tanh_wave *wave)
{
    double size = 2 * M_PI * neuron->a / neuron->w * wave->fade / wave->gap;
    return CMPLX(size * wave->sin, -size * wave->cos);
}

sb_tanh_gradient sb_wave_gradient(const sb_tanh_neuron *neuron, const tanh_wave *wave, double k, double complex error)
{
    double a = neuron->a, w = neuron->w, b = neuron->b, re = creal(error), im = cimag(error);
    double sine = (wave->sin * re - wave->cos * im) / wave->gap; /* sin(beta - phi) E0 exp(z) */
    double cosine = (wave->cos * re + wave->sin * im) / wave->gap;
    double e1 = copysign((2 - wave->gap) / wave->gap, w);
    return (sb_tanh_gradient){
        .a = 2 * M_PI / w * sine,
        .w = sine * (M_PI * M_PI * a * k * e1 / (w * w * w) - 2 * M_PI * a / (w * w)) -
             2 * M_PI * a * b * k / (w * w * w) * cosine,
        .b = 2 * M_PI * a * k / (w * w) * cosine,
        .decay = wave->decay,
    };
}

double complex sb_tanh_transform(size_t m, const sb_tanh_neuron *neuron, double k)
{
    double complex sum = 0;
    for (size_t j = 0; j < m; j++) {
        tanh_wave wave = sb_wave_of(&neuron[j], k);
        sum += sb_wave_transform(&neuron[j], &wave);
    }
    return sum;
}

void sb_tanh_gradients(size_t m, const sb_tanh_neuron *neuron, double k, double complex target,
                       sb_tanh_gradient *gradient)
{
    double complex error = sb_tanh_transform(m, neuron, k) - target;
    for (size_t j = 0; j < m; j++) {
        tanh_wave wave = sb_wave_of(&neuron[j], k);
        gradient[j] = sb_wave_gradient(&neuron[j], &wave, k, error);
    }
}

double sb_dominance_alpha(const sb_dominance_task *task)
{
    return M_PI * (task->k2 - task->k1) / 2;
}

sb_status sb_dominance_check(const sb_dominance_task *task)
{
    if (!(task->k1 > 0 && task->k2 > task->k1 && isfinite(task->k2)))
        return sb_fail(SB_ERR_INPUT, "the frequencies must be 0 < k1 < k2, not %g and %g", task->k1, task->k2);
    if (!(cabs(task->f1) > 0 && isfinite(cabs(task->f1)) && isfinite(cabs(task->f2))))
        return sb_fail(SB_ERR_INPUT, "the target must have finite amplitudes, and one at k1, not |f1| = %g, |f2| = %g",
                       cabs(task->f1), cabs(task->f2));
    return SB_OK;
}

static double complex error_at(double k, double complex target, size_t m, const sb_tanh_neuron *neuron, tanh_wave *wave)
{
    double complex error = -target;
    for (size_t j = 0; j < m; j++) {
        wave[j] = sb_wave_of(&neuron[j], k);
        error += sb_wave_transform(&neuron[j], &wave[j]);
    }
    return error;
}

static double square(double x)
{
    return x * x;
}

static double squared_norm(const sb_tanh_gradient *g)
{
    return square(g->a) + square(g->w) + square(g->b);
}

/* Of one neuron both gradients are compared over exp(-z1), so that the second has the factor exp(-alpha / |w|). Norms
 * add over neurons, over exp(-z1) of the largest |w|. */
void sb_dominance_judge(const sb_dominance_task *task, size_t m, const sb_tanh_neuron *neuron, tanh_wave *wave,
                        sb_dominance_judgement *judgement)
{
    tanh_wave *wave1 = wave, *wave2 = wave + m;
    double complex error1 = error_at(task->k1, task->f1, m, neuron, wave1);
    double complex error2 = error_at(task->k2, task->f2, m, neuron, wave2);
    double least = INFINITY, norm1 = 0, norm2 = 0;
    *judgement = (sb_dominance_judgement){0};
    for (size_t j = 0; j < m; j++) least = fmin(least, wave1[j].decay);
    for (size_t j = 0; j < m; j++) {
        sb_tanh_gradient g1 = sb_wave_gradient(&neuron[j], &wave1[j], task->k1, error1);
        sb_tanh_gradient g2 = sb_wave_gradient(&neuron[j], &wave2[j], task->k2, error2);
        double shrink = exp(wave1[j].decay - wave2[j].decay), share = exp(2 * (least - wave1[j].decay));
        double one[] = {fabs(g1.a), fabs(g1.w), fabs(g1.b)};
        double two[] = {shrink * fabs(g2.a), shrink * fabs(g2.w), shrink * fabs(g2.b)};
        for (int type = 0; type < SB_DOMINANCE_TYPES; type++) {
            judgement->type[type] |= one[type] <= two[type];
            judgement->control |= two[type] <= one[type];
        }
        norm1 += share * squared_norm(&g1);
        norm2 += share * shrink * shrink * squared_norm(&g2);
    }
    for (int type = 0; type < SB_DOMINANCE_TYPES; type++) judgement->any |= judgement->type[type];
    judgement->norm = norm1 <= norm2;
}

double sb_bisect(double (*value)(const void *context, double s), const void *context, double low, double high)
{
    bool below = value(context, low) > 0;
    for (;;) {
        double middle = low + (high - low) / 2;
        if (!(middle > low && middle < high)) return middle;
        if ((value(context, middle) > 0) == below)
            low = middle;
        else
            high = middle;
    }
}
