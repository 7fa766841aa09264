#include "forecast/width.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/linalg.h"
#include "case/given.h"
#include "case/network.h"
#include "forecast/forecast.h"
#include "forecast/law/nodes.h"

#define AUTO_ROWS 128  /* data that forecast.width = "auto" takes .. */
#define AUTO_WORK 2e10 /* .. and operations: a second or two */
#define MOST_WORK 1e12 /* that any takes */
#define EXACT 1e-6     /* to which the nodes must make the kernel of infinite width .. */
#define LEVELS 7       /* .. at one of so many levels */

/* ---- what it covers ---- */

static sb_status refuse(const char *reason)
{
    return sb_fail(SB_ERR_UNSUPPORTED, "finite width by quadrature is known of %s", reason);
}

sb_status sb_width_check(const sb_case *cas)
{
    sb_two_layer part[SB_MOST_COPIES];
    size_t copies = cas->model ? sb_model_two_layer(cas->model, part) : 0;
    if (copies == 0 || !cas->infinite || !part->out_trained || part->dim > SB_MOST_DIMENSIONS)
        return refuse("sums over units with trained weights");
    if (copies != 2 || cas->deterministic) return refuse("antisymmetric random starts");
    if (strcmp(cas->rule.kind->name, "gd") != 0 || *cas->silent || sb_case_batch(cas) < cas->n)
        return refuse("gradient descent on all data");
    if (!cas->quadratic.root) return refuse("mean squares with weights");
    for (size_t i = 0; i < cas->n; i++)
        if (cas->quadratic.root[i] == 0) return refuse("losses that weigh every point");
    if (cas->watch.filter.count > 0) return refuse("frequencies, not of filtered residuals");
    if (cas->n > SB_WIDTH_MOST)
        return sb_fail(SB_ERR_UNSUPPORTED, "finite width by quadrature takes at most %d points", SB_WIDTH_MOST);
    return SB_OK;
}

double sb_width_memory(const sb_case *cas)
{
    enum { TYPICAL = 9 * 4096 }; /* numbers of nodes, of each point */
    double n = (double)cas->n;
    return sb_width_wanted(cas) ? 8 * n * (n * n + TYPICAL) : 0;
}

double sb_width_neurons(const sb_case *cas)
{
    return 2 * (double)sb_network_units(&(sb_network){.cas = cas, .model = cas->model});
}

bool sb_width_wanted(const sb_case *cas)
{
    const char *way = cas->config->forecast_width;
    bool sampled = false;
    for (size_t s = 0; s < cas->sources; s++)
        sampled = sampled || (!cas->source[s]->per_seed && !cas->source[s]->moving);
    if (!sampled || sb_given_draws(cas) || *cas->unjudged || strcmp(way, "draws") == 0 || sb_width_check(cas) != SB_OK)
        return false;
    return strcmp(way, "quadrature") == 0 || (cas->n <= AUTO_ROWS && cas->config->forecast_draw_width == 0);
}

/* ---- the law of a unit ---- */

/* J[unit][rows][n] of one copy, from gradients[n][parameters], times `scale`. */
static void take_rows(const sb_two_layer *part, size_t n, size_t parameters, const double *gradients, double scale,
                      sb_unit_nodes *nodes)
{
    for (size_t j = 0; j < nodes->count; j++) {
        double *row = nodes->gradient + j * nodes->rows * n;
        size_t shift = part->shift == SIZE_MAX ? SIZE_MAX : part->shift + j;
        size_t sine = part->out_sine == SIZE_MAX ? SIZE_MAX : part->out_sine + j;
        size_t at[SB_MOST_DIMENSIONS + 3] = {part->out + j, shift, sine};
        for (size_t d = 0; d < part->dim; d++) at[3 + d] = part->in + j * part->dim + d;
        for (size_t p = 0; p < 3 + part->dim; p++) {
            if (at[p] == SIZE_MAX) continue;
            for (size_t i = 0; i < n; i++) row[i] = scale * gradients[i * parameters + at[p]];
            row += n;
        }
    }
}

/* A copy's units with weights, as a mean over one unit: both copies have the same kernel. */
static sb_status fill_units(const sb_case *cas, const sb_nodes *law, sb_unit_nodes *nodes)
{
    sb_status status = SB_OK;
    sb_two_layer part[SB_MOST_COPIES];
    size_t copies = sb_model_two_layer(law->model, part), n = cas->n, parameters = sb_model_parameters(law->model);
    double units = sb_width_neurons(cas) / 2, one = 1;
    double *gradients = calloc(n * parameters, sizeof *gradients);
    nodes->count = law->units;
    nodes->rows = part->dim + 1 + (part->shift != SIZE_MAX) + (part->out_sine != SIZE_MAX);
    nodes->n = n;
    nodes->weight = malloc(nodes->count * sizeof *nodes->weight);
    nodes->gradient = malloc(nodes->count * nodes->rows * n * sizeof *nodes->gradient);
    if (!gradients || !nodes->weight || !nodes->gradient)
        SB_TRY(sb_fail(SB_ERR_NOMEM, "no memory for %zu nodes of the law of a unit", nodes->count));
    for (size_t i = 0; i < n; i++)
        SB_TRY(sb_model_gradient(law->model, law->theta, 1, cas->data.x + i * cas->inputs, &one,
                                 gradients + i * parameters));
    for (size_t j = 0; j < nodes->count; j++) nodes->weight[j] = law->weight[j] / units;
    take_rows(part, n, parameters, gradients, sqrt((double)copies * units), nodes);
done:
    free(gradients);
    return status;
}

/* |E[k] - K| / |K|, of the kernel of infinite width by another way; without the part of an output bias. */
static sb_status distance_of(const sb_case *cas, const sb_unit_nodes *nodes, const double *gram, double *off)
{
    size_t n = cas->n, rows = nodes->rows * n;
    const sb_wide_layer *last = cas->wide.layer + cas->wide.layers - 1;
    double *made = malloc((n * n + rows) * sizeof *made), *scaled = made + n * n;
    if (!made) return sb_fail(SB_ERR_NOMEM, "no memory for a kernel of %zu points", n);
    for (size_t i = 0; i < n * n; i++) made[i] = cas->wide.gain2 * last->bias_trained;
    for (size_t j = 0; j < nodes->count; j++) {
        const double *row = nodes->gradient + j * rows;
        for (size_t i = 0; i < rows; i++) scaled[i] = nodes->weight[j] * row[i];
        sb_gemm_double(true, false, n, n, nodes->rows, 1, scaled, n, row, n, 1, made, n);
    }
    *off = sb_gram_distance(n * n, made, gram);
    free(made);
    return SB_OK;
}

/* Finer and finer nodes until they make the kernel gram[n][n] of infinite width. */
static sb_status make_units(const sb_case *cas, const double *gram, double work, sb_unit_nodes *nodes)
{
    double off = INFINITY, n = (double)cas->n;
    for (size_t level = 0; level < LEVELS && !(off <= EXACT); level++) {
        sb_nodes law = {0};
        sb_unit_nodes_clear(nodes);
        sb_status status = sb_nodes_create(cas->model, false, cas->n, cas->data.x, level, &law);
        if (status == SB_OK && 2 * (double)law.units * n * n * n > work)
            status = sb_fail(SB_ERR_UNSUPPORTED, "finite width by quadrature takes %zu nodes of the law of a unit",
                             law.units);
        if (status == SB_OK) status = fill_units(cas, &law, nodes);
        sb_nodes_clear(&law);
        if (status == SB_OK) status = distance_of(cas, nodes, gram, &off);
        if (status != SB_OK) return status;
    }
    if (off <= EXACT) return SB_OK;
    return sb_fail(SB_ERR_UNSUPPORTED, "the nodes of the law of a unit make the kernel of infinite width to %.1g only",
                   off);
}

sb_status sb_width_nodes(const sb_case *cas, sb_unit_nodes *nodes)
{
    sb_status status = SB_OK;
    bool asked = strcmp(cas->config->forecast_width, "quadrature") == 0;
    double *gram = malloc(cas->n * cas->n * sizeof *gram);
    if (!gram) return sb_fail(SB_ERR_NOMEM, "no memory for a kernel of %zu points", cas->n);
    SB_TRY(sb_case_wide_gram(cas, 1, 1, 0, NULL, gram));
    SB_TRY(make_units(cas, gram, asked ? MOST_WORK : AUTO_WORK, nodes));
done:
    free(gram);
    return status;
}

/* ---- what it says ---- */

sb_status sb_width_measure(const sb_case *cas, sb_width_effect *effect)
{
    sb_status status = SB_OK;
    size_t n = cas->n, lines = cas->watch.items.n * SB_LEVELS;
    sb_kernel_modes modes = {0};
    sb_unit_nodes nodes = {0};
    double *gram = malloc((n * n + n) * sizeof *gram);
    if (!gram) return sb_fail(SB_ERR_NOMEM, "no memory for a kernel of %zu points", n);
    SB_TRY(sb_start_residual(cas, 0, gram + n * n));
    SB_TRY(sb_case_wide_gram(cas, 1, 1, 0, NULL, gram));
    SB_TRY(sb_kernel_modes_create(gram, false, 1, &cas->quadratic, &cas->watch, &modes));
    SB_TRY(sb_width_nodes(cas, &nodes));
    SB_TRY(sb_finite_width(&modes, &cas->rule, &nodes, gram + n * n, SB_LEVELS, cas->watch.items.level, effect));
    for (size_t j = 0; j < lines; j++) { /* K is a mean over the units of one copy */
        effect[j].shift *= 2;
        effect[j].variance *= 2;
    }
done:
    sb_unit_nodes_clear(&nodes);
    sb_kernel_modes_clear(&modes);
    free(gram);
    return status;
}

sb_status sb_width_lines(const sb_case *cas, const sb_monitor *monitor, sb_width_line *line, bool *tells)
{
    size_t count = cas->watch.items.n * SB_LEVELS;
    bool asked = strcmp(cas->config->forecast_width, "quadrature") == 0;
    double width = sb_width_neurons(cas), end = 10 * cas->t[cas->nt - 1], most = 0;
    sb_width_effect *effect = malloc((count + 1) * sizeof *effect);
    if (!effect) return sb_fail(SB_ERR_NOMEM, "no memory for %zu lines", count);
    sb_status status = sb_width_measure(cas, effect);
    *tells = false;
    for (size_t j = 0; j < count; j++) line[j] = (sb_width_line){NAN, NAN, NAN};
    for (size_t j = 0; status == SB_OK && j < count; j++) {
        line[j] = (sb_width_line){effect[j].time, effect[j].shift / width, sqrt(effect[j].variance / width)};
        if (line[j].time <= end) most = fmax(most, fabs(line[j].shift));
    }
    free(effect);
    if (!asked && (status == SB_ERR_UNSUPPORTED || most >= SB_WIDTH_FIRST)) return SB_OK;
    if (status != SB_OK) return status;
    *tells = true;
    if (most >= SB_WIDTH_FIRST)
        sb_monitor_warn(monitor,
                        "forecast.width: finite width shifts ln T by up to %.2g; above %g the next order counts, and "
                        "draws tell better",
                        most, SB_WIDTH_FIRST);
    return SB_OK;
}
