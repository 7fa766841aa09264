#include <specbias/decay.h>

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/complex.h"
#include "core/file.h"
#include "core/records.h"
#include "core/text.h"

const char *sb_form_name(sb_form form)
{
    static const char *const name[] = {"flow", "gd", "observed"};
    return name[form];
}

sb_status sb_items_init(sb_items *items, size_t n)
{
    *items = (sb_items){.n = n, .parts = n, .level = {0.5, 0.1}, .item = malloc((n + 1) * sizeof *items->item)};
    if (!items->item) return sb_fail(SB_ERR_NOMEM, "no memory for %zu watched items", n);
    for (size_t k = 0; k < n; k++) {
        items->item[k] = (sb_item){.xi = NAN, .label = NAN, .wanted = NAN, .floor = NAN, .first = k, .parts = 1};
        sb_format(items->item[k].name, sizeof items->item[k].name, "%zu", k);
    }
    return SB_OK;
}

sb_status sb_items_copy(const sb_items *from, sb_items *to)
{
    sb_status status = sb_items_init(to, from->n);
    sb_item *item = to->item;
    if (status != SB_OK) return status;
    *to = *from;
    to->item = memcpy(item, from->item, from->n * sizeof *item);
    return SB_OK;
}

void sb_items_clear(sb_items *items)
{
    free(items->item);
    *items = (sb_items){0};
}

/* Room for the items that are there. */
static sb_status allocate(sb_decay *decay, size_t nt)
{
    size_t nxi = decay->items.n, cells = nt * nxi, parts = nt * decay->items.parts;
    decay->nt = nt;
    decay->nxi = nxi;
    decay->t = malloc((nt + 1) * sizeof(double));
    decay->step = malloc((nt + 1) * sizeof(double));
    decay->amp = malloc((parts + 1) * sizeof(double complex));
    decay->err = malloc((cells + 1) * sizeof(double));
    decay->lo = malloc((cells + 1) * sizeof(double));
    decay->hi = malloc((cells + 1) * sizeof(double));
    if (!decay->t || !decay->step || !decay->amp || !decay->err || !decay->lo || !decay->hi) {
        sb_decay_clear(decay);
        return sb_fail(SB_ERR_NOMEM, "no memory for a decay table of %zu times and %zu items", nt, nxi);
    }
    for (size_t i = 0; i < nt; i++) decay->t[i] = decay->step[i] = NAN;
    for (size_t i = 0; i < parts; i++) decay->amp[i] = CMPLX(NAN, NAN);
    for (size_t i = 0; i < cells; i++) decay->err[i] = decay->lo[i] = decay->hi[i] = NAN;
    return SB_OK;
}

sb_status sb_decay_alloc(sb_decay *decay, size_t nt, size_t nxi)
{
    *decay = (sb_decay){0};
    sb_status status = sb_items_init(&decay->items, nxi);
    return status == SB_OK ? allocate(decay, nt) : status;
}

sb_status sb_decay_init(sb_decay *decay, const sb_items *items, size_t nt, const double *t, const double *step,
                        const char *source, sb_form form, const sb_terms *terms)
{
    *decay = (sb_decay){0};
    sb_status status = sb_items_copy(items, &decay->items);
    if (status == SB_OK) status = allocate(decay, nt);
    if (status != SB_OK) return status;
    sb_format(decay->source, sizeof decay->source, "%s", source);
    decay->form = form;
    decay->terms = *terms;
    memcpy(decay->t, t, nt * sizeof *t);
    memcpy(decay->step, step, nt * sizeof *step);
    return SB_OK;
}

void sb_decay_clear(sb_decay *decay)
{
    sb_items_clear(&decay->items);
    free(decay->t);
    free(decay->step);
    free(decay->amp);
    free(decay->err);
    free(decay->lo);
    free(decay->hi);
    *decay = (sb_decay){0};
}

/* (sum over components |a - b|^2)^1/2; b = NULL: of a alone */
static double norm_of(const sb_item *item, const double complex *a, const double complex *b)
{
    double size = 0;
    for (size_t p = item->first; p < item->first + item->parts; p++) size = hypot(size, cabs(a[p] - (b ? b[p] : 0)));
    return size;
}

void sb_decay_set_err(sb_decay *decay)
{
    for (size_t i = 0; i < decay->nt; i++)
        for (size_t k = 0; k < decay->nxi; k++) {
            const sb_item *item = &decay->items.item[k];
            if (item->parts == 0) continue;
            double size = norm_of(item, decay->amp + i * decay->items.parts, NULL);
            decay->err[i * decay->nxi + k] = item->wanted == 0 ? NAN : size / item->wanted;
        }
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

double sb_decay_line_time(const sb_decay *decay, size_t line)
{
    return decay->nt ? sb_decay_time(decay, line / SB_LEVELS, decay->items.level[line % SB_LEVELS]) : NAN;
}

static bool close_to(double a, double b)
{
    return fabs(a - b) <= 1e-12 * fabs(b);
}

static bool same(size_t n, const double *a, const double *b)
{
    for (size_t i = 0; i < n; i++)
        if (!close_to(a[i], b[i])) return false;
    return true;
}

static bool same_items(const sb_items *a, const sb_items *b)
{
    if (a->n != b->n || strcmp(a->unit, b->unit) != 0) return false;
    for (size_t k = 0; k < a->n; k++)
        if (!close_to(a->item[k].xi, b->item[k].xi) || strcmp(a->item[k].name, b->item[k].name) != 0) return false;
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
    else if (!same_items(&a->items, &b->items))
        differs = "frequencies";
    if (!differs) return SB_OK;
    return sb_fail(SB_ERR_INPUT, "refusing to overlay '%s' and '%s': their %s differ", a->source, b->source, differs);
}

void sb_decay_mean(const sb_decay *runs, size_t count, sb_decay *mean)
{
    for (size_t j = 0; j < mean->nt * mean->items.parts; j++) {
        mean->amp[j] = 0;
        for (size_t r = 0; r < count; r++) mean->amp[j] += runs[r].amp[j];
        mean->amp[j] /= (double)count;
    }
    for (size_t j = 0; j < mean->nt * mean->nxi; j++) {
        double err = 0, lo = INFINITY, hi = -INFINITY;
        for (size_t r = 0; r < count; r++) {
            err += runs[r].err[j];
            lo = fmin(lo, runs[r].err[j]);
            hi = fmax(hi, runs[r].err[j]);
        }
        mean->err[j] = err / (double)count; /* nan: nothing is wanted there */
        mean->lo[j] = isnan(err) ? NAN : lo;
        mean->hi[j] = isnan(err) ? NAN : hi;
    }
}

double sb_decay_distance(const sb_decay *a, const sb_decay *b, size_t k)
{
    double largest = NAN;
    const sb_item *item = &a->items.item[k];
    for (size_t i = 0; i < a->nt; i++) {
        size_t row = i * a->items.parts;
        double apart =
            item->parts > 0 && item->wanted > 0 ? norm_of(item, a->amp + row, b->amp + row) / item->wanted : NAN;
        if (isnan(apart)) apart = fabs(a->err[i * a->nxi + k] - b->err[i * a->nxi + k]);
        largest = fmax(largest, apart);
    }
    return largest;
}

static void write_number(FILE *stream, double value, char after)
{
    if (isnan(value))
        fputs("nan", stream); /* never "-nan" */
    else
        sb_print(stream, "%.17g", value);
    fputc(after, stream);
}

/* Columns of an item. */
static size_t columns_of(const sb_item *item)
{
    return item->parts == 1 ? 5 : 3;
}

/* The first line, to be freed. */
static sb_status write_head(const sb_items *items, char **head)
{
    sb_draft draft;
    sb_status status = sb_draft_open(&draft);
    if (status != SB_OK) return status;
    fputs("t\tstep", draft.stream);
    for (size_t k = 0; k < items->n; k++) {
        const char *name = items->item[k].name;
        if (items->item[k].parts == 1) sb_print(draft.stream, "\tre(%s)\tim(%s)", name, name);
        sb_print(draft.stream, "\terr(%s)\tlo(%s)\thi(%s)", name, name, name);
    }
    status = sb_draft_close(&draft, SB_OK);
    *head = draft.text;
    return status;
}

sb_status sb_decay_write_tsv(const sb_decay *decay, const char *path)
{
    sb_writer writer;
    char *head = NULL;
    sb_status status = write_head(&decay->items, &head);
    if (status == SB_OK) status = sb_writer_open(&writer, path);
    if (status != SB_OK) {
        free(head);
        return status;
    }
    FILE *stream = writer.stream;
    size_t nxi = decay->nxi;
    sb_print(stream, "%s\n", head);
    free(head);
    for (size_t i = 0; i < decay->nt; i++) {
        write_number(stream, decay->t[i], '\t');
        write_number(stream, decay->step[i], nxi ? '\t' : '\n');
        for (size_t k = 0; k < nxi; k++) {
            const sb_item *item = &decay->items.item[k];
            const double complex *amp = decay->amp + i * decay->items.parts + item->first;
            size_t j = i * nxi + k;
            if (item->parts == 1) write_number(stream, creal(*amp), '\t');
            if (item->parts == 1) write_number(stream, cimag(*amp), '\t');
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

/* A line's numbers to record i. */
static void take_row(const double *row, size_t i, sb_decay *decay)
{
    decay->t[i] = *row++;
    decay->step[i] = *row++;
    for (size_t k = 0; k < decay->nxi; k++) {
        const sb_item *item = &decay->items.item[k];
        size_t j = i * decay->nxi + k;
        if (item->parts == 1) decay->amp[i * decay->items.parts + item->first] = CMPLX(row[0], row[1]);
        row += columns_of(item);
        decay->err[j] = row[-3];
        decay->lo[j] = row[-2];
        decay->hi[j] = row[-1];
    }
}

sb_status sb_decay_read_tsv(const char *path, const sb_items *items, sb_decay *decay)
{
    sb_status status = SB_OK;
    char *text = NULL, *head = NULL;
    double *row = NULL;
    size_t columns = 2;
    SB_TRY(sb_read_file(path, &text, NULL));
    size_t lines = count_lines(text);
    if (lines < 2 || strncmp(text, "t\tstep", 6) != 0)
        SB_TRY(sb_fail(SB_ERR_INPUT, "%s:1: no table below a header 't step ..'", path));
    SB_TRY(write_head(items, &head));
    SB_TRY(sb_records_head(path, text, head));
    for (size_t k = 0; k < items->n; k++) columns += columns_of(&items->item[k]);
    row = malloc(columns * sizeof *row);
    if (!row) SB_TRY(sb_fail(SB_ERR_NOMEM, "no memory to read %s", path));
    SB_TRY(sb_items_copy(items, &decay->items));
    SB_TRY(allocate(decay, lines - 1));
    char *cursor = strchr(text, '\n') + 1;
    for (size_t i = 0; i < decay->nt; i++) {
        if (!read_line(&cursor, columns, row))
            SB_TRY(sb_fail(SB_ERR_INPUT, "%s:%zu: expected %zu tab-separated numbers", path, i + 2, columns));
        take_row(row, i, decay);
    }
done:
    if (status != SB_OK) sb_decay_clear(decay);
    free(text);
    free(head);
    free(row);
    return status;
}
