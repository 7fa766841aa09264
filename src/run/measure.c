/* Measures of a trained directory: the values of its seeds, and what forecasts say of the same. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/json.h"
#include "core/text.h"
#include "run/measured.h"

/* Names of columns that end like that, without it. */
static void list_columns(const sb_sheet *sheet, const char *end, char *text, size_t size)
{
    *text = '\0';
    for (size_t c = 0; c < sheet->columns; c++) {
        const char *name = sheet->cell[c];
        size_t length = strlen(name), tail = strlen(end), used = strlen(text);
        if (length <= tail || strcmp(name + length - tail, end) != 0) continue;
        sb_format(text + used, size - used, "%s%.*s", used ? ", " : "", (int)(length - tail), name);
    }
}

/* ---- at records of a seed ---- */

static sb_status no_column(const sb_measure *measure, const sb_sheet *sheet, const char *end, const char *wanted)
{
    char known[512];
    list_columns(sheet, end, known, sizeof known);
    return sb_fail(SB_ERR_INPUT, "%s: %s has no \"%s\"; there are %s%s%s", measure->text, sheet->path, wanted,
                   *end ? "train" : "", *end && *known ? ", " : "", known);
}

/* A column of history.seedN.tsv or drift.seedN.tsv. */
static sb_status column_of(const sb_measure *measure, const sb_sheet *sheet, size_t *column)
{
    char name[2 * SB_MEASURE], end[64];
    bool drift = sb_measure_is(measure, "drift"), err = sb_measure_is(measure, "err"),
         set = *measure->of && strcmp(measure->of, "train") != 0;
    sb_format(end, sizeof end, "%s%s", drift ? "" : "_", drift ? "" : measure->quantity->name);
    sb_format(name, sizeof name, "%s%s", set ? measure->of : "", set ? "_" : "");
    size_t used = strlen(name);
    sb_format(name + used, sizeof name - used, "%s", drift ? measure->item : measure->quantity->name);
    if (err) sb_format(name, sizeof name, "%s_err(%s)", measure->of, measure->item);
    *column = sb_sheet_column(sheet, name);
    if (*column != SIZE_MAX) return SB_OK;
    if (err) return sb_fail(SB_ERR_INPUT, "%s: %s has no \"%s\" (observe.tests)", measure->text, sheet->path, name);
    return no_column(measure, sheet, end, drift ? measure->item : measure->of);
}

static sb_status read_column(const sb_sheet *sheet, size_t column, double *values)
{
    sb_status status = column == SIZE_MAX ? sb_fail(SB_ERR_INPUT, "%s: no columns step and time", sheet->path) : SB_OK;
    for (size_t i = 0; status == SB_OK && i < sheet->rows; i++) status = sb_sheet_number(sheet, i, column, &values[i]);
    return status;
}

/* What is known at no record is nothing of this run. */
static sb_status check_known(const sb_measure *measure, const sb_curve *curve)
{
    bool known = curve->n == 0;
    for (size_t i = 0; i < curve->n; i++) known = known || !isnan(curve->v[i]);
    return known ? SB_OK : sb_fail(SB_ERR_INPUT, "%s: not measured in this run", measure->text);
}

static sb_status of_records(sb_results *results, const sb_measure *measure, const sb_decay *observed, size_t run,
                            double *value)
{
    sb_status status = SB_OK;
    char name[64];
    const sb_sheet *sheet;
    size_t column, last = observed->nt - 1;
    double *room = NULL;
    const char *table = sb_measure_is(measure, "drift") ? "drift" : "history";
    sb_format(name, sizeof name, "%s.seed%llu.tsv", table, (unsigned long long)sb_results_seed(results, run));
    if (sb_measure_is(measure, "drift") && !sb_rundir_holds(results->directory, name))
        return sb_fail(SB_ERR_INPUT, "%s: the drift of kernels was not recorded (observe.drift)", measure->text);
    SB_TRY(sb_results_sheet(results, name, &sheet));
    SB_TRY(column_of(measure, sheet, &column));
    size_t n = sheet->rows;
    room = malloc((3 * n + 1) * sizeof *room);
    if (!room) SB_TRY(sb_fail(SB_ERR_NOMEM, "no memory for %zu records", n));
    SB_TRY(read_column(sheet, sb_sheet_column(sheet, "step"), room));
    SB_TRY(read_column(sheet, sb_sheet_column(sheet, "time"), room + n));
    SB_TRY(read_column(sheet, column, room + 2 * n));
    sb_curve curve = {n, room, room + n, room + 2 * n, observed->step[last], observed->t[last], results->pass, name};
    SB_TRY(check_known(measure, &curve));
    SB_TRY(sb_measured_at(measure, &curve, value));
done:
    free(room);
    return status;
}

/* ---- of the run ---- */

/* A column of train.tsv. */
static sb_status of_training(sb_results *results, const sb_measure *measure, size_t run, double *value)
{
    const sb_sheet *sheet;
    sb_status status = sb_results_sheet(results, "train.tsv", &sheet);
    if (status != SB_OK) return status;
    size_t column = sb_sheet_column(sheet, measure->item);
    if (column == SIZE_MAX) return no_column(measure, sheet, "", measure->item);
    if (run >= sheet->rows) return sb_fail(SB_ERR_INPUT, "%s: not a line of each seed", sheet->path);
    return sb_sheet_number(sheet, run, column, value);
}

/* Whether a line of agreement.tsv is of the measure's forecaster, item and level. */
static sb_status asked_for(const sb_measure *measure, const sb_sheet *sheet, size_t row, bool *asked)
{
    size_t source = sb_sheet_column(sheet, "source"), item = sb_sheet_column(sheet, "item");
    size_t level = sb_sheet_column(sheet, "q");
    double q;
    if (source == SIZE_MAX || item == SIZE_MAX || level == SIZE_MAX)
        return sb_fail(SB_ERR_INPUT, "%s: no columns source, item and q", sheet->path);
    sb_status status = sb_sheet_number(sheet, row, level, &q);
    *asked = !*measure->of || strcmp(sb_sheet_cell(sheet, row, source), measure->of) == 0;
    if (*measure->item)
        *asked = *asked && q == measure->q && sb_measure_fits(measure->item, sb_sheet_cell(sheet, row, item));
    return status;
}

/* The largest of all lines that are asked for. */
static sb_status of_agreement(sb_results *results, const sb_measure *measure, double *value)
{
    const sb_sheet *sheet;
    size_t lines = 0;
    sb_status status = sb_results_sheet(results, "agreement.tsv", &sheet);
    size_t column = status == SB_OK ? sb_sheet_column(sheet, measure->quantity->name) : 0;
    if (column == SIZE_MAX) status = no_column(measure, sheet, "", measure->quantity->name);
    *value = NAN;
    for (size_t i = 0; status == SB_OK && i < sheet->rows; i++) {
        bool asked = false;
        double one;
        status = asked_for(measure, sheet, i, &asked);
        if (status == SB_OK && asked) status = sb_sheet_number(sheet, i, column, &one);
        if (status != SB_OK || !asked) continue;
        *value = fmax(*value, one); /* of nan and a number the number */
        lines++;
    }
    if (status != SB_OK || lines > 0) return status;
    return sb_fail(SB_ERR_INPUT, "%s: no such line in agreement.tsv", measure->text);
}

static double verdict_value(sb_verdict verdict)
{
    return verdict == SB_AGREES ? 1 : verdict == SB_DIFFERS ? -1 : verdict == SB_UNDECIDED ? 0 : NAN;
}

/* A number of summary.json, or a verdict. */
static sb_status of_summary(const sb_results *results, const sb_measure *measure, double *value)
{
    char path[SB_PATH], member[2 * SB_MEASURE] = "verdict";
    sb_document document = {0};
    const char *text = NULL;
    sb_verdict verdict;
    if (sb_measure_is(measure, "summary")) sb_format(member, sizeof member, "%s", measure->item);
    if (*measure->of) sb_format(member, sizeof member, "sources.%s.verdict", measure->of);
    sb_status status = sb_rundir_path(path, results->directory, "summary.json");
    if (status == SB_OK) status = sb_json_read(&document, path);
    if (status != SB_OK) return status;
    bool there = sb_json_find(&document, member, value, &text);
    if (text) there = sb_verdict_find(text, &verdict);
    if (text && there) *value = verdict_value(verdict);
    if (!there) status = sb_fail(SB_ERR_INPUT, "%s: %s has no number \"%s\"", measure->text, path, member);
    sb_json_close(&document);
    return status;
}

/* ---- of a table ---- */

/* The next part up to a semicolon, without the blanks around it; NULL: there is none. */
static char *next_part(char **text)
{
    char *part = *text, *end = part ? strchr(part, ';') : NULL;
    *text = end ? end + 1 : NULL;
    if (end) *end = '\0';
    return part ? sb_text_trim(part) : NULL;
}

/* A table that runs write, whatever anybody else has put there. */
static sb_status open_table(sb_results *results, const sb_measure *measure, char *name, const sb_sheet **sheet)
{
    char folder[SB_MEASURE];
    char *slash = strrchr(name, '/'), *file = slash ? slash + 1 : name;
    size_t length = strlen(name);
    sb_format(folder, sizeof folder, "%.*s", slash ? (int)(slash - name) : 0, name);
    if (length < 5 || strcmp(name + length - 4, ".tsv") != 0 || !sb_file_find(folder, file))
        return sb_fail(SB_ERR_INPUT, "%s: no run writes a table \"%s\"", measure->text, name);
    return sb_results_sheet(results, name, sheet);
}

/* Leaves in fits[] the lines with the wanted value; "" where `text` has no = is the column. */
static sb_status keep_lines(const sb_measure *measure, const sb_sheet *sheet, char *text, bool *fits)
{
    char *equals = strchr(text, '=');
    if (!equals) return sb_fail(SB_ERR_INPUT, "%s: \"%s\" is no NAME=VALUE", measure->text, text);
    *equals = '\0';
    size_t column = sb_sheet_column(sheet, text);
    if (column == SIZE_MAX) return no_column(measure, sheet, "", text);
    for (size_t i = 0; i < sheet->rows; i++)
        fits[i] = fits[i] && sb_measure_fits(equals + 1, sb_sheet_cell(sheet, i, column));
    return SB_OK;
}

/* "TABLE; NAME=VALUE; ..; COLUMN" */
static sb_status of_cell(sb_results *results, const sb_measure *measure, double *value)
{
    sb_status status = SB_OK;
    char copy[SB_MEASURE], *rest = copy;
    const sb_sheet *sheet;
    bool *fits = NULL;
    size_t count = 0, line = 0;
    sb_format(copy, sizeof copy, "%s", measure->item);
    SB_TRY(open_table(results, measure, next_part(&rest), &sheet));
    fits = malloc(sheet->rows + 1);
    if (!fits) SB_TRY(sb_fail(SB_ERR_NOMEM, "no memory for %zu lines", sheet->rows));
    for (size_t i = 0; i < sheet->rows; i++) fits[i] = true;
    char *part = next_part(&rest);
    for (; part && rest; part = next_part(&rest)) SB_TRY(keep_lines(measure, sheet, part, fits));
    size_t column = part ? sb_sheet_column(sheet, part) : SIZE_MAX;
    if (column == SIZE_MAX) SB_TRY(no_column(measure, sheet, "", part ? part : ""));
    for (size_t i = 0; i < sheet->rows; i++)
        if (fits[i]) line = i, count++;
    if (count != 1)
        SB_TRY(
            sb_fail(SB_ERR_INPUT, "%s: %zu lines of %s have these values, not one", measure->text, count, sheet->path));
    SB_TRY(sb_sheet_number(sheet, line, column, value));
done:
    free(fits);
    return status;
}

/* ---- all of them ---- */

static sb_status of_seed(sb_results *results, const sb_measure *measure, const sb_decay *observed, size_t run,
                         double *value)
{
    if (sb_measured_of_decay(measure)) return sb_measured_take(results, measure, observed, value);
    if (measure->quantity->takes & SB_MEASURE_RECORDS) return of_records(results, measure, observed, run, value);
    return of_training(results, measure, run, value);
}

sb_status sb_measure_values(sb_results *results, const sb_measure *measure, double *values)
{
    const sb_decay *observed;
    if (measure->quantity->takes & SB_MEASURE_CELL) return of_cell(results, measure, values);
    if (measure->quantity->takes & SB_MEASURE_VERDICT) return of_summary(results, measure, values);
    if (measure->quantity->takes & SB_MEASURE_RUN) return of_agreement(results, measure, values);
    if (results->seeds == 0)
        return sb_fail(SB_ERR_INPUT, "%s: %s holds a study of kind %s, which is no single run", measure->text,
                       results->directory, results->config.experiment_kind);
    sb_status status = sb_results_observed(results, &observed);
    for (size_t r = 0; status == SB_OK && r < results->seeds; r++)
        status = of_seed(results, measure, &observed[r], r, &values[r]);
    return status;
}
