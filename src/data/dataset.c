#include <specbias/dataset.h>

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/text.h"
#include "data/set/set.h"

/* Zeroed numbers; NULL where more are asked for than can be counted. */
static void *room(size_t n, size_t each, size_t bytes)
{
    if (each > 0 && n > SIZE_MAX / each) return NULL;
    return calloc(n * each, bytes);
}

sb_status sb_dataset_init(sb_dataset *set, const char *name, size_t n, sb_shape input, sb_shape output, size_t classes,
                          size_t place_dim)
{
    *set = (sb_dataset){.n = n, .input = input, .output = output, .classes = classes, .place_dim = place_dim};
    sb_format(set->name, sizeof set->name, "%s", name);
    set->x = room(n, sb_shape_size(input), sizeof *set->x);
    set->y = room(n, sb_shape_size(output), sizeof *set->y);
    if (classes > 0) set->label = room(n, 1, sizeof *set->label);
    if (place_dim > 0) set->place = room(n, place_dim, sizeof *set->place);
    if (place_dim > 0) set->q = room(n, 1, sizeof *set->q);
    if (set->x && set->y && (classes == 0 || set->label) && (place_dim == 0 || (set->place && set->q))) return SB_OK;
    sb_dataset_clear(set);
    return sb_fail(SB_ERR_NOMEM, "no memory for %zu examples of %zu + %zu numbers", n, sb_shape_size(input),
                   sb_shape_size(output));
}

void sb_dataset_clear(sb_dataset *set)
{
    free(set->x);
    free(set->y);
    free(set->label);
    free(set->place);
    free(set->q);
    free(set->reference);
    free(set->row);
    *set = (sb_dataset){0};
}

sb_status sb_dataset_make(const sb_dataset_kind *kind, const sb_dataset_spec *spec, sb_dataset *train,
                          sb_dataset *tests, size_t *count)
{
    *count = 0;
    sb_status status = kind->make(spec, train, tests, count);
    if (status == SB_OK) status = sb_change_outputs(spec, train, tests, *count);
    if (status == SB_OK) return SB_OK;
    sb_dataset_clear(train);
    for (size_t i = 0; i < SB_TEST_SETS; i++) sb_dataset_clear(&tests[i]);
    *count = 0;
    return status;
}

sb_status sb_dataset_of_problem(const sb_problem *problem, bool circle, sb_dataset *set)
{
    size_t n = problem->n, dim = problem->dim;
    if (circle && dim > 1) return sb_fail(SB_ERR_INPUT, "only points of one dimension can be mapped to the circle");
    sb_shape input = {1, 1, circle ? 2 : dim}, one = {1, 1, 1};
    sb_status status = sb_dataset_init(set, "train", n, input, one, 0, dim);
    if (status != SB_OK) return status;
    for (size_t i = 0; circle && i < n; i++) {
        double theta = 2 * M_PI * (problem->x[i] - problem->a) / (problem->b - problem->a);
        set->x[2 * i] = cos(theta);
        set->x[2 * i + 1] = sin(theta);
    }
    if (!circle) memcpy(set->x, problem->x, n * dim * sizeof *set->x);
    memcpy(set->place, problem->x, n * dim * sizeof *set->place);
    memcpy(set->y, problem->y, n * sizeof *set->y);
    memcpy(set->q, problem->q, n * sizeof *set->q);
    set->a = problem->a;
    set->b = problem->b;
    set->spacing = problem->spacing;
    return SB_OK;
}
