/* The tables of a sweep, and what a person reads of them. */
#include <math.h>
#include <string.h>

#include "core/file.h"
#include "core/text.h"
#include "study/study.h"
#include "study/sweep/gather.h"

/* "point\tnet.width\ttrain.eta" and those of a point. */
static void write_heads(const sb_gathered *g, FILE *stream)
{
    fputs("point", stream);
    for (size_t k = 0; k < g->sweep->keys; k++) sb_print(stream, "\t%s", g->sweep->varied[k].key);
}

static void write_keys(const sb_gathered *g, size_t point, FILE *stream)
{
    fputs(g->sweep->name[point], stream);
    for (size_t k = 0; k < g->sweep->keys; k++) sb_print(stream, "\t%s", sb_sweep_value(g->sweep, point, k));
}

static void write_seeds(const sb_gathered *g, FILE *stream)
{
    write_heads(g, stream);
    fputs("\tseed", stream);
    for (size_t c = 0; c < g->columns; c++) sb_print(stream, "\t%s", g->column[c].measure.text);
    fputc('\n', stream);
    for (size_t i = 0; i < g->sweep->points; i++)
        for (size_t r = 0; g->point[i].there && r < g->point[i].seeds; r++) {
            const sb_gathered_point *point = &g->point[i];
            write_keys(g, i, stream);
            sb_print(stream, "\t%llu", (unsigned long long)point->first + r);
            for (size_t c = 0; c < g->columns; c++) sb_write_cell(stream, point->value[c * point->seeds + r]);
            fputc('\n', stream);
        }
}

static void write_points(const sb_gathered *g, FILE *stream)
{
    static const char *const more[] = {"", ".sd", ".lo", ".hi", ".forecast", ".forecast_lo", ".forecast_hi"};
    write_heads(g, stream);
    fputs("\tseeds", stream);
    for (size_t c = 0; c < g->columns; c++)
        for (size_t m = 0; m < sizeof more / sizeof more[0]; m++)
            sb_print(stream, "\t%s%s", g->column[c].text, more[m]);
    fputs("\tverdict\n", stream);
    for (size_t i = 0; i < g->sweep->points; i++) {
        if (!g->point[i].there) continue;
        write_keys(g, i, stream);
        sb_print(stream, "\t%zu", g->point[i].seeds);
        for (size_t c = 0; c < g->columns; c++) {
            const sb_cell *x = &g->point[i].cell[c];
            const double cell[] = {x->value, x->deviation, x->lo, x->hi, x->forecast, x->forecast_lo, x->forecast_hi};
            for (size_t m = 0; m < sizeof cell / sizeof cell[0]; m++) sb_write_cell(stream, cell[m]);
        }
        sb_print(stream, "\t%s\n", sb_verdict_name(g->point[i].verdict));
    }
}

static void write_exponents(const sb_gathered *g, FILE *stream)
{
    fputs("key\tmeasure\tat\tpoints\texponent\tlo\thi\tforecast\tforecast_lo\tforecast_hi\n", stream);
    for (size_t i = 0; i < g->laws; i++) {
        const sb_power_law *law = &g->law[i];
        const double cell[] = {law->seen.exponent,     law->seen.lo,     law->seen.hi,
                               law->forecast.exponent, law->forecast.lo, law->forecast.hi};
        sb_print(stream, "%s\t%s\t%s\t%zu", g->sweep->varied[law->key].key, g->column[law->column].text,
                 *law->at ? law->at : "-", law->points);
        for (size_t c = 0; c < sizeof cell / sizeof cell[0]; c++) sb_write_cell(stream, cell[c]);
        fputc('\n', stream);
    }
}

static void write_seconds(const sb_gathered *g, FILE *stream)
{
    write_heads(g, stream);
    fputs("\tseed\tseconds\n", stream);
    for (size_t i = 0; i < g->sweep->points; i++)
        for (size_t r = 0; g->point[i].there && r < g->point[i].seeds; r++) {
            write_keys(g, i, stream);
            sb_print(stream, "\t%llu\t%.6g\n", (unsigned long long)g->point[i].first + r, g->point[i].seconds[r]);
        }
}

sb_status sb_gathered_save(const sb_gathered *g, const sb_stage *stage)
{
    static const struct {
        const char *name;
        void (*write)(const sb_gathered *g, FILE *stream);
    } table[] = {{"sweep.tsv", write_seeds},
                 {"study.tsv", write_points},
                 {"exponents.tsv", write_exponents},
                 {"seconds.tsv", write_seconds}};
    for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
        sb_writer writer = {0};
        sb_status status = sb_study_table(stage, table[i].name, NULL, &writer);
        if (status != SB_OK) return status;
        table[i].write(g, writer.stream);
        status = sb_writer_close(&writer, SB_OK);
        if (status != SB_OK) return status;
    }
    return SB_OK;
}

/* ---- words: of a wide table as many columns as 80 letters hold ---- */

enum { LINE = 80, CELL = 22 };

static size_t width_of(const sb_gathered *g, size_t key)
{
    size_t width = strlen(g->sweep->varied[key].key);
    for (size_t i = 0; i < g->sweep->points; i++) {
        size_t length = strlen(sb_sweep_value(g->sweep, i, key));
        width = length > width ? length : width;
    }
    return width < 24 ? width : 24;
}

/* "0.612 +- 0.02" by half of the interval; "-" when not known */
static void say_cell(const sb_cell *cell, FILE *say)
{
    char text[64] = "-";
    if (!isnan(cell->value)) {
        int length = sb_format(text, sizeof text, "%.4g", cell->value);
        if (!isnan(cell->lo))
            sb_format(text + length, sizeof text - (size_t)length, " +- %.2g", (cell->hi - cell->lo) / 2);
    }
    sb_print(say, "  %-*s", CELL - 2, text);
}

static size_t columns_that_fit(const sb_gathered *g)
{
    size_t used = 2 + 10; /* and the verdict */
    for (size_t k = 0; k < g->sweep->keys; k++) used += width_of(g, k) + 2;
    size_t fit = used < LINE ? (LINE - used) / CELL : 0;
    fit = fit > 0 ? fit : 1;
    return fit < g->columns ? fit : g->columns;
}

static void say_points(const sb_gathered *g, FILE *say)
{
    size_t columns = columns_that_fit(g);
    fputs("\n ", say);
    for (size_t k = 0; k < g->sweep->keys; k++) sb_print(say, " %-*s ", (int)width_of(g, k), g->sweep->varied[k].key);
    for (size_t c = 0; c < columns; c++) sb_print(say, "  %-*.*s", CELL - 2, CELL - 2, g->column[c].text);
    fputs(" verdict\n", say);
    for (size_t i = 0; i < g->sweep->points; i++) {
        if (!g->point[i].there) continue;
        fputc(' ', say);
        for (size_t k = 0; k < g->sweep->keys; k++)
            sb_print(say, " %-*.24s ", (int)width_of(g, k), sb_sweep_value(g->sweep, i, k));
        for (size_t c = 0; c < columns; c++) say_cell(&g->point[i].cell[c], say);
        sb_print(say, " %s\n", sb_verdict_name(g->point[i].verdict));
    }
    if (columns < g->columns) sb_print(say, "  %zu more measures in study.tsv\n", g->columns - columns);
}

/* "-0.5 [-0.55, -0.45]"; what is 0 but for rounding is 0 */
static void say_exponent(const sb_exponent *e, FILE *say)
{
    const double part[] = {e->exponent, e->lo, e->hi};
    double shown[3];
    for (size_t i = 0; i < 3; i++) shown[i] = fabs(part[i]) < 1e-9 ? 0 : part[i];
    if (isnan(e->lo))
        sb_print(say, "%.3g", shown[0]);
    else
        sb_print(say, "%.3g [%.3g, %.3g]", shown[0], shown[1], shown[2]);
}

void sb_gathered_say(const sb_gathered *g, FILE *say)
{
    size_t known = 0;
    say_points(g, say);
    for (size_t i = 0; i < g->laws; i++) {
        const sb_power_law *law = &g->law[i];
        if (isnan(law->seen.exponent) || law->points < 3) continue;
        if (known++ == 0) fputs("\nexponents, with the 95 % interval of the fit over the points\n", say);
        sb_print(say, "  %s ~ %s^ ", g->column[law->column].text, g->sweep->varied[law->key].key);
        say_exponent(&law->seen, say);
        if (*law->at) sb_print(say, "\n      at %s", law->at);
        if (!isnan(law->forecast.exponent)) fputs("\n      forecast ", say);
        if (!isnan(law->forecast.exponent)) say_exponent(&law->forecast, say);
        fputc('\n', say);
    }
    for (size_t i = 0; i < g->claims; i++) {
        const sb_law_claim *c = &g->claim[i];
        const char *word = c->verdict == SB_AGREES ? "holds" : c->verdict == SB_DIFFERS ? "fails" : "undecided";
        sb_print(say, "%s  %-9s  %s  ", i ? "" : "\nclaims\n", word, c->claim.text);
        if (c->law) say_exponent(&c->law->seen, say);
        fputc('\n', say);
    }
}
