/* What a user's kernels are: checked, and their mean. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include <specbias/linear.h>
#include <specbias/report.h>

#include "case/case.h"
#include "case/given.h"

/* Rows of examples, or of examples times outputs. */
static sb_status check_shape(const sb_case *cas, const char *path, const sb_array *array, size_t *per_row)
{
    size_t rows = array->count[0], n = cas->n, all = n * cas->outputs;
    if (array->rank != 2 || array->count[1] != rows) return sb_fail(SB_ERR_INPUT, "%s: no square matrix", path);
    if (rows != n && rows != all)
        return sb_fail(SB_ERR_INPUT, "%s: %zu rows; the data have %zu examples%s", path, rows, n,
                       cas->outputs > 1 ? ", or that times the outputs" : "");
    *per_row = rows == n ? 1 : cas->outputs;
    if (*per_row > cas->per_row)
        return sb_fail(SB_ERR_INPUT, "%s: all outputs together are more rows than kernel.outputs takes", path);
    return SB_OK;
}

static sb_status check_symmetric(const char *path, size_t n, bool single, const double *gram)
{
    double size = 0, rounding = single ? 0x1p-20 : 0x1p-40;
    for (size_t i = 0; i < n; i++) size = fmax(size, fabs(gram[i * n + i]));
    for (size_t i = 0; i < n; i++)
        for (size_t j = 0; j < i; j++)
            if (fabs(gram[i * n + j] - gram[j * n + i]) > rounding * size)
                return sb_fail(SB_ERR_INPUT, "%s: not symmetric: K[%zu][%zu] = %.10g, K[%zu][%zu] = %.10g", path, i, j,
                               gram[i * n + j], j, i, gram[j * n + i]);
    return SB_OK;
}

/* Both halves alike to the last bit. */
static void take(size_t n, const double *from, double *to)
{
    for (size_t i = 0; i < n; i++)
        for (size_t j = 0; j < n; j++) to[i * n + j] = 0.5 * (from[i * n + j] + from[j * n + i]);
}

/* Its modes exist, and steps do not make them grow. */
static sb_status check_modes(const sb_case *cas, const char *path, const sb_given *given, const double *gram)
{
    sb_linear linear = {0};
    sb_status status =
        sb_linear_create(cas->n * given->per_row, gram, given->single, sb_case_form(cas, given->per_row), &linear);
    if (status == SB_ERR_NOMEM) return status;
    if (status != SB_OK) return sb_fail(SB_ERR_INPUT, "%s: no kernel: %s", path, sb_error_text());
    double rate = linear.eigen.lambda[0], largest = sb_rule_largest_step(&cas->rule, rate);
    sb_linear_clear(&linear);
    if (!(rate > 0)) return sb_fail(SB_ERR_INPUT, "%s: a kernel of which nothing is learned", path);
    if (!(cas->rule.eta > largest)) return SB_OK;
    return sb_fail(SB_ERR_INPUT, "%s: train.eta = %g diverges under this kernel: the largest stable step is %.4g", path,
                   cas->rule.eta, sb_rule_printed_step(largest));
}

sb_status sb_given_take_kernel(const sb_case *cas, const char *path, sb_given *given, size_t index)
{
    sb_status status = SB_OK;
    sb_array array = {0};
    size_t per_row = 1;
    SB_TRY(sb_npy_parse(path, given->file[index].text, given->file[index].length, &array));
    SB_TRY(check_shape(cas, path, &array, &per_row));
    size_t rows = array.count[0], size = rows * rows;
    if (index > 0 && per_row != given->per_row)
        SB_TRY(sb_fail(SB_ERR_INPUT, "%s: other rows than the first kernel", path));
    SB_TRY(check_symmetric(path, rows, array.single, array.value));
    double *more = realloc(given->gram, (index + 1) * size * sizeof *more);
    if (!more) SB_TRY(sb_fail(SB_ERR_NOMEM, "no memory for %s", path));
    given->gram = more;
    given->per_row = per_row;
    given->single = array.single || (index > 0 && given->single);
    take(rows, array.value, given->gram + index * size);
    SB_TRY(check_modes(cas, path, given, given->gram + index * size));
done:
    sb_array_clear(&array);
    return status;
}

void sb_given_mean(const sb_case *cas, const sb_given *given, double *gram)
{
    size_t rows = cas->n * given->per_row, size = rows * rows;
    memset(gram, 0, size * sizeof *gram);
    for (size_t f = 0; f < given->files; f++)
        for (size_t i = 0; i < size; i++) gram[i] += given->gram[f * size + i] / (double)given->files;
}

const sb_given *sb_given_draws(const sb_case *cas)
{
    for (size_t i = 0; i < cas->givens; i++)
        if (cas->given[i].files > 1) return &cas->given[i];
    return NULL;
}
