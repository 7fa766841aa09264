/* All forecasters: the frequency equations of theory/ and those of this folder, in the order of the default: the first
 * equation, then ours, then the other equations. */
#include <math.h>
#include <pthread.h>
#include <string.h>

#include <specbias/experiment.h>

#include "case/given.h"
#include "core/text.h"
#include "forecast/forecast.h"
#include "forecast/given_file.h"

#define SOURCE(name) extern const sb_source sb_source_##name;
#include "forecast/list.def"
#undef SOURCE

static const sb_source *const own[] = {
#define SOURCE(name) &sb_source_##name,
#include "forecast/list.def"
#undef SOURCE
};

enum { MOST = 32 };
static sb_source equation[MOST];
static size_t equations;
static pthread_once_t once = PTHREAD_ONCE_INIT;

static void list_equations(void)
{
    for (const sb_theory *t; equations < MOST && (t = sb_theory_at(equations)); equations++)
        equation[equations] =
            (sb_source){.name = t->name, .title = t->title, .citation = t->citation, .rung = t->rung, .theory = t};
}

const sb_source *sb_source_at(size_t index)
{
    pthread_once(&once, list_equations);
    size_t owned = sizeof own / sizeof own[0];
    if (index == 0 || index > owned)
        return index == 0 ? equation : index - owned < equations ? &equation[index - owned] : NULL;
    return own[index - 1];
}

/* Or it is of a kind that the user gives: the kind's name, its colon, or a point in the place of that, and more. */
static bool is_called(const sb_source *source, const char *name)
{
    size_t length = strlen(source->name);
    bool kind = source->name[length - 1] == ':' && strncmp(source->name, name, length - 1) == 0;
    return strcmp(source->name, name) == 0 || (kind && (name[length - 1] == ':' || name[length - 1] == '.'));
}

const sb_source *sb_source_find(const char *name)
{
    for (size_t i = 0; sb_source_at(i); i++)
        if (is_called(sb_source_at(i), name)) return sb_source_at(i);
    return NULL;
}

static bool equal_weights(const sb_quadratic *loss)
{
    bool equal = loss->root != NULL;
    for (size_t i = 1; equal && i < loss->rows; i++)
        equal = fabs(loss->root[i] - loss->root[0]) <= 1e-12 * loss->root[0];
    return equal;
}

const sb_problem *sb_equation_problem(const sb_case *cas, const sb_theory *theory)
{
    return theory->inputs ? &cas->examples : &cas->problem;
}

static sb_status check_equation(const sb_case *cas, const sb_source *source)
{
    const sb_theory *theory = source->theory;
    const char *name = source->name, *rule = cas->rule.kind->name;
    if (!theory->inputs && cas->problem.n == 0)
        return sb_fail(SB_ERR_UNSUPPORTED, "the equation '%s' is of a function on points, not of data sets", name);
    if (cas->outputs != 1)
        return sb_fail(SB_ERR_UNSUPPORTED, "the equation '%s' is of one output, not of %zu", name, cas->outputs);
    sb_status status = theory->check(&cas->theory, sb_equation_problem(cas, theory));
    if (status != SB_OK) return status;
    if (strcmp(rule, "gd") != 0)
        return sb_fail(SB_ERR_UNSUPPORTED, "the equation '%s' is of gradient descent, not of %s", name, rule);
    if (!theory->inputs && strcmp(cas->config->data_map, "none") != 0)
        return sb_fail(SB_ERR_UNSUPPORTED, "the equation '%s' is of inputs that are the points", name);
    if (!cas->quadratic.root || (theory->amplitude && !equal_weights(&cas->quadratic)))
        return sb_fail(SB_ERR_UNSUPPORTED, "the equation '%s' does not know this loss", name);
    if (theory->amplitude && cas->watch.items.n > cas->watch.modes.count)
        return sb_fail(SB_ERR_UNSUPPORTED, "'%s' forecasts frequencies alone, no projection and no filter", name);
    return SB_OK;
}

/* Whether its kernel or equation covers the case, if the loss and the rule have modes. */
static sb_status check_modes(const sb_case *cas, const sb_source *source)
{
    if (source->theory) return check_equation(cas, source);
    return source->check ? source->check(cas) : sb_fail(SB_ERR_UNSUPPORTED, "%s has no kernel", source->name);
}

/* Under mini-batches modes are the mean, and their noise is found apart (noise.h). The flow takes all examples at once,
 * which costs too much where a step takes few. */
sb_status sb_source_cover(const sb_case *cas, const sb_source *source, sb_way way[2])
{
    if (cas->config->train_unstable && !source->moving)
        return sb_fail(SB_ERR_UNSUPPORTED, "'%s' is of a frozen kernel: it does not cover train.unstable",
                       source->name);
    if (cas->watch.response.count > 0 && !source->responds)
        return sb_fail(SB_ERR_UNSUPPORTED, "'%s' tells of examples, not of functions beside them (observe.response)",
                       source->name);
    if (cas->external && !source->given)
        return sb_fail(SB_ERR_UNSUPPORTED, "'%s' knows nothing of a network of the user's own", source->name);
    if (cas->start && !source->given && !source->per_seed)
        return sb_fail(SB_ERR_UNSUPPORTED, "'%s' needs a law of the weights at the start; those of init.file have none",
                       source->name);
    if (source->given) return sb_given_cover(cas, source, way);
    if (cas->rule.decay > 0 && !source->train)
        return sb_fail(SB_ERR_UNSUPPORTED, "'%s' does not know weights that decay (train.weight_decay)", source->name);
    bool whole = sb_case_batch(cas) == cas->n, flows = cas->rule.kind->time, trains = source->train;
    bool silent =
        cas->curved || cas->rule.decay > 0 || (*cas->silent && (!trains || !flows)); /* no table would be of modes */
    way[SB_FORM_FLOW] = way[SB_FORM_GD] = SB_WAY_NONE;
    sb_status status = silent ? sb_fail(SB_ERR_UNSUPPORTED, "%s", cas->silent) : check_modes(cas, source);
    if (status == SB_ERR_NOMEM) return status;
    if (status == SB_OK && flows) way[SB_FORM_FLOW] = SB_WAY_MODES;
    if (status == SB_OK && !*cas->silent) way[SB_FORM_GD] = SB_WAY_MODES;
    if (!trains || way[SB_FORM_GD] == SB_WAY_MODES) return status;
    char why[256], reason[256]; /* there are no modes, and no training */
    sb_format(why, sizeof why, "%s", status == SB_OK ? cas->silent : source->gram ? sb_error_text() : "");
    status = source->check_training(cas);
    if (status == SB_ERR_UNSUPPORTED && *why) {
        sb_format(reason, sizeof reason, "%s", sb_error_text());
        return sb_fail(status, "%s; %s", why, reason);
    }
    if (status != SB_OK) return status;
    way[SB_FORM_GD] = SB_WAY_TRAINED;
    if (flows && whole && !source->steps_alone && way[SB_FORM_FLOW] == SB_WAY_NONE) way[SB_FORM_FLOW] = SB_WAY_TRAINED;
    return SB_OK;
}

sb_way sb_source_way(const sb_case *cas, const sb_source *source, sb_form form)
{
    for (size_t s = 0; s < cas->sources; s++)
        if (cas->source[s] == source) return cas->way[s][form];
    return SB_WAY_NONE;
}

bool sb_source_rehearsed(const sb_case *cas, const sb_source *source)
{
    sb_way way = sb_source_way(cas, source, SB_FORM_GD);
    if (way == SB_WAY_GIVEN) return *cas->silent || cas->random_output || sb_case_batch(cas) < cas->n;
    return !source->per_seed && (source->moving || way == SB_WAY_TRAINED);
}

bool sb_case_has_way(const sb_case *cas, sb_form form, sb_way way)
{
    bool has = false;
    sb_way given = *cas->silent ? SB_WAY_TRAINED : SB_WAY_MODES;
    for (size_t s = 0; s < cas->sources; s++)
        has = has || (cas->way[s][form] == SB_WAY_GIVEN ? given : cas->way[s][form]) == way;
    return has;
}

sb_status sb_source_gram(const sb_case *cas, const sb_source *source, uint64_t seed, double *gram)
{
    if (source->given) return sb_given_mean(cas, source->given, gram), SB_OK;
    const sb_theory *theory = source->theory;
    return theory ? theory->gram(&cas->theory, sb_equation_problem(cas, theory), gram) : source->gram(cas, seed, gram);
}
