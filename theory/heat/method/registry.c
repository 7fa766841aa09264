#include "theory/heat/method/method.h"

#include "core/registry.h"

#define METHOD(name) extern const sb_heat_method sb_heat_method_##name;
#include "theory/heat/method/list.def"
#undef METHOD

static const sb_heat_method *const list[] = {
#define METHOD(name) &sb_heat_method_##name,
#include "theory/heat/method/list.def"
#undef METHOD
    NULL,
};

SB_REGISTRY(sb_heat_method)

const char *sb_heat_method_name(size_t index)
{
    return sb_heat_method_at(index) ? sb_heat_method_at(index)->name : NULL;
}

const char *sb_heat_method_title(size_t index)
{
    return sb_heat_method_at(index) ? sb_heat_method_at(index)->title : NULL;
}

static bool has(const sb_heat_method *method, sb_form form)
{
    return form == SB_FORM_FLOW ? method->flow : method->gd;
}

sb_status sb_heat_method_choose(const char *name, sb_form form, const sb_heat_method **method)
{
    *method = name ? sb_heat_method_find(name) : NULL;
    if (name && !*method) return sb_fail(SB_ERR_INPUT, "the heat equation has no method '%s'", name);
    for (size_t i = 0; !*method; i++)
        if (has(list[i], form)) *method = list[i];
    if (has(*method, form)) return SB_OK;
    return sb_fail(SB_ERR_UNSUPPORTED, "the method '%s' of the heat equation has no form '%s'", name,
                   sb_form_name(form));
}
