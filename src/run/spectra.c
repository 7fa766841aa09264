/* spectra.tsv: set (of "all", training set and tests together), output (0: root of the sum of squares over all), state,
 * step, k, |f^| of the wanted function, |h^| and the relative error |h^ - f^| / |f^| of the network: mean and range of
 * the seeds.
 *
 * dominant.tsv: of each example that is a line the sizes at each frequency, wanted and in each state; examples in the
 * order of the frequency that is largest in the wanted line. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "case/spectra.h"
#include "run/snapshots.h"
#include "report/write.h"

enum { MOST_OUTPUTS = 10 }; /* up to which each has lines of its own */

/* Numbers of one state of spectra, and where the weight of a set is its share of the whole. */
typedef struct sizes {
    double wanted, found, error;
} sizes;

/* The real or imaginary part (bin j of 2 bins) of a column: of a set, or of all of them as one. */
static double sum_of(const sb_spectra *spectra, bool wanted, const double *note, size_t set, size_t j, size_t column)
{
    size_t at = j * spectra->columns + column, each = 2 * spectra->bins * spectra->columns;
    double sum = 0, examples = 0;
    if (set < spectra->sets) return wanted ? spectra->wanted[set][at] : note[set * each + at];
    for (size_t s = 0; s < spectra->sets; s++) {
        double n = (double)spectra->set[s]->n;
        sum += n * (wanted ? spectra->wanted[s][at] : note[s * each + at]);
        examples += n;
    }
    return sum / examples;
}

/* Of columns first .. first + count - 1 at frequency k. */
static sizes along_direction(const sb_spectra *spectra, const double *note, size_t set, size_t k, size_t first,
                             size_t count)
{
    sizes all = {0, 0, 0};
    for (size_t c = first; c < first + count; c++)
        for (size_t part = 0; part < 2; part++) {
            size_t j = k + part * spectra->bins;
            double f = sum_of(spectra, true, note, set, j, c), h = sum_of(spectra, false, note, set, j, c);
            all.wanted += f * f;
            all.found += h * h;
            all.error += (h - f) * (h - f);
        }
    return all;
}

static sizes along_line(const sb_spectra *spectra, const double *note, size_t set, size_t k, size_t first, size_t count)
{
    size_t cells = spectra->bins * spectra->columns;
    const double *found = note + set * 2 * cells, *error = found + cells;
    sizes all = {0, 0, 0};
    for (size_t c = first; c < first + count; c++) {
        size_t at = k * spectra->columns + c;
        all.wanted += pow(spectra->wanted[set][at], 2);
        all.found += pow(found[at], 2);
        all.error += pow(error[at], 2);
    }
    return all;
}

typedef struct spread {
    double mean, lo, hi;
} spread;

static void add(spread *to, double value, size_t count)
{
    to->mean += value / (double)count;
    to->lo = fmin(to->lo, value);
    to->hi = fmax(to->hi, value);
}

static void put_spread(FILE *stream, const spread *s)
{
    bool known = isfinite(s->mean);
    sb_write_cell(stream, s->mean);
    sb_write_cell(stream, known ? s->lo : NAN);
    sb_write_cell(stream, known ? s->hi : NAN);
}

/* What is written of a spectrum. */
typedef struct writing {
    const sb_case *cas;
    FILE *stream;
    size_t count; /* seeds */
    const double *const *states;
} writing;

/* One line: columns first .. of a set in a state at frequency k. An error beside no wanted amplitude (below 1e-10 of
 * the largest, `least`) is none. */
static void write_line(const writing *w, size_t set, size_t state, size_t k, size_t first, size_t columns, double least)
{
    const sb_snapshots *shown = w->cas->snapshots;
    const sb_spectra *spectra = w->cas->spectra;
    size_t offset = state * sb_state_size(shown);
    spread found = {0, INFINITY, -INFINITY}, error = found;
    double wanted = 0;
    for (size_t r = 0; r < w->count; r++) {
        const double *note = w->states[r] + offset + SB_STATE_OUTPUTS + shown->numbers;
        sizes s = spectra->line ? along_line(spectra, note, set, k, first, columns)
                                : along_direction(spectra, note, set, k, first, columns);
        wanted = sqrt(s.wanted);
        add(&found, sqrt(s.found), w->count);
        add(&error, wanted > least ? sqrt(s.error) / wanted : NAN, w->count);
    }
    bool alone = columns == spectra->columns;
    sb_print(w->stream, "%s\t%zu\t%zu", set < spectra->sets ? spectra->set[set]->name : "all", alone ? 0 : first + 1,
             state);
    sb_write_cell(w->stream, w->states[0][offset + SB_STATE_STEP]);
    sb_write_cell(w->stream, spectra->k[k]);
    sb_write_cell(w->stream, wanted);
    put_spread(w->stream, &found);
    put_spread(w->stream, &error);
    fputc('\n', w->stream);
}

static double largest_wanted(const sb_spectra *spectra, size_t set)
{
    size_t cells = (spectra->line ? 1 : 2) * spectra->bins * spectra->columns;
    double most = 0;
    for (size_t s = 0; s < spectra->sets; s++)
        for (size_t i = 0; i < cells && (s == set || set == spectra->sets); i++)
            most = fmax(most, fabs(spectra->wanted[s][i]));
    return most;
}

sb_status sb_spectra_save(const sb_case *cas, const char *directory, size_t count, const double *const *states)
{
    sb_writer table = {0};
    const sb_spectra *spectra = cas->spectra;
    size_t sets = spectra->sets + spectra->whole, columns = spectra->columns;
    size_t lists = columns > 1 && columns <= MOST_OUTPUTS ? 1 + columns : 1;
    sb_status status = sb_rundir_write(&table, directory, "snapshots/spectra.tsv");
    if (status != SB_OK) return status;
    writing w = {cas, table.stream, count, states};
    fputs("set\toutput\tstate\tstep\tk\twanted\tfound\tfound_lo\tfound_hi\terr\terr_lo\terr_hi\n", table.stream);
    for (size_t s = 0; s < sets; s++)
        for (size_t o = 0; o < lists; o++)
            for (size_t i = 0; i < sb_snapshot_states(cas->snapshots); i++)
                for (size_t k = 0; k < spectra->bins; k++)
                    write_line(&w, s, i, k, o > 0 ? o - 1 : 0, o > 0 ? 1 : columns, 1e-10 * largest_wanted(spectra, s));
    return sb_writer_close(&table, SB_OK);
}

/* ---- examples by their dominant frequency ---- */

enum { MOST_LINES = 200 }; /* of a set */

/* An example and where its wanted line is largest. */
typedef struct line {
    size_t example, dominant;
} line;

static int by_frequency(const void *a, const void *b)
{
    const line *p = a, *q = b;
    if (p->dominant != q->dominant) return p->dominant < q->dominant ? -1 : 1;
    return p->example < q->example ? -1 : p->example > q->example;
}

static size_t dominant_of(size_t bins, const double *size)
{
    size_t best = 1;
    for (size_t k = 1; k < bins; k++)
        if (size[k] > size[best]) best = k;
    return best;
}

/* size[1 + states][n][bins] of the mean over channels: wanted, then each state; h: of the first state. */
static sb_status measure(const sb_snapshots *shown, const sb_dataset *set, const double *h, size_t bins, double *size)
{
    size_t channels = set->output.channels, length = set->output.width, n = set->n, cells = n * bins;
    double *each = malloc((cells * channels + 1) * sizeof *each);
    if (!each) return sb_fail(SB_ERR_NOMEM, "no memory for spectra of %zu examples", n);
    sb_status status = SB_OK;
    for (size_t i = 0; status == SB_OK && i <= sb_snapshot_states(shown); i++) {
        const double *v = i == 0 ? set->y : h + (i - 1) * sb_state_size(shown);
        status = sb_line_spectra(n, length, channels, v, bins, each);
        for (size_t j = 0; status == SB_OK && j < cells; j++) {
            size[i * cells + j] = 0;
            for (size_t c = 0; c < channels; c++)
                size[i * cells + j] = hypot(size[i * cells + j], each[j * channels + c]);
        }
    }
    free(each);
    return status;
}

/* Frequencies up to a quarter beyond the highest dominant one. */
static void write_lines(const sb_snapshots *shown, const sb_dataset *set, const line *order, size_t bins,
                        const double *size, FILE *stream)
{
    size_t n = set->n, shownlines = n < MOST_LINES ? n : MOST_LINES;
    size_t top = order[n - 1].dominant + (order[n - 1].dominant + 3) / 4;
    if (top >= bins) top = bins - 1;
    for (size_t r = 0; r < shownlines; r++) {
        const line *one = &order[r * n / shownlines];
        for (size_t k = 0; k <= top; k++) {
            sb_print(stream, "%s\t%zu\t%zu\t%zu\t%zu", set->name, r + 1, one->example + 1, one->dominant, k);
            for (size_t i = 0; i <= sb_snapshot_states(shown); i++)
                sb_write_cell(stream, size[(i * n + one->example) * bins + k]);
            fputc('\n', stream);
        }
    }
}

static sb_status save_set(const sb_snapshots *shown, const sb_dataset *set, const double *h, FILE *stream)
{
    size_t n = set->n, bins = set->output.width / 2 + 1;
    double *size = malloc((1 + sb_snapshot_states(shown)) * n * bins * sizeof *size);
    line *order = malloc(n * sizeof *order);
    sb_status status = size && order ? measure(shown, set, h, bins, size)
                                     : sb_fail(SB_ERR_NOMEM, "no memory for spectra of %zu examples", n);
    for (size_t i = 0; status == SB_OK && i < n; i++) order[i] = (line){i, dominant_of(bins, size + i * bins)};
    if (status == SB_OK) {
        qsort(order, n, sizeof *order, by_frequency);
        write_lines(shown, set, order, bins, size, stream);
    }
    free(size);
    free(order);
    return status;
}

sb_status sb_dominant_save(const sb_case *cas, const char *directory, const double *states)
{
    sb_writer table = {0};
    const sb_snapshots *shown = cas->snapshots;
    const double *h = states + SB_STATE_OUTPUTS;
    if (cas->data.output.height != 1 || cas->data.output.width < 8) return SB_OK; /* no lines */
    sb_status status = sb_rundir_write(&table, directory, "snapshots/dominant.tsv");
    if (status != SB_OK) return status;
    fputs("set\trank\texample\tdominant\tk\twanted", table.stream);
    for (size_t i = 0; i < sb_snapshot_states(shown); i++) sb_print(table.stream, "\tvalue_%zu", i);
    fputc('\n', table.stream);
    for (size_t s = 0; s < shown->sets && status == SB_OK; s++) {
        bool tests = cas->tests > 0 && strcmp(shown->set[s].name, "train") == 0; /* they stand for it */
        if (!tests) status = save_set(shown, &shown->set[s], h, table.stream);
        h += shown->set[s].n * cas->outputs;
    }
    return sb_writer_close(&table, status);
}
