/* A case with what forecasts it: which sources cover it, whether it can be trained here, and its largest stable step.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include <specbias/batches.h>

#include "core/parallel.h"
#include "core/text.h"
#include "case/case.h"
#include "case/given.h"
#include "case/snapshots.h"
#include "case/keys.h"
#include "case/network.h"
#include "forecast/coupling.h"
#include "forecast/noise.h"
#include "forecast/width.h"

static bool is_default(const sb_texts *sources)
{
    static const char *const known[] = {"lfp", "ntk.infinite", "ntk.empirical"};
    bool same = sources->n == sizeof known / sizeof known[0];
    for (size_t i = 0; same && i < sources->n; i++) same = strcmp(sources->v[i], known[i]) == 0;
    return same;
}

/* What the default list was made for: a two-layer network under gradient descent on mean squares. */
static bool is_plain(const sb_case *cas)
{
    const sb_config *config = cas->config;
    return strcmp(config->net_kind, "two_layer") == 0 && strcmp(config->train_optimizer, "gd") == 0 &&
           strcmp(config->loss_kind, "mse") == 0 && sb_points_find(config->data_kind) && !config->train_unstable &&
           config->train_weight_decay == 0 && !cas->start;
}

/* Sources that were asked for must cover the case; of the default list, beyond what it was made for, those that do are
 * taken. */
static sb_status choose_sources(sb_case *cas)
{
    const sb_texts *sources = &cas->config->forecast_sources;
    bool lenient = is_default(sources) && !is_plain(cas);
    cas->source = calloc(sources->n + 1, sizeof *cas->source);
    cas->way = calloc(sources->n + 1, sizeof *cas->way);
    if (!cas->source || !cas->way) return sb_fail(SB_ERR_NOMEM, "no memory for %zu sources", sources->n);
    for (size_t i = 0; i < sources->n; i++) {
        for (size_t j = 0; j < i; j++)
            if (strcmp(sources->v[i], sources->v[j]) == 0)
                return sb_fail(SB_ERR_INPUT, "forecast.sources names '%s' twice", sources->v[i]);
        const sb_source *source = sb_source_find(sources->v[i]);
        sb_status status = SB_OK;
        if (strchr(source->name, ':')) status = sb_given_add(cas, source, sources->v[i], &source);
        if (status == SB_OK) status = sb_source_cover(cas, source, cas->way[cas->sources]);
        if (status == SB_OK) {
            cas->source[cas->sources++] = source;
            continue;
        }
        if (status == SB_ERR_NOMEM) return status;
        if (!lenient) return sb_fail(SB_ERR_INPUT, "forecast.sources: %s", sb_error_text());
        size_t used = strlen(cas->skipped);
        sb_format(cas->skipped + used, sizeof cas->skipped - used, "%s%s: %s", used ? "; " : "", source->name,
                  sb_error_text());
    }
    return SB_OK;
}

static bool needs_draws(const sb_case *cas)
{
    bool needed = false;
    for (size_t s = 0; s < cas->sources; s++)
        needed = needed || !(cas->source[s]->per_seed || sb_source_rehearsed(cas, cas->source[s]));
    return needed && !cas->deterministic;
}

size_t sb_draw_count(const sb_case *cas)
{
    const sb_given *own = sb_given_draws(cas);
    return own ? own->files : cas->lawless ? 0 : needs_draws(cas) ? (size_t)cas->config->forecast_draws : 0;
}

/* Whether a source trains on nodes of a law. */
static bool trains_nodes(const sb_case *cas)
{
    bool any = false;
    for (size_t s = 0; s < cas->sources; s++) any = any || sb_source_rehearsed(cas, cas->source[s]);
    return any;
}

static bool needs_rehearsals(const sb_case *cas)
{
    return trains_nodes(cas) && !cas->deterministic;
}

size_t sb_rehearsal_count(const sb_case *cas)
{
    return needs_rehearsals(cas) && !cas->lawless ? (size_t)cas->config->forecast_rehearsals : 0;
}

/* ---- keys of forecasts that nobody makes, which the column `where` cannot know of ---- */

/* Whether a source that is taken is among the words behind forecast.sources= of the key's column. */
static bool is_named(const sb_case *cas, const char *words)
{
    for (const char *word = words; word && *word; word += *word == '|') {
        size_t length = strcspn(word, "|;");
        for (size_t s = 0; s < cas->sources; s++) {
            const char *name = sb_source_find(cas->source[s]->name)->name;
            if (strlen(name) == length && strncmp(name, word, length) == 0) return true;
        }
        word += length;
        if (*word == ';') break;
    }
    return false;
}

/* Without any forecast such keys may stay, so that forecast.sources = [] does for every configuration, and no draws are
 * what nobody needs. */
sb_status sb_case_check_keys(const sb_case *cas)
{
    static const char sources[] = "forecast.sources=";
    sb_status status = SB_OK;
    const key_entry *key;
    if (cas->sources == 0) return SB_OK;
    for (size_t i = 0; status == SB_OK && (key = sb_key_entry(i)); i++) {
        const char *where = strstr(key->shown.where, sources);
        if (where && !is_named(cas, where + sizeof sources - 1))
            status = sb_key_unused(cas->config, key, "a forecast of its own, which does not cover this case");
    }
    const char *draws[] = {"forecast.draws", "forecast.draw_width", "forecast.width"};
    bool own = sb_given_draws(cas), drawn = needs_draws(cas) && !own;
    const char *needs = own ? "draws that are not the kernels of gram:" : "a forecast that is not of each seed alone";
    for (size_t i = cas->config->forecast_draws == 0; status == SB_OK && i < 3 && !drawn; i++)
        status = sb_key_unused(cas->config, sb_key_lookup(draws[i]), needs);
    static const char nodes[] = "the source law, or ntk.infinite or a file where steps have no modes";
    if (status == SB_OK && !needs_rehearsals(cas))
        status = sb_key_unused(cas->config, sb_key_lookup("forecast.rehearsals"), nodes);
    if (status == SB_OK && !trains_nodes(cas))
        status = sb_key_unused(cas->config, sb_key_lookup("forecast.tolerance"), nodes);
    return status;
}

/* Whether a forecast is made from a kernel. */
static bool takes_kernel(const sb_case *cas)
{
    return sb_case_has_way(cas, SB_FORM_FLOW, SB_WAY_MODES) || sb_case_has_way(cas, SB_FORM_GD, SB_WAY_MODES);
}

/* ---- stable steps ---- */

/* Of the law, in which outputs do not couple; where no average covers it, of the first seed with all its outputs. */
static sb_status find_largest_step(sb_case *cas)
{
    sb_status status = SB_OK;
    size_t per_row = cas->infinite ? 1 : cas->per_row, rows = cas->n * per_row;
    double rate = 0;
    double *gram = malloc(rows * rows * sizeof *gram);
    if (!gram)
        return sb_fail(SB_ERR_NOMEM, "no memory for a kernel of %zu points (%.1f GB)", rows,
                       8e-9 * (double)(rows * rows));
    status = sb_case_wide_gram(cas, 1, 1, 0, NULL, gram);
    if (status == SB_ERR_UNSUPPORTED || status == SB_ERR_NUMERIC) {
        sb_network network = {0};
        status = sb_network_start(cas, 1, (uint64_t)cas->config->seeds_first, SB_STREAM_TRAIN, &network);
        if (status == SB_OK) status = sb_network_gram(&network, cas->n, per_row, 0, NULL, gram);
        sb_network_clear(&network);
    }
    SB_TRY(status);
    SB_TRY(sb_kernel_largest_rate(gram, sb_case_form(cas, per_row), &rate));
    cas->largest_step = sb_rule_largest_step(&cas->rule, rate);
    if (sb_case_batch(cas) < cas->n && per_row == 1 && strcmp(cas->rule.kind->name, "gd") == 0)
        SB_TRY(
            sb_batches_largest_step(gram, sb_case_form(cas, 1), sb_case_batch(cas), cas->rule.decay, &cas->batch_step));
done:
    free(gram);
    return status;
}

/* Weights that decay have no modes, but steps have a limit as those of other weights have. */
static bool asks_for_limit(const sb_case *cas)
{
    bool constant = strcmp(cas->config->train_schedule, "constant") == 0;
    size_t rows = cas->n * (cas->infinite ? 1 : cas->per_row);
    return cas->rule.decay > 0 && cas->rule.kind->stable && cas->quadratic.root && constant && cas->sources > 0 &&
           rows <= SB_KERNEL_ROWS;
}

/* Where nothing is forecast of a network of layers, or nothing from a kernel, training itself tells. */
static sb_status check_stable(sb_case *cas)
{
    bool unstable = cas->config->train_unstable, closed = cas->rule.kind->slots == 0;
    cas->largest_step = cas->batch_step = NAN;
    if (unstable && (!cas->rule.kind->stable || !cas->quadratic.root))
        return sb_fail(SB_ERR_INPUT, "train.unstable: no largest stable step is known of %s with this loss",
                       cas->rule.kind->name);
    if (cas->external || (!takes_kernel(cas) && !unstable && !asks_for_limit(cas))) return SB_OK;
    sb_status status = find_largest_step(cas);
    if (status == SB_OK && sb_case_independent(cas) && cas->rule.eta > cas->batch_step && !unstable)
        return sb_fail(SB_ERR_INPUT,
                       "train.eta = %g diverges in the mean square: with mini-batches of %zu drawn anew the largest "
                       "stable step is %.4g",
                       cas->rule.eta, sb_case_batch(cas), sb_rule_printed_step(cas->batch_step));
    if (status == SB_OK && cas->rule.eta > cas->largest_step && !unstable)
        status = sb_fail(SB_ERR_INPUT, "train.eta = %g diverges: the largest stable step is %s%s%.4g", cas->rule.eta,
                         closed ? sb_case_limit_text(cas) : "", closed ? " = " : "",
                         sb_rule_printed_step(cas->largest_step));
    return status;
}

/* ---- memory ---- */

double sb_memory_estimate(const sb_case *cas)
{
    const sb_config *config = cas->config;
    double n = (double)(cas->n * cas->per_row), modes = 0, training = 0;
    for (size_t s = 0; s < cas->sources; s++)
        if (strcmp(cas->source[s]->name, "lfp") == 0) modes = (double)config->forecast_modes;
    bool noisy = sb_case_batch(cas) < cas->n;
    size_t drawn = sb_draw_count(cas) * (noisy ? SB_NOISE_ORDERS : 1) + (noisy ? SB_NOISE_RUNS : 0);
    double networks = (double)(drawn + sb_rehearsal_count(cas));
    double bands = networks * (double)cas->nt * (double)cas->watch.items.n;
    bool looked = takes_kernel(cas) || config->observe_drift > 0 || config->train_unstable;
    double kernels = looked ? 9 + (double)sb_case_nodes(cas) : 0, none = 0;
    sb_fit_spec spec = sb_case_fit_spec(cas);
    training = sb_fit_memory(&spec);
    if (sb_case_has_way(cas, SB_FORM_GD, SB_WAY_TRAINED)) spec.tangent_at = &none; /* the route alone is asked for */
    training = fmax(training, sb_fit_memory(&spec)) + 8 * (double)cas->n * (double)(cas->inputs + cas->outputs);
    training += 8 * (double)sb_snapshots_size(cas);
    if (config->output_residuals) training += 8 * (double)(cas->nt * cas->n * cas->outputs);
    return 8 * (bands + kernels * n * n + 4 * n * modes + 1536 * n) + sb_width_memory(cas) + training;
}

static sb_status check_memory(const sb_case *cas)
{
    double need = sb_memory_estimate(cas), have = sb_memory();
    if (need <= have) return SB_OK;
    return sb_fail(SB_ERR_INPUT,
                   "this needs about %.1f GB of memory, %.1f GB are free: reduce data.n%s, the network, "
                   "train.batch or forecast.modes",
                   1e-9 * need, 1e-9 * have,
                   cas->config->observe_drift > 0 ? " (observe.drift keeps kernels of all examples)" : "");
}

/* ---- what does not go together ---- */

static sb_status check_training(const sb_case *cas)
{
    sb_fit_spec spec = sb_case_fit_spec(cas);
    sb_status status = sb_fit_check(&spec);
    if (status != SB_OK || !cas->config->train_flow) return status;
    if (!cas->rule.kind->time)
        return sb_fail(SB_ERR_INPUT, "train.flow: steps of %s have no flow time", spec.rule->name);
    spec.rule = sb_rule_find("flow");
    status = sb_fit_check(&spec);
    return status == SB_OK ? SB_OK : sb_fail(status, "train.flow: %s", sb_error_text());
}

static sb_status check_width(const sb_case *cas)
{
    if (strcmp(cas->config->forecast_width, "quadrature") != 0) return SB_OK;
    sb_status status = sb_width_check(cas);
    return status == SB_OK ? SB_OK : sb_fail(SB_ERR_INPUT, "forecast.width: %s", sb_error_text());
}

/* ---- warnings ---- */

static void warn_of_kinks(const sb_case *cas, const sb_monitor *monitor)
{
    sb_network network = {0};
    if (!cas->deterministic || sb_network_start(cas, 1, 0, SB_STREAM_TRAIN, &network) != SB_OK) return;
    if (sb_model_kink_distance(cas->model, network.theta, cas->n, cas->data.x) < 1e-9 * cas->config->init_shift_range)
        sb_monitor_warn(monitor, "kinks of the quiet start lie on data points; choose a width that puts them between");
    sb_network_clear(&network);
}

/* The largest |y| within a tenth of the half domain from its ends, over the largest of all. */
static double size_near_ends(const sb_problem *problem)
{
    double largest = 0, edge = 0, room = 0.1 * (problem->b - problem->a) / 2;
    for (size_t i = 0; i < problem->n; i++) {
        double y = fabs(problem->y[i]), near = INFINITY;
        for (size_t d = 0; d < problem->dim; d++) {
            double x = problem->x[i * problem->dim + d];
            near = fmin(near, fmin(x - problem->a, problem->b - x));
        }
        largest = fmax(largest, y);
        if (near <= room) edge = fmax(edge, y);
    }
    return edge / largest;
}

/* The frequency equation of Fourier features takes the domain for the whole line: the target must not reach its ends.
 */
static void warn_of_window(const sb_case *cas, const sb_monitor *monitor)
{
    bool used = false;
    for (size_t s = 0; s < cas->sources; s++) {
        const char *name = cas->source[s]->name;
        used = used || strcmp(name, "heat") == 0 || strcmp(name, "heat.deep") == 0;
    }
    double edge = used ? size_near_ends(&cas->problem) : 0;
    if (edge > exp(-0.5 * 3.6 * 3.6)) /* exp(-R^2 / 2 tau^2) at R = 4 tau, seen within a tenth of R from the end */
        sb_monitor_warn(
            monitor,
            "the target is %.2g of its maximum near the ends of the domain: the window is too small for the "
            "equation 'heat' (R / tau < 4 for packets), whose error is then about %.1g",
            edge, 0.3 * edge);
}

/* ---- all of it ---- */

sb_status sb_case_create(const sb_config *config, const sb_monitor *monitor, sb_case *cas)
{
    sb_status status = SB_OK;
    SB_TRY(sb_case_open(config, monitor, cas));
    SB_TRY(check_training(cas));
    SB_TRY(choose_sources(cas));
    SB_TRY(sb_case_check_claims(cas));
    SB_TRY(check_width(cas));
    SB_TRY(check_memory(cas));
    SB_TRY(check_stable(cas));
    warn_of_kinks(cas, monitor);
    warn_of_window(cas, monitor);
    if (cas->theory.density && config->init_table_w.n > 0 && !strstr(config->init_density, "table"))
        sb_monitor_warn(monitor, "init.table is not used: init.density = \"%s\"", config->init_density);
done:
    if (status != SB_OK) sb_case_clear(cas);
    return status;
}
