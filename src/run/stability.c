#include "run/stability.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "case/case.h"
#include "report/write.h"

/* ---- what became of a run ---- */

#define NEAR 0.25 /* of the limit: lambda_max swings about it by less */

static const char *const classes[] = {"catapult", "edge", "diverged", "stable", "open"};
enum { CLASSES = sizeof classes / sizeof classes[0] };

static bool is_above(const sb_course *c)
{
    bool above = false;
    for (size_t i = 0; i < c->rows; i++) above = above || !(c->row[i].rate <= c->limit);
    return above;
}

static bool catapults(const sb_course *c)
{
    bool fallen = false;
    for (size_t i = 1; c->row[0].rate > c->limit && i < c->rows; i++)
        fallen = fallen || (c->row[i].peak > c->row[0].peak && c->row[i].rate < c->limit);
    return fallen;
}

/* From below the limit to above it, and near it in the second half of the steps. */
static bool comes_to_the_edge(const sb_course *c)
{
    bool below = false, risen = false, near = true;
    for (size_t i = 0; i < c->rows; i++) {
        below = below || c->row[i].rate <= c->limit;
        risen = risen || (below && c->row[i].rate > c->limit);
        if (c->row[i].step >= c->row[c->rows - 1].step / 2) near = near && fabs(c->row[i].rate / c->limit - 1) <= NEAR;
    }
    return risen && near;
}

const char *sb_course_class(const sb_course *c)
{
    if (c->diverged) return "diverged";
    if (!is_above(c)) return "stable";
    if (catapults(c)) return "catapult";
    return comes_to_the_edge(c) ? "edge" : "open";
}

sb_status sb_stability_rate(const sb_case *cas, const double *gram, double *rate)
{
    size_t rows = cas->n * cas->per_row;
    double sum = 0;
    for (size_t i = 0; i < rows * rows; i++) sum += fabs(gram[i]);
    *rate = NAN;
    return isfinite(sum) ? sb_kernel_largest_rate(gram, sb_case_form(cas, cas->per_row), rate) : SB_OK;
}

/* ---- on disk ---- */

static double limit_of(const sb_case *cas)
{
    return sb_rule_largest_rate(&cas->rule);
}

/* Rows of a run, of room for all its records. */
static sb_course course_of(const sb_case *cas, const sb_layout *layout, const sb_run *run, sb_course_row *row)
{
    double peak = 0;
    size_t rows = 0;
    for (size_t i = 0; i < run->records; i++) {
        const double *note = sb_run_note(layout, run, i);
        peak = fmax(peak, note[SB_NOTE_LOSS]);
        if (layout->sharp[i] || i + 1 == run->records)
            row[rows++] =
                (sb_course_row){note[SB_NOTE_STEP], note[SB_NOTE_TIME], note[SB_NOTE_LOSS], peak, note[layout->rate]};
    }
    return (sb_course){rows, row, limit_of(cas), run->diverged};
}

static void put_course(FILE *stream, uint64_t seed, const sb_course *course)
{
    for (size_t i = 0; i < course->rows; i++) {
        const sb_course_row *row = &course->row[i];
        sb_print(stream, "%llu\t%.0f", (unsigned long long)seed, row->step);
        double cells[] = {row->time, row->loss, row->peak, row->rate, course->limit};
        for (size_t k = 0; k < sizeof cells / sizeof cells[0]; k++) sb_write_cell(stream, cells[k]);
        sb_print(stream, "\t%s\n", sb_course_class(course));
    }
}

/* "stability  edge 2, catapult 1; lambda_max from .. " */
static void say_courses(const sb_case *cas, size_t count, const size_t *of_class, double first, double last, FILE *say)
{
    fputs("stability", say);
    for (size_t k = 0; k < CLASSES; k++)
        if (of_class[k] == count)
            sb_print(say, " %s", classes[k]);
        else if (of_class[k] > 0)
            sb_print(say, " %zu %s", of_class[k], classes[k]);
    sb_print(say, ": lambda_max went from %.3g to %.3g of %s = %.4g, mean of %zu seed%s\n", first, last,
             cas->rule.kind->slots == 0 ? "2/eta" : "the largest stable one", limit_of(cas), count,
             count == 1 ? "" : "s");
}

sb_status sb_stability_save(const sb_case *cas, const sb_layout *layout, const char *directory, size_t count,
                            const sb_run *run, FILE *say)
{
    sb_writer table = {0};
    size_t of_class[CLASSES] = {0};
    double first = 0, last = 0, one = limit_of(cas) * (double)count;
    if (!layout->sharp) return SB_OK;
    sb_course_row *row = malloc((cas->nt + 1) * sizeof *row);
    if (!row) return sb_fail(SB_ERR_NOMEM, "no memory for %zu records", cas->nt);
    sb_status status = sb_rundir_write(&table, directory, "stability.tsv");
    if (status == SB_OK) fputs("seed\tstep\ttime\tloss\tloss_peak\tlambda_max\tlimit\tclass\n", table.stream);
    for (size_t r = 0; status == SB_OK && r < count; r++) {
        sb_course course = course_of(cas, layout, &run[r], row);
        put_course(table.stream, run[r].seed, &course);
        for (size_t k = 0; k < CLASSES; k++) of_class[k] += strcmp(classes[k], sb_course_class(&course)) == 0;
        first += row[0].rate / one;
        last += row[course.rows - 1].rate / one;
    }
    status = sb_writer_close(&table, status);
    if (status == SB_OK && say) say_courses(cas, count, of_class, first, last, say);
    free(row);
    return status;
}

/* ---- in a summary ---- */

/* One line of the table; false: it is none that training writes. */
static bool read_row(const char *line, long long *seed, sb_course_row *row, double *limit, char class[16])
{
    bool right = sb_scan(line, "%lld %lf %lf %lf %lf %lf %lf %15[a-z]", seed, &row->step, &row->time, &row->loss,
                         &row->peak, &row->rate, limit, class) == 8;
    bool known = false;
    for (size_t k = 0; k < CLASSES; k++) known = known || strcmp(class, classes[k]) == 0;
    return right && known;
}

static void put_json(sb_json runs, long long seed, const char *class, const sb_course_row *first,
                     const sb_course_row *last)
{
    sb_json at = sb_json_object(runs, NULL);
    sb_json_whole(at, "seed", (size_t)seed);
    sb_json_text(at, "class", class);
    sb_json_real(at, "steps", last->step);
    sb_json_real(at, "lambda_max_start", first->rate);
    sb_json_real(at, "lambda_max_end", last->rate);
    sb_json_real(at, "loss_start", first->loss);
    sb_json_real(at, "loss_peak", last->peak);
    sb_json_real(at, "loss_end", last->loss);
}

sb_status sb_stability_json(const sb_case *cas, const char *directory, sb_json json)
{
    sb_status status = SB_OK;
    char path[SB_PATH], *text = NULL, class[16] = "", next_class[16];
    sb_course_row first = {0}, last = {0}, row;
    long long before = -1, seed;
    double limit;
    if (!cas->config->train_unstable) return SB_OK;
    SB_TRY(sb_rundir_path(path, directory, "stability.tsv"));
    SB_TRY(sb_read_file(path, &text, NULL));
    sb_json at = sb_json_object(json, "stability");
    sb_json_real(at, "limit", limit_of(cas));
    sb_json runs = sb_json_array(at, "runs");
    for (const char *line = strchr(text, '\n'); line && line[1]; line = strchr(line + 1, '\n')) {
        if (!read_row(line, &seed, &row, &limit, next_class))
            SB_TRY(sb_fail(SB_ERR_INPUT, "%s: a line of it is none of a run", path));
        if (seed != before && before >= 0) put_json(runs, before, class, &first, &last);
        if (seed != before) first = row;
        before = seed;
        last = row;
        memcpy(class, next_class, sizeof class);
    }
    if (before >= 0) put_json(runs, before, class, &first, &last);
done:
    free(text);
    return status;
}
