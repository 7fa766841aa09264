/* The source `law`: its table, and law.tsv, what the comparison wants to know of it. */
#include <math.h>
#include <stdlib.h>

#include "case/case.h"
#include "case/network.h"
#include "forecast/law/law.h"
#include "report/write.h"

#define WRONG_LEVEL 0 /* of nodes: what is wrong need not be exact */

static sb_status train(const sb_case *cas, const sb_watch *watch, uint64_t seed, const sb_monitor *monitor,
                       sb_decay *decay)
{
    sb_mean_field_report report;
    (void)seed;
    return sb_mean_field_forecast(cas, watch, false, monitor, decay, NULL, &report);
}

/* ---- the same under wrong laws ---- */

enum { HALF, DOUBLE, FROZEN, VARIANTS };

/* Units that do not move: mode by mode where the steps have modes. */
static sb_status freeze(const sb_case *cas, const sb_monitor *monitor, sb_decay *decay)
{
    sb_status status = SB_OK;
    size_t n = cas->n;
    sb_made made;
    sb_kernel_modes modes = {0};
    if (sb_mean_field_frozen_trains(cas))
        return sb_mean_field_at(cas, &cas->watch, WRONG_LEVEL, 1, true, monitor, decay, &made);
    double *gram = malloc((n * n + n * cas->outputs) * sizeof *gram), *u0 = gram + n * n;
    if (!gram) return sb_fail(SB_ERR_NOMEM, "no memory for a kernel of %zu points", n);
    SB_TRY(sb_case_wide_gram(cas, 1, 1, 0, NULL, gram));
    SB_TRY(sb_kernel_modes_create(gram, false, 1, &cas->quadratic, &cas->watch, &modes));
    SB_TRY(sb_network_residual(&(sb_network){.cas = cas, .model = cas->model}, u0));
    SB_TRY(sb_kernel_forecast(&modes, &cas->rule, NULL, u0, decay));
done:
    free(gram);
    sb_kernel_modes_clear(&modes);
    return status;
}

/* variant[VARIANTS]: tables; other amplitudes mean something of a loss that is quadratic. */
static sb_status make_variants(const sb_case *cas, const sb_monitor *monitor, sb_decay *variant)
{
    sb_status status = SB_OK;
    sb_made made;
    for (size_t v = 0; v < FROZEN && !cas->curved; v++) {
        SB_TRY(sb_case_table(cas, "law", SB_FORM_GD, &variant[v]));
        double amplitude = v == HALF ? 0.5 : 2;
        status = sb_mean_field_at(cas, &cas->watch, WRONG_LEVEL, amplitude, false, monitor, &variant[v], &made);
        if (status != SB_ERR_NUMERIC) SB_TRY(status);
        if (status == SB_ERR_NUMERIC) sb_decay_clear(&variant[v]); /* it diverges: there is none */
    }
    SB_TRY(sb_case_table(cas, "law", SB_FORM_GD, &variant[FROZEN]));
    status = freeze(cas, monitor, &variant[FROZEN]);
done:
    return status;
}

/* decay/law.tsv: of each item and level T, T with half the target, with twice as large a one, and had no unit moved,
 * and by how much the last doubling of the nodes changed ln T. */
static sb_status save(const sb_case *cas, const char *directory, const sb_mean_field_report *report,
                      const sb_decay *decay, const sb_decay *before, const sb_decay *variant)
{
    sb_writer writer = {0};
    sb_status status = sb_rundir_write(&writer, directory, "decay/law.tsv");
    if (status != SB_OK) return status;
    sb_print(writer.stream, "# nodes %zu, cost %.4g trainings, err changed by %.3g, tolerance %g\n", report->made.nodes,
             report->made.cost, report->change, cas->config->forecast_tolerance);
    fputs("item\tlevel\tT\tT_half\tT_double\tT_frozen\tchange\n", writer.stream);
    for (size_t j = 0; j < decay->nxi * SB_LEVELS; j++) {
        double t = sb_decay_line_time(decay, j),
               cells[] = {t, sb_decay_line_time(&variant[HALF], j), sb_decay_line_time(&variant[DOUBLE], j),
                          sb_decay_line_time(&variant[FROZEN], j), fabs(log(t / sb_decay_line_time(before, j)))};
        sb_print(writer.stream, "%s\t%g", decay->items.item[j / SB_LEVELS].name, decay->items.level[j % SB_LEVELS]);
        for (size_t i = 0; i < sizeof cells / sizeof cells[0]; i++) sb_write_cell(writer.stream, cells[i]);
        fputc('\n', writer.stream);
    }
    return sb_writer_close(&writer, SB_OK);
}

static sb_status train_into(const sb_case *cas, uint64_t seed, const char *directory, const sb_monitor *monitor,
                            sb_decay *decay)
{
    sb_status status = SB_OK;
    (void)seed;
    sb_mean_field_report report;
    sb_decay before = {0}, variant[VARIANTS] = {{.nt = 0}};
    SB_TRY(sb_case_table(cas, "law", SB_FORM_GD, &before));
    SB_TRY(sb_mean_field_forecast(cas, &cas->watch, false, monitor, decay, &before, &report));
    SB_TRY(make_variants(cas, monitor, variant));
    SB_TRY(save(cas, directory, &report, decay, &before, variant));
done:
    sb_decay_clear(&before);
    for (size_t v = 0; v < VARIANTS; v++) sb_decay_clear(&variant[v]);
    return status;
}

const sb_source sb_source_law = {
    .name = "law",
    .title = "the law of the weights, moving as training moves them (mean field)",
    .citation = "Mei, Montanari, Nguyen (2018); Bordelon, Pehlevan (2022, 2023)",
    .rung = 5,
    .check_training = sb_mean_field_check,
    .train = train,
    .train_into = train_into,
    .moving = true,
    .steps_alone = true,
    .wrongs = SB_WRONG_LAWS,
};
