#include "study/sweep/gather.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "case/case.h"
#include "core/text.h"
#include "study/study.h"

static sb_status no_memory(void)
{
    return sb_fail(SB_ERR_NOMEM, "no memory for the measures of a sweep");
}

/* ---- one point ---- */

/* Whether its band is that of untrained networks, from which a deviation follows: not the range of the seeds. */
static bool tells_deviation(const sb_foretold *told)
{
    const sb_source *source = sb_source_find(told->source);
    return source && !source->per_seed && told->hi > told->lo;
}

/* What the first forecast that knows it says; value nan: none does. */
static sb_status foretell(sb_results *results, const sb_column *column, sb_foretold *told)
{
    size_t count = 0;
    sb_foretold *all = NULL;
    *told = (sb_foretold){"", NAN, NAN, NAN};
    sb_status status = sb_measure_foretold(results, &column->measure, &count, &all);
    for (size_t i = 0; status == SB_OK && i < count && isnan(told->value); i++)
        if (!column->deviation || tells_deviation(&all[i])) *told = all[i];
    free(all);
    return status;
}

static sb_status read_column(sb_results *results, const sb_column *column, sb_gathered_point *point, size_t c)
{
    sb_status status = SB_OK;
    sb_foretold told;
    double *value = point->value + c * point->seeds, *copy = malloc(point->seeds * sizeof *copy);
    size_t n = sb_measure_per_seed(&column->measure) ? point->seeds : 1;
    if (!copy) return no_memory();
    SB_TRY(sb_measure_values(results, &column->measure, value));
    for (size_t r = n; r < point->seeds; r++) value[r] = value[0];
    memcpy(copy, value, n * sizeof *copy);
    SB_TRY(foretell(results, column, &told));
    point->cell[c] = sb_column_cell(column, n, copy, &told);
done:
    free(copy);
    return status;
}

static sb_status read_results(sb_gathered *g, sb_gathered_point *point, sb_results *results)
{
    sb_status status = SB_OK;
    sb_measure seconds;
    point->seeds = sb_results_seeds(results);
    point->first = sb_results_seed(results, 0);
    point->value = calloc(g->columns * point->seeds, sizeof *point->value);
    point->seconds = calloc(point->seeds, sizeof *point->seconds);
    point->cell = calloc(g->columns, sizeof *point->cell);
    if (!point->value || !point->seconds || !point->cell) return no_memory();
    for (size_t c = 0; c < g->columns; c++) {
        status = read_column(results, &g->column[c], point, c);
        if (status != SB_OK) return sb_fail(status, "sweep.measures: \"%s\": %s", g->column[c].text, sb_error_text());
    }
    status = sb_measure_parse("run(seconds)", &seconds);
    return status == SB_OK ? sb_measure_values(results, &seconds, point->seconds) : status;
}

/* A finished run of these keys under unbroken seals. */
static sb_status read_point(sb_gathered *g, size_t i, const char *folder)
{
    sb_status status = SB_OK;
    sb_config one = {0};
    sb_results *results = NULL;
    sb_gathered_point *point = &g->point[i];
    sb_stage stage = {.directory = folder};
    SB_TRY(sb_sweep_config(g->sweep, i, &one));
    SB_TRY(sb_results_open(folder, &results));
    SB_TRY(sb_check_keys(&one, folder));
    SB_TRY(read_results(g, point, results));
    SB_TRY(sb_study_verdict(&stage, &point->verdict));
    if (point->verdict > g->verdict) g->verdict = point->verdict;
    point->there = true;
done:
    sb_results_close(&results);
    sb_config_clear(&one);
    return status;
}

sb_status sb_sweep_columns(const sb_config *config, size_t *count, sb_column **column)
{
    const sb_texts *measures = &config->sweep_measures;
    *count = 0;
    *column = calloc(measures->n + 1, sizeof **column);
    if (!*column) return no_memory();
    if (measures->n == 0) return sb_fail(SB_ERR_INPUT, "a sweep needs sweep.measures (specbias list measure)");
    for (; *count < measures->n; ++*count) {
        sb_status status = sb_column_parse(measures->v[*count], &(*column)[*count]);
        for (size_t i = 0; status == SB_OK && i < *count; i++)
            if (strcmp(measures->v[i], measures->v[*count]) == 0) status = sb_fail(SB_ERR_INPUT, "stands there twice");
        if (status != SB_OK) return sb_fail(status, "sweep.measures: \"%s\": %s", measures->v[*count], sb_error_text());
    }
    return SB_OK;
}

/* ---- power laws ---- */

static bool number_of(const sb_sweep *sweep, size_t point, size_t key, double *number)
{
    return sb_text_is_real(sb_sweep_value(sweep, point, key), number) && *number > 0;
}

/* Whether all values of the key are numbers above 0. */
static bool is_number(const sb_sweep *sweep, size_t key)
{
    double number;
    for (size_t i = 0; i < sweep->points; i++)
        if (!number_of(sweep, i, key, &number)) return false;
    return true;
}

/* Whether two points differ in the key alone; points of a list vary in all keys at once. */
static bool same_others(const sb_sweep *sweep, size_t key, size_t a, size_t b)
{
    bool list = strcmp(sweep->config->sweep_points, "list") == 0;
    for (size_t k = 0; k < sweep->keys && !list; k++)
        if (k != key && strcmp(sb_sweep_value(sweep, a, k), sb_sweep_value(sweep, b, k)) != 0) return false;
    return true;
}

static void describe_others(const sb_sweep *sweep, size_t key, size_t point, char text[300])
{
    size_t used = 0;
    bool list = strcmp(sweep->config->sweep_points, "list") == 0;
    *text = '\0';
    for (size_t k = 0; k < sweep->keys && !list; k++) {
        if (k == key) continue;
        sb_format(text + used, 300 - used, "%s%s = %s", used ? ", " : "", sweep->varied[k].key,
                  sb_sweep_value(sweep, point, k));
        used = strlen(text);
    }
}

/* Of the points like `first`; room for four lists of all points, and one more. A forecast may know some of them alone.
 */
static void fit_law(const sb_gathered *g, size_t first, sb_power_law *law, double *room)
{
    size_t all = g->sweep->points, known = 0;
    double *x = room, *seen = x + all, *its = seen + all, *told = its + all;
    const sb_column *column = &g->column[law->column];
    bool logarithm = column->logarithm && !column->deviation;
    law->points = 0;
    for (size_t i = first; i < all; i++) {
        if (!g->point[i].there || !same_others(g->sweep, law->key, first, i)) continue;
        const sb_cell *cell = &g->point[i].cell[law->column];
        number_of(g->sweep, i, law->key, &x[law->points]);
        seen[law->points] = cell->value;
        its[known] = x[law->points++];
        told[known] = cell->forecast;
        known += !isnan(cell->forecast);
    }
    law->seen = sb_exponent_fit(law->points, x, seen, logarithm);
    law->forecast = sb_exponent_fit(known, its, told, logarithm);
}

static bool is_first_of_its_kind(const sb_gathered *g, size_t key, size_t point)
{
    for (size_t i = 0; i < point; i++)
        if (g->point[i].there && same_others(g->sweep, key, i, point)) return false;
    return g->point[point].there;
}

/* Of each key that is a number, wherever two points or more differ in it alone. */
static sb_status find_laws(sb_gathered *g)
{
    const sb_sweep *sweep = g->sweep;
    double *room = malloc((4 * sweep->points + 1) * sizeof *room);
    sb_status status = room ? SB_OK : no_memory();
    for (size_t k = 0; k < sweep->keys && status == SB_OK; k++) {
        if (!is_number(sweep, k)) continue;
        for (size_t i = 0; i < sweep->points && status == SB_OK; i++) {
            if (!is_first_of_its_kind(g, k, i)) continue;
            sb_power_law *larger = realloc(g->law, (g->laws + g->columns) * sizeof *larger);
            if (!larger) {
                status = no_memory();
                break;
            }
            g->law = larger;
            for (size_t c = 0; c < g->columns; c++) {
                sb_power_law *law = &g->law[g->laws];
                *law = (sb_power_law){.key = k, .column = c};
                describe_others(sweep, k, i, law->at);
                fit_law(g, i, law, room);
                g->laws += law->points > 1;
            }
        }
    }
    free(room);
    return status;
}

/* ---- claims of it as a whole ---- */

static sb_status check_law_claim(const sb_sweep *sweep, const sb_claim *claim)
{
    bool measured = false, varied = !*claim->key;
    const sb_texts *measures = &sweep->config->sweep_measures;
    for (size_t i = 0; i < measures->n; i++) measured = measured || strcmp(measures->v[i], claim->of) == 0;
    for (size_t k = 0; k < sweep->keys; k++)
        varied = varied || (strcmp(sweep->varied[k].key, claim->key) == 0 && is_number(sweep, k));
    if (!measured)
        return sb_fail(SB_ERR_INPUT, "claim \"%s\": \"%s\" is none of sweep.measures", claim->text, claim->of);
    if (!varied) return sb_fail(SB_ERR_INPUT, "claim \"%s\": %s is no number that varies", claim->text, claim->key);
    return SB_OK;
}

sb_status sb_sweep_claims(const sb_sweep *sweep, size_t *count, sb_law_claim **claim)
{
    const sb_texts *all = &sweep->config->experiment_claims;
    *count = 0;
    *claim = calloc(all->n + 1, sizeof **claim);
    if (!*claim) return no_memory();
    for (size_t i = 0; i < all->n; i++) {
        sb_law_claim *one = &(*claim)[*count];
        sb_status status = sb_claim_parse(all->v[i], &one->claim);
        if (status == SB_OK && !*one->claim.of) continue; /* of each point */
        if (status == SB_OK) status = check_law_claim(sweep, &one->claim);
        if (status != SB_OK) return status;
        one->law = NULL;
        one->verdict = SB_UNDECIDED;
        ++*count;
    }
    return SB_OK;
}

static void judge_claim(sb_gathered *g, sb_law_claim *c)
{
    for (size_t i = 0; i < g->laws; i++) {
        const sb_power_law *law = &g->law[i];
        bool of_key = !*c->claim.key || strcmp(g->sweep->varied[law->key].key, c->claim.key) == 0;
        if (!of_key || strcmp(g->column[law->column].text, c->claim.of) != 0) continue;
        sb_verdict one = sb_claim_verdict(&c->claim, law->seen.lo, law->seen.hi);
        if (c->law && one <= c->verdict) continue;
        c->law = law;
        c->verdict = one;
    }
    if (c->verdict > g->verdict) g->verdict = c->verdict;
}

/* ---- all of it ---- */

sb_status sb_gather(const sb_sweep *sweep, const char *directory, sb_gathered *g)
{
    sb_status status = SB_OK;
    char folder[SB_PATH];
    g->sweep = sweep;
    g->verdict = SB_NONE;
    SB_TRY(sb_sweep_columns(sweep->config, &g->columns, &g->column));
    g->point = calloc(sweep->points, sizeof *g->point);
    if (!g->point) SB_TRY(no_memory());
    for (size_t i = 0; i < sweep->points; i++) {
        bool finished;
        SB_TRY(sb_sweep_folder(sweep, directory, i, folder, &finished));
        if (finished) SB_TRY(read_point(g, i, folder));
        g->missing += !finished;
    }
    SB_TRY(find_laws(g));
    SB_TRY(sb_sweep_claims(sweep, &g->claims, &g->claim));
    for (size_t i = 0; i < g->claims; i++) judge_claim(g, &g->claim[i]);
done:
    return status;
}

void sb_gathered_clear(sb_gathered *g)
{
    for (size_t i = 0; g->point && i < g->sweep->points; i++) {
        free(g->point[i].value);
        free(g->point[i].seconds);
        free(g->point[i].cell);
    }
    free(g->point);
    free(g->column);
    free(g->law);
    free(g->claim);
    *g = (sb_gathered){0};
}
