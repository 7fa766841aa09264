#include "theory/heat/method/method.h"

#define SB_METHOD sb_heat_method
#define SB_LIST "theory/heat/method/list.def"
#define METHOD SB_LINE
#include "core/registry.inc"

const char *sb_heat_method_name(size_t index)
{
    return sb_heat_method_at(index) ? sb_heat_method_at(index)->name : NULL;
}

const char *sb_heat_method_title(size_t index)
{
    return sb_heat_method_at(index) ? sb_heat_method_at(index)->title : NULL;
}

/* The flow is cheapest by cram14. For gradient descent polynomials take time as their degree times the unknowns, all
 * eigenpairs as the cube of the unknowns. */
static const char *cheapest(const heat_system *system, const sb_heat_query *query)
{
    double n = (double)system->n;
    if (query->form == SB_FORM_FLOW) return "cram14";
    return 20 * sb_heat_chebyshev_degree(query, system->top) < 0.3 * n * n ? "chebyshev" : "spectral"; /* ns / n */
}

sb_status sb_heat_method_fits(const sb_heat_method *method, size_t unknowns)
{
    if (method->largest == 0 || unknowns <= method->largest) return SB_OK;
    return sb_fail(SB_ERR_UNSUPPORTED,
                   "the method '%s' is for up to %zu unknowns, and the mesh has %zu (forecast.mesh)", method->name,
                   method->largest, unknowns);
}

sb_status sb_heat_method_choose(const char *name, const heat_system *system, const sb_heat_query *query,
                                const sb_heat_method **chosen)
{
    const sb_heat_method *method = *chosen = sb_heat_method_find(name ? name : cheapest(system, query));
    if (!(query->form == SB_FORM_FLOW ? method->flow : method->gd))
        return sb_fail(SB_ERR_UNSUPPORTED, "the method '%s' of the heat equation has no form '%s'", name,
                       sb_form_name(query->form));
    return sb_heat_method_fits(method, system->n);
}
