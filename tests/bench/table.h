/* Items measured in interleaved rounds, each between two measurements of its yardstick, and the table of their medians.
 */
#ifndef SPECBIAS_BENCH_TABLE_H
#define SPECBIAS_BENCH_TABLE_H

#include <malloc.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "yardstick.h"

#define MAX_ROUNDS 25
#define LEAST 10e-3 /* seconds that a measurement takes at least */

/* Zeroes on cache lines; no memory ends the program. */
static inline double *new_doubles(size_t n)
{
    double *values = aligned_alloc(64, (n * sizeof *values + 63) / 64 * 64 + 64);
    if (!values) {
        fprintf(stderr, "no memory for %zu numbers\n", n);
        exit(EXIT_FAILURE);
    }
    for (size_t i = 0; i < n; i++) values[i] = 0;
    return values;
}

/* OpenBLAS reads these when it is loaded, before main: they must be gone before the program starts. */
static inline void without_blas_settings(char **arguments)
{
    static const char *const names[] = {"OPENBLAS_CORETYPE", "OPENBLAS_L2_SIZE"};
    bool found = false;
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        if (!getenv(names[i])) continue;
        printf("note: %s=%s was set; starting again without it\n", names[i], getenv(names[i]));
        unsetenv(names[i]);
        found = true;
    }
    fflush(stdout);
    if (found) execv("/proc/self/exe", arguments);
    if (found) perror("cannot start again, going on with these settings");
}

/* Into the folder that BENCH_DUMP names, NAME.f64: what was computed, and from what, for those who compare. */
static inline void dump(const char *name, size_t n, const double *values)
{
    char path[1024];
    if (!getenv("BENCH_DUMP")) return;
    snprintf(path, sizeof path, "%s/%s.f64", getenv("BENCH_DUMP"), name);
    FILE *stream = fopen(path, "wb");
    if (stream) fwrite(values, sizeof *values, n, stream);
    if (!stream || fclose(stream) != 0) perror(path);
}

typedef struct reading {
    double value; /* as measured */
    double ratio; /* to the yardstick of the same moment */
} reading;

typedef struct item item;

typedef struct section {
    const char *title, *value_unit, *ratio_unit;
    /* from the seconds of one call and the yardstick's rate, in flops per second */
    reading (*convert)(const item *what, double seconds, double rate);
    bool rate; /* also say size / time; the value is in ms */
} section;

struct item {
    const section *section;
    const char *title;
    size_t threads;
    /* the yardstick: floating-point operations per second */
    sb_status (*yardstick)(size_t threads, double *rate);
    /* what is timed; or, where that takes more than calling it, `measure`, which says how long one call takes */
    sb_status (*call)(size_t threads);
    sb_status (*measure)(size_t threads, double *seconds);
    double size;  /* elements, or floating-point operations, of one call */
    double limit; /* of the ratio; 0: none */
    reading rounds[MAX_ROUNDS];
    double seconds[MAX_ROUNDS]; /* of one call */
    double megabytes;           /* at the peak of the first round, beside what was there before */
    double peak[MAX_ROUNDS];    /* part of the FMA loop's rate of that moment; nan where operations are not counted */
};

/* Seconds of one call. */
static inline sb_status repeat(sb_status (*call)(size_t threads), size_t threads, double *seconds)
{
    double began = seconds_now(threads), calls = 0;
    do {
        sb_status status = call(threads);
        if (status != SB_OK) return status;
        calls++;
        *seconds = seconds_now(threads) - began;
    } while (*seconds < LEAST);
    *seconds /= calls;
    return SB_OK;
}

/* A line of /proc/self/status, in MB; 0 when there is none. */
static inline double memory(const char *name)
{
    char line[256];
    double kilobytes = 0;
    FILE *stream = fopen("/proc/self/status", "r");
    while (stream && fgets(line, sizeof line, stream))
        if (strncmp(line, name, strlen(name)) == 0) kilobytes = strtod(line + strlen(name), NULL);
    if (stream) fclose(stream);
    return kilobytes / 1000;
}

/* Sets the peak of resident memory back to what is in use now. */
static inline bool reset_peak(void)
{
#if defined(__GLIBC__)
    malloc_trim(0); /* freed memory that the process holds would hide the rise */
#endif
    FILE *stream = fopen("/proc/self/clear_refs", "w");
    bool written = stream && fputs("5", stream) >= 0;
    return stream && fclose(stream) == 0 && written;
}

/* Between two looks at the yardstick, whose mean time counts. */
static inline sb_status item_round(item *what, size_t round)
{
    double before, after, seconds;
    sb_status status = what->yardstick(what->threads, &before);
    if (status == SB_OK && what->measure) status = what->measure(what->threads, &seconds);
    if (status == SB_OK && what->call) status = repeat(what->call, what->threads, &seconds);
    if (status == SB_OK) status = what->yardstick(what->threads, &after);
    if (status != SB_OK) return status;
    what->rounds[round] = what->section->convert(what, seconds, 2 / (1 / before + 1 / after));
    what->seconds[round] = seconds;
    what->peak[round] = NAN;
    if (!what->section->rate) return SB_OK;
    status = fma_rate(what->threads, &after);
    what->peak[round] = what->size / seconds / after;
    return status;
}

/* ---- which rows ---- */

/* PROGRAM [ROUNDS [ROW]]: rows whose "section/title" has that in it, or with "ROW$" ends in it. */
typedef struct request {
    size_t rounds;
    const char *row;
} request;

static inline bool read_request(int count, char **arguments, size_t rounds, request *asked)
{
    *asked = (request){count > 1 ? strtoul(arguments[1], NULL, 10) : rounds, count > 2 ? arguments[2] : ""};
    if (count <= 3 && asked->rounds >= 1 && asked->rounds <= MAX_ROUNDS) return true;
    fprintf(stderr, "usage: %s [ROUNDS [ROW]], 1 to %d rounds of the rows with ROW in their \"section/title\"\n",
            arguments[0], MAX_ROUNDS);
    return false;
}

/* Rows for several threads are none on a machine with one core. */
static inline bool is_asked(const request *asked, const item *what)
{
    char name[128];
    snprintf(name, sizeof name, "%s/%s", what->section->title, what->title);
    size_t all = strlen(name), some = strlen(asked->row);
    if (what->threads == 0) return false;
    if (some == 0 || asked->row[some - 1] != '$') return strstr(name, asked->row) != NULL;
    return all + 1 >= some && strncmp(name + all + 1 - some, asked->row, some - 1) == 0;
}

/* The first round warms up. */
static inline sb_status one_round(const request *asked, size_t count, item *items, size_t round)
{
    sb_status status = SB_OK;
    for (size_t i = 0; i < count && status == SB_OK; i++) {
        if (!is_asked(asked, &items[i])) continue;
        bool known = round == 0 && reset_peak();
        double before = memory("VmRSS:");
        status = item_round(&items[i], round == 0 ? 0 : round - 1);
        if (round == 0) items[i].megabytes = known && before > 0 ? memory("VmHWM:") - before : NAN;
    }
    return status;
}

typedef struct spread {
    double median, min, max;
} spread;

static inline int ascending(const void *a, const void *b)
{
    double difference = *(const double *)a - *(const double *)b;
    return (difference > 0) - (difference < 0);
}

static inline spread spread_of(size_t n, double *values)
{
    qsort(values, n, sizeof *values, ascending);
    return (spread){(values[(n - 1) / 2] + values[n / 2]) / 2, values[0], values[n - 1]};
}

/* Three digits, or all of a whole number. */
static inline int decimals(double value)
{
    double size = fabs(value);
    return size >= 99.5 ? 0 : size >= 9.95 ? 1 : size >= 0.995 ? 2 : 3;
}

static inline void print_spread(spread s, int width)
{
    int d = decimals(s.median);
    char text[64];
    snprintf(text, sizeof text, "%.*f (%.*f - %.*f)", d, s.median, d, s.min, d, s.max);
    printf("%*s", width, text);
}

static inline void print_heading(const section *s)
{
    printf("\n%-44s%21s%22s\n", s->title, s->value_unit, s->ratio_unit);
}

static inline void print_item(const item *what, size_t rounds)
{
    double value[MAX_ROUNDS], ratio[MAX_ROUNDS], peak[MAX_ROUNDS];
    char title[64];
    for (size_t i = 0; i < rounds; i++) {
        value[i] = what->rounds[i].value;
        ratio[i] = what->rounds[i].ratio;
        peak[i] = what->peak[i];
    }
    spread values = spread_of(rounds, value), ratios = spread_of(rounds, ratio);
    snprintf(title, sizeof title, "  %s, %zu thread%s", what->title, what->threads, what->threads == 1 ? "" : "s");
    printf("%-44s", title);
    print_spread(values, 21);
    print_spread(ratios, 22);
    if (what->limit > 0 && ratios.median <= what->limit) printf("  within limit %.3g", what->limit);
    if (what->limit > 0 && !(ratios.median <= what->limit)) printf("  ABOVE LIMIT %.3g", what->limit);
    if (what->section->rate)
        printf("  %.1f GF/s, %.0f %% of FMA", 1e-6 * what->size / values.median, 100 * spread_of(rounds, peak).median);
    if (what->megabytes >= 1) printf("  %.0f MB", what->megabytes);
    printf("\n");
}

/* To the file that BENCH_TSV names, a line per row behind those that stand there. */
static inline void write_items(const request *asked, size_t count, const item *items, size_t rounds)
{
    const char *path = getenv("BENCH_TSV");
    FILE *stream = path ? fopen(path, "a") : NULL;
    if (path && !stream) perror(path);
    if (!stream) return;
    if (ftell(stream) == 0)
        fputs("section\trow\tthreads\tseconds\tmin\tmax\tratio\tratio_unit\tfma\tpeak_mb\n", stream);
    for (size_t i = 0; i < count; i++) {
        double seconds[MAX_ROUNDS], ratio[MAX_ROUNDS], peak[MAX_ROUNDS];
        if (!is_asked(asked, &items[i])) continue;
        for (size_t r = 0; r < rounds; r++) {
            seconds[r] = items[i].seconds[r];
            ratio[r] = items[i].rounds[r].ratio;
            peak[r] = items[i].peak[r];
        }
        spread s = spread_of(rounds, seconds);
        fprintf(stream, "%s\t%s\t%zu\t%.6g\t%.6g\t%.6g\t%.4g\t%s\t%.3f\t%.1f\n", items[i].section->title,
                items[i].title, items[i].threads, s.median, s.min, s.max, spread_of(rounds, ratio).median,
                items[i].section->ratio_unit, spread_of(rounds, peak).median, items[i].megabytes);
    }
    if (fclose(stream) != 0) perror(path);
}

/* A heading where a section begins. */
static inline void print_items(const request *asked, size_t count, const item *items, size_t rounds)
{
    const section *last = NULL;
    for (size_t i = 0; i < count; i++) {
        if (!is_asked(asked, &items[i])) continue;
        if (items[i].section != last) print_heading(items[i].section);
        last = items[i].section;
        print_item(&items[i], rounds);
    }
    write_items(asked, count, items, rounds);
}

#endif
