/* frames.tsv: the network at each state as a curve, or as an image.
 *
 * picture, set, example, a, b, given, wanted, then value_S mean_S lo_S hi_S of each state: the first seed, mean and
 * range of all. A picture is a function of one place (a; b is nan), or of two (rows a, columns b); or one example whose
 * output is a line or an image of pixels, of which the mean over channels is shown. Picture 0 are the points that a
 * curve was trained on. `given`: the input, where it is a picture of the same kind. */
#include "run/snapshots.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "report/write.h"

enum { MOST_PICTURES = 4, MOST_PLACES = 20000 };

/* What is drawn of a set: one picture of all its places, or one of each of its first examples. */
typedef struct drawing {
    const sb_case *cas;
    FILE *stream;
    size_t count; /* seeds */
    const double *const *states;
    size_t pictures;
} drawing;

static double mean_of(size_t n, const double *v)
{
    double sum = 0;
    for (size_t i = 0; i < n; i++) sum += v[i] / (double)n;
    return sum;
}

/* What the seeds give in each state: n numbers from `at` on, or their mean. */
static void write_states(const drawing *d, size_t at, size_t n)
{
    const sb_snapshots *shown = d->cas->snapshots;
    for (size_t i = 0; i < sb_snapshot_states(shown); i++) {
        double first = NAN, mean = 0, lo = INFINITY, hi = -INFINITY;
        for (size_t r = 0; r < d->count; r++) {
            double value = mean_of(n, d->states[r] + i * sb_state_size(shown) + at);
            if (r == 0) first = value;
            mean += value / (double)d->count;
            lo = fmin(lo, value);
            hi = fmax(hi, value);
        }
        bool known = isfinite(lo) && isfinite(hi);
        sb_write_cell(d->stream, first);
        sb_write_cell(d->stream, known ? mean : NAN);
        sb_write_cell(d->stream, known ? lo : NAN);
        sb_write_cell(d->stream, known ? hi : NAN);
    }
    fputc('\n', d->stream);
}

static void write_place(const drawing *d, const sb_dataset *set, size_t example, double a, double b, double given,
                        double wanted)
{
    const sb_reals *chosen = &d->cas->config->observe_examples;
    bool all = chosen->n == 0 || strcmp(set->name, "grid") == 0;
    sb_print(d->stream, "%zu\t%s\t%.0f", d->pictures, set->name, all ? (double)(example + 1) : chosen->v[example]);
    sb_write_cell(d->stream, a);
    sb_write_cell(d->stream, b);
    sb_write_cell(d->stream, given);
    sb_write_cell(d->stream, wanted);
}

/* All examples of a set as a function of their places; from: where the set's outputs stand in a state. */
static void draw_places(drawing *d, const sb_dataset *set, size_t from)
{
    size_t outputs = d->cas->outputs;
    d->pictures++;
    for (size_t i = 0; i < set->n; i++) {
        const double *place = set->place + i * set->place_dim;
        write_place(d, set, i, place[0], set->place_dim > 1 ? place[1] : NAN, NAN,
                    mean_of(outputs, set->y + i * outputs));
        write_states(d, from + i * outputs, outputs);
    }
}

/* One example: place j of its line, or pixel (row, column). */
static void draw_example(drawing *d, const sb_dataset *set, size_t example, size_t from)
{
    sb_shape shape = set->output;
    size_t outputs = d->cas->outputs, pixels = shape.height * shape.width, channels = shape.channels;
    bool alike = memcmp(&set->input, &shape, sizeof shape) == 0;
    d->pictures++;
    for (size_t j = 0; j < pixels; j++) {
        size_t at = example * outputs + j * channels, row = j / shape.width, column = j % shape.width;
        bool line = shape.height == 1;
        write_place(d, set, example, (double)(line ? column : row), line ? NAN : (double)column,
                    alike ? mean_of(channels, set->x + at) : NAN, mean_of(channels, set->y + at));
        write_states(d, from + at, channels);
    }
}

/* The training points of a curve that goes between them. */
static void draw_data(const drawing *d)
{
    const sb_dataset *data = &d->cas->data;
    const double *wanted = data->reference ? data->reference : data->y;
    size_t cells = 4 * sb_snapshot_states(d->cas->snapshots);
    for (size_t i = 0; i < data->n; i++) {
        sb_print(d->stream, "0\ttrain\t%zu", i + 1);
        sb_write_cell(d->stream, data->place[i]);
        sb_write_cell(d->stream, NAN);
        sb_write_cell(d->stream, mean_of(d->cas->outputs, wanted + i * d->cas->outputs));
        for (size_t c = 0; c <= cells; c++) sb_write_cell(d->stream, NAN);
        fputc('\n', d->stream);
    }
}

/* ---- which ---- */

static bool has_pixels(const sb_dataset *set)
{
    return set->output.height * set->output.width > 1;
}

/* A function of a place: on a line, of the line itself or a circle; in the plane, of a grid alone. */
static bool is_function(const sb_dataset *set)
{
    bool line = set->place_dim == 1 && sb_shape_size(set->input) <= 2, grid = strcmp(set->name, "grid") == 0;
    return !has_pixels(set) && set->n <= MOST_PLACES && (line || (set->place_dim == 2 && grid));
}

/* The last set that is one: places between, if there are any, else tests, else the training points. */
static bool draw_function(drawing *d)
{
    const sb_snapshots *shown = d->cas->snapshots;
    size_t from = SB_STATE_OUTPUTS + shown->numbers;
    for (size_t s = shown->sets; s-- > 0;) {
        const sb_dataset *set = &shown->set[s];
        from -= set->n * d->cas->outputs;
        if (!is_function(set)) continue;
        if (set->place_dim == 1) draw_data(d);
        draw_places(d, set, from);
        return true;
    }
    return false;
}

/* The first examples of the tests, or without them of the training set. */
static void draw_examples(drawing *d)
{
    const sb_snapshots *shown = d->cas->snapshots;
    size_t from = SB_STATE_OUTPUTS,
           skip = shown->sets > 1 && d->cas->tests > 0 && strcmp(shown->set[0].name, "train") == 0;
    size_t each = MOST_PICTURES / (shown->sets - skip);
    for (size_t s = 0; s < shown->sets; s++) {
        const sb_dataset *set = &shown->set[s];
        for (size_t i = 0; s >= skip && has_pixels(set) && i < set->n && i < (each ? each : 1); i++)
            draw_example(d, set, i, from);
        from += set->n * d->cas->outputs;
    }
}

/* Whether there is any. */
static bool makes_pictures(const sb_snapshots *shown)
{
    bool any = false;
    for (size_t s = 0; s < shown->sets; s++) any = any || is_function(&shown->set[s]) || has_pixels(&shown->set[s]);
    return any;
}

sb_status sb_frames_save(const sb_case *cas, const char *directory, size_t count, const double *const *states)
{
    sb_writer table = {0};
    if (!makes_pictures(cas->snapshots)) return SB_OK;
    sb_status status = sb_rundir_write(&table, directory, "snapshots/frames.tsv");
    if (status != SB_OK) return status;
    drawing d = {cas, table.stream, count, states, 0};
    fputs("picture\tset\texample\ta\tb\tgiven\twanted", table.stream);
    for (size_t i = 0; i < sb_snapshot_states(cas->snapshots); i++)
        sb_print(table.stream, "\tvalue_%zu\tmean_%zu\tlo_%zu\thi_%zu", i, i, i, i);
    fputc('\n', table.stream);
    if (!draw_function(&d)) draw_examples(&d);
    return sb_writer_close(&table, SB_OK);
}
