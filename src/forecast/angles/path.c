#include "forecast/angles/path.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "case/case.h"

#define DIVERGED 1e6 /* times the loss at the start */

/* ---- what a case makes of it ---- */

static sb_status check_case(const sb_case *cas)
{
    const char *loss = cas->config->loss_kind;
    if (cas->watch.response.count == 0)
        return sb_fail(SB_ERR_UNSUPPORTED, "it forecasts what observe.response watches of data.kind = \"derivative\"");
    if (strcmp(loss, "mse") != 0)
        return sb_fail(SB_ERR_UNSUPPORTED, "it knows mean squares (loss.kind = \"mse\"), not %s", loss);
    if (!cas->rule.kind->update)
        return sb_fail(SB_ERR_UNSUPPORTED, "it goes by steps, which %s has not", cas->rule.kind->name);
    if (cas->rule.decay > 0)
        return sb_fail(SB_ERR_UNSUPPORTED, "it does not know weights that decay (train.weight_decay)");
    if (cas->config->data_output_noise > 0 || cas->config->data_shuffled)
        return sb_fail(SB_ERR_UNSUPPORTED, "it does not know wanted outputs with noise, or shuffled");
    if (cas->config->train_unstable) return sb_fail(SB_ERR_UNSUPPORTED, "it does not cover train.unstable");
    return SB_OK;
}

/* S_F of the law of the functions: in the mean SB_TONES of 2 SB_TONES terms are there, each with |u_F|^2 = 1/4 at one
 * of the frequencies; that not all are missing makes it a little more. Uniform amplitudes: all terms, E |u_F|^2 = 1/12.
 */
static sb_status fill_spectrum(const sb_case *cas, sb_conv_stack *stack)
{
    sb_dataset_spec set = sb_case_set_spec(cas->config);
    double low = set.band[0], high = set.band[1];
    size_t modes = (size_t)(high - low) + 1;
    double all = set.uniform ? SB_TONES / 6.0 : SB_TONES / (1 - pow(4, -SB_TONES)) / 4;
    stack->frequency = malloc(2 * modes * sizeof *stack->frequency);
    if (!stack->frequency) return sb_fail(SB_ERR_NOMEM, "no memory for %zu frequencies", modes);
    stack->power = stack->frequency + modes;
    for (size_t i = 0; i < modes; i++) {
        stack->frequency[i] = low + (double)i;
        stack->power[i] = all / (double)modes;
    }
    stack->spec.modes = modes;
    stack->spec.frequency = stack->frequency;
    stack->spec.power = stack->power;
    return SB_OK;
}

sb_status sb_conv_open(const sb_case *cas, sb_conv_stack *stack)
{
    size_t window = 1;
    *stack = (sb_conv_stack){.spec = {.part = stack->part, .phases = (size_t)cas->config->forecast_phases}};
    sb_status status = check_case(cas);
    if (status == SB_OK)
        status =
            sb_model_conv_parts(cas->model, SB_MOST_CONV, stack->part, &stack->spec.layers, &stack->spec.output_scale);
    if (status != SB_OK) return status;
    for (size_t l = 0; l < stack->spec.layers; l++) window += stack->part[l].taps - 1;
    if (window > cas->outputs)
        return sb_fail(SB_ERR_UNSUPPORTED, "an output sees %zu points of %zu, more than all", window, cas->outputs);
    stack->spec.spacing = stack->spec.mask_spacing = 2 * M_PI / (double)cas->outputs;
    return fill_spectrum(cas, stack);
}

void sb_conv_clear(sb_conv_stack *stack)
{
    free(stack->frequency);
    stack->frequency = NULL;
}

double sb_conv_reach(const sb_conv_stack *stack)
{
    const sb_angles_spec *spec = &stack->spec;
    double taps = 0, sum = 0, square = 0;
    for (size_t l = 0; l < spec->layers; l++) taps = fmax(taps, (double)spec->part[l].taps);
    for (size_t i = 0; i < spec->modes; i++) {
        sum += spec->power[i];
        square += spec->power[i] * spec->frequency[i] * spec->frequency[i];
    }
    return taps * spec->spacing * sqrt(square / sum);
}

/* ---- its training ---- */

/* What the run's loss is of E (h - u')^2: a mean over examples of sums over points, or the sum over those of a batch.
 */
static double factor_of(const sb_case *cas)
{
    double half = strncmp(cas->config->loss_factor, "half", 4) == 0 ? 0.5 : 1;
    return half * (double)cas->outputs * (sb_case_sums(cas) ? (double)sb_case_batch(cas) : 1);
}

typedef struct path {
    sb_angles *angles;
    sb_fit_spec how;
    size_t parameters;
    double *theta, *gradient, *slot0, *slot1; /* [parameters] */
    double factor;
} path;

/* The loss before the step. */
static double make_step(path *p, size_t step)
{
    const sb_fit_spec *how = &p->how;
    memset(p->gradient, 0, p->parameters * sizeof *p->gradient);
    double loss = sb_angles_loss(p->angles, p->theta, p->gradient);
    double rate = how->eta * how->schedule->factor(step, how->steps, how->period, how->decay);
    sb_update update = sb_rule_step(rate, how->momentum, how->beta2, how->epsilon, step + 1);
    for (size_t i = 0; i < p->parameters; i++) p->gradient[i] *= p->factor;
    how->rule->update(&update, p->parameters, p->theta, p->gradient, p->slot0, p->slot1);
    return loss;
}

static sb_status walk(const sb_case *cas, path *p, const sb_monitor *monitor, const sb_conv_looker *looker)
{
    sb_status status = SB_OK;
    double first = 0;
    bool stop = false;
    for (size_t record = 0, step = 0; !stop; step++) {
        if ((double)step == cas->step[record]) {
            SB_TRY(looker->look(looker->context, record, p->theta, &stop));
            if (++record == cas->nt) break;
        }
        double loss = make_step(p, step);
        if (step == 0) first = loss;
        if (!(loss <= DIVERGED * first))
            SB_TRY(sb_fail(SB_ERR_NUMERIC, "the moving stack diverges at step %zu (train.eta)", step));
        if (step % 16 == 0) SB_TRY(sb_monitor_progress(monitor, "law", (double)step, (double)cas->steps));
    }
done:
    return status;
}

sb_status sb_conv_train(const sb_case *cas, const sb_angles_spec *spec, const sb_monitor *monitor, double *theta,
                        const sb_conv_looker *looker)
{
    sb_status status = SB_OK;
    path p = {.how = sb_case_fit_spec(cas),
              .parameters = sb_model_parameters(cas->model),
              .theta = theta,
              .factor = factor_of(cas)};
    p.gradient = calloc(3 * p.parameters, sizeof *p.gradient);
    if (!p.gradient) SB_TRY(sb_fail(SB_ERR_NOMEM, "no memory for %zu parameters", p.parameters));
    p.slot0 = p.gradient + p.parameters;
    p.slot1 = p.slot0 + p.parameters;
    SB_TRY(sb_angles_create(spec, &p.angles));
    status = walk(cas, &p, monitor, looker);
done:
    sb_angles_destroy(&p.angles);
    free(p.gradient);
    return status;
}
