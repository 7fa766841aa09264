/* Keys -> the loss, and the quadratic form of the residual that it is, 1/2 u^T P u; forecasts of linearised networks
 * need one. */
#include <stdlib.h>
#include <string.h>

#include "core/text.h"
#include "case/case.h"

/* ---- the loss of examples ---- */

static sb_loss_spec spec_of(const sb_config *config)
{
    return (sb_loss_spec){.kind = config->loss_kind,
                          .factor = config->loss_factor,
                          .weights = config->loss_weights,
                          .domain = config->loss_domain,
                          .s = config->loss_s,
                          .degree = (size_t)config->loss_degree,
                          .convention = config->loss_convention,
                          .normalise = config->loss_normalise,
                          .p = config->loss_p,
                          .beta = config->loss_beta};
}

sb_status sb_case_test_loss(const sb_config *config, const sb_dataset *set, sb_loss **loss)
{
    sb_loss_spec spec = spec_of(config);
    if (strcmp(config->loss_test, "same") != 0) spec.kind = config->loss_test;
    sb_status status = sb_loss_create(&spec, set, loss);
    if (status == SB_OK && sb_loss_tangents(*loss) > 0)
        status = sb_fail(SB_ERR_INPUT, "%s cannot be measured on test examples: set loss.test", spec.kind);
    return status;
}

static sb_status make_losses(const sb_config *config, sb_case *cas)
{
    sb_loss_spec spec = spec_of(config);
    sb_status status = sb_loss_create(&spec, &cas->data, &cas->loss);
    for (size_t i = 0; status == SB_OK && i < cas->tests; i++)
        status = sb_case_test_loss(config, &cas->test[i], &cas->test_loss[i]);
    return status;
}

/* ---- as a quadratic form ---- */

/* c_i from the gradient c_i u_i at u = 1. A mini-batch sees batch/n of the examples in the mean, which matters where
 * the loss is a sum. */
static sb_status form_of_squares(sb_case *cas)
{
    size_t n = cas->n, count = n * cas->outputs, batch = sb_case_batch(cas);
    double *h = malloc((2 * count + n) * sizeof *h);
    if (!h) return sb_fail(SB_ERR_NOMEM, "no memory for %zu weights", count);
    double *g = h + count, *c = g + count;
    for (size_t i = 0; i < count; i++) h[i] = cas->data.y[i] + 1;
    sb_loss_value(cas->loss, n, NULL, batch, h, g);
    for (size_t i = 0; i < n; i++) c[i] = g[i * cas->outputs] * (double)batch / (double)n;
    sb_status status = sb_quadratic_weights(n, c, &cas->quadratic);
    free(h);
    return status;
}

/* Column i of P is the gradient at u = e_i. */
static sb_status form_of_matrix(sb_case *cas)
{
    size_t n = cas->n;
    double *p = malloc((n * n + n) * sizeof *p);
    if (!p) return sb_fail(SB_ERR_NOMEM, "no memory for the matrix of a loss of %zu points", n);
    double *h = p + n * n;
    memcpy(h, cas->data.y, n * sizeof *h);
    for (size_t i = 0; i < n; i++) {
        double kept = h[i];
        h[i] += 1; /* of a wanted output of any size: the loss is exactly quadratic */
        sb_loss_value(cas->loss, n, NULL, n, h, p + i * n);
        h[i] = kept;
    }
    sb_status status = sb_quadratic_matrix(n, p, &cas->quadratic);
    free(p);
    return status;
}

static sb_status equal_weights(sb_case *cas)
{
    double *c = malloc(cas->n * sizeof *c);
    if (!c) return sb_fail(SB_ERR_NOMEM, "no memory for %zu weights", cas->n);
    for (size_t i = 0; i < cas->n; i++) c[i] = 1 / (double)cas->n;
    sb_status status = sb_quadratic_weights(cas->n, c, &cas->quadratic);
    free(c);
    return status;
}

sb_status sb_case_loss(const sb_config *config, sb_case *cas)
{
    sb_status status = make_losses(config, cas);
    if (status != SB_OK) return status;
    sb_loss_form form = sb_loss_form_of(cas->loss);
    if (form == SB_LOSS_SQUARES) return form_of_squares(cas);
    if (form == SB_LOSS_QUADRATIC && cas->outputs == 1 && cas->n <= SB_MOST_ROWS) return form_of_matrix(cas);
    cas->curved = true;
    sb_format(cas->silent, sizeof cas->silent,
              "the loss %s is not a quadratic form of the residual%s; eigenvalues are those of K / n",
              config->loss_kind, form == SB_LOSS_QUADRATIC ? " of one output and few examples" : "");
    return equal_weights(cas);
}

sb_status sb_case_save_loss(const sb_quadratic *loss, const char *directory)
{
    if (!loss->root) return sb_save_array(directory, "loss_weights", loss->factor, loss->rank, loss->rows);
    double *c = malloc(loss->rows * sizeof *c);
    if (!c) return sb_fail(SB_ERR_NOMEM, "no memory for %zu weights", loss->rows);
    for (size_t i = 0; i < loss->rows; i++) c[i] = loss->root[i] * loss->root[i];
    sb_status status = sb_save_array(directory, "loss_weights", c, loss->rows, 0);
    free(c);
    return status;
}
