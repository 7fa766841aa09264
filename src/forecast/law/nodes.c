#include "forecast/law/nodes.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include <gsl/gsl_qrng.h>

#include "core/gsl.h"
#include "forecast/law/line.h"

/* Nodes of the lowest level: */
#define WEIGHT_NODES 4    /* of each sign of a weight of a smooth law */
#define SHIFT_NODES 32    /* of the range of shifts or biases .. */
#define CELL_NODES 12     /* .. or between two kinks */
#define WAVE_NODES 32     /* of frequencies of each sign */
#define MOST_TENSOR 32768 /* beyond it they are .. */
#define SOBOL_POINTS 4096 /* .. so many points */
#define MOST_AXES 40      /* of Sobol points */

/* What is made of a law: units as they come. */
typedef struct build {
    const sb_model *model;
    sb_two_layer part;
    sb_start_law shift, out;
    bool half, kinked; /* half: one sign of output weights is enough */
    size_t n, outs;    /* outs: output weights of a unit */
    const double *x;
    double finer; /* times as many nodes in each direction as at the lowest level */
    size_t units, room;
    double *in, *at, *first, *second, *weight; /* [units][dim] input weights, then [units] each */
} build;

static size_t nodes_of(const build *b, double lowest)
{
    return (size_t)fmax(round(lowest * b->finer), 1);
}

static double weight_nodes(const build *b)
{
    return b->part.activation ? WEIGHT_NODES : WAVE_NODES;
}

/* ---- how many ---- */

/* Directions in which there are more and more nodes. */
static size_t directions(const build *b)
{
    size_t count = (sb_line_smooth(&b->shift) ? 1 : 0) + (sb_line_smooth(&b->out) ? b->outs : 0);
    for (size_t d = 0; d < b->part.dim; d++) {
        sb_start_law in = sb_model_start_in(b->model, d);
        count += sb_line_smooth(&in);
    }
    return count;
}

static double count_of(const sb_start_law *law, double smooth)
{
    return law->size == 0 ? 1 : sb_line_smooth(law) ? 2 * smooth : 2;
}

/* Of all combinations at the lowest level, at most. */
static double tensor_size(const build *b)
{
    double shifts = b->kinked ? CELL_NODES * (double)(b->n + 1) : SHIFT_NODES;
    double all = sb_line_smooth(&b->shift) ? shifts : count_of(&b->shift, 1);
    for (size_t i = 0; i < b->outs; i++) all *= count_of(&b->out, WEIGHT_NODES) / (i == 0 && b->half ? 2 : 1);
    for (size_t d = 0; d < b->part.dim; d++) {
        sb_start_law in = sb_model_start_in(b->model, d);
        all *= count_of(&in, weight_nodes(b));
    }
    return all;
}

/* ---- units as they come ---- */

static sb_status grow(build *b)
{
    size_t room = 2 * b->room + 256, dim = b->part.dim;
    double **all[] = {&b->at, &b->first, &b->second, &b->weight}, *in = realloc(b->in, room * dim * sizeof *in);
    bool enough = in != NULL;
    if (in) b->in = in;
    for (size_t i = 0; i < 4; i++) {
        double *more = realloc(*all[i], room * sizeof *more);
        enough = enough && more;
        if (more) *all[i] = more;
    }
    if (!enough) return sb_fail(SB_ERR_NOMEM, "no memory for %zu nodes of a law", room);
    b->room = room;
    return SB_OK;
}

static sb_status add_unit(build *b, const double *in, double at, const double out[2], double weight)
{
    if (weight == 0) return SB_OK; /* a density that is 0 there */
    if (b->units == SB_MOST_NODES)
        return sb_fail(SB_ERR_UNSUPPORTED, "the law takes more than %d nodes", SB_MOST_NODES);
    sb_status status = b->units < b->room ? SB_OK : grow(b);
    if (status != SB_OK) return status;
    memcpy(b->in + b->units * b->part.dim, in, b->part.dim * sizeof *in);
    b->at[b->units] = at;
    b->first[b->units] = out[0], b->second[b->units] = out[1];
    b->weight[b->units++] = weight;
    return SB_OK;
}

/* ---- all combinations ---- */

/* Where z = 0 at a datum, as numbers of the bias or shift of units with these input weights. */
static void place_kinks(const build *b, const double *in, double *kink)
{
    size_t dim = b->part.dim;
    for (size_t i = 0; i < b->n; i++) {
        double z = 0;
        for (size_t d = 0; d < dim; d++) z += b->part.in_scale * in[d] * b->x[i * dim + d];
        kink[i] = b->part.shifted ? -b->x[i] : -z / b->part.shift_scale;
    }
}

static sb_status add_outs(build *b, const double *in, double at, const sb_line *first, const sb_line *second,
                          double weight)
{
    sb_status status = SB_OK;
    for (size_t i = 0; i < first->n && status == SB_OK; i++)
        for (size_t j = 0; j < second->n && status == SB_OK; j++)
            status = add_unit(b, in, at, (double[]){first->x[i], second->x[j]},
                              weight * first->weight[i] * second->weight[j]);
    return status;
}

/* All of these input weights. */
static sb_status add_shifts(build *b, const double *in, const sb_line *first, const sb_line *second, double weight)
{
    sb_status status = SB_OK;
    sb_line shift = {0};
    double *kink = b->kinked ? malloc((b->n + 1) * sizeof *kink) : NULL;
    if (b->kinked && !kink) return sb_fail(SB_ERR_NOMEM, "no memory for %zu cells of a law", b->n);
    if (kink) place_kinks(b, in, kink);
    size_t each = nodes_of(b, b->kinked ? CELL_NODES : SHIFT_NODES);
    SB_TRY(sb_line_create(&b->shift, false, b->kinked ? b->n : 0, kink, each, &shift));
    for (size_t i = 0; i < shift.n; i++) SB_TRY(add_outs(b, in, shift.x[i], first, second, weight * shift.weight[i]));
done:
    free(kink);
    sb_line_clear(&shift);
    return status;
}

/* Input weights d, d + 1, .. of in[dim], those before being chosen. */
static sb_status add_axis(build *b, size_t d, double *in, const sb_line *first, const sb_line *second, double weight)
{
    sb_status status = SB_OK;
    sb_line axis = {0};
    double zero = 0; /* where a kinked unit's output has a kink as a function of its weight */
    if (d == b->part.dim) return add_shifts(b, in, first, second, weight);
    sb_start_law law = sb_model_start_in(b->model, d);
    SB_TRY(sb_line_create(&law, false, 1, &zero, nodes_of(b, weight_nodes(b)), &axis));
    for (size_t i = 0; i < axis.n; i++) {
        in[d] = axis.x[i];
        SB_TRY(add_axis(b, d + 1, in, first, second, weight * axis.weight[i]));
    }
done:
    sb_line_clear(&axis);
    return status;
}

static sb_status add_all(build *b)
{
    sb_status status = SB_OK;
    double in[SB_MOST_DIMENSIONS], zero = 0;
    sb_line first = {0}, second = {0};
    sb_start_law none = {b->out.law, 0, NULL};
    size_t each = nodes_of(b, WEIGHT_NODES);
    SB_TRY(sb_line_create(&b->out, b->half, 1, &zero, each, &first));
    SB_TRY(sb_line_create(b->outs > 1 ? &b->out : &none, false, 1, &zero, each, &second));
    SB_TRY(add_axis(b, 0, in, &first, &second, 1));
done:
    sb_line_clear(&first);
    sb_line_clear(&second);
    return status;
}

/* ---- Sobol points ---- */

static sb_status add_sobol(build *b, size_t count)
{
    sb_status status = SB_OK;
    size_t dim = b->part.dim, axes = dim + 1 + b->outs;
    double p[MOST_AXES], in[MOST_AXES], out[2] = {0};
    if (axes > MOST_AXES || !b->part.activation)
        return sb_fail(SB_ERR_UNSUPPORTED, "the law of these units has too many dimensions for nodes");
    sb_gsl_begin();
    gsl_qrng *sequence = gsl_qrng_alloc(gsl_qrng_sobol, (unsigned)axes);
    sb_gsl_end();
    if (!sequence) return sb_fail(SB_ERR_NOMEM, "no memory for %zu nodes of a law", count);
    for (size_t i = 0; i < count && status == SB_OK; i++) {
        gsl_qrng_get(sequence, p);
        for (size_t d = 0; d < dim; d++) {
            sb_start_law law = sb_model_start_in(b->model, d);
            in[d] = sb_line_quantile(&law, p[d]);
        }
        for (size_t k = 0; k < b->outs; k++) out[k] = sb_line_quantile(&b->out, p[dim + 1 + k]);
        status = add_unit(b, in, sb_line_quantile(&b->shift, p[dim]), out, 1 / (double)count);
    }
    gsl_qrng_free(sequence);
    return status;
}

/* ---- as a network ---- */

static void place(const build *b, const sb_two_layer *to, double *theta)
{
    memcpy(theta + to->in, b->in, b->units * to->dim * sizeof *theta);
    memcpy(theta + to->out, b->first, b->units * sizeof *theta);
    if (to->shift != SIZE_MAX) memcpy(theta + to->shift, b->at, b->units * sizeof *theta);
    if (to->out_sine != SIZE_MAX) memcpy(theta + to->out_sine, b->second, b->units * sizeof *theta);
}

static sb_status allocate(const sb_model *model, size_t units, sb_nodes *nodes)
{
    sb_status status = sb_model_resize(model, units, &nodes->model);
    if (status != SB_OK) return status;
    nodes->units = units;
    nodes->weight = malloc(units * sizeof *nodes->weight);
    nodes->theta = calloc(sb_model_parameters(nodes->model), sizeof *nodes->theta);
    if (nodes->weight && nodes->theta) return SB_OK;
    return sb_fail(SB_ERR_NOMEM, "no memory for %zu nodes of a law", units);
}

static sb_status make(const sb_model *model, const build *b, sb_nodes *nodes)
{
    sb_two_layer part[SB_MOST_COPIES];
    sb_status status = allocate(model, b->units, nodes);
    if (status != SB_OK) return status;
    size_t copies = sb_model_two_layer(nodes->model, part);
    for (size_t c = 0; c < copies; c++) place(b, &part[c], nodes->theta);
    for (size_t i = 0; i < b->units; i++) nodes->weight[i] = b->weight[i] * (double)b->part.units;
    return SB_OK;
}

static sb_status of_start(const sb_model *model, const sb_two_layer *part, sb_nodes *nodes)
{
    sb_status status = allocate(model, part->units, nodes);
    if (status != SB_OK) return status;
    for (size_t i = 0; i < part->units; i++) nodes->weight[i] = 1;
    sb_model_start(model, 0, SB_STREAM_TRAIN, nodes->theta);
    return SB_OK;
}

static sb_status of_law(const sb_model *model, const sb_two_layer *part, size_t copies, size_t n, const double *x,
                        size_t level, sb_nodes *nodes)
{
    build b = {.model = model,
               .part = *part,
               .shift = sb_model_start_shift(model),
               .out = sb_model_start_out(model),
               .half = copies > 1,
               .outs = part->out_sine == SIZE_MAX ? 1 : 2,
               .n = n,
               .x = x};
    b.kinked = part->activation && part->activation->kinked && sb_line_smooth(&b.shift);
    b.finer = pow(2, (double)level / fmax((double)directions(&b), 1));
    bool few = part->dim <= SB_MOST_DIMENSIONS && tensor_size(&b) <= MOST_TENSOR;
    sb_status status = few ? add_all(&b) : add_sobol(&b, (size_t)SOBOL_POINTS << level);
    if (status == SB_OK) status = make(model, &b, nodes);
    free(b.in), free(b.at), free(b.first), free(b.second), free(b.weight);
    return status;
}

sb_status sb_nodes_create(const sb_model *model, bool quiet, size_t n, const double *x, size_t level, sb_nodes *nodes)
{
    sb_two_layer part[SB_MOST_COPIES];
    size_t copies = sb_model_two_layer(model, part);
    if (copies == 0) return sb_fail(SB_ERR_UNSUPPORTED, "the network is no sum over units");
    sb_status status = quiet ? of_start(model, part, nodes) : of_law(model, part, copies, n, x, level, nodes);
    if (status != SB_OK) sb_nodes_clear(nodes);
    return status;
}

void sb_nodes_clear(sb_nodes *nodes)
{
    sb_model_destroy(&nodes->model);
    free(nodes->weight);
    free(nodes->theta);
    *nodes = (sb_nodes){0};
}

/* ---- as training has them ---- */

/* h / A and residuals of size 1: with out' = weight out / A the gradient by out' is A^-1 times that by out of residuals
 * of size A, and by any other number of the unit weight / A^2 times. */
static void scale_copy(const sb_nodes *nodes, const sb_two_layer *p, double amplitude, double *theta,
                       double *gradient_scale, double *step_scale)
{
    for (size_t i = 0; i < nodes->units; i++) {
        double weight = nodes->weight[i], back = amplitude * amplitude / weight;
        size_t outs[] = {p->out, p->out_sine};
        for (size_t d = 0; d < p->dim; d++) gradient_scale[p->in + i * p->dim + d] = back;
        if (p->shift != SIZE_MAX) gradient_scale[p->shift + i] = back;
        for (size_t k = 0; k < 2; k++) {
            if (outs[k] == SIZE_MAX) continue;
            theta[outs[k] + i] *= weight / amplitude;
            gradient_scale[outs[k] + i] = amplitude;
            step_scale[outs[k] + i] = weight / amplitude;
        }
    }
    if (p->offset == SIZE_MAX) return;
    gradient_scale[p->offset] = amplitude;
    step_scale[p->offset] = 1 / amplitude;
}

void sb_nodes_start(const sb_nodes *nodes, const sb_model *model, double amplitude, double *theta,
                    double *gradient_scale, double *step_scale)
{
    sb_two_layer part[SB_MOST_COPIES];
    size_t copies = sb_model_two_layer(model, part), parameters = sb_model_parameters(model);
    memcpy(theta, nodes->theta, parameters * sizeof *theta);
    for (size_t i = 0; i < parameters; i++) gradient_scale[i] = step_scale[i] = 1;
    for (size_t c = 0; c < copies; c++) scale_copy(nodes, &part[c], amplitude, theta, gradient_scale, step_scale);
}
