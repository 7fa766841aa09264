/* Theorem 2's bad set: how large it is and where it is empty, for one neuron, and where it is for several. With S =
 * sin(beta - phi), C = cos(beta - phi) the scaled gradient is (p S, q S - r C, t C) A / gap,
 *
 *   p = 2 pi / w,  q = pi^2 a k E1 / w^3 - 2 pi a / w^2,  r = 2 pi a b k / w^3,  t = 2 pi a k / w^2,
 *
 * and its squared norm a quadratic form in (S, C). Its eigenvalues bound the norm for all phases, and with
 * ||f^| - |h^|| <= A <= |f^| + |h^| the margin
 *
 *   ln|grad L(k1)| - ln|grad L(k2)| = ln|g1| - ln|g2| + alpha s,   s = 1 / |w|,
 *
 * from below. Beyond the last zero of that bound nothing needs to be searched; before it the margin's minima are.
 *
 * Of m neurons each has its own quadratic form and all have the same A: the margin of each bounds that of all, where
 * |h^| may be m times the largest term, (pi a s) / sinh(pi k s / 2) at s = 1 / delta. */
#include "theory/dominance/waves.h"

#include <math.h>

enum { PER_TURN = 128, REFINEMENTS = 60, BOUND_STEPS = 4000, NEURONS = 9, STEPS_A_WORD = 4096 };

typedef struct margin_line {
    const sb_dominance_task *task;
    double a, b, sign; /* w = sign / s */
} margin_line;

static sb_tanh_neuron neuron_at(const margin_line *line, double s)
{
    return (sb_tanh_neuron){.a = line->a, .w = line->sign / s, .b = line->b};
}

static double log_norm(const margin_line *line, double s, double k, double complex target)
{
    sb_tanh_neuron neuron = neuron_at(line, s);
    sb_tanh_gradient g;
    sb_tanh_gradients(1, &neuron, k, target, &g);
    return log(hypot(hypot(g.a, g.w), g.b));
}

static double margin(const void *context, double s)
{
    const margin_line *line = context;
    const sb_dominance_task *task = line->task;
    return log_norm(line, s, task->k1, task->f1) - log_norm(line, s, task->k2, task->f2) + sb_dominance_alpha(task) * s;
}

/* The eigenvalues of the quadratic form, over gap^2. */
static void eigenvalues(const sb_tanh_neuron *neuron, const tanh_wave *wave, double k, double *least, double *largest)
{
    double a = neuron->a, w = neuron->w, e1 = copysign((2 - wave->gap) / wave->gap, w);
    double p = 2 * M_PI / w, q = M_PI * M_PI * a * k * e1 / (w * w * w) - 2 * M_PI * a / (w * w);
    double r = 2 * M_PI * a * neuron->b * k / (w * w * w), t = 2 * M_PI * a * k / (w * w);
    double trace = p * p + q * q + r * r + t * t, difference = p * p + q * q - r * r - t * t;
    *largest = (trace + hypot(difference, 2 * q * r)) / 2 / (wave->gap * wave->gap);
    *least = (p * p * (r * r + t * t) + q * q * t * t) / pow(wave->gap, 4) / *largest; /* determinant / largest */
}

/* The part of the bound that is of the quadratic forms: for any A alike at k1 and k2. */
static double form_bound(const margin_line *line, double s)
{
    const sb_dominance_task *task = line->task;
    sb_tanh_neuron neuron = neuron_at(line, s);
    tanh_wave wave1 = sb_wave_of(&neuron, task->k1), wave2 = sb_wave_of(&neuron, task->k2);
    double least, largest, unused;
    eigenvalues(&neuron, &wave1, task->k1, &least, &unused);
    eigenvalues(&neuron, &wave2, task->k2, &unused, &largest);
    return log(least) / 2 - log(largest) / 2 + sb_dominance_alpha(task) * s;
}

/* ln of the least A at k1 over the largest at k2, of m neurons like this one. */
static double error_bound(const margin_line *line, double s, double m)
{
    const sb_dominance_task *task = line->task;
    sb_tanh_neuron neuron = neuron_at(line, s);
    tanh_wave wave1 = sb_wave_of(&neuron, task->k1), wave2 = sb_wave_of(&neuron, task->k2);
    double error1 = fmax(0, cabs(task->f1) - m * cabs(sb_wave_transform(&neuron, &wave1)));
    return log(error1) - log(cabs(task->f2) + m * cabs(sb_wave_transform(&neuron, &wave2)));
}

static double margin_bound(const void *context, double s)
{
    return form_bound(context, s) + error_bound(context, s, 1);
}

/* The last s >= start with margin_bound <= 0; start itself when it is positive from there on. The eigenvalues change
 * like powers of s up to s^4, so beyond 8 / alpha the bound only grows. */
static double last_zero(const margin_line *line, double start)
{
    double end = fmax(start, 8 / sb_dominance_alpha(line->task));
    while (!(margin_bound(line, end) > 0)) end *= 2;
    double ratio = pow(start / end, 1.0 / BOUND_STEPS), high = end;
    for (int i = 1; i <= BOUND_STEPS; i++) {
        double low = end * pow(ratio, i);
        if (!(margin_bound(line, low) > 0)) return sb_bisect(margin_bound, line, low, high);
        high = low;
    }
    return start;
}

/* Golden section for the minimum between low and high. */
static double minimum(const margin_line *line, double low, double high)
{
    double golden = (sqrt(5) - 1) / 2;
    double s1 = high - golden * (high - low), s2 = low + golden * (high - low);
    double m1 = margin(line, s1), m2 = margin(line, s2);
    for (int i = 0; i < REFINEMENTS; i++) {
        if (m1 < m2) {
            high = s2, s2 = s1, m2 = m1;
            s1 = high - golden * (high - low), m1 = margin(line, s1);
        } else {
            low = s1, s1 = s2, m1 = m2;
            s2 = low + golden * (high - low), m2 = margin(line, s2);
        }
    }
    return m1 < m2 ? s1 : s2;
}

/* Where margin <= 0 in [start, end], looked for in steps from end down: the last such s (0: none), and the length of it
 * all in |w| = 1 / s. */
typedef struct losses {
    double last, length;
} losses;

static void add_loss(losses *all, double low, double high)
{
    all->last = fmax(all->last, high);
    all->length += 1 / low - 1 / high;
}

static sb_status find_losses(const margin_line *line, double start, double end, const sb_monitor *monitor, losses *all)
{
    sb_status status = SB_OK;
    double step = 2 * M_PI / PER_TURN / (line->task->k2 * (fabs(line->b) + 1));
    double high = end, middle = end, above = margin(line, end), here = above, entered = end;
    *all = (losses){0, 0};
    for (size_t steps = 1; middle > start; steps++) {
        if (steps % STEPS_A_WORD == 0) SB_TRY(sb_monitor_progress(monitor, "dominance", end - middle, end - start));
        double low = fmax(start, middle - step), next = margin(line, low);
        bool lost = here <= 0, now = next <= 0;
        if (!lost && !now && here <= above && here <= next) { /* the least lies between low and high */
            double at = minimum(line, low, high);
            if (margin(line, at) <= 0)
                add_loss(all, sb_bisect(margin, line, low, at), sb_bisect(margin, line, at, high));
        }
        double crossing = lost != now ? sb_bisect(margin, line, low, middle) : 0;
        if (now && !lost) entered = crossing;
        if (lost && !now) add_loss(all, crossing, entered);
        high = middle, above = here;
        middle = low, here = next;
    }
    if (here <= 0) add_loss(all, start, entered);
done:
    return status;
}

static sb_status check_neuron(const sb_dominance_task *task, double a, double b, double largest)
{
    sb_status status = sb_dominance_check(task);
    if (status != SB_OK) return status;
    if (!(a != 0 && isfinite(a) && isfinite(b)))
        return sb_fail(SB_ERR_INPUT, "the neuron needs a finite b and an a other than 0, not %g and %g", b, a);
    if (!(largest > 0 && isfinite(largest)))
        return sb_fail(SB_ERR_INPUT, "the largest |w| must be positive, not %g", largest);
    return SB_OK;
}

sb_status sb_dominance_empty_below(const sb_dominance_task *task, double a, double b, double largest,
                                   const sb_monitor *monitor, sb_dominance_threshold *threshold)
{
    sb_status status = check_neuron(task, a, b, largest);
    double bound = 1 / largest, loss = 0;
    losses found;
    margin_line line = {.task = task, .a = a, .b = b};
    for (line.sign = 1; status == SB_OK && line.sign >= -1; line.sign -= 2) {
        double zero = last_zero(&line, 1 / largest);
        bound = fmax(bound, zero);
        status = find_losses(&line, 1 / largest, zero, monitor, &found);
        loss = fmax(loss, found.last);
    }
    *threshold = (sb_dominance_threshold){.certified = 1 / bound, .empty = loss > 0 ? 1 / loss : INFINITY};
    return status;
}

sb_status sb_dominance_lost(const sb_dominance_task *task, double a, double b, double delta, const sb_monitor *monitor,
                            double *fraction)
{
    sb_status status = check_neuron(task, a, b, delta);
    losses found;
    margin_line line = {.task = task, .a = a, .b = b};
    *fraction = 0;
    for (line.sign = 1; status == SB_OK && line.sign >= -1; line.sign -= 2) {
        status = find_losses(&line, 1 / delta, last_zero(&line, 1 / delta), monitor, &found);
        *fraction += found.length / (2 * delta);
    }
    return status;
}

/* The least form_bound over neurons of the law, and signs of w. */
static double least_form(const sb_dominance_task *task, const double a[2], const double b[2], double s)
{
    double least = INFINITY;
    for (int i = 0; i < NEURONS * NEURONS; i++) {
        double of_a = (double)(i / NEURONS) / (NEURONS - 1), of_b = (double)(i % NEURONS) / (NEURONS - 1);
        margin_line line = {.task = task, .a = a[0] + of_a * (a[1] - a[0]), .b = b[0] + of_b * (b[1] - b[0])};
        for (line.sign = 1; line.sign >= -1; line.sign -= 2) least = fmin(least, form_bound(&line, s));
    }
    return least;
}

sb_status sb_dominance_certain(const sb_dominance_task *task, size_t m, const double a[2], const double b[2],
                               double *delta)
{
    sb_status status = check_neuron(task, a[1], b[1], 1);
    if (status != SB_OK) return status;
    margin_line largest = {.task = task, .a = a[1], .b = b[1], .sign = 1};
    double end = 8 / sb_dominance_alpha(task), least = INFINITY, ratio = pow(1e-2, 1.0 / BOUND_STEPS);
    while (!(least_form(task, a, b, end) + error_bound(&largest, end, (double)m) > 0)) end *= 2;
    for (int i = 0; i <= BOUND_STEPS; i++) {
        double s = end * pow(ratio, i);
        least = fmin(least, least_form(task, a, b, s));
        if (!(least + error_bound(&largest, s, (double)m) > 0)) break;
        *delta = 1 / s;
    }
    return SB_OK;
}
