#include <math.h>

#include <gsl/gsl_integration.h>

#include "core/registry.h"
#include "net/law/law.h"

static const sb_law *const list[] = {
#define LAW(name) &sb_law_##name,
#include "net/law/list.def"
#undef LAW
    NULL,
};

SB_REGISTRY(sb_law)

/* Panels that halve towards 0: of s(r z) as a function of r the poles lie on the imaginary axis, near 0 for large z. */
#define POINTS 16
#define PANELS (SB_LAW_NODES / POINTS)

size_t sb_law_nodes(const sb_law *law, double scale, double *node, double *weight)
{
    if (!law->density_abs) {
        node[0] = scale * law->fixed_abs;
        weight[0] = 1;
        return 1;
    }
    gsl_integration_glfixed_table *table = gsl_integration_glfixed_table_alloc(POINTS);
    if (!table) return 0;
    for (size_t i = 0; i < SB_LAW_NODES; i++) {
        size_t panel = i / POINTS;
        double right = ldexp(law->max_abs, -(int)panel), left = panel + 1 < PANELS ? right / 2 : 0;
        gsl_integration_glfixed_point(left, right, i % POINTS, &node[i], &weight[i], table);
        weight[i] *= law->density_abs(node[i]);
        node[i] *= scale;
    }
    gsl_integration_glfixed_table_free(table);
    return SB_LAW_NODES;
}
