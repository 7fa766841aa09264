#include <stdlib.h>
#include <string.h>

#include "train/loss/loss.h"

#define SB_METHOD sb_loss_kind
#define SB_LIST "train/loss/list.def"
#define LOSS SB_LINE
#include "core/registry.inc"

const char *sb_loss_name(size_t index)
{
    return sb_loss_kind_at(index) ? sb_loss_kind_at(index)->name : NULL;
}

const char *sb_loss_title(size_t index)
{
    return sb_loss_kind_at(index)->title;
}

sb_status sb_loss_choice(const char *key, const char *value, size_t count, const char *const *words, size_t *which)
{
    *which = 0;
    for (size_t i = 0; value && i < count; i++)
        if (strcmp(value, words[i]) == 0) {
            *which = i;
            return SB_OK;
        }
    return value ? sb_fail(SB_ERR_INPUT, "loss.%s cannot be \"%s\"", key, value) : SB_OK;
}

/* Weights that nobody has set are zero. */
static bool has_quadrature(const sb_dataset *set)
{
    double sum = 0;
    for (size_t i = 0; set->q && i < set->n; i++) sum += set->q[i];
    return sum > 0;
}

static sb_status fill(const sb_loss_spec *spec, sb_loss *loss)
{
    static const char *const weights[] = {"equal", "quadrature"};
    size_t which;
    if (loss->set->n == 0 || loss->outputs == 0) return sb_fail(SB_ERR_INPUT, "a loss needs examples with outputs");
    sb_status status = sb_loss_choice("weights", spec->weights, 2, weights, &which);
    if (status != SB_OK) return status;
    loss->quadrature = which == 1;
    if (loss->quadrature && !has_quadrature(loss->set))
        return sb_fail(SB_ERR_INPUT, "loss.weights = \"quadrature\": the data set has no quadrature weights");
    return loss->kind->create ? loss->kind->create(spec, loss) : SB_OK;
}

sb_status sb_loss_create(const sb_loss_spec *spec, const sb_dataset *set, sb_loss **loss)
{
    const sb_loss_kind *kind = sb_loss_kind_find(spec->kind);
    if (!kind) return sb_fail(SB_ERR_INPUT, "there is no loss \"%s\"", spec->kind);
    sb_loss *new = malloc(sizeof *new);
    if (!new) return sb_fail(SB_ERR_NOMEM, "no memory for a loss");
    *new = (sb_loss){.kind = kind, .set = set, .outputs = sb_shape_size(set->output), .separable = true};
    sb_status status = fill(spec, new);
    if (status != SB_OK)
        sb_loss_destroy(&new);
    else
        *loss = new;
    return status;
}

void sb_loss_destroy(sb_loss **loss)
{
    sb_loss *old = *loss;
    if (!old) return;
    if (old->kind->destroy) old->kind->destroy(old);
    free(old->state);
    free(old);
    *loss = NULL;
}

bool sb_loss_separable(const sb_loss *loss)
{
    return loss->separable;
}

bool sb_loss_sums(const sb_loss *loss)
{
    return loss->sums;
}

sb_loss_form sb_loss_form_of(const sb_loss *loss)
{
    return loss->form;
}

size_t sb_loss_tangents(const sb_loss *loss)
{
    return loss->kind->tangents;
}

double sb_loss_value(const sb_loss *loss, size_t n, const size_t *index, size_t batch, const double *h, double *g)
{
    return loss->kind->value(loss, n, index, batch, h, g);
}

void sb_loss_predict(const sb_loss *loss, size_t n, const double *h, double *p)
{
    size_t outputs = loss->outputs;
    if (p != h) memcpy(p, h, n * outputs * sizeof *p);
    for (size_t i = 0; loss->kind->predict && i < n; i++)
        loss->kind->predict(outputs, p + i * outputs, p + i * outputs);
}
