#include "experiment/effect.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include <specbias/report.h>

#include "core/file.h"
#include "core/text.h"
#include "experiment/stage.h"

/* ---- of one run ---- */

size_t sb_effect_nodes(const sb_problem *problem)
{
    double most = problem->n > 1024 ? SB_PATH_NODES / 2 : SB_PATH_NODES;
    return (size_t)fmin(fmax(problem->step[problem->nt - 1] / (2 * (double)problem->n), 6), most);
}

typedef struct watched {
    const sb_setup *setup;
    double complex *amp; /* [nxi] */
} watched;

static sb_status err_of(const void *context, const double *u, double *err)
{
    const watched *w = context;
    const sb_problem *problem = &w->setup->problem;
    sb_status status = sb_spectrum_apply(w->setup->spectrum, u, w->amp);
    for (size_t k = 0; status == SB_OK && k < problem->grid.n; k++) err[k] = cabs(w->amp[k]) / cabs(problem->target[k]);
    return status;
}

sb_status sb_effect_measure(const sb_setup *setup, size_t nodes, const double *step, const double *gram,
                            const double *u0, sb_effect *effect)
{
    const sb_problem *problem = &setup->problem;
    watched w = {setup, malloc(problem->grid.n * sizeof *w.amp)};
    if (!w.amp) return sb_fail(SB_ERR_NOMEM, "no memory for %zu frequencies", problem->grid.n);
    sb_watched items = {problem->grid.n, err_of, &w};
    sb_path path = {.rows = problem->n,
                    .nodes = nodes,
                    .step = step,
                    .gram = gram,
                    .c = problem->c,
                    .rule = sb_rule_of_form(SB_FORM_GD, problem)};
    sb_status status = sb_path_effect(&path, &items, problem->nt, problem->step, u0, SB_LEVELS, sb_level, effect);
    free(w.amp);
    return status;
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
    if (isnan(effect))
        sb_print(say, "laziness  not known: no time could be judged\n");
    else
        sb_print(say, "laziness  the moving kernel shifts T by up to %s (not lazy above %.0f %%)\n",
                 sb_shift_text(effect, shift), 100 * expm1(SB_LAZY));
}

/* ---- a forecast of it ---- */

#define FORETOLD 2e10 /* operations for kernels and steps */

static bool is_small(const sb_setup *setup)
{
    double n = (double)setup->problem.n, steps = setup->problem.step[setup->problem.nt - 1];
    return n * n * (3 * SB_PATH_NODES * (double)setup->net.width + steps) < FORETOLD;
}

/* gram[nodes][n][n] of the network with the weights of its linearisation, theta - theta_0 = -J^T G, G the sum of the
 * gradients that the outputs saw. */
static sb_status foretell_kernels(const sb_setup *setup, const sb_net *net, const double *u0, size_t nodes,
                                  const double *step, double *gram)
{
    sb_status status = SB_OK;
    size_t n = setup->problem.n;
    sb_kernel_modes modes = {0};
    sb_net moved = {0};
    sb_rule rule = sb_rule_of_form(SB_FORM_GD, &setup->problem);
    double *sum = calloc(n * n + nodes * n, sizeof *sum), *one = sum + nodes * n;
    double *theta = malloc(net->trained * net->width * sizeof *theta);
    if (!sum || !theta) SB_TRY(sb_fail(SB_ERR_NOMEM, "no memory for %zu kernels", nodes));
    for (size_t i = 0; i < n; i++) one[i * n + i] = 1;
    SB_TRY(sb_net_gram(setup, net, 0, net->width, gram));
    SB_TRY(sb_kernel_modes_create(gram, &setup->problem, setup->spectrum, &modes));
    SB_TRY(sb_linear_changes(&modes.linear, &rule, nodes, step, u0, n, one, sum)); /* -G, of a kernel that is 1 */
    for (size_t j = 1; j < nodes; j++) {
        SB_TRY(sb_net_copy(net, &moved));
        SB_TRY(sb_net_gradient(net, n, setup->problem.x, sum + j * n, theta));
        for (size_t p = 0; p < net->trained; p++)
            for (size_t i = 0; i < net->width; i++) moved.theta[p * net->padded + i] += theta[p * net->width + i];
        SB_TRY(sb_net_gram(setup, &moved, 0, net->width, gram + j * n * n));
        sb_net_clear(&moved);
    }
done:
    sb_net_clear(&moved);
    sb_kernel_modes_clear(&modes);
    free(sum);
    free(theta);
    return status;
}

sb_status sb_expected_effect(const sb_setup *setup, double *effect)
{
    sb_status status = SB_OK;
    const sb_problem *problem = &setup->problem;
    size_t n = problem->n, lines = problem->grid.n * SB_LEVELS, node[SB_PATH_NODES];
    size_t nodes = sb_path_choose(problem->nt, problem->step, sb_effect_nodes(problem), node);
    double step[SB_PATH_NODES], *gram = NULL;
    sb_effect *found = NULL;
    sb_net net = {0};
    *effect = NAN;
    if (!is_small(setup)) return SB_OK;
    for (size_t i = 0; i < nodes; i++) step[i] = problem->step[node[i]];
    gram = malloc((nodes * n + 1) * n * sizeof *gram);
    found = malloc(lines * sizeof *found);
    if (!gram || !found) SB_TRY(sb_fail(SB_ERR_NOMEM, "no memory for %zu kernels of %zu points", nodes, n));
    double *u0 = gram + nodes * n * n;
    SB_TRY(sb_net_init(&setup->net, (uint64_t)setup->config->seeds_first, SB_STREAM_TRAIN, &net));
    SB_TRY(sb_start_residual(setup, &setup->net, (uint64_t)setup->config->seeds_first, SB_STREAM_TRAIN, u0));
    SB_TRY(foretell_kernels(setup, &net, u0, nodes, step, gram));
    SB_TRY(sb_effect_measure(setup, nodes, step, gram, u0, found));
    for (size_t j = 0; j < lines; j++)
        if (fmin(found[j].frozen, found[j].path) <= problem->t[problem->nt - 1])
            *effect = fmax(*effect, found[j].effect);
done:
    sb_net_clear(&net);
    free(gram);
    free(found);
    return status;
}

/* ---- on disk ---- */

sb_status sb_effects_save(const char *directory, int64_t first, size_t runs, size_t items, const double *label,
                          const sb_effect *effect)
{
    char path[SB_PATH];
    sb_writer table = {0};
    size_t lines = items * SB_LEVELS;
    sb_status status = sb_rundir_path(path, directory, "effect.tsv");
    if (status == SB_OK) status = sb_writer_open(&table, path);
    if (status != SB_OK) return status;
    fputs("seed\tlabel\tq\tT_frozen\tT_path\teffect\n", table.stream);
    for (size_t j = 0; j < runs * lines; j++) {
        double cells[] = {label[j % lines / SB_LEVELS], sb_level[j % SB_LEVELS], effect[j].frozen, effect[j].path,
                          effect[j].effect};
        sb_print(table.stream, "%lld", (long long)first + (long long)(j / lines));
        for (size_t i = 0; i < sizeof cells / sizeof cells[0]; i++) sb_write_cell(table.stream, cells[i]);
        fputc('\n', table.stream);
    }
    return sb_writer_close(&table, SB_OK);
}

sb_status sb_effects_load(const char *directory, int64_t first, size_t runs, size_t items, const double *label,
                          sb_effect *effect)
{
    sb_status status = SB_OK;
    char path[SB_PATH], *text = NULL;
    size_t lines = items * SB_LEVELS;
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
        right = right && item == label[j % lines / SB_LEVELS] && q == sb_level[j % SB_LEVELS];
        if (!right) SB_TRY(sb_fail(SB_ERR_INPUT, "%s:%zu: no effect of this run and frequency", path, j + 2));
        line = strchr(line + 1, '\n');
    }
done:
    free(text);
    return status;
}
