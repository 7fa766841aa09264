/* All forecasters: the frequency equations of theory/ and those of this folder, in the order of the default: the first
 * equation, then ours, then the other equations. */
#include <math.h>
#include <pthread.h>
#include <string.h>

#include <specbias/experiment.h>

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

const sb_source *sb_source_find(const char *name)
{
    for (size_t i = 0; sb_source_at(i); i++)
        if (strcmp(sb_source_at(i)->name, name) == 0) return sb_source_at(i);
    return NULL;
}

static bool equal_weights(const sb_quadratic *loss)
{
    bool equal = loss->root != NULL;
    for (size_t i = 1; equal && i < loss->rows; i++)
        equal = fabs(loss->root[i] - loss->root[0]) <= 1e-12 * loss->root[0];
    return equal;
}

sb_status sb_source_check(const sb_case *cas, const sb_source *source)
{
    const sb_theory *theory = source->theory;
    const char *name = source->name, *rule = cas->rule.kind->name;
    if (cas->config->train_unstable && !source->moving)
        return sb_fail(SB_ERR_UNSUPPORTED, "'%s' is of a frozen kernel: it does not cover train.unstable", name);
    if (!theory) return source->check(cas);
    sb_status status = theory->check(&cas->theory, &cas->problem);
    if (status != SB_OK) return status;
    if (strcmp(rule, "gd") != 0)
        return sb_fail(SB_ERR_UNSUPPORTED, "the equation '%s' is of gradient descent, not of %s", name, rule);
    if (strcmp(cas->config->data_map, "none") != 0)
        return sb_fail(SB_ERR_UNSUPPORTED, "the equation '%s' is of inputs that are the points", name);
    if (!cas->quadratic.root || (theory->amplitude && !equal_weights(&cas->quadratic)))
        return sb_fail(SB_ERR_UNSUPPORTED, "the equation '%s' does not know this loss", name);
    if (theory->amplitude && cas->watch.items.n > cas->watch.modes.count)
        return sb_fail(SB_ERR_UNSUPPORTED, "'%s' forecasts frequencies alone, no projection and no filter", name);
    return SB_OK;
}

sb_status sb_source_gram(const sb_case *cas, const sb_source *source, uint64_t seed, double *gram)
{
    return source->theory ? source->theory->gram(&cas->theory, &cas->problem, gram) : source->gram(cas, seed, gram);
}
