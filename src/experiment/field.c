/* Tables behind two figures: the error field |e^(xi, t)| over all frequencies, and the density of Fourier features. */
#include "experiment/field.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include <specbias/report.h>

#include "core/file.h"
#include "core/text.h"
#include "experiment/stage.h"

#define CELLS SB_FIELD_CELLS
#define TIMES 60 /* at most */

void sb_field_clear(sb_field *field)
{
    sb_problem *problem = &field->problem;
    free(problem->grid.xi);
    free(problem->grid.label);
    free(problem->target);
    free(problem->floor);
    free(problem->t);
    free(problem->step);
    free(field->record);
    sb_spectrum_destroy(&field->spectrum);
    *field = (sb_field){0};
}

/* Some of the recorded times after 0. */
static sb_status choose_times(const sb_problem *all, sb_field *field)
{
    sb_problem *problem = &field->problem;
    size_t left = all->nt - 1, count = left < TIMES ? left : TIMES;
    problem->nt = count;
    problem->t = malloc(count * sizeof *problem->t);
    problem->step = malloc(count * sizeof *problem->step);
    field->record = malloc(count * sizeof *field->record);
    if (!problem->t || !problem->step || !field->record) return sb_fail(SB_ERR_NOMEM, "no memory for the error field");
    for (size_t i = 0; i < count; i++) {
        field->record[i] = 1 + (count > 1 ? i * (left - 1) / (count - 1) : 0);
        problem->t[i] = all->t[field->record[i]];
        problem->step[i] = all->step[field->record[i]];
    }
    return SB_OK;
}

sb_status sb_field_create(const sb_setup *setup, sb_field *field)
{
    sb_status status = SB_OK;
    double xi[CELLS], label[CELLS], last = setup->config->observe_field;
    *field = (sb_field){.problem = setup->problem}; /* all but the grid and the times is borrowed */
    sb_problem *problem = &field->problem;
    problem->grid = (sb_grid){.dim = 1};
    problem->target = NULL;
    problem->floor = problem->t = problem->step = NULL;
    for (size_t k = 0; k < CELLS; k++) {
        label[k] = last * ((double)k + 0.5) / CELLS;
        xi[k] = label[k] * sb_cycles_per_unit(setup->config);
    }
    SB_TRY(sb_problem_set_grid(problem, CELLS, xi, label, setup->problem.grid.unit));
    SB_TRY(choose_times(&setup->problem, field));
    SB_TRY(sb_spectrum_create(problem, SB_ROUTE_DIRECT, &field->spectrum));
done:
    if (status != SB_OK) sb_field_clear(field);
    return status;
}

sb_status sb_field_set_start(sb_field *field, const double *u0)
{
    double complex amp[CELLS];
    sb_status status = sb_spectrum_apply(field->spectrum, u0, amp);
    for (size_t k = 0; status == SB_OK && k < CELLS; k++) field->start[k] = cabs(amp[k]);
    return status;
}

sb_status sb_field_observe(const sb_field *field, const double *u, double *size)
{
    double complex amp[CELLS];
    for (size_t i = 0; i < field->problem.nt; i++) {
        sb_status status = sb_spectrum_apply(field->spectrum, u + field->record[i] * field->problem.n, amp);
        if (status != SB_OK) return status;
        for (size_t k = 0; k < CELLS; k++) size[i * CELLS + k] = cabs(amp[k]);
    }
    return SB_OK;
}

/* The edge between two of `count` values, logarithmic for times. */
static double between(double a, double b)
{
    return a > 0 && b > 0 ? sqrt(a * b) : (a + b) / 2;
}

sb_status sb_field_write(const char *path, size_t nt, const double *t, const double *label, double largest,
                         const double *size)
{
    sb_writer writer;
    double half = label[0];
    sb_status status = sb_writer_open(&writer, path);
    if (status != SB_OK) return status;
    fputs("label\tlabel_lo\tlabel_hi\tt\tt_lo\tt_hi\tsize\n", writer.stream);
    for (size_t i = 0; i < nt; i++) {
        double lo = i > 0 ? between(t[i - 1], t[i]) : t[i], hi = i + 1 < nt ? between(t[i], t[i + 1]) : t[i];
        for (size_t k = 0; k < CELLS; k++)
            sb_print(writer.stream, "%.10g\t%.10g\t%.10g\t%.10g\t%.10g\t%.10g\t%.10g\n", label[k], label[k] - half,
                     label[k] + half, t[i], lo, hi, size[i * CELLS + k] / largest);
    }
    return sb_writer_close(&writer, SB_OK);
}

sb_status sb_field_save(const sb_field *field, const char *directory, const char *base, const double *size)
{
    char path[SB_PATH];
    const sb_problem *problem = &field->problem;
    double largest = 0;
    for (size_t k = 0; k < CELLS; k++) largest = fmax(largest, field->start[k]);
    sb_status status = sb_rundir_path(path, directory, "decay/%s.field.tsv", base);
    return status == SB_OK ? sb_field_write(path, problem->nt, problem->t, problem->grid.label, largest, size) : status;
}

sb_status sb_field_forecast(const sb_setup *setup, const sb_source *source, const sb_monitor *monitor,
                            const char *directory)
{
    sb_status status = SB_OK;
    sb_field field = {0};
    sb_kernel_modes modes = {0};
    sb_decay decay = {0};
    size_t n = setup->problem.n;
    double *u0 = malloc(n * sizeof *u0), *gram = malloc(n * n * sizeof *gram), *size = NULL;
    char base[128];
    if (!u0 || !gram) {
        status = sb_fail(SB_ERR_NOMEM, "no memory for the error field");
        goto done;
    }
    SB_TRY(sb_field_create(setup, &field));
    SB_TRY(sb_start_residual(setup, &setup->net, (uint64_t)setup->config->seeds_first, SB_STREAM_TRAIN, u0));
    SB_TRY(sb_decay_init(&decay, &field.problem, source->name, SB_FORM_GD, &setup->terms));
    if (source->amplitude)
        SB_TRY(source->amplitude(setup, &field.problem, SB_FORM_GD, u0, monitor, decay.amp));
    else { /* also equations that give u on the data: their kernel is the same and costs less */
        SB_TRY(source->gram(setup, (uint64_t)setup->config->seeds_first, gram));
        SB_TRY(sb_kernel_modes_create(gram, &field.problem, field.spectrum, &modes));
        sb_kernel_forecast(&modes, &field.problem, NULL, u0, &decay);
    }
    size = malloc(decay.nt * decay.nxi * sizeof *size);
    if (!size) status = sb_fail(SB_ERR_NOMEM, "no memory for the error field");
    SB_TRY(status);
    for (size_t j = 0; j < decay.nt * decay.nxi; j++) size[j] = cabs(decay.amp[j]);
    SB_TRY(sb_field_set_start(&field, u0));
    sb_format(base, sizeof base, "%s.%s", source->name, sb_form_name(SB_FORM_GD));
    SB_TRY(sb_field_save(&field, directory, base, size));
done:
    free(u0);
    free(gram);
    free(size);
    sb_kernel_modes_clear(&modes);
    sb_decay_clear(&decay);
    sb_field_clear(&field);
    return status;
}

/* rho and the rate gain (2 pi / |Omega|) rho of a frequency before frequencies couple */
sb_status sb_density_save(const sb_setup *setup, const char *directory)
{
    enum { POINTS = 400 };
    char path[SB_PATH];
    sb_writer writer;
    const sb_problem *problem = &setup->problem;
    const sb_grid *grid = &problem->grid;
    double top = 0, unit = 1 / sb_cycles_per_unit(setup->config);
    double lattice = problem->uniform && setup->theory.alias ? problem->spacing : 0;
    for (size_t k = 0; k < grid->n; k++) top = fmax(top, fabs(sb_grid_size(grid, k)));
    sb_status status = sb_rundir_path(path, directory, "decay/density.tsv");
    if (status == SB_OK) status = sb_writer_open(&writer, path);
    if (status != SB_OK) return status;
    fputs("label\tw\trho\trate\n", writer.stream);
    for (size_t i = 0; i <= POINTS; i++) {
        double xi = 1.25 * top * (double)i / POINTS, w = 2 * M_PI * xi;
        if (lattice > 0 && xi > 0.5 / lattice) break;
        double rho = sb_density_aliased(&setup->density[0], lattice, w);
        sb_print(writer.stream, "%.10g\t%.10g\t%.10g\t%.10g\n", xi * unit, w, rho,
                 setup->theory.gain * 2 * M_PI / sb_problem_side(problem) * rho);
    }
    return sb_writer_close(&writer, SB_OK);
}
