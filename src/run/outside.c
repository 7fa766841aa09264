/* Stage 2 of networks that were trained outside: what is watched of their residuals.
 *
 * In: the case, a sealed directory, a file of residuals for each seed. Out: what training writes (train.c) but what
 * only networks tell; outside.tsv, which names the files with their sha256. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include <specbias/report.h>

#include "case/case.h"
#include "case/start.h"
#include "core/file.h"
#include "core/text.h"
#include "forecast/forecast.h"
#include "report/write.h"
#include "run/seeds.h"
#include "run/sheet.h"
#include "run/stage.h"
#include "run/training.h"
#include "run/uncovered.h"

#define START 1e-5 /* how far a start may be from that of the forecast, in parts of the largest residual */

/* What only looks into a network could answer. */
static sb_status check_case(const sb_case *cas)
{
    const sb_config *config = cas->config;
    const char *key = config->observe_drift > 0 ? "observe.drift"
                      : cas->snapshots          ? "observe.snapshots"
                      : config->train_flow      ? "train.flow"
                      : config->train_unstable  ? "train.unstable"
                                                : NULL;
    if (key) return sb_fail(SB_ERR_INPUT, "%s looks into the network, of which residuals tell nothing", key);
    if (cas->watch.response.count > 0 || cas->data.reference || sb_loss_tangents(cas->loss) > 0 ||
        strstr(config->loss_kind, "softmax"))
        return sb_fail(SB_ERR_INPUT, "residuals h - y on the data do not tell what is watched or minimised here");
    return SB_OK;
}

/* row[nt]: at which record of the files each of the case's is. */
static sb_status read_steps(const sb_case *cas, const char *path, size_t *records, size_t *row)
{
    sb_status status = SB_OK;
    sb_sheet sheet = {0};
    SB_TRY(sb_sheet_read(path, &sheet));
    size_t column = sb_sheet_column(&sheet, "step"), at = 0;
    if (column == SIZE_MAX) SB_TRY(sb_fail(SB_ERR_INPUT, "%s:1: no column step", path));
    for (size_t i = 0; i < cas->nt; i++) {
        double step = NAN;
        for (; at < sheet.rows; at++) {
            SB_TRY(sb_sheet_number(&sheet, at, column, &step));
            if (step >= cas->step[i]) break;
        }
        if (at == sheet.rows || step != cas->step[i])
            SB_TRY(sb_fail(SB_ERR_INPUT, "%s: no record of step %.0f, which is one of the forecast's", path,
                           cas->step[i]));
        row[i] = at;
    }
    *records = sheet.rows;
done:
    sb_sheet_clear(&sheet);
    return status;
}

static sb_status check_shape(const sb_case *cas, const char *path, size_t records, const sb_array *array)
{
    const size_t *count = array->count;
    bool flat = array->rank == 2 && cas->outputs == 1, whole = array->rank == 3 && count[2] == cas->outputs;
    if ((flat || whole) && count[0] == records && count[1] == cas->n) return SB_OK;
    return sb_fail(SB_ERR_INPUT, "%s: the shape must be (%zu, %zu, %zu): records, examples, outputs", path, records,
                   cas->n, cas->outputs);
}

/* The forecast is of a start; another one says nothing of it. */
static sb_status check_start(const sb_case *cas, const char *path, uint64_t seed, const double *u, double *u0)
{
    size_t size = cas->n * cas->outputs;
    double apart = 0, largest = 0;
    sb_status status = sb_start_residual(cas, seed, u0);
    for (size_t i = 0; status == SB_OK && i < size; i++) {
        apart = fmax(apart, fabs(u[i] - u0[i]));
        largest = fmax(largest, fabs(u0[i]));
    }
    if (status != SB_OK || apart <= START * largest) return status;
    return sb_fail(SB_ERR_INPUT, "%s: the residual at step 0 is off by %.3g of that of the forecast%s", path,
                   apart / largest,
                   cas->random_output ? "" : ", -y: train h(x) - h_0(x), or two copies of opposite sign");
}

static sb_status see(sb_training *w, const char *path, size_t records, const size_t *row, size_t index)
{
    sb_status status = SB_OK;
    const sb_case *cas = w->cas;
    size_t size = cas->n * cas->outputs;
    sb_array array = {0};
    sb_run *run = &w->run[index];
    double *u = malloc((cas->nt + 1) * size * sizeof *u);
    if (!u) return sb_fail(SB_ERR_NOMEM, "no memory for %zu records", cas->nt);
    SB_TRY(sb_npy_read(path, &array));
    SB_TRY(check_shape(cas, path, records, &array));
    for (size_t i = 0; i < cas->nt; i++) memcpy(u + i * size, array.value + row[i] * size, size * sizeof *u);
    if (cas->step[0] == 0) SB_TRY(check_start(cas, path, run->seed, u, u + cas->nt * size));
    SB_TRY(sb_run_see(cas, &w->layout, u, run));
    SB_TRY(sb_run_decay(cas, &w->layout, run, &w->observed[index]));
done:
    sb_array_clear(&array);
    free(u);
    return status;
}

static sb_status save_names(const sb_training *w, const sb_outside *outside)
{
    char hex[65], name[SB_PATH];
    sb_writer writer = {0};
    sb_status status = sb_rundir_write(&writer, w->stage->directory, "outside.tsv");
    if (status != SB_OK) return status;
    fputs("seed\tfile\tsha256\n", writer.stream);
    for (size_t r = 0; r < w->seeds && status == SB_OK; r++) {
        const char *slash = strrchr(outside->file[r], '/');
        status = sb_sha256_file(outside->file[r], hex);
        sb_format(name, sizeof name, "%s", slash ? slash + 1 : outside->file[r]);
        sb_printable(name, ""); /* a tab would be another cell */
        sb_print(writer.stream, "%llu\t%s\t%s\n", (unsigned long long)w->run[r].seed, name, hex);
    }
    return sb_writer_close(&writer, status);
}

/* What the movement of kernels did is not known. */
static void forget_effects(sb_training *w)
{
    for (size_t j = 0; w->effect && j < w->seeds * w->cas->watch.items.n * SB_LEVELS; j++)
        w->effect[j] = (sb_effect){NAN, NAN, NAN};
}

static sb_status look(sb_training *w, const sb_outside *outside)
{
    sb_status status = SB_OK;
    size_t records, *row = malloc((w->cas->nt + 1) * sizeof *row);
    if (!row) return sb_fail(SB_ERR_NOMEM, "no memory for %zu records", w->cas->nt);
    if (outside->files != w->seeds)
        SB_TRY(sb_fail(SB_ERR_INPUT, "--residuals names %zu files, seeds.count is %zu", outside->files, w->seeds));
    SB_TRY(read_steps(w->cas, outside->steps, &records, row));
    for (size_t r = 0; r < w->seeds; r++) SB_TRY(see(w, outside->file[r], records, row, r));
    forget_effects(w);
done:
    free(row);
    return status;
}

sb_status sb_observe_stage(const sb_case *cas, const sb_stage *stage, const sb_outside *outside, FILE *say)
{
    sb_status status = SB_OK;
    char seal[65];
    sb_case left = {0};
    sb_training w = {.cas = &left, .stage = stage, .seeds = (size_t)cas->config->seeds_count, .seal = seal};
    SB_TRY(check_case(cas));
    SB_TRY(sb_seal_verify(stage->directory, seal));
    SB_TRY(sb_check_keys(cas->config, stage->directory));
    SB_TRY(sb_start_check(cas->config, stage->directory));
    if (!stage->force) SB_TRY(sb_seals_check(stage->directory, NULL));
    SB_TRY(sb_uncovered_load(cas, stage->directory, &left, NULL));
    if (!stage->force && sb_rundir_holds(stage->directory, "train.tsv"))
        SB_TRY(sb_fail(SB_ERR_INPUT, "%s was observed already; --force does it again", stage->directory));
    SB_TRY(sb_training_open(&w));
    SB_TRY(look(&w, outside));
    SB_TRY(sb_rundir_forget(stage->directory));
    for (size_t r = 0; r < w.seeds; r++) SB_TRY(sb_training_save_table(&w, "observed", w.run[r].seed, &w.observed[r]));
    SB_TRY(save_names(&w, outside));
    SB_TRY(sb_training_save(&w, say));
    SB_TRY(sb_seal_observations(stage->directory, seal));
done:
    sb_training_close(&w);
    sb_left_clear(&left);
    return status;
}
