#include "run/effect.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "case/network.h"
#include "forecast/linearised.h"
#include "report/write.h"
#include "run/stage.h"

/* ---- of one run ---- */

static sb_status err_of(const void *context, const double *u, double *err)
{
    return sb_watch_apply(context, u, 1, NULL, err);
}

sb_status sb_effect_measure(const sb_case *cas, uint64_t seed, size_t nodes, const double *step, const double *gram,
                            const double *u0, sb_effect *effect)
{
    size_t per_row = cas->per_row;
    sb_batches batches = {0};
    sb_status status =
        sb_batches_init(&batches, cas->n, sb_case_batch(cas), sb_case_independent(cas), seed, SB_STREAM_BATCH);
    if (status != SB_OK) return status;
    sb_watched items = {cas->watch.items.n, err_of, &cas->watch};
    sb_path path = {.rows = cas->n * per_row,
                    .columns = cas->outputs / per_row,
                    .nodes = nodes,
                    .step = step,
                    .gram = gram,
                    .loss = sb_case_form(cas, per_row),
                    .rule = cas->rule,
                    .batches = sb_case_batch(cas) < cas->n ? &batches : NULL,
                    .sum = sb_case_sums(cas)};
    status = sb_path_effect(&path, &items, cas->nt, cas->step, u0, SB_LEVELS, cas->watch.items.level, effect);
    sb_batches_clear(&batches);
    return status;
}

sb_way sb_effect_way(const sb_case *cas)
{
    bool frozen = false; /* of moving ones no kernel is held against them */
    for (size_t s = 0; s < cas->sources; s++) frozen = frozen || !cas->source[s]->moving;
    if (*cas->unjudged || !frozen || cas->external) return SB_WAY_NONE;
    if (sb_case_has_way(cas, SB_FORM_GD, SB_WAY_MODES)) return SB_WAY_MODES;
    return sb_case_has_way(cas, SB_FORM_GD, SB_WAY_TRAINED) ? SB_WAY_TRAINED : SB_WAY_NONE;
}

/* infinite: not within the record; nan: never above the level */
static double time_of(const sb_decay *decay, size_t k, double q)
{
    double t = sb_decay_time(decay, k, q);
    bool above = !(decay->err[(decay->nt - 1) * decay->nxi + k] < q);
    return isnan(t) && above ? INFINITY : t;
}

/* The largest |err_a - err_b| of item k until T of a, as a shift of ln T by the slope of err there: the difference at T
 * itself may vanish by chance where a kernel does not move one way. 0: T is not within the record. */
static double largest_shift(const sb_decay *a, const sb_decay *b, size_t k, double t)
{
    double apart = 0;
    size_t i = 0, nxi = a->nxi;
    if (!isfinite(t)) return 0;
    do apart = fmax(apart, fabs(a->err[i * nxi + k] - b->err[i * nxi + k]));
    while (a->t[i++] < t);
    double fall = a->err[(i - 2) * nxi + k] - a->err[(i - 1) * nxi + k], to = a->t[i - 1];
    double slope = i == 2 ? fall * t / to : fall / log(to / a->t[i - 2]); /* linear in t at first, then in log t */
    return slope > 0 ? apart / slope : 0;
}

sb_status sb_effect_of_end(const sb_case *cas, uint64_t seed, const sb_decay *frozen, const double *end,
                           const sb_monitor *monitor, sb_effect *effect)
{
    sb_decay moved = {0};
    double last = cas->t[cas->nt - 1];
    sb_status status = sb_case_table(cas, "end", SB_FORM_GD, &moved);
    if (status == SB_OK) status = sb_linearised_train(cas, &cas->watch, seed, end, monitor, &moved);
    bool diverged = status == SB_ERR_NUMERIC; /* steps that were stable at the start are not at the end */
    for (size_t j = 0; (status == SB_OK || diverged) && j < cas->watch.items.n * SB_LEVELS; j++) {
        double q = cas->watch.items.level[j % SB_LEVELS], a = time_of(frozen, j / SB_LEVELS, q);
        double b = diverged ? INFINITY : time_of(&moved, j / SB_LEVELS, q);
        double apart = fabs(log(fmin(b, last)) - log(fmin(a, last)));
        bool known = !isnan(a) && !isnan(b) && !(isinf(a) && isinf(b));
        if (known && !diverged) apart = fmax(apart, largest_shift(frozen, &moved, j / SB_LEVELS, a));
        effect[j] = (sb_effect){a, b, known ? apart : NAN};
    }
    sb_decay_clear(&moved);
    return diverged ? SB_OK : status;
}

const char *sb_shift_text(double effect, char text[SB_SHIFT])
{
    bool small = expm1(effect) < 0.995; /* else percents run to 1e+02 and beyond */
    sb_format(text, SB_SHIFT, small ? "%.2g %%" : "a factor of %.3g", small ? 100 * expm1(effect) : exp(effect));
    return text;
}

void sb_say_laziness(double effect, FILE *say)
{
    char shift[SB_SHIFT];
    if (isnan(effect)) {
        sb_print(say, "laziness  not known: no time could be judged, or nothing was seen of kernels\n");
        return;
    }
    sb_shift_text(effect, shift);
    sb_print(say, "laziness  the moving kernel shifts T by up to %s%s(not lazy above %.0f %%)\n", shift,
             strlen(shift) > 12 ? "\n          " : " ", 100 * expm1(SB_LAZY));
}

/* ---- a forecast of it ---- */

#define FORETOLD 2e10 /* operations for kernels and steps */

static bool is_small(const sb_case *cas)
{
    double n = (double)(cas->n * cas->per_row), width = (double)sb_model_parameters(cas->model) / (double)cas->inputs;
    return n * n * (3 * SB_PATH_NODES * width + (double)cas->steps) < FORETOLD;
}

/* gram[nodes][rows][rows] of the network with the weights of its linearisation, theta - theta_0 = -J^T G, G the sum of
 * the gradients that the outputs saw. One residual under one kernel: one output, or all of the kernel. */
static sb_status foretell_kernels(const sb_case *cas, sb_network *network, const double *u0, size_t nodes,
                                  const double *step, double *gram)
{
    sb_status status = SB_OK;
    size_t rows = cas->n * cas->per_row, parameters = sb_network_parameters(network);
    sb_linear linear = {0};
    double *sum = calloc(rows * rows + nodes * rows, sizeof *sum), *one = NULL;
    double *start = malloc(2 * parameters * sizeof *start), *change = NULL;
    if (!sum || !start) SB_TRY(sb_fail(SB_ERR_NOMEM, "no memory for %zu kernels", nodes));
    one = sum + nodes * rows;
    change = start + parameters;
    for (size_t i = 0; i < rows; i++) one[i * rows + i] = 1;
    for (size_t p = 0; p < parameters; p++) start[p] = network->theta[p];
    SB_TRY(sb_network_gram(network, cas->n, cas->per_row, 0, NULL, gram));
    SB_TRY(sb_linear_create(rows, gram, cas->model && sb_model_single(cas->model), sb_case_form(cas, cas->per_row),
                            &linear));
    SB_TRY(sb_linear_changes(&linear, &cas->rule, nodes, step, u0, rows, one, sum)); /* -G, of a kernel that is 1 */
    for (size_t j = 1; j < nodes; j++) {
        for (size_t p = 0; p < parameters; p++) network->theta[p] = start[p];
        SB_TRY(sb_network_gradient(network, sum + j * rows, change));
        for (size_t p = 0; p < parameters; p++) network->theta[p] = start[p] + change[p];
        SB_TRY(sb_network_gram(network, cas->n, cas->per_row, 0, NULL, gram + j * rows * rows));
    }
done:
    sb_linear_clear(&linear);
    free(sum);
    free(start);
    return status;
}

sb_status sb_expected_effect(const sb_case *cas, double *effect, double *largest)
{
    sb_status status = SB_OK;
    size_t rows = cas->n * cas->per_row, lines = cas->watch.items.n * SB_LEVELS, node[SB_PATH_NODES];
    size_t nodes = sb_path_choose(cas->nt, cas->step, sb_case_nodes(cas), node);
    double step[SB_PATH_NODES], *gram = NULL, *u0 = NULL;
    sb_effect *found = NULL;
    sb_network network = {0};
    *largest = NAN;
    for (size_t j = 0; j < lines; j++) effect[j] = NAN;
    if (cas->external || *cas->silent || !sb_case_has_way(cas, SB_FORM_GD, SB_WAY_MODES) ||
        cas->outputs != cas->per_row || !is_small(cas))
        return SB_OK;
    for (size_t i = 0; i < nodes; i++) step[i] = cas->step[node[i]];
    gram = malloc(nodes * rows * rows * sizeof *gram);
    u0 = malloc(rows * sizeof *u0);
    found = malloc((lines + 1) * sizeof *found);
    if (!gram || !u0 || !found) SB_TRY(sb_fail(SB_ERR_NOMEM, "no memory for %zu kernels of %zu rows", nodes, rows));
    SB_TRY(sb_network_start(cas, 1, (uint64_t)cas->config->seeds_first, SB_STREAM_TRAIN, &network));
    SB_TRY(sb_network_residual(&network, u0));
    SB_TRY(foretell_kernels(cas, &network, u0, nodes, step, gram));
    SB_TRY(sb_effect_measure(cas, (uint64_t)cas->config->seeds_first, nodes, step, gram, u0, found));
    for (size_t j = 0; j < lines; j++) {
        effect[j] = found[j].effect;
        if (fmin(found[j].frozen, found[j].path) <= cas->t[cas->nt - 1]) *largest = fmax(*largest, effect[j]);
    }
done:
    sb_network_clear(&network);
    free(gram);
    free(u0);
    free(found);
    return status;
}

/* ---- on disk ---- */

sb_status sb_effects_save(const char *directory, int64_t first, size_t runs, const sb_items *items,
                          const sb_effect *effect)
{
    sb_writer table = {0};
    size_t lines = items->n * SB_LEVELS;
    sb_status status = sb_rundir_write(&table, directory, "effect.tsv");
    if (status != SB_OK) return status;
    fputs("seed\tlabel\tq\tT_frozen\tT_path\teffect\n", table.stream);
    for (size_t j = 0; j < runs * lines; j++) {
        double cells[] = {items->item[j % lines / SB_LEVELS].label, items->level[j % SB_LEVELS], effect[j].frozen,
                          effect[j].path, effect[j].effect};
        sb_print(table.stream, "%lld", (long long)first + (long long)(j / lines));
        for (size_t i = 0; i < sizeof cells / sizeof cells[0]; i++) sb_write_cell(table.stream, cells[i]);
        fputc('\n', table.stream);
    }
    return sb_writer_close(&table, SB_OK);
}

sb_status sb_effects_load(const char *directory, int64_t first, size_t runs, const sb_items *items, sb_effect *effect)
{
    sb_status status = SB_OK;
    char path[SB_PATH], *text = NULL;
    size_t lines = items->n * SB_LEVELS;
    SB_TRY(sb_rundir_path(path, directory, "effect.tsv"));
    SB_TRY(sb_read_file(path, &text, NULL));
    const char *line = strchr(text, '\n');
    for (size_t j = 0; j < runs * lines; j++) {
        long long seed;
        double item, q;
        bool right = line && sb_scan(line, "%lld %lf %lf %lf %lf %lf", &seed, &item, &q, &effect[j].frozen,
                                     &effect[j].path, &effect[j].effect) == 6;
        right = right && seed == (long long)first + (long long)(j / lines);
        right = right && !(effect[j].effect < 0) && !isinf(effect[j].effect) && !(effect[j].frozen < 0) &&
                !(effect[j].path < 0);
        right = right && item == items->item[j % lines / SB_LEVELS].label && q == items->level[j % SB_LEVELS];
        if (!right) SB_TRY(sb_fail(SB_ERR_INPUT, "%s:%zu: no effect of this run and frequency", path, j + 2));
        line = strchr(line + 1, '\n');
    }
done:
    free(text);
    return status;
}
