#include "forecast/angles/own.h"

#include <stdlib.h>

#include "case/case.h"

#define FUNCTIONS 60                 /* of each band */
#define OWN_SEED ((uint64_t)1 << 32) /* and more: data.seed is below */

sb_status sb_own_open(const sb_case *cas, sb_own *own)
{
    sb_status status = SB_OK;
    const sb_config *config = cas->config;
    sb_dataset_spec spec = sb_case_set_spec(config);
    spec.n = 1;
    spec.test = FUNCTIONS;
    spec.seed += OWN_SEED;
    own->watched = cas->watched;
    SB_TRY(sb_dataset_make(sb_dataset_kind_find(config->data_kind), &spec, &own->data, own->test, &own->tests));
    for (size_t t = 0; t < own->tests; t++) SB_TRY(sb_case_test_loss(config, &own->test[t], &own->loss[t]));
    SB_TRY(sb_response_create(FUNCTIONS, spec.length, config->observe_response.n, config->observe_response.v,
                              own->test[own->watched].y, &own->response));
done:
    if (status != SB_OK) sb_own_clear(own);
    return status;
}

void sb_own_clear(sb_own *own)
{
    sb_dataset_clear(&own->data);
    for (size_t t = 0; t < SB_TEST_SETS; t++) {
        sb_loss_destroy(&own->loss[t]);
        sb_dataset_clear(&own->test[t]);
    }
    sb_response_clear(&own->response);
    *own = (sb_own){0};
}

static sb_status look_at(const sb_own *own, size_t t, const sb_model *model, const double *theta, double *h,
                         double *err, double *band)
{
    const sb_dataset *set = &own->test[t];
    size_t size = set->n * sb_shape_size(set->output);
    sb_status status = sb_model_evaluate(model, theta, set->n, set->x, h);
    if (status == SB_OK && band) band[t] = sb_loss_value(own->loss[t], set->n, NULL, set->n, h, NULL);
    if (status != SB_OK || t != own->watched) return status;
    for (size_t i = 0; i < size; i++) h[i] -= set->y[i];
    return sb_response_apply(&own->response, h, err);
}

sb_status sb_own_look(const sb_own *own, const sb_model *model, const double *theta, double *err, double *band)
{
    sb_status status = SB_OK;
    double *h = malloc(FUNCTIONS * sb_model_outputs(model) * sizeof *h);
    if (!h) return sb_fail(SB_ERR_NOMEM, "no memory for %d functions", FUNCTIONS);
    for (size_t t = 0; t < own->tests && status == SB_OK; t++)
        if (band || t == own->watched) status = look_at(own, t, model, theta, h, err, band);
    free(h);
    return status;
}
