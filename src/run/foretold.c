/* What sealed forecasts say of a measure. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "case/given.h"
#include "core/text.h"
#include "run/measured.h"
#include "run/table.h"

/* The table of a forecaster, or of each seed's, is there. */
static bool has_table(const sb_results *results, const char *source, bool paired)
{
    char base[128], name[160];
    sb_table_base(base, source, paired ? (int64_t)sb_results_seed(results, 0) : -1, SB_FORM_GD);
    sb_format(name, sizeof name, "decay/%s.tsv", base);
    return sb_rundir_holds(results->directory, name);
}

/* Mean, minimum and maximum over seeds of a paired forecast; of another its value alone. */
static sb_status of_tables(const sb_results *results, const sb_measure *measure, bool paired, sb_foretold *told)
{
    sb_status status = SB_OK;
    char base[128];
    double value, pass, sum = 0, lo = INFINITY, hi = -INFINITY;
    size_t count = paired ? results->seeds : 1;
    for (size_t r = 0; status == SB_OK && r < count; r++) {
        sb_decay decay = {0};
        sb_table_base(base, told->source, paired ? (int64_t)sb_results_seed(results, r) : -1, SB_FORM_GD);
        status = sb_table_read(results->directory, base, &decay, &pass);
        if (status == SB_OK) status = sb_measured_take(results, measure, &decay, &value);
        sb_decay_clear(&decay);
        if (status != SB_OK) break;
        sum += value;
        lo = fmin(lo, value);
        hi = fmax(hi, value);
    }
    told->value = sum / (double)count;
    told->lo = paired ? lo : NAN;
    told->hi = paired ? hi : NAN;
    return status;
}

/* value, lo, hi from the line `row` of a table, columns of these names. */
static sb_status take_line(const sb_sheet *sheet, size_t row, const char *const names[3], sb_foretold *told)
{
    double *to[3] = {&told->value, &told->lo, &told->hi};
    sb_status status = SB_OK;
    for (int i = 0; status == SB_OK && i < 3; i++) {
        size_t column = sb_sheet_column(sheet, names[i]);
        if (column == SIZE_MAX) return sb_fail(SB_ERR_INPUT, "%s: no column %s", sheet->path, names[i]);
        status = sb_sheet_number(sheet, row, column, to[i]);
    }
    return status;
}

static bool holds_word(const sb_sheet *sheet, size_t row, const char *column, const char *word)
{
    size_t at = sb_sheet_column(sheet, column);
    return at != SIZE_MAX && strcmp(sb_sheet_cell(sheet, row, at), word) == 0;
}

/* T at a judged level, with the band that it is judged by; fbi and spread with the interval of the draws. */
static sb_status of_verdict(sb_results *results, const sb_measure *measure, sb_foretold *told, bool *found)
{
    static const char *const times[3] = {"T_pred", "T_pred_lo", "T_pred_hi"};
    static const char *const index[3] = {"fbi", "fbi_lo", "fbi_hi"}, *const apart[3] = {"spread", "spread_lo",
                                                                                        "spread_hi"};
    bool bias = sb_measure_is(measure, "fbi") || sb_measure_is(measure, "spread");
    const char *const *names = sb_measure_is(measure, "T") ? times : sb_measure_is(measure, "fbi") ? index : apart;
    const sb_sheet *sheet;
    *found = false;
    if (measure->rank || (!bias && !sb_measure_is(measure, "T"))) return SB_OK;
    sb_status status = sb_results_sheet(results, bias ? "bias.tsv" : "agreement.tsv", &sheet);
    for (size_t i = 0; status == SB_OK && !*found && i < sheet->rows; i++) {
        double q = measure->q;
        size_t level = sb_sheet_column(sheet, "q"), item = sb_sheet_column(sheet, "item");
        bool line =
            holds_word(sheet, i, "source", told->source) && holds_word(sheet, i, "form", sb_form_name(SB_FORM_GD));
        if (!bias && (level == SIZE_MAX || item == SIZE_MAX)) continue;
        if (!bias) status = sb_sheet_number(sheet, i, level, &q);
        if (!bias) line = line && q == measure->q && sb_measure_fits(measure->item, sb_sheet_cell(sheet, i, item));
        if (status != SB_OK || !line) continue;
        *found = true;
        status = take_line(sheet, i, names, told);
    }
    return status;
}

static sb_status of_source(sb_results *results, const sb_measure *measure, const char *source, bool paired,
                           sb_foretold *told)
{
    bool found;
    *told = (sb_foretold){.value = NAN, .lo = NAN, .hi = NAN};
    sb_format(told->source, sizeof told->source, "%s", source);
    sb_status status = of_verdict(results, measure, told, &found);
    return status == SB_OK && !found ? of_tables(results, measure, paired, told) : status;
}

sb_status sb_measure_foretold(sb_results *results, const sb_measure *measure, size_t *count, sb_foretold **foretold)
{
    sb_status status = SB_OK;
    const sb_texts *sources = &results->config.forecast_sources;
    *count = 0;
    *foretold = NULL;
    if (!sb_measured_of_decay(measure)) return SB_OK;
    *foretold = calloc(sources->n + 1, sizeof **foretold);
    if (!*foretold) return sb_fail(SB_ERR_NOMEM, "no memory for %zu forecasts", sources->n);
    for (size_t i = 0; status == SB_OK && i < sources->n; i++) {
        char given[64];
        status = sb_given_name(sources->v[i], given);
        const char *source = *given ? given : sources->v[i];
        if (status != SB_OK) break;
        bool paired = has_table(results, source, true);
        if (!paired && !has_table(results, source, false)) continue;
        status = of_source(results, measure, source, paired, *foretold + *count);
        if (status == SB_OK) ++*count;
    }
    if (status == SB_OK) return SB_OK;
    free(*foretold);
    *foretold = NULL;
    *count = 0;
    return status;
}
