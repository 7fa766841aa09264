#include <specbias/data.h>

/* The points were sorted; each value goes to the rank of its point, equal points in the order given. */
static sb_status fill(const sb_target_spec *spec, sb_problem *problem)
{
    if (spec->values != problem->n || !spec->given_x)
        return sb_fail(SB_ERR_INPUT, "target.y has %zu values for %zu points of data.x", spec->values, problem->n);
    if (problem->dim > 1) { /* points stay in the order given */
        for (size_t i = 0; i < problem->n; i++) problem->y[i] = spec->amplitude * spec->y[i];
        return SB_OK;
    }
    for (size_t i = 0; i < spec->values; i++) {
        size_t rank = 0;
        for (size_t j = 0; j < spec->values; j++)
            rank += spec->given_x[j] < spec->given_x[i] || (j < i && spec->given_x[j] == spec->given_x[i]);
        problem->y[rank] = spec->amplitude * spec->y[i];
    }
    return SB_OK;
}

const sb_target sb_target_values = {
    .name = "values", .title = "amplitude * the values of target.y, one for each point of data.x", .fill = fill};
