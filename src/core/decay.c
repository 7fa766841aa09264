#include <specbias/decay.h>

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/complex.h"
#include "core/file.h"
#include "core/text.h"

const char *sb_form_name(sb_form form)
{
    static const char *const name[] = {"flow", "gd", "observed"};
    return name[form];
}

sb_status sb_decay_alloc(sb_decay *decay, size_t nt, size_t nxi)
{
    *decay = (sb_decay){.nt = nt, .nxi = nxi};
    decay->t = malloc(nt * sizeof(double));
    decay->step = malloc(nt * sizeof(double));
    decay->xi = malloc(nxi * sizeof(double));
    decay->label = malloc(nxi * sizeof(double));
    decay->amp = malloc(nt * nxi * sizeof(double complex));
    decay->err = malloc(nt * nxi * sizeof(double));
    decay->lo = malloc(nt * nxi * sizeof(double));
    decay->hi = malloc(nt * nxi * sizeof(double));
    if (!decay->t || !decay->step || !decay->xi || !decay->label || !decay->amp || !decay->err || !decay->lo ||
        !decay->hi) {
        sb_decay_clear(decay);
        return sb_fail(SB_ERR_NOMEM, "no memory for a decay table of %zu times and %zu frequencies", nt, nxi);
    }
    for (size_t i = 0; i < nt; i++) decay->t[i] = decay->step[i] = NAN;
    for (size_t k = 0; k < nxi; k++) decay->xi[k] = decay->label[k] = NAN;
    for (size_t i = 0; i < nt * nxi; i++) {
        decay->amp[i] = CMPLX(NAN, NAN);
        decay->err[i] = decay->lo[i] = decay->hi[i] = NAN;
    }
    return SB_OK;
}

sb_status sb_decay_init(sb_decay *decay, const sb_problem *problem, const char *source, sb_form form,
                        const sb_terms *terms)
{
    sb_status status = sb_decay_alloc(decay, problem->nt, problem->grid.n);
    if (status != SB_OK) return status;
    sb_format(decay->source, sizeof decay->source, "%s", source);
    sb_format(decay->unit, sizeof decay->unit, "%s", problem->grid.unit);
    decay->form = form;
    decay->terms = *terms;
    memcpy(decay->t, problem->t, decay->nt * sizeof(double));
    memcpy(decay->step, problem->step, decay->nt * sizeof(double));
    for (size_t k = 0; k < decay->nxi; k++) decay->xi[k] = sb_grid_size(&problem->grid, k);
    memcpy(decay->label, problem->grid.label, decay->nxi * sizeof(double));
    return SB_OK;
}

void sb_decay_clear(sb_decay *decay)
{
    free(decay->t);
    free(decay->step);
    free(decay->xi);
    free(decay->label);
    free(decay->amp);
    free(decay->err);
    free(decay->lo);
    free(decay->hi);
    *decay = (sb_decay){0};
}

void sb_decay_set_err(sb_decay *decay, const sb_problem *problem)
{
    for (size_t i = 0; i < decay->nt; i++)
        for (size_t k = 0; k < decay->nxi; k++)
            decay->err[i * decay->nxi + k] = cabs(decay->amp[i * decay->nxi + k]) / cabs(problem->target[k]);
}

double sb_decay_time(const sb_decay *decay, size_t k, double q)
{
    const double *err = decay->err + k;
    size_t nxi = decay->nxi, last = decay->nt; /* the last record not below q */
    for (size_t i = 0; i < decay->nt; i++)
        if (!(err[i * nxi] < q)) last = i;
    if (last + 1 >= decay->nt) return NAN; /* never, still above at the end, or (last = nt) below from the start */
    double e0 = err[last * nxi], e1 = err[(last + 1) * nxi], part = (e0 - q) / (e0 - e1);
    double t0 = decay->t[last], t1 = decay->t[last + 1];
    return t0 > 0 ? t0 * pow(t1 / t0, part) : t0 + part * (t1 - t0);
}

static bool same(size_t n, const double *a, const double *b)
{
    for (size_t i = 0; i < n; i++)
        if (!(fabs(a[i] - b[i]) <= 1e-12 * fabs(b[i]))) return false;
    return true;
}

sb_status sb_decay_comparable(const sb_decay *a, const sb_decay *b)
{
    const char *differs = NULL;
    if (fabs(a->terms.loss_factor - b->terms.loss_factor) > 1e-12 * fabs(b->terms.loss_factor))
        differs = "loss factors";
    else if (strcmp(a->terms.parametrisation, b->terms.parametrisation) != 0)
        differs = "parametrisations";
    else if (strcmp(a->terms.time_unit, b->terms.time_unit) != 0)
        differs = "time units";
    else if (a->nt != b->nt || !same(a->nt, a->t, b->t) || !same(a->nt, a->step, b->step))
        differs = "recorded times";
    else if (a->nxi != b->nxi || !same(a->nxi, a->xi, b->xi))
        differs = "frequencies";
    if (!differs) return SB_OK;
    return sb_fail(SB_ERR_INPUT, "refusing to overlay '%s' and '%s': their %s differ", a->source, b->source, differs);
}

void sb_decay_mean(const sb_decay *runs, size_t count, sb_decay *mean)
{
    for (size_t j = 0; j < mean->nt * mean->nxi; j++) {
        double complex amp = 0;
        double err = 0, lo = INFINITY, hi = -INFINITY;
        for (size_t r = 0; r < count; r++) {
            amp += runs[r].amp[j];
            err += runs[r].err[j];
            lo = fmin(lo, runs[r].err[j]);
            hi = fmax(hi, runs[r].err[j]);
        }
        mean->amp[j] = amp / (double)count;
        mean->err[j] = err / (double)count;
        mean->lo[j] = lo;
        mean->hi[j] = hi;
    }
}

double sb_decay_distance(const sb_decay *a, const sb_decay *b, const sb_problem *problem, size_t k)
{
    double largest = 0;
    for (size_t i = 0; i < a->nt; i++) largest = fmax(largest, cabs(a->amp[i * a->nxi + k] - b->amp[i * a->nxi + k]));
    return largest / cabs(problem->target[k]);
}

static void write_number(FILE *stream, double value, char after)
{
    if (isnan(value))
        fputs("nan", stream); /* never "-nan" */
    else
        sb_print(stream, "%.17g", value);
    fputc(after, stream);
}

sb_status sb_decay_write_tsv(const sb_decay *decay, const char *path)
{
    sb_writer writer;
    sb_status status = sb_writer_open(&writer, path);
    if (status != SB_OK) return status;
    FILE *stream = writer.stream;
    size_t nxi = decay->nxi;
    fputs("t\tstep", stream);
    for (size_t k = 0; k < nxi; k++) sb_print(stream, "\tre_%zu\tim_%zu\terr_%zu\tlo_%zu\thi_%zu", k, k, k, k, k);
    fputc('\n', stream);
    for (size_t i = 0; i < decay->nt; i++) {
        write_number(stream, decay->t[i], '\t');
        write_number(stream, decay->step[i], '\t');
        for (size_t k = 0; k < nxi; k++) {
            size_t j = i * nxi + k;
            write_number(stream, creal(decay->amp[j]), '\t');
            write_number(stream, cimag(decay->amp[j]), '\t');
            write_number(stream, decay->err[j], '\t');
            write_number(stream, decay->lo[j], '\t');
            write_number(stream, decay->hi[j], k + 1 < nxi ? '\t' : '\n');
        }
    }
    return sb_writer_close(&writer, SB_OK);
}

static size_t count_lines(const char *text)
{
    size_t lines = 0;
    for (const char *p = text; (p = strchr(p, '\n')); p++) lines++;
    return lines + (*text && text[strlen(text) - 1] != '\n'); /* a line cut off counts, and cannot be read */
}

/* Reads `count` tab-separated numbers; false when the line has others. */
static bool read_line(char **cursor, size_t count, double *values)
{
    char *p = *cursor;
    for (size_t i = 0; i < count; i++) {
        char *end;
        values[i] = sb_text_real(p, &end); /* which would skip blanks and line ends */
        if (sb_is_space(*p) || end == p || *end != (i + 1 < count ? '\t' : '\n')) return false;
        p = end + 1;
    }
    *cursor = p;
    return true;
}

sb_status sb_decay_read_tsv(const char *path, size_t nxi, sb_decay *decay)
{
    sb_status status = SB_OK;
    char *text = NULL;
    double *row = NULL;
    SB_TRY(sb_read_file(path, &text, NULL));
    size_t lines = count_lines(text);
    if (lines < 2 || strncmp(text, "t\tstep", 6) != 0) {
        status = sb_fail(SB_ERR_INPUT, "%s:1: no table below a header 't step ..'", path);
        goto done;
    }
    size_t nt = lines - 1, columns = 2 + 5 * nxi;
    row = malloc(columns * sizeof *row);
    if (!row) {
        status = sb_fail(SB_ERR_NOMEM, "no memory to read %s", path);
        goto done;
    }
    SB_TRY(sb_decay_alloc(decay, nt, nxi));
    char *cursor = strchr(text, '\n') + 1;
    for (size_t i = 0; i < nt; i++) {
        if (!read_line(&cursor, columns, row)) {
            status = sb_fail(SB_ERR_INPUT, "%s:%zu: expected %zu tab-separated numbers", path, i + 2, columns);
            goto done;
        }
        decay->t[i] = row[0];
        decay->step[i] = row[1];
        for (size_t k = 0; k < nxi; k++) {
            const double *cell = row + 2 + 5 * k;
            size_t j = i * nxi + k;
            decay->amp[j] = CMPLX(cell[0], cell[1]);
            decay->err[j] = cell[2];
            decay->lo[j] = cell[3];
            decay->hi[j] = cell[4];
        }
    }
done:
    if (status != SB_OK) sb_decay_clear(decay);
    free(text);
    free(row);
    return status;
}
