/* Tables behind two figures: the error field |e^(xi, t)| over all frequencies, and the density of Fourier features. */
#include "forecast/forecast.h"
#include "run/field.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "case/case.h"
#include "run/stage.h"
#include "report/write.h"

#define CELLS SB_FIELD_CELLS

size_t sb_field_records(const sb_case *cas, size_t record[SB_FIELD_TIMES])
{
    size_t left = cas->nt - 1, count = left < SB_FIELD_TIMES ? left : SB_FIELD_TIMES;
    for (size_t i = 0; i < count; i++) record[i] = 1 + (count > 1 ? i * (left - 1) / (count - 1) : 0);
    return count;
}

/* |e^| from the components of each cell */
static void sizes_of(const sb_items *items, const double complex *amp, double *size)
{
    for (size_t k = 0; k < items->n; k++) {
        size[k] = 0;
        for (size_t p = 0; p < items->item[k].parts; p++) size[k] = hypot(size[k], cabs(amp[items->item[k].first + p]));
    }
}

sb_status sb_field_sizes(const sb_case *cas, const double *u, double *size)
{
    const sb_items *items = &cas->field.items;
    double complex *amp = malloc((items->parts + 1) * sizeof *amp);
    double *err = malloc((items->n + 1) * sizeof *err);
    sb_status status = amp && err ? SB_OK : sb_fail(SB_ERR_NOMEM, "no memory for the error field");
    if (status == SB_OK) status = sb_watch_apply(&cas->field, u, 1, amp, err);
    if (status == SB_OK) sizes_of(items, amp, size);
    free(amp);
    free(err);
    return status;
}

/* The edge between two of `count` values, logarithmic for times. */
static double between(double a, double b)
{
    return a > 0 && b > 0 ? sqrt(a * b) : (a + b) / 2;
}

static sb_status write_cells(const char *path, size_t nt, const double *t, const sb_items *items, double largest,
                             const double *size)
{
    sb_writer writer;
    double half = items->item[0].label;
    sb_status status = sb_writer_open(&writer, path);
    if (status != SB_OK) return status;
    fputs("label\tlabel_lo\tlabel_hi\tt\tt_lo\tt_hi\tsize\n", writer.stream);
    for (size_t i = 0; i < nt; i++) {
        double lo = i > 0 ? between(t[i - 1], t[i]) : t[i], hi = i + 1 < nt ? between(t[i], t[i + 1]) : t[i];
        for (size_t k = 0; k < CELLS; k++)
            sb_print(writer.stream, "%.10g\t%.10g\t%.10g\t%.10g\t%.10g\t%.10g\t%.10g\n", items->item[k].label,
                     items->item[k].label - half, items->item[k].label + half, t[i], lo, hi,
                     size[i * CELLS + k] / largest);
    }
    return sb_writer_close(&writer, SB_OK);
}

sb_status sb_field_save(const sb_case *cas, const char *directory, const char *base, const double *start,
                        const double *size)
{
    char path[SB_PATH];
    size_t record[SB_FIELD_TIMES], count = sb_field_records(cas, record);
    double largest = 0, t[SB_FIELD_TIMES];
    for (size_t k = 0; k < CELLS; k++) largest = fmax(largest, start[k]);
    for (size_t i = 0; i < count; i++) t[i] = cas->t[record[i]];
    sb_status status = sb_rundir_path(path, directory, "decay/%s.field.tsv", base);
    return status == SB_OK ? write_cells(path, count, t, &cas->field.items, largest, size) : status;
}

/* ---- forecasts ---- */

/* An equation whose unknown is the amplitude gets the problem with the cells as its frequencies and the field's times.
 */
static sb_status by_equation(const sb_case *cas, const sb_theory *theory, const double *u0, const sb_monitor *monitor,
                             sb_decay *decay)
{
    double xi[CELLS], label[CELLS];
    sb_problem problem = cas->problem; /* all but the grid is borrowed */
    problem.grid = (sb_grid){.dim = 1};
    problem.target = NULL;
    problem.floor = NULL;
    problem.nt = decay->nt;
    problem.t = decay->t;
    problem.step = decay->step;
    for (size_t k = 0; k < CELLS; k++) {
        xi[k] = cas->field.items.item[k].label * sb_cycles_per_unit(cas->config);
        label[k] = cas->field.items.item[k].label;
    }
    sb_status status = sb_problem_set_grid(&problem, CELLS, xi, label, cas->problem.grid.unit);
    if (status == SB_OK) status = theory->amplitude(&cas->theory, &problem, SB_FORM_GD, u0, monitor, decay->amp);
    free(problem.grid.xi);
    free(problem.grid.label);
    free(problem.target);
    free(problem.floor);
    return status;
}

/* Also of equations that give u on the data: their kernel is the same and costs less. */
static sb_status by_kernel(const sb_case *cas, const sb_source *source, const double *u0, sb_decay *decay)
{
    sb_status status = SB_OK;
    size_t per_row = sb_source_per_row(cas, source), rows = cas->n * per_row;
    sb_kernel_modes modes = {0};
    sb_rule rule = sb_case_rule(cas, SB_FORM_GD);
    double *gram = malloc(rows * rows * sizeof *gram);
    if (!gram) return sb_fail(SB_ERR_NOMEM, "no memory for the error field");
    SB_TRY(sb_source_gram(cas, source, (uint64_t)cas->config->seeds_first, gram));
    SB_TRY(sb_kernel_modes_create(gram, false, per_row, sb_case_form(cas, per_row), &cas->field, &modes));
    SB_TRY(sb_kernel_forecast(&modes, &rule, NULL, u0, decay));
done:
    free(gram);
    sb_kernel_modes_clear(&modes);
    return status;
}

sb_status sb_field_forecast(const sb_case *cas, const sb_source *source, const sb_monitor *monitor,
                            const char *directory)
{
    sb_status status = SB_OK;
    sb_decay decay = {0};
    size_t record[SB_FIELD_TIMES], count = sb_field_records(cas, record);
    double t[SB_FIELD_TIMES], step[SB_FIELD_TIMES], start[CELLS], *size = malloc(count * CELLS * sizeof *size);
    double *u0 = malloc(cas->n * cas->outputs * sizeof *u0);
    char base[128];
    if (!u0 || !size) SB_TRY(sb_fail(SB_ERR_NOMEM, "no memory for the error field"));
    for (size_t i = 0; i < count; i++) {
        t[i] = cas->t[record[i]];
        step[i] = cas->step[record[i]];
    }
    SB_TRY(sb_start_residual(cas, (uint64_t)cas->config->seeds_first, u0));
    SB_TRY(sb_decay_init(&decay, &cas->field.items, count, t, step, source->name, SB_FORM_GD, &cas->terms));
    bool equation = source->theory && source->theory->amplitude;
    if (sb_source_way(cas, source, SB_FORM_GD) == SB_WAY_TRAINED)
        SB_TRY(source->train(cas, &cas->field, (uint64_t)cas->config->seeds_first, monitor, &decay));
    else
        SB_TRY(equation ? by_equation(cas, source->theory, u0, monitor, &decay) : by_kernel(cas, source, u0, &decay));
    for (size_t i = 0; i < count; i++) sizes_of(&decay.items, decay.amp + i * decay.items.parts, size + i * CELLS);
    SB_TRY(sb_field_sizes(cas, u0, start));
    sb_format(base, sizeof base, "%s.%s", source->name, sb_form_name(SB_FORM_GD));
    SB_TRY(sb_field_save(cas, directory, base, start, size));
done:
    free(u0);
    free(size);
    sb_decay_clear(&decay);
    return status;
}

/* ---- the density ---- */

/* rho and the rate gain (2 pi / |Omega|) rho of a frequency before frequencies couple */
sb_status sb_density_save(const sb_case *cas, const char *directory)
{
    enum { POINTS = 400 };
    sb_writer writer;
    const sb_problem *problem = &cas->problem;
    const sb_grid *grid = &problem->grid;
    double top = 0, unit = 1 / sb_cycles_per_unit(cas->config);
    double lattice = problem->uniform && cas->theory.alias ? problem->spacing : 0;
    for (size_t k = 0; k < grid->n; k++) top = fmax(top, fabs(sb_grid_size(grid, k)));
    sb_status status = sb_rundir_write(&writer, directory, "decay/density.tsv");
    if (status != SB_OK) return status;
    fputs("label\tw\trho\trate\n", writer.stream);
    for (size_t i = 0; i <= POINTS; i++) {
        double xi = 1.25 * top * (double)i / POINTS, w = 2 * M_PI * xi;
        if (lattice > 0 && xi > 0.5 / lattice) break;
        double rho = sb_density_aliased(&cas->theory.density[0], lattice, w);
        sb_print(writer.stream, "%.10g\t%.10g\t%.10g\t%.10g\n", xi * unit, w, rho,
                 cas->theory.gain * 2 * M_PI / sb_problem_side(problem) * rho);
    }
    return sb_writer_close(&writer, SB_OK);
}
