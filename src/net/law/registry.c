#include <string.h>

#include <gsl/gsl_integration.h>

#include "net/law/law.h"

static const sb_law *const list[] = {
#define LAW(name) &sb_law_##name,
#include "net/law/list.def"
#undef LAW
    NULL,
};

const sb_law *sb_law_at(size_t index)
{
    return index < sizeof list / sizeof list[0] ? list[index] : NULL;
}

const sb_law *sb_law_find(const char *name)
{
    for (size_t i = 0; list[i]; i++)
        if (strcmp(list[i]->name, name) == 0) return list[i];
    return NULL;
}

size_t sb_law_nodes(const sb_law *law, double scale, double *node, double *weight)
{
    if (!law->density_abs) {
        node[0] = scale * law->fixed_abs;
        weight[0] = 1;
        return 1;
    }
    gsl_integration_glfixed_table *table = gsl_integration_glfixed_table_alloc(SB_LAW_NODES);
    if (!table) return 0;
    for (size_t i = 0; i < SB_LAW_NODES; i++) {
        gsl_integration_glfixed_point(0, law->max_abs, i, &node[i], &weight[i], table);
        weight[i] *= law->density_abs(node[i]);
        node[i] *= scale;
    }
    gsl_integration_glfixed_table_free(table);
    return SB_LAW_NODES;
}
