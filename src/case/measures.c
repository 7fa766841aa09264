/* Whether a case has what a measure is taken of. */
#include <string.h>

#include "core/text.h"
#include "case/case.h"
#include "case/keys.h"

typedef struct names {
    char text[512];
    bool found;
} names;

static void name(names *all, const char *wanted, const char *one)
{
    size_t used = strlen(all->text);
    sb_format(all->text + used, sizeof all->text - used, "%s%s", used ? ", " : "", one);
    all->found = all->found || strcmp(wanted, one) == 0;
}

static sb_status among(const sb_measure *measure, const names *all, const char *what, const char *wanted)
{
    if (all->found) return SB_OK;
    return sb_fail(SB_ERR_INPUT, "%s: no %s is named \"%s\"; there %s %s", measure->text, what, wanted,
                   strchr(all->text, ',') ? "are" : "is", *all->text ? all->text : "none");
}

static sb_status check_set(const sb_case *cas, const sb_measure *measure)
{
    names all = {.text = ""};
    if (strcmp(measure->quantity->name, "accuracy") == 0 && !sb_has_classes(&cas->data))
        return sb_fail(SB_ERR_INPUT, "%s: nothing is right or wrong here, the data have no classes", measure->text);
    name(&all, *measure->of ? measure->of : "train", "train");
    for (size_t t = 0; t < cas->tests; t++) name(&all, measure->of, cas->test[t].name);
    if (strcmp(measure->quantity->name, "err") == 0 && *measure->of && !cas->config->observe_tests)
        return sb_fail(SB_ERR_INPUT, "%s: items are not watched on test sets: set observe.tests", measure->text);
    return among(measure, &all, "set", measure->of);
}

static sb_status check_source(const sb_case *cas, const sb_measure *measure)
{
    names all = {.found = !*measure->of && cas->sources > 0};
    for (size_t s = 0; s < cas->sources; s++) name(&all, measure->of, cas->source[s]->name);
    return among(measure, &all, "forecast", *measure->of ? measure->of : "*");
}

/* An order is one of two items at least. */
static sb_status check_item(const sb_case *cas, const sb_measure *measure, bool family)
{
    names all = {.text = ""};
    size_t count = 0;
    for (size_t k = 0; k < cas->watch.items.n; k++) {
        name(&all, "", cas->watch.items.item[k].name);
        count += sb_measure_fits(measure->item, cas->watch.items.item[k].name);
    }
    all.found = strcmp(measure->item, "only") == 0 ? count == 1 : count > 0;
    if (!family || count > 1) return among(measure, &all, "item that is watched", *measure->item ? measure->item : "*");
    return sb_fail(SB_ERR_INPUT, "%s: an order is one of two frequencies at least, and %zu %s watched", measure->text,
                   count, count == 1 ? "is" : "are");
}

static sb_status check_ahead(const sb_case *cas, const sb_measure *measure)
{
    names all = {.found = !*measure->item && cas->watch.filter.count > 0};
    char low[SB_MEASURE + 8];
    sb_format(low, sizeof low, "low(%s)", measure->item);
    for (size_t k = 0; k < cas->watch.items.n; k++)
        if (strncmp(cas->watch.items.item[k].name, "low(", 4) == 0) name(&all, low, cas->watch.items.item[k].name);
    return among(measure, &all, "part of a filter (observe.filter)", low);
}

sb_status sb_case_check_measure(const sb_case *cas, const sb_measure *measure)
{
    unsigned takes = measure->quantity->takes;
    const char *quantity = measure->quantity->name;
    bool family = measure->rank || ((takes & SB_MEASURE_ITEM) && !*measure->item && !(takes & SB_MEASURE_RUN));
    sb_status status = SB_OK;
    if (takes & SB_MEASURE_SET) SB_TRY(check_set(cas, measure));
    if ((takes & SB_MEASURE_SOURCE) && (*measure->of || !(takes & SB_MEASURE_VERDICT)))
        SB_TRY(check_source(cas, measure));
    if ((takes & SB_MEASURE_ITEM) && (family || *measure->item)) SB_TRY(check_item(cas, measure, family));
    if (strcmp(quantity, "ahead") == 0) SB_TRY(check_ahead(cas, measure));
    if (strcmp(quantity, "drift") == 0 && cas->config->observe_drift == 0)
        SB_TRY(sb_fail(SB_ERR_INPUT, "%s: the drift of kernels is not recorded: set observe.drift", measure->text));
done:
    return status;
}

sb_status sb_case_check_claims(const sb_case *cas)
{
    const sb_texts *claims = &cas->config->experiment_claims;
    const char *origin = sb_key_origin(cas->config, sb_key_lookup("claims"));
    for (size_t i = 0; i < claims->n; i++) {
        sb_claim claim;
        sb_status status = sb_claim_parse(claims->v[i], &claim);
        if (status == SB_OK && *claim.of) status = sb_fail(SB_ERR_INPUT, "power laws are those of a sweep");
        if (status == SB_OK) status = sb_case_check_measure(cas, &claim.left);
        if (status == SB_OK && claim.factor[1] != 0) status = sb_case_check_measure(cas, &claim.right);
        if (status != SB_OK)
            return sb_fail(status, "%s%sclaim \"%s\": %s", origin ? origin : "", origin ? ": " : "", claims->v[i],
                           sb_error_text());
    }
    return SB_OK;
}
