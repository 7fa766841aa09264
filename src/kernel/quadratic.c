/* Losses that are quadratic forms of the residual, u^T P u / 2 with P = F F^T (linear.h). */
#include <specbias/linear.h>

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Without the rows that weigh nothing. */
static sb_status drop_rows(const double *c, sb_quadratic *loss)
{
    loss->factor = calloc(loss->rank * loss->rows + 1, sizeof *loss->factor);
    if (!loss->factor) return sb_fail(SB_ERR_NOMEM, "no memory for %zu weights", loss->rows);
    for (size_t i = 0, k = 0; i < loss->rows; i++)
        if (c[i] > 0) loss->factor[k++ * loss->rows + i] = sqrt(c[i]);
    return loss->rank > 0 ? SB_OK : sb_fail(SB_ERR_INPUT, "all weights of the loss are zero");
}

sb_status sb_quadratic_weights(size_t rows, const double *c, sb_quadratic *loss)
{
    *loss = (sb_quadratic){.rows = rows};
    for (size_t i = 0; i < rows; i++) {
        if (!(c[i] >= 0 && c[i] < INFINITY))
            return sb_fail(SB_ERR_INPUT, "weight %zu of the loss is %g; weights must not be negative", i + 1, c[i]);
        loss->rank += c[i] > 0;
    }
    if (loss->rank < rows) return drop_rows(c, loss);
    loss->root = malloc(rows * sizeof *loss->root);
    if (!loss->root) return sb_fail(SB_ERR_NOMEM, "no memory for %zu weights", rows);
    for (size_t i = 0; i < rows; i++) loss->root[i] = sqrt(c[i]);
    return SB_OK;
}

/* The mean of P and its transpose, if they are the same to rounding. */
static sb_status symmetrise(size_t rows, const double *p, double *even)
{
    double largest = 0;
    for (size_t i = 0; i < rows * rows; i++) {
        if (!isfinite(p[i])) return sb_fail(SB_ERR_INPUT, "the matrix of the loss is not finite");
        largest = fmax(largest, fabs(p[i]));
    }
    for (size_t i = 0; i < rows; i++)
        for (size_t j = 0; j <= i; j++) {
            if (fabs(p[i * rows + j] - p[j * rows + i]) > 1e-12 * largest)
                return sb_fail(SB_ERR_INPUT, "the matrix of the loss is not symmetric at (%zu, %zu)", i, j);
            even[i * rows + j] = even[j * rows + i] = 0.5 * (p[i * rows + j] + p[j * rows + i]);
        }
    return SB_OK;
}

sb_status sb_quadratic_matrix(size_t rows, const double *p, sb_quadratic *loss)
{
    sb_status status = SB_OK;
    sb_eigen eigen = {0};
    double *even = malloc(rows * rows * sizeof *even);
    *loss = (sb_quadratic){.rows = rows};
    if (!even) return sb_fail(SB_ERR_NOMEM, "no memory for the matrix of a loss of %zu rows", rows);
    SB_TRY(symmetrise(rows, p, even));
    SB_TRY(sb_eigen_symmetric(even, rows, false, &eigen));
    double rounding = (double)rows * 0x1p-50 * eigen.lambda[0];
    if (!(eigen.lambda[0] > 0) || eigen.lambda[rows - 1] < -rounding)
        SB_TRY(sb_fail(SB_ERR_INPUT, "the loss is not convex: eigenvalues %g .. %g", eigen.lambda[rows - 1],
                       eigen.lambda[0]));
    while (loss->rank < rows && eigen.lambda[loss->rank] > rounding) loss->rank++;
    loss->factor = malloc(loss->rank * rows * sizeof *loss->factor);
    if (!loss->factor) SB_TRY(sb_fail(SB_ERR_NOMEM, "no memory for the matrix of a loss of %zu rows", rows));
    for (size_t k = 0; k < loss->rank; k++)
        for (size_t i = 0; i < rows; i++)
            loss->factor[k * rows + i] = sqrt(eigen.lambda[k]) * eigen.vector[k * rows + i];
done:
    free(even);
    sb_eigen_clear(&eigen);
    if (status != SB_OK) sb_quadratic_clear(loss);
    return status;
}

sb_status sb_quadratic_repeat(const sb_quadratic *from, size_t outputs, sb_quadratic *loss)
{
    size_t rows = from->rows * outputs;
    if (!from->root) return sb_fail(SB_ERR_UNSUPPORTED, "only weights repeat for several outputs");
    *loss = (sb_quadratic){.rows = rows, .rank = rows, .root = malloc((rows + 1) * sizeof *loss->root)};
    if (!loss->root) return sb_fail(SB_ERR_NOMEM, "no memory for %zu weights", rows);
    for (size_t i = 0; i < rows; i++) loss->root[i] = from->root[i / outputs];
    return SB_OK;
}

double sb_quadratic_value(const sb_quadratic *loss, const double *u)
{
    double sum = 0;
    for (size_t k = 0; k < loss->rank; k++) {
        double part = 0;
        if (loss->root)
            part = loss->root[k] * u[k];
        else
            for (size_t i = 0; i < loss->rows; i++) part += loss->factor[k * loss->rows + i] * u[i];
        sum += part * part;
    }
    return sum;
}

void sb_quadratic_gradient(const sb_quadratic *loss, size_t columns, const double *u, double *g, double *scratch)
{
    size_t rows = loss->rows;
    if (loss->root) {
        for (size_t i = 0; i < rows * columns; i++) {
            double root = loss->root[i / columns];
            g[i] = root * root * u[i];
        }
        return;
    }
    memset(g, 0, rows * columns * sizeof *g);
    for (size_t c = 0; c < columns; c++)
        for (size_t k = 0; k < loss->rank; k++) {
            const double *factor = loss->factor + k * rows;
            scratch[k] = 0;
            for (size_t i = 0; i < rows; i++) scratch[k] += factor[i] * u[i * columns + c];
            for (size_t i = 0; i < rows; i++) g[i * columns + c] += factor[i] * scratch[k];
        }
}

void sb_quadratic_clear(sb_quadratic *loss)
{
    free(loss->root);
    free(loss->factor);
    *loss = (sb_quadratic){0};
}
