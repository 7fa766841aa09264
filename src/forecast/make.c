/* What a source forecasts of one seed, or of all, as two tables: by its frequency equation, or mode by mode from its
 * kernel on the data. */
#include "forecast/forecast.h"

#include <stdlib.h>

#include "core/text.h"
#include "case/case.h"
#include "case/given.h"
#include "case/network.h"

bool sb_source_paired(const sb_case *cas, const sb_source *source)
{
    bool table = source->given && !source->given->kernels;
    return source->per_seed || (cas->random_output && !table);
}

size_t sb_source_per_row(const sb_case *cas, const sb_source *source)
{
    return source->per_seed ? cas->per_row : source->given ? source->given->per_row : 1;
}

sb_status sb_start_residual(const sb_case *cas, uint64_t seed, double *u0)
{
    sb_network network = {.cas = cas};
    sb_status status = cas->random_output ? sb_network_start(cas, 1, seed, SB_STREAM_TRAIN, &network) : SB_OK;
    if (status == SB_OK) status = sb_network_residual(&network, u0);
    sb_network_clear(&network);
    return status;
}

sb_status sb_observe_all(const sb_case *cas, const double *u, sb_decay *decay)
{
    size_t size = cas->n * cas->outputs;
    for (size_t i = 0; i < decay->nt; i++) {
        sb_status status = sb_watch_apply(&cas->watch, u + i * size, 1, decay->amp + i * decay->items.parts,
                                          decay->err + i * decay->nxi);
        if (status != SB_OK) return status;
    }
    return SB_OK;
}

/* gram of the rows of a source's kernel */
static double *new_gram(const sb_case *cas, const sb_source *source)
{
    size_t rows = cas->n * sb_source_per_row(cas, source);
    double *gram = malloc(rows * rows * sizeof *gram);
    if (!gram)
        sb_fail(SB_ERR_NOMEM, "no memory for a kernel of %zu points (%.1f GB)", rows, 8e-9 * (double)(rows * rows));
    return gram;
}

static sb_status modes_of_gram(const sb_case *cas, const sb_source *source, const double *gram, sb_kernel_modes *modes)
{
    size_t per_row = sb_source_per_row(cas, source);
    bool single = source->given ? source->given->single : source->per_seed && sb_model_single(cas->model);
    return sb_kernel_modes_create(gram, single, per_row, sb_case_form(cas, per_row), &cas->watch, modes);
}

sb_status sb_source_modes(const sb_case *cas, const sb_source *source, uint64_t seed, sb_kernel_modes *modes)
{
    double *gram = new_gram(cas, source);
    if (!gram) return SB_ERR_NOMEM;
    sb_status status = sb_source_gram(cas, source, seed, gram);
    if (status == SB_OK) status = modes_of_gram(cas, source, gram, modes);
    free(gram);
    return status;
}

/* ---- its tables ---- */

static sb_status save_arrays(const char *directory, const sb_source *source, int64_t seed, const double *gram,
                             const sb_eigen *eigen)
{
    char name[128], base[160];
    size_t n = eigen->n;
    sb_format(name, sizeof name, seed < 0 ? "%s" : "%s.seed%lld", source->name, (long long)seed);
    sb_format(base, sizeof base, "%s.gram", name);
    sb_status status = sb_save_array(directory, base, gram, n, n);
    sb_format(base, sizeof base, "%s.lambda", name);
    if (status == SB_OK) status = sb_save_array(directory, base, eigen->lambda, n, 0);
    sb_format(base, sizeof base, "%s.vectors", name);
    if (status == SB_OK) status = sb_save_array(directory, base, eigen->vector, n, n);
    return status;
}

/* NULL: a table that is not asked for. */
static sb_status from_kernel(const sb_case *cas, const sb_source *source, int64_t seed, const double *u0,
                             const char *directory, sb_decay *flow, sb_decay *gd)
{
    sb_status status = SB_OK;
    sb_kernel_modes modes = {0};
    sb_rule exact = sb_case_rule(cas, SB_FORM_FLOW), steps = sb_case_rule(cas, SB_FORM_GD);
    double *gram = new_gram(cas, source);
    if (!gram) return SB_ERR_NOMEM;
    SB_TRY(sb_source_gram(cas, source, (uint64_t)(seed < 0 ? 0 : seed), gram));
    SB_TRY(modes_of_gram(cas, source, gram, &modes));
    if (flow) SB_TRY(sb_kernel_forecast(&modes, &exact, NULL, u0, flow));
    if (gd) SB_TRY(sb_kernel_forecast(&modes, &steps, NULL, u0, gd));
    if (directory && cas->config->output_arrays)
        SB_TRY(save_arrays(directory, source, seed, gram, &modes.linear.eigen));
done:
    free(gram);
    sb_kernel_modes_clear(&modes);
    return status;
}

static sb_status from_equation(const sb_case *cas, const sb_theory *theory, const double *u0, const sb_monitor *monitor,
                               sb_decay *decay)
{
    sb_status status = SB_OK;
    if (theory->amplitude) {
        SB_TRY(theory->amplitude(&cas->theory, &cas->problem, decay->form, u0, monitor, decay->amp));
        sb_decay_set_err(decay);
        return SB_OK;
    }
    double *u = malloc(decay->nt * cas->n * sizeof *u);
    if (!u) return sb_fail(SB_ERR_NOMEM, "no memory for %zu records", decay->nt);
    status = theory->solve(&cas->theory, sb_equation_problem(cas, theory), decay->form, u0, monitor, u);
    if (status == SB_OK) status = sb_observe_all(cas, u, decay);
    free(u);
done:
    return status;
}

static sb_status from_modes(const sb_case *cas, const sb_source *source, int64_t seed, const char *directory,
                            const sb_monitor *monitor, sb_decay *flow, sb_decay *gd)
{
    sb_status status = SB_OK;
    double *u0 = malloc(cas->n * cas->outputs * sizeof *u0);
    if (!u0) return sb_fail(SB_ERR_NOMEM, "no memory for %zu points", cas->n);
    SB_TRY(sb_start_residual(cas, (uint64_t)(seed < 0 ? 0 : seed), u0));
    if (!source->theory)
        SB_TRY(from_kernel(cas, source, seed, u0, directory, flow, gd));
    else {
        SB_TRY(from_equation(cas, source->theory, u0, monitor, flow));
        SB_TRY(from_equation(cas, source->theory, u0, monitor, gd));
    }
done:
    free(u0);
    return status;
}

sb_status sb_source_forecast(const sb_case *cas, const sb_source *source, int64_t seed, const char *directory,
                             const sb_monitor *monitor, sb_decay *flow, sb_decay *gd)
{
    sb_status status = SB_OK;
    sb_decay *table[] = {flow, gd}, *modes[2];
    uint64_t whose = (uint64_t)(seed < 0 ? 0 : seed);
    for (sb_form form = SB_FORM_FLOW; form <= SB_FORM_GD; form++) {
        sb_way way = sb_source_way(cas, source, form);
        modes[form] = way == SB_WAY_MODES ? table[form] : NULL;
        if (way != SB_WAY_NONE) SB_TRY(sb_case_table(cas, source->name, form, table[form]));
        if (way == SB_WAY_GIVEN) SB_TRY(sb_given_tell(cas, source->given, table[form]));
        if (way != SB_WAY_TRAINED) continue;
        SB_TRY(directory && source->train_into ? source->train_into(cas, whose, directory, monitor, table[form])
                                               : source->train(cas, &cas->watch, whose, monitor, table[form]));
    }
    if (modes[SB_FORM_FLOW] || modes[SB_FORM_GD])
        SB_TRY(from_modes(cas, source, seed, directory, monitor, modes[SB_FORM_FLOW], modes[SB_FORM_GD]));
done:
    return status;
}
