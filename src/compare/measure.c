/* The text of a measure -> sb_measure. */
#include <specbias/measure.h>

#include <math.h>
#include <string.h>

#include "core/text.h"

const sb_quantity *sb_quantity_at(size_t index)
{
    enum { AGREEMENT = SB_MEASURE_SOURCE | SB_MEASURE_ITEM | SB_MEASURE_LEVEL | SB_MEASURE_RUN };
    static const sb_quantity list[] = {
        {"loss", "loss@PLACE, SET.loss", "loss of the training set, or of a test set",
         SB_MEASURE_SET | SB_MEASURE_RECORDS},
        {"accuracy", "accuracy@PLACE, SET.accuracy", "the same of what is right", SB_MEASURE_SET | SB_MEASURE_RECORDS},
        {"err", "err(ITEM)@PLACE, SET.err(ITEM)",
         "relative error of an item; on a test set (observe.tests) of one by its name",
         SB_MEASURE_SET | SB_MEASURE_ITEM | SB_MEASURE_RECORDS},
        {"drift", "drift(COLUMN)@PLACE", "column of drift.seedN.tsv: change, turn, values, ..",
         SB_MEASURE_WORD | SB_MEASURE_RECORDS},
        {"T", "T(ITEM, q)", "time from which err stays below q", SB_MEASURE_ITEM | SB_MEASURE_LEVEL},
        {"settled", "settled(ITEM)", "step from which its running median stays below observe.level", SB_MEASURE_ITEM},
        {"ahead", "ahead(VARIANCE)", "share of records after the first pass in which the low part is ahead",
         SB_MEASURE_WORD},
        {"fbi", "fbi", "frequency bias index: slope of log10 T(1/2)", 0},
        {"spread", "spread", "log10 of the largest T(1/2) over the smallest", 0},
        {"run", "run(COLUMN)", "column of train.tsv: steps, seconds, kernel_change, ..", SB_MEASURE_WORD},
        {"z", "z, SOURCE.z(ITEM, q)", "distance of forecast and runs; without an item the largest", AGREEMENT},
        {"effect", "effect, SOURCE.effect(ITEM, q)", "of the moving kernel on ln T", AGREEMENT},
        {"shift", "shift, SOURCE.shift(ITEM, q)", "of ln T, by finite width", AGREEMENT},
        {"s", "s, SOURCE.s(ITEM, q)", "standard deviation of ln T that is expected", AGREEMENT},
        {"verdict", "verdict, SOURCE.verdict", "1 agrees, 0 undecided, -1 differs",
         SB_MEASURE_SOURCE | SB_MEASURE_RUN | SB_MEASURE_VERDICT},
        {"cell", "cell(TABLE; NAME=VALUE; ..; COLUMN)", "number in the line of a table that has these values",
         SB_MEASURE_WORD | SB_MEASURE_RUN | SB_MEASURE_VERDICT | SB_MEASURE_CELL},
        {"summary", "summary(PATH)", "number of summary.json: laziness.effect, sources.lfp.power.notices_rate_off_by",
         SB_MEASURE_WORD | SB_MEASURE_RUN | SB_MEASURE_VERDICT},
    };
    return index < sizeof list / sizeof list[0] ? &list[index] : NULL;
}

bool sb_measure_per_seed(const sb_measure *measure)
{
    return !(measure->quantity->takes & SB_MEASURE_RUN);
}

/* ---- pieces ---- */

static sb_status wrong(const sb_measure *measure, const char *format, ...) SB_PRINTF(2, 3);
static sb_status wrong(const sb_measure *measure, const char *format, ...)
{
    char why[512];
    va_list arguments;
    va_start(arguments, format);
    sb_format_list(why, sizeof why, format, arguments);
    va_end(arguments);
    return sb_fail(SB_ERR_INPUT, "\"%s\" is no measure: %s", measure->text, why);
}

/* "1/2", "0.1" */
static bool level_of(const char *text, double *q)
{
    char *end;
    double above = sb_text_real(text, &end), below = 1;
    bool number = end != text && *end == '/' ? sb_text_is_real(end + 1, &below) : end != text && !*end;
    *q = above / below;
    return number && *q > 0 && *q < 1;
}

/* Of a frequency, also of one of several of one length: "3", "5_2". */
static bool is_frequency(const char *name)
{
    double number;
    char text[SB_MEASURE];
    sb_format(text, sizeof text, "%.*s", (int)strcspn(name, "_"), name);
    return sb_text_is_real(text, &number);
}

/* "only" fits any, "*" alone any frequency; else what stands around it. */
bool sb_measure_fits(const char *pattern, const char *name)
{
    double wanted, number;
    const char *star = strchr(pattern, '*');
    if (strcmp(pattern, "only") == 0) return true;
    if (!*pattern || strcmp(pattern, "*") == 0) return is_frequency(name);
    if (!star)
        return strcmp(pattern, name) == 0 ||
               (sb_text_is_real(pattern, &wanted) && sb_text_is_real(name, &number) && wanted == number);
    size_t before = (size_t)(star - pattern), after = strlen(star + 1), length = strlen(name);
    return length >= before + after && strncmp(pattern, name, before) == 0 &&
           strcmp(star + 1, name + length - after) == 0;
}

/* ---- @PLACE ---- */

static const struct {
    const char *name;
    sb_moment moment;
    bool number;
} places[] = {{"last", SB_AT_LAST, false},  {"first", SB_AT_FIRST, false}, {"min", SB_AT_MIN, false},
              {"max", SB_AT_MAX, false},    {"step=", SB_AT_STEP, true},   {"t=", SB_AT_TIME, true},
              {"epoch=", SB_AT_EPOCH, true}};

/* last50 */
static bool take_count(const char *text, size_t *count)
{
    double value;
    if (strncmp(text, "last", 4) != 0 || !sb_is_digit(text[4])) return false;
    if (!sb_text_is_real(text + 4, &value) || value != floor(value) || value < 1 || value > 1e9) return false;
    *count = (size_t)value;
    return true;
}

static sb_status take_place(sb_measure *measure, char *text)
{
    sb_text_trim(text);
    if (take_count(text, &measure->count)) return SB_OK;
    for (size_t i = 0; i < sizeof places / sizeof places[0]; i++) {
        size_t length = strlen(places[i].name);
        bool fits = places[i].number ? strncmp(text, places[i].name, length) == 0 &&
                                           sb_text_is_real(text + length, &measure->at) && measure->at >= 0
                                     : strcmp(text, places[i].name) == 0;
        if (!fits) continue;
        measure->moment = places[i].moment;
        return SB_OK;
    }
    return wrong(measure,
                 "no place \"@%s\"; there are @last, @last50 (of the last 50 records), @first, @min, @max, "
                 "@step=100, @t=2.5, @epoch=3",
                 text);
}

/* ---- OF.QUANTITY ---- */

static const char *nearest_quantity(const char *name)
{
    const char *nearest = "";
    size_t least = SIZE_MAX;
    for (size_t i = 0; sb_quantity_at(i); i++) {
        size_t distance = sb_edit_distance(name, sb_quantity_at(i)->name);
        if (distance < least) nearest = sb_quantity_at(i)->name;
        if (distance < least) least = distance;
    }
    return nearest;
}

static sb_status take_name(sb_measure *measure, char *text)
{
    char known[256] = "";
    sb_text_trim(text);
    char *dot = strrchr(text, '.'), *name = dot ? dot + 1 : text;
    for (size_t i = 0; sb_quantity_at(i) && !measure->quantity; i++)
        if (strcmp(sb_quantity_at(i)->name, name) == 0) measure->quantity = sb_quantity_at(i);
    for (size_t i = 0; sb_quantity_at(i); i++) {
        size_t used = strlen(known);
        sb_format(known + used, sizeof known - used, "%s%s", i ? ", " : "", sb_quantity_at(i)->name);
    }
    if (!measure->quantity)
        return wrong(measure, "no quantity \"%s\"; did you mean \"%s\"? There are tau, order, %s", name,
                     nearest_quantity(name), known);
    if (!dot) return SB_OK;
    *dot = '\0';
    if (!*text || strlen(text) >= sizeof measure->of) return wrong(measure, "nothing is named \"%s\"", text);
    sb_format(measure->of, sizeof measure->of, "%s", text);
    if (measure->quantity->takes & (SB_MEASURE_SET | SB_MEASURE_SOURCE)) return SB_OK;
    return wrong(measure, "%s is of no set and of no forecaster; its form is %s", name, measure->quantity->form);
}

/* ---- (ITEM, q) ---- */

static sb_status take_arguments(sb_measure *measure, char *text)
{
    const sb_quantity *quantity = measure->quantity;
    char *comma = quantity->takes & SB_MEASURE_CELL ? NULL : sb_text_outside(text, ",");
    if (!(quantity->takes & (SB_MEASURE_ITEM | SB_MEASURE_WORD)))
        return wrong(measure, "%s takes nothing in parentheses; its form is %s", quantity->name, quantity->form);
    if (comma) *comma = '\0';
    sb_text_trim(text);
    sb_format(measure->item, sizeof measure->item, "%s", text);
    if (!*measure->item) return wrong(measure, "the parentheses are empty; its form is %s", quantity->form);
    if (!comma) return SB_OK;
    sb_text_trim(comma + 1);
    if (!(quantity->takes & SB_MEASURE_LEVEL))
        return wrong(measure, "\"%s\" is one too many; its form is %s", comma + 1, quantity->form);
    if (!level_of(comma + 1, &measure->q))
        return wrong(measure, "\"%s\" is no level of err between 0 and 1, such as 1/2", comma + 1);
    return SB_OK;
}

/* [OF.]QUANTITY[(..)][@PLACE], without the blanks around it; `text` is cut to pieces. */
static sb_status take_all(sb_measure *measure, char *text)
{
    char *at = sb_text_outside(text, "@"), *open = strchr(text, '('), *close = strrchr(text, ')');
    sb_status status = SB_OK;
    if (at && open && open > at) open = NULL;
    if (at) *at = '\0';
    if (at && close && close > at) return wrong(measure, "a parenthesis behind the place");
    sb_text_trim(text);
    size_t length = strlen(text);
    if ((open != NULL) != (close != NULL) ||
        (close && (close != text + length - 1 || sb_text_outside(open + 1, ")") != close)))
        return wrong(measure, "its parentheses do not match");
    if (open) *open = *close = '\0';
    SB_TRY(take_name(measure, text));
    if (open) SB_TRY(take_arguments(measure, open + 1));
    if (at && !(measure->quantity->takes & SB_MEASURE_RECORDS))
        SB_TRY(wrong(measure, "%s has no place; its form is %s", measure->quantity->name, measure->quantity->form));
    if (at) SB_TRY(take_place(measure, at + 1));
    if ((measure->quantity->takes & SB_MEASURE_WORD) && !*measure->item &&
        strcmp(measure->quantity->name, "ahead") != 0)
        SB_TRY(wrong(measure, "of what? Its form is %s", measure->quantity->form));
done:
    return status;
}

static bool is_family(const sb_measure *measure)
{
    bool one = measure->quantity->takes & SB_MEASURE_RUN;
    return (measure->quantity->takes & SB_MEASURE_ITEM) && !one && (!*measure->item || strchr(measure->item, '*'));
}

/* Also a measure of each item, as tau and order take. */
static sb_status parse_family(const char *text, sb_measure *measure)
{
    char copy[SB_MEASURE];
    *measure = (sb_measure){.q = 0.5, .count = 1};
    sb_format(measure->text, sizeof measure->text, "%s", text);
    if (strlen(text) >= SB_MEASURE) return wrong(measure, "it is longer than %d characters", SB_MEASURE - 1);
    sb_text_trim(measure->text);
    sb_format(copy, sizeof copy, "%s", measure->text);
    if (!*copy) return wrong(measure, "it is empty");
    size_t length = strlen(copy), open = 0;
    static const char *const ranks[] = {"", "tau(", "order("};
    for (int rank = SB_RANK_TAU; rank <= SB_RANK_ORDER; rank++) {
        size_t before = strlen(ranks[rank]);
        if (strncmp(copy, ranks[rank], before) != 0 || sb_text_outside(copy + before, ")") != copy + length - 1)
            continue;
        measure->rank = (sb_rank)rank;
        open = before;
    }
    if (measure->rank == SB_RANK_NONE) return take_all(measure, copy);
    copy[length - 1] = '\0';
    sb_text_trim(copy + open);
    sb_status status = take_all(measure, copy + open);
    if (status != SB_OK || is_family(measure)) return status;
    return wrong(measure, "%.*s compares what is measured of each frequency: tau(T), tau(T(*, 1/10)), tau(err@last)",
                 (int)open - 1, copy);
}

sb_status sb_measure_parse(const char *text, sb_measure *measure)
{
    sb_status status = parse_family(text, measure);
    if (status != SB_OK || measure->rank || !is_family(measure)) return status;
    return wrong(measure, "it is measured of each item: name one, %s(3), or ask for tau(%s)", measure->quantity->name,
                 measure->text);
}
