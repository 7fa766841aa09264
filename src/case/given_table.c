/* What a user's table says of the items that are watched. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "case/case.h"
#include "case/given.h"
#include "core/complex.h"
#include "core/records.h"
#include "core/text.h"

typedef enum what { TIME, STEP, ERR, RE, IM } what;

typedef struct column {
    what what;
    size_t item;
} column;

typedef struct reader {
    const sb_case *cas;
    sb_given *given;
    sb_records records;
    sb_marks marks;
    column *column;
    size_t columns;
} reader;

static bool is_word(const sb_cell *cell, const char *word)
{
    return cell->length == strlen(word) && strncmp(cell->text, word, cell->length) == 0;
}

static sb_status refuse(const reader *r, const sb_cell *cell, const char *reason)
{
    return sb_fail(SB_ERR_INPUT, SB_CELL_AT "\"%.*s\" %s", r->records.path, cell->line, cell->column, (int)cell->length,
                   cell->text, reason);
}

/* The cell is a number, and not below 0 where it is to be none. */
static sb_status take_number(reader *r, const sb_cell *cell, bool negative, double *value)
{
    if (sb_cell_number(cell, value) != SB_CELL_NUMBER || !isfinite(*value)) return refuse(r, cell, "is no number");
    sb_marks_see(&r->marks, cell);
    return *value >= 0 || negative ? SB_OK : refuse(r, cell, "is below 0");
}

/* "`1`, `3`, `5`" */
static const char *names_of(const sb_items *items)
{
    static _Thread_local char text[256];
    *text = '\0';
    for (size_t k = 0; k < items->n; k++) {
        size_t used = strlen(text);
        sb_format(text + used, sizeof text - used, "%s%s", used ? ", " : "", items->item[k].name);
    }
    return text;
}

/* n: there is none. */
static size_t find_item(const sb_items *items, const char *name, size_t length)
{
    size_t k = 0;
    while (k < items->n && (strlen(items->item[k].name) != length || strncmp(items->item[k].name, name, length) != 0))
        k++;
    return k;
}

static sb_status no_item(const reader *r, const sb_cell *cell)
{
    char reason[320];
    sb_format(reason, sizeof reason, "names no item that is watched (%s)", names_of(&r->cas->watch.items));
    return refuse(r, cell, reason);
}

/* ---- lines of rates ---- */

static sb_status read_rates(reader *r)
{
    sb_status status = SB_OK;
    const sb_items *items = &r->cas->watch.items;
    double most = sb_rule_largest_rate(&r->cas->rule);
    r->given->rates = true;
    r->given->err = malloc((items->n + 1) * sizeof *r->given->err);
    if (!r->given->err) return sb_fail(SB_ERR_NOMEM, "no memory for %s", r->records.path);
    for (size_t k = 0; k < items->n; k++) r->given->err[k] = NAN;
    for (; r->records.count > 0; status = sb_records_next(&r->records)) {
        SB_TRY(status);
        const sb_cell *cell = r->records.cells;
        size_t k = find_item(items, cell->text, cell->length);
        if (r->records.count != 2)
            SB_TRY(sb_fail(SB_ERR_INPUT, "%s:%zu: expected an item and its rate", r->records.path, cell->line));
        if (k == items->n) SB_TRY(no_item(r, cell));
        if (!isnan(r->given->err[k])) SB_TRY(refuse(r, cell, "has a rate already"));
        SB_TRY(take_number(r, cell + 1, false, &r->given->err[k]));
        if (!*r->cas->silent && r->given->err[k] > most)
            SB_TRY(refuse(r, cell + 1, "is a rate at which the run's steps diverge (train.eta)"));
    }
    for (size_t k = 0; k < items->n; k++)
        if (isnan(r->given->err[k]) && items->item[k].wanted > 0)
            SB_TRY(sb_fail(SB_ERR_INPUT, "%s: no rate of the item %s", r->records.path, items->item[k].name));
done:
    return status;
}

/* ---- a table over time ---- */

/* err(NAME), re(NAME), im(NAME) */
static sb_status name_column(const reader *r, const sb_cell *cell, column *to)
{
    static const char *const word[] = {[ERR] = "err(", [RE] = "re(", [IM] = "im("};
    const sb_items *items = &r->cas->watch.items;
    for (what w = ERR; w <= IM; w++) {
        size_t length = strlen(word[w]);
        if (cell->length <= length || strncmp(cell->text, word[w], length) != 0 || cell->text[cell->length - 1] != ')')
            continue;
        size_t k = find_item(items, cell->text + length, cell->length - length - 1);
        *to = (column){w, k};
        if (k == items->n) return no_item(r, cell);
        return w == ERR || items->item[k].parts == 1 ? SB_OK : refuse(r, cell, "has more components than one: err");
    }
    return refuse(r, cell, "is none of t, step, err(ITEM), re(ITEM), im(ITEM)");
}

/* Each item by err, or by re and im. */
static sb_status check_columns(const reader *r)
{
    const sb_items *items = &r->cas->watch.items;
    for (size_t k = 0; k < items->n; k++) {
        size_t seen[IM + 1] = {0};
        for (size_t c = 1; c < r->columns; c++) seen[r->column[c].what] += r->column[c].item == k;
        size_t all = seen[ERR] + seen[RE] + seen[IM];
        bool one = seen[ERR] == 1 && all == 1, two = seen[RE] == 1 && seen[IM] == 1 && all == 2;
        if (!one && !two && !(all == 0 && items->item[k].wanted == 0))
            return sb_fail(SB_ERR_INPUT, "%s:%zu: the item %s needs one column err(%s), or re(%s) and im(%s)",
                           r->records.path, r->records.cells->line, items->item[k].name, items->item[k].name,
                           items->item[k].name, items->item[k].name);
    }
    return SB_OK;
}

static sb_status read_header(reader *r)
{
    sb_status status = SB_OK;
    const sb_cell *cell = r->records.cells;
    r->given->by_step = is_word(cell, "step");
    r->columns = r->records.count;
    r->column = calloc(r->columns, sizeof *r->column);
    if (!r->column) return sb_fail(SB_ERR_NOMEM, "no memory for %s", r->records.path);
    for (size_t c = 1; c < r->columns; c++) SB_TRY(name_column(r, cell + c, &r->column[c]));
    SB_TRY(check_columns(r));
    if (!r->given->by_step && !r->cas->rule.kind->time)
        SB_TRY(refuse(r, cell, "is flow time, of which this rule has none: step"));
done:
    return status;
}

static sb_status take_row(reader *r, size_t row)
{
    sb_status status = SB_OK;
    sb_given *given = r->given;
    const sb_items *items = &r->cas->watch.items;
    const sb_cell *cell = r->records.cells;
    if (r->records.count != r->columns)
        return sb_fail(SB_ERR_INPUT, "%s:%zu: %zu cells, not %zu", r->records.path, cell->line, r->records.count,
                       r->columns);
    SB_TRY(take_number(r, cell, false, &given->at[row]));
    if (row > 0 && given->at[row] <= given->at[row - 1]) SB_TRY(refuse(r, cell, "is not later than the line before"));
    for (size_t p = 0; p < items->parts; p++) given->amp[row * items->parts + p] = CMPLX(NAN, NAN);
    for (size_t c = 1; c < r->columns; c++) {
        const column *at = &r->column[c];
        double complex *amp = &given->amp[row * items->parts + items->item[at->item].first];
        double value;
        SB_TRY(take_number(r, cell + c, at->what != ERR, &value));
        if (at->what == ERR) given->err[row * items->n + at->item] = value;
        if (at->what == RE) *amp = CMPLX(value, cimag(*amp));
        if (at->what == IM) *amp = CMPLX(creal(*amp), value);
    }
done:
    return status;
}

/* The first record that is not within the times of the table; nt: there is none. */
static size_t outside(const sb_given *given, size_t nt, const double *at)
{
    double first = given->at[0], last = given->at[given->rows - 1];
    for (size_t i = 0; i < nt; i++)
        if (at[i] < first * (1 - 1e-9) || at[i] > last * (1 + 1e-9)) return i;
    return nt;
}

static sb_status check_times(const reader *r)
{
    const sb_given *given = r->given;
    const char *name = given->by_step ? "step" : "t", *path = r->records.path;
    const double *at = given->by_step ? r->cas->step : r->cas->t;
    if (given->rows == 0) return sb_fail(SB_ERR_INPUT, "%s: no line of numbers", path);
    size_t i = outside(given, r->cas->nt, at);
    if (i == r->cas->nt) return SB_OK;
    return sb_fail(SB_ERR_INPUT,
                   "%s: record %zu of the run, %s = %.10g, is not within the times of the table, %.10g to "
                   "%.10g",
                   path, i, name, at[i], given->at[0], given->at[given->rows - 1]);
}

static sb_status read_table(reader *r)
{
    sb_status status = SB_OK;
    sb_given *given = r->given;
    const sb_items *items = &r->cas->watch.items;
    size_t room = 1;
    for (const char *c = given->file->text; *c; c++) room += *c == '\n';
    SB_TRY(read_header(r));
    given->at = malloc(room * sizeof *given->at);
    given->err = malloc(room * (items->n + 1) * sizeof *given->err);
    given->amp = malloc(room * (items->parts + 1) * sizeof *given->amp);
    if (!given->at || !given->err || !given->amp) SB_TRY(sb_fail(SB_ERR_NOMEM, "no memory for %s", r->records.path));
    for (size_t j = 0; j < room * items->n; j++) given->err[j] = NAN;
    for (given->rows = 0;; given->rows++) {
        SB_TRY(sb_records_next(&r->records));
        if (r->records.count == 0) break;
        SB_TRY(take_row(r, given->rows));
    }
    SB_TRY(check_times(r));
done:
    return status;
}

sb_status sb_given_parse(const sb_case *cas, const char *path, sb_given *given)
{
    sb_status status = SB_OK;
    reader r = {.cas = cas, .given = given};
    sb_records_open(&r.records, path, given->file->text, given->file->length);
    SB_TRY(sb_records_next(&r.records));
    if (r.records.count == 0) SB_TRY(sb_fail(SB_ERR_INPUT, "%s: no table", path));
    if (is_word(r.records.cells, "t") || is_word(r.records.cells, "step"))
        SB_TRY(read_table(&r));
    else {
        bool header = r.records.count == 2 && is_word(&r.records.cells[1], "rate");
        if (header) SB_TRY(sb_records_next(&r.records));
        SB_TRY(read_rates(&r));
    }
    SB_TRY(sb_marks_check(&r.marks, &r.records));
done:
    free(r.records.cells);
    free(r.column);
    return status;
}

/* ---- as a table of the case's ---- */

/* Where a time lies: in log t between rows at and at + 1, linear in t up to the second row of a table that begins at
 * 0. */
static double place_of(const sb_given *given, double t, size_t *at)
{
    while (*at + 2 < given->rows && given->at[*at + 1] < t) ++*at;
    if (given->rows == 1) return 0;
    double from = given->at[*at], to = given->at[*at + 1];
    double part = from > 0 ? log(t / from) / log(to / from) : (t - from) / (to - from);
    return fmin(fmax(part, 0), 1);
}

/* Row i of the table: err, and components where they are told. */
static void take_times(const sb_case *cas, const sb_given *given, size_t i, size_t *at, sb_decay *decay)
{
    const sb_items *items = &cas->watch.items;
    double part = place_of(given, given->by_step ? cas->step[i] : cas->t[i], at);
    size_t next = given->rows > 1 ? *at + 1 : *at;
    const double *err = given->err + *at * items->n, *later = given->err + next * items->n;
    const double complex *amp = given->amp + *at * items->parts, *after = given->amp + next * items->parts;
    for (size_t k = 0; k < items->n; k++) {
        const sb_item *item = &items->item[k];
        double *to = &decay->err[i * items->n + k];
        *to = (1 - part) * err[k] + part * later[k];
        if (!isnan(err[k]) || item->parts != 1) continue;
        double complex mean = (1 - part) * amp[item->first] + part * after[item->first];
        decay->amp[i * items->parts + item->first] = mean;
        *to = cabs(mean) / item->wanted;
    }
}

/* What the rule makes of a mode of that rate until record i; its mode is a flow where steps have none. */
static double left_of(const sb_case *cas, sb_form form, double rate, size_t i)
{
    if (form == SB_FORM_FLOW || *cas->silent) return exp(-rate * cas->t[i]);
    return fabs(sb_rule_shrink(&cas->rule, rate, cas->step[i]));
}

/* A flow as steps make it: of the single mode that has come down as far. Of several the error is as large as the
 * change, and as much stands in the deviation that it is judged by. Where err passes through 0 no mode of which steps
 * are stable comes down as far: it stays. */
static void take_steps(const sb_case *cas, size_t i, sb_decay *decay)
{
    const sb_items *items = &cas->watch.items;
    double most = sb_rule_largest_rate(&cas->rule);
    for (size_t k = 0; k < items->n && cas->t[i] > 0; k++) {
        double *err = &decay->err[i * items->n + k], told = *err, rate = -log(told) / cas->t[i];
        if (!(told > 0 && told < 1) || rate > most) continue;
        *err = left_of(cas, SB_FORM_GD, rate, i);
        const sb_item *item = &items->item[k];
        for (size_t p = item->first; p < item->first + item->parts; p++)
            decay->amp[i * items->parts + p] *= *err / told;
    }
}

/* The residual on its straight way from the start, -f^, where err alone is told; 0 where nothing is wanted. */
static void fill_components(const sb_case *cas, size_t i, sb_decay *decay)
{
    const sb_items *items = &cas->watch.items;
    for (size_t k = 0; k < items->n; k++) {
        const sb_item *item = &items->item[k];
        for (size_t p = item->first; p < item->first + item->parts; p++) {
            double complex *amp = &decay->amp[i * items->parts + p];
            if (isnan(creal(*amp))) *amp = item->wanted > 0 ? -decay->err[i * items->n + k] * cas->target[p] : 0;
        }
        if (item->wanted == 0) decay->err[i * items->n + k] = NAN;
    }
}

sb_status sb_given_tell(const sb_case *cas, const sb_given *given, sb_decay *decay)
{
    bool flow = strcmp(cas->config->forecast_form, "flow") == 0;
    size_t at = 0, n = cas->watch.items.n;
    for (size_t i = 0; i < cas->nt; i++) {
        if (!given->rates) take_times(cas, given, i, &at, decay);
        for (size_t k = 0; given->rates && k < n; k++)
            decay->err[i * n + k] = left_of(cas, decay->form, given->err[k], i);
        if (!given->rates && flow && decay->form == SB_FORM_GD) take_steps(cas, i, decay);
        fill_components(cas, i, decay);
    }
    return SB_OK;
}
