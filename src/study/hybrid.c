#include "study/hybrid.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/records.h"
#include "core/text.h"

/* ---- the network ---- */

static sb_status directory_of(const sb_config *config, const sb_stage *stage, char path[SB_PATH])
{
    const char *name = config->jacobi_start, *slash = strrchr(stage->directory, '/');
    int folder = *name == '/' || !slash ? 0 : (int)(slash - stage->directory + 1);
    if (sb_format(path, SB_PATH, "%.*s%s", folder, stage->directory, name) >= SB_PATH)
        return sb_fail(SB_ERR_IO, "jacobi.start: %.60s..: path too long", name);
    if (sb_rundir_holds(path, "snapshots/snapshots.tsv")) return sb_seals_check(path, stage->monitor);
    return sb_fail(SB_ERR_INPUT, "jacobi.start: %s is no run with snapshots of a network (observe.snapshots)", path);
}

/* The finite numbers of a column, by its name, in the rows whose first cell, a seed, is that of the first row. */
static sb_status read_column(const char *path, const char *name, size_t most, double *value, size_t *count,
                             uint64_t *seed)
{
    sb_status status = SB_OK;
    sb_records records = {0};
    size_t length, at = SIZE_MAX;
    char *text = NULL;
    double own = 0, key;
    *count = 0;
    SB_TRY(sb_read_file(path, &text, &length));
    sb_records_open(&records, path, text, length);
    SB_TRY(sb_records_next(&records));
    for (size_t c = 0; c < records.count; c++)
        if (strlen(name) == records.cells[c].length && !strncmp(name, records.cells[c].text, strlen(name))) at = c;
    while (*count < most) {
        SB_TRY(sb_records_next(&records));
        if (records.count == 0) break;
        bool right = sb_cell_number(&records.cells[0], &key) == SB_CELL_NUMBER && key >= 0 && key <= 0x1p53;
        if (*count == 0) own = key;
        if (right && key != own) break;
        right = right && at < records.count && sb_cell_number(&records.cells[at], value + *count) == SB_CELL_NUMBER;
        if (!right || !isfinite(value[*count]))
            SB_TRY(sb_fail(SB_ERR_INPUT, "%s:%zu: no numbers of a seed and %s", path, records.line, name));
        (*count)++;
    }
    *seed = (uint64_t)own;
    if (*count == 0) SB_TRY(sb_fail(SB_ERR_INPUT, "%s: no lines of %s", path, name));
done:
    free(records.cells);
    free(text);
    return status;
}

/* The same points, within rounding. */
static bool on_grid(const sb_array *x, size_t n)
{
    if (x->count[0] != n + 1 || x->rank > 2 || (x->rank == 2 && x->count[1] != 1)) return false;
    for (size_t i = 0; i <= n; i++)
        if (fabs(x->value[i] - (2 * (double)i / (double)n - 1)) > 1e-9) return false;
    return true;
}

static sb_status take_states(const char *directory, uint64_t seed, sb_hybrid *network)
{
    char path[SB_PATH];
    sb_array x = {0}, h = {0};
    sb_status status = SB_OK;
    size_t n = network->n, states = network->states;
    SB_TRY(sb_rundir_path(path, directory, "snapshots/x.train.npy"));
    SB_TRY(sb_npy_read(path, &x));
    if (!on_grid(&x, n))
        SB_TRY(
            sb_fail(SB_ERR_INPUT, "jacobi.start: the points of %s are not the %zu of [-1, 1] (jacobi.n)", path, n + 1));
    SB_TRY(sb_rundir_path(path, directory, "snapshots/h.train.seed%llu.npy", (unsigned long long)seed));
    SB_TRY(sb_npy_read(path, &h));
    if (h.rank != 3 || h.count[0] != states || h.count[1] != n + 1 || h.count[2] != 1)
        SB_TRY(sb_fail(SB_ERR_INPUT, "jacobi.start: %s holds no states of one output", path));
    network->u = malloc(states * (n + 1) * sizeof *network->u);
    if (!network->u) SB_TRY(sb_fail(SB_ERR_NOMEM, "no memory for %zu states", states));
    memcpy(network->u, h.value, states * (n + 1) * sizeof *network->u);
    for (size_t s = 0; s < states; s++) network->u[s * (n + 1)] = network->u[s * (n + 1) + n] = 0;
done:
    sb_array_clear(&x);
    sb_array_clear(&h);
    return status;
}

static size_t state_at(const sb_hybrid *network, double step)
{
    size_t state = 0;
    while (state < network->states && network->step[state] != step) state++;
    return state;
}

enum { MOST = 1000 };

sb_status sb_hybrid_read(const sb_config *config, const sb_stage *stage, sb_hybrid *network)
{
    char directory[SB_PATH], path[SB_PATH];
    double step[MOST];
    sb_status status = SB_OK;
    const sb_reals *switches = &config->jacobi_switches;
    size_t runs;
    uint64_t seed;
    *network = (sb_hybrid){.n = (size_t)config->jacobi_n};
    if (!*config->jacobi_start) return SB_OK;
    SB_TRY(directory_of(config, stage, directory));
    SB_TRY(sb_rundir_path(path, directory, "snapshots/snapshots.tsv"));
    SB_TRY(read_column(path, "step", MOST, step, &network->states, &seed));
    SB_TRY(take_states(directory, seed, network));
    SB_TRY(sb_rundir_path(path, directory, "train.tsv"));
    SB_TRY(read_column(path, "seconds", 1, &network->seconds, &runs, &seed));
    network->step = malloc((network->states + 1) * sizeof *network->step);
    if (!network->step) SB_TRY(sb_fail(SB_ERR_NOMEM, "no memory for %zu states", network->states));
    memcpy(network->step, step, network->states * sizeof *step);
    for (size_t s = 0; s < switches->n; s++)
        if (state_at(network, switches->v[s]) == network->states)
            SB_TRY(sb_fail(SB_ERR_INPUT, "jacobi.switches: the network has no snapshot of step %g", switches->v[s]));
done:
    return status;
}

void sb_hybrid_clear(sb_hybrid *network)
{
    free(network->step);
    free(network->u);
    *network = (sb_hybrid){0};
}

/* ---- tables ---- */

typedef struct tables {
    sb_writer rows, seconds;
    const sb_hybrid *network;
    const sb_jacobi *alone;
} tables;

/* max and L2 norm, (h sum e^2)^1/2, of the error of u against the solution of the equation */
static void norms(const sb_jacobi *alone, const double *u, double *max, double *l2)
{
    double square = 0;
    *max = 0;
    for (size_t i = 0; i <= alone->n; i++) {
        double e = u[i] - alone->u_ref[i];
        *max = fmax(*max, fabs(e));
        square += e * e;
    }
    *l2 = sqrt(2 / (double)alone->n * square);
}

static void write_row(tables *t, const char *method, double from, double step, double sweep, const double *u)
{
    double max, l2;
    norms(t->alone, u, &max, &l2);
    sb_print(t->rows.stream, "%s\t%.0f\t%.0f\t%.0f\t%.0f\t%.17g\t%.17g\n", method, from, step, sweep, step + sweep, max,
             l2);
}

static double seconds_until(const sb_hybrid *network, double step)
{
    return network->seconds * step / network->step[network->states - 1];
}

static void write_sweeps(tables *t, const char *method, double step, const sb_jacobi_spec *spec, const sb_jacobi *run)
{
    for (size_t i = 0; i < run->nt; i++)
        write_row(t, method, step, step, (double)spec->sweep[i], run->u + i * (run->n + 1));
    sb_print(t->seconds.stream, "%s\t%.0f\t%.6g\t%.6g\n", method, step, step > 0 ? seconds_until(t->network, step) : 0,
             run->seconds / (double)spec->sweep[run->nt - 1]);
}

/* The first recorded sweep with an error below the level, or "none". */
static void say_sweeps(const sb_jacobi_spec *spec, const sb_jacobi *run, double step, FILE *say)
{
    static const double levels[] = {1e-2, 1e-3};
    sb_print(say, "  %-14.0f", step);
    for (size_t l = 0; l < 2; l++) {
        size_t i = 0;
        while (i < run->nt && !(run->error[i] < levels[l])) i++;
        if (i < run->nt)
            sb_print(say, "%-12zu", spec->sweep[i]);
        else
            sb_print(say, "%-12s", "none");
    }
    sb_print(say, "%.3g\n", run->error[0]);
}

static double mode_gap(const sb_jacobi *run)
{
    double largest = 0, gap = 0;
    for (size_t j = 0; j < run->modes; j++) largest = fmax(largest, fabs(run->sine[j]));
    for (size_t i = 0; i < run->nt * run->modes; i++) {
        double off = fabs(run->sine[i] - run->predicted[i]);
        if (!(off <= gap)) gap = off;
    }
    return gap / largest;
}

static sb_status sweep_from(double step, const sb_jacobi_spec *spec, const sb_stage *stage, FILE *say, tables *t,
                            double *gap)
{
    sb_jacobi run = {0};
    sb_jacobi_spec own = *spec;
    own.start = t->network->u + state_at(t->network, step) * (t->network->n + 1);
    sb_status status = sb_jacobi_run(&own, stage->monitor, &run);
    if (status == SB_OK) {
        write_sweeps(t, "hybrid", step, spec, &run);
        say_sweeps(spec, &run, step, say);
        double most = mode_gap(&run);
        if (!(most <= *gap)) *gap = most;
    }
    sb_jacobi_clear(&run);
    return status;
}

sb_status sb_hybrid_run(const sb_config *config, const sb_stage *stage, const sb_hybrid *network,
                        const sb_jacobi_spec *spec, const sb_jacobi *alone, FILE *say, double *gap)
{
    sb_status status = SB_OK;
    tables t = {.network = network, .alone = alone};
    *gap = 0;
    if (network->states == 0) return SB_OK;
    SB_TRY(sb_study_table(stage, "hybrid.tsv", "method\tswitch\tstep\tsweep\titerations\tmax\tl2", &t.rows));
    SB_TRY(sb_study_table(stage, "seconds.tsv", "method\tswitch\tnetwork\tsweep", &t.seconds));
    sb_print(say, "\nfrom step     sweeps to max error 1e-2, 1e-3    at the start\n");
    write_sweeps(&t, "jacobi", 0, spec, alone);
    say_sweeps(spec, alone, 0, say);
    for (size_t s = 0; s < network->states; s++)
        write_row(&t, "network", network->step[s], network->step[s], 0, network->u + s * (network->n + 1));
    sb_print(t.seconds.stream, "network\t%.0f\t%.6g\t0\n", network->step[network->states - 1], network->seconds);
    for (size_t s = 0; s < config->jacobi_switches.n; s++)
        SB_TRY(sweep_from(config->jacobi_switches.v[s], spec, stage, say, &t, gap));
done:
    if (t.rows.stream) status = sb_writer_close(&t.rows, status);
    if (t.seconds.stream) status = sb_writer_close(&t.seconds, status);
    return status;
}
