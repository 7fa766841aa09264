/* Kernels of networks of layers from the factors of their gradients (tangent.h): no Jacobian is formed. Factors of a
 * block of examples stand in a sheet, [examples][numbers] of each part; K is a grid of tiles, to each of which every
 * part adds an elementwise product of two Gram matrices. Two sheets and some tiles are all the memory beside K: where
 * they do not hold all, the mean over outputs takes some outputs at a time, or factors are written again for each pair
 * of blocks, whichever costs less.
 *
 * A tile adds its parts in order on one BLAS thread, so the bits do not depend on the number of threads.
 *
 * Bound: in + outputs back multiply-adds of a part for each pair, in + back of one that is alike in the mean. Measured
 * .66 to .74 of the FMA loop (AVX-512, one thread): four fifths of the time are OpenBLAS's products, at .84 to .92 of
 * it, a tenth is their packing. */
#include <specbias/kernel.h>

#include <math.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "core/linalg.h"
#include "core/numbers.h"
#include "core/parallel.h"
#include "kernel/nodes.h"

/* Rows of a tile of K: long ones pack less, but there must be enough of them for several threads. */
enum { SHORTEST = 128, LONGEST = 256, LEAST_TILES = 2, LEAST_CHUNK = 32 };
#define MEMORY 5e8 /* bytes of two sheets, unless a single tile needs more */

typedef struct sheet {
    const double *x; /* of its first example */
    size_t first, count;
    void *numbers, **in, **back; /* [parts] */
} sheet;

typedef struct grid {
    const sb_gram_spec *spec;
    const sb_factors *factors;
    bool single;
    size_t first, outputs; /* of the network, that are in the sheets */
    size_t per_row;        /* rows of K of an example: outputs, or 1 .. */
    bool sum;              /* .. for their mean */
    size_t tile;           /* examples */
    size_t columns;        /* of gram */
    double *gram;
    sheet *written;     /* being filled, .. */
    size_t chunk;       /* .. so many examples at a time */
    const sheet *a, *b; /* rows and columns; the same on the diagonal of a symmetric kernel: its lower triangle */
    size_t tasks;
    atomic_size_t next;
    double done, all; /* products of pairs of examples, for progress */
} grid;

/* ---- sheets ---- */

/* Numbers of a part's `back` of an example, of so many outputs or in their sum. */
static size_t back_of(const sb_part *part, bool sum, size_t outputs)
{
    return sum && part->alike ? part->back : outputs * part->back;
}

/* Numbers of an example in a sheet. */
static size_t numbers_of(const sb_factors *factors, bool sum, size_t outputs)
{
    size_t numbers = 0;
    for (size_t p = 0; p < factors->parts; p++)
        numbers += factors->part[p].in + back_of(&factors->part[p], sum, outputs);
    return numbers;
}

/* How the work is cut. */
typedef struct cut {
    size_t outputs, block, tile; /* at a time: outputs, examples of a sheet (whole tiles), of a tile */
} cut;

/* Multiplications of the mean of m rows and n columns with so many outputs at a time: products of inputs and of parts
 * that are alike are made for each group of outputs, factors of columns are written for each group and block of rows.
 */
static double cost_of(const sb_factors *f, double m, double n, double memory, size_t outputs)
{
    double in = 0, weights = 0, groups = ceil((double)f->outputs / (double)outputs);
    double blocks = ceil(m * (double)numbers_of(f, true, outputs) / memory);
    for (size_t p = 0; p < f->parts; p++) {
        in += (double)(f->part[p].in + (f->part[p].alike ? f->part[p].back : 0));
        weights += (double)(f->part[p].in * f->part[p].back);
    }
    return groups * (m * n * in + (m + blocks * n) * weights * (double)outputs);
}

static cut cut_work(const sb_gram_spec *spec, size_t m, size_t n)
{
    const sb_factors *f = spec->factors;
    double memory = (spec->memory > 0 ? spec->memory : MEMORY) / 2 / (double)number_size(f->single); /* numbers */
    bool full = spec->outputs == SB_OUTPUTS_FULL;
    size_t per_row = full ? f->outputs : 1, side = (m > n ? m : n) * per_row / LEAST_TILES / 16 * 16;
    side = side < SHORTEST ? SHORTEST : side > LONGEST ? LONGEST : side;
    cut c = {.outputs = f->outputs, .tile = per_row < side ? side / per_row : 1};
    double least = INFINITY;
    for (size_t some = f->outputs; !full; some = (some + 1) / 2) {
        double cost = cost_of(f, (double)m, (double)n, memory, some);
        if (cost < least) c.outputs = some;
        least = fmin(least, cost);
        if (some == 1) break;
    }
    size_t fit = (size_t)(memory / (double)(numbers_of(f, !full, c.outputs) + 1));
    if (fit < 1) fit = 1;
    if (c.tile > fit) c.tile = fit;
    c.block = fit / c.tile * c.tile;
    return c;
}

static sb_status open_sheet(const sb_factors *factors, size_t examples, bool sum, size_t outputs, sheet *s)
{
    size_t parts = factors->parts, used = 0;
    s->numbers = sb_pages(examples * numbers_of(factors, sum, outputs) * number_size(factors->single) + 64);
    s->in = malloc((2 * parts + 1) * sizeof *s->in);
    if (!s->numbers || !s->in) return sb_fail(SB_ERR_NOMEM, "no memory for the gradients of %zu examples", examples);
    s->back = s->in + parts;
    for (size_t p = 0; p < parts; p++) {
        s->in[p] = number_at(factors->single, s->numbers, used);
        used += examples * factors->part[p].in;
        s->back[p] = number_at(factors->single, s->numbers, used);
        used += examples * back_of(&factors->part[p], sum, outputs);
    }
    return SB_OK;
}

static void close_sheet(sheet *s)
{
    free(s->numbers);
    free(s->in);
}

/* A part's numbers from example i of the sheet on. */
static void *in_at(const grid *k, const sheet *s, size_t p, size_t i)
{
    return number_at(k->single, s->in[p], i * k->factors->part[p].in);
}

static void *back_at(const grid *k, const sheet *s, size_t p, size_t i)
{
    return number_at(k->single, s->back[p], i * back_of(&k->factors->part[p], k->sum, k->outputs));
}

/* One thread's share of the sheet that is being filled. */
static sb_status write_share(void *context, size_t index)
{
    grid *k = context;
    sheet *s = k->written;
    const sb_factors *f = k->factors;
    void *tape = malloc(f->tape * number_size(k->single) + 64), **in = malloc((2 * f->parts + 1) * sizeof *in);
    sb_status status =
        tape && in ? SB_OK : sb_fail(SB_ERR_NOMEM, "no memory for the gradients of %zu examples", f->tile);
    (void)index;
    for (size_t task; status == SB_OK && (task = atomic_fetch_add(&k->next, 1)) < k->tasks;) {
        size_t i = task * k->chunk, n = s->count - i < k->chunk ? s->count - i : k->chunk;
        for (size_t p = 0; p < f->parts; p++) {
            in[p] = in_at(k, s, p, i);
            in[f->parts + p] = back_at(k, s, p, i);
        }
        f->write(f->context, n, s->x + i * f->inputs, k->first, k->outputs, k->sum, tape, in, in + f->parts);
    }
    free(tape);
    free(in);
    return status;
}

static sb_status share(grid *k, size_t tasks, sb_status (*work)(void *context, size_t index))
{
    size_t threads = k->spec->threads ? k->spec->threads : sb_cores();
    k->tasks = tasks;
    atomic_store(&k->next, 0);
    return sb_parallel_for(threads, threads < tasks ? threads : tasks, work, k);
}

static sb_status write_sheet(grid *k, const double *x, size_t first, size_t count, sheet *s)
{
    s->x = x + first * k->factors->inputs;
    s->first = first;
    s->count = count;
    k->written = s;
    size_t tasks = (count + k->factors->tile - 1) / k->factors->tile;
    if (count > LEAST_CHUNK) tasks += tasks % 2; /* two threads are to have as much to do */
    k->chunk = (count + tasks - 1) / tasks;
    return share(k, (count + k->chunk - 1) / k->chunk, write_share);
}

/* ---- tiles ---- */

/* c = weight A B^T, added to c with `add`; rows of `inner` numbers; of A = B the lower triangle */
static void multiply(bool single, size_t rows, size_t columns, size_t inner, double weight, bool add, const void *a,
                     const void *b, void *c)
{
    if (single && a == b)
        sb_syrk_float(false, rows, inner, (float)weight, a, inner, add, c, columns);
    else if (single)
        sb_gemm_float(false, true, rows, columns, inner, (float)weight, a, inner, b, inner, add, c, columns);
    else if (a == b)
        sb_syrk_double(false, rows, inner, weight, a, inner, add, c, columns);
    else
        sb_gemm_double(false, true, rows, columns, inner, weight, a, inner, b, inner, add, c, columns);
}

/* sum[rows][columns] += product, each number times bias + that of its examples in pair[..][columns / per_row], unless
 * NULL; of a square with `lower` its lower triangle of examples. */
#define ADD_PRODUCT(real)                                                                                              \
    static void add_##real(size_t rows, size_t columns, size_t per_row, bool lower, real bias, const real *product,    \
                           const real *pair, double *sum)                                                              \
    {                                                                                                                  \
        for (size_t r = 0; r < rows; r++, product += columns, sum += columns) {                                        \
            size_t examples = lower ? r / per_row + 1 : columns / per_row;                                             \
            const real *line = pair ? pair + r / per_row * (columns / per_row) : NULL;                                 \
            if (!pair)                                                                                                 \
                for (size_t c = 0; c < examples * per_row; c++) sum[c] += (double)product[c];                          \
            else if (per_row == 1)                                                                                     \
                for (size_t c = 0; c < examples; c++) sum[c] += (double)((line[c] + bias) * product[c]);               \
            else                                                                                                       \
                for (size_t e = 0; e < examples; e++)                                                                  \
                    for (size_t c = e * per_row; c < (e + 1) * per_row; c++)                                           \
                        sum[c] += (double)((line[e] + bias) * product[c]);                                             \
        }                                                                                                              \
    }
ADD_PRODUCT(double)
ADD_PRODUCT(float)

/* Examples i .. i + m - 1 of sheet a with j .. j + n - 1 of sheet b, on the diagonal of a symmetric kernel the lower
 * triangle; work: three tiles of doubles. */
static void add_tile(const grid *k, size_t i, size_t m, size_t j, size_t n, double *work)
{
    size_t rows = m * k->per_row, columns = n * k->per_row;
    double *sum = work, *product = sum + rows * columns, *pair = product + rows * columns;
    bool lower = k->a == k->b && i == j;
    memset(work, 0, (lower ? 3 : 1) * rows * columns * sizeof *work); /* no product writes above the diagonal */
    for (size_t p = 0; p < k->factors->parts; p++) {
        const sb_part *part = &k->factors->part[p];
        bool paired = part->in > 0, direct = !paired && !k->single;
        multiply(k->single, rows, columns, back_of(part, k->sum, k->outputs / k->per_row), 1, direct,
                 back_at(k, k->a, p, i), back_at(k, k->b, p, j), direct ? sum : product);
        if (direct) continue;
        if (paired)
            multiply(k->single, m, n, part->in, part->weight2, false, in_at(k, k->a, p, i), in_at(k, k->b, p, j), pair);
        if (k->single)
            add_float(rows, columns, k->per_row, lower, (float)part->bias2, (const float *)product,
                      paired ? (const float *)pair : NULL, sum);
        else
            add_double(rows, columns, k->per_row, lower, part->bias2, product, pair, sum);
    }
    for (size_t r = 0; r < rows; r++) {
        double *to = k->gram + ((k->a->first + i) * k->per_row + r) * k->columns + (k->b->first + j) * k->per_row;
        for (size_t c = 0; c < (lower ? r + 1 : columns); c++) {
            double share = sum[r * columns + c] / (k->per_row > 1 ? 1 : (double)k->factors->outputs);
            to[c] = k->first == 0 ? share : to[c] + share;
        }
    }
}

/* Place of a tile: all of rows x columns, or of a triangle first what is below its diagonal, which takes longest. */
static void find_tile(const grid *k, size_t task, size_t across, size_t *row, size_t *column)
{
    bool triangle = k->a == k->b;
    size_t below = across * (across - 1) / 2;
    *row = triangle ? 1 : task / across;
    *column = triangle ? task : task % across;
    if (triangle && task >= below)
        *row = *column = task - below;
    else
        for (; triangle && *column >= *row; ++*row) *column -= *row;
}

/* One thread's share of the tiles. */
static sb_status multiply_share(void *context, size_t index)
{
    grid *k = context;
    size_t side = k->tile * k->per_row, across = (k->b->count + k->tile - 1) / k->tile;
    double *work = malloc(3 * side * side * sizeof *work);
    sb_status status = work ? SB_OK : sb_fail(SB_ERR_NOMEM, "no memory for %zu x %zu numbers", side, side);
    for (size_t task; status == SB_OK && (task = atomic_fetch_add(&k->next, 1)) < k->tasks;) {
        size_t i, j;
        find_tile(k, task, across, &i, &j);
        i *= k->tile;
        j *= k->tile;
        size_t m = k->a->count - i < k->tile ? k->a->count - i : k->tile;
        size_t n = k->b->count - j < k->tile ? k->b->count - j : k->tile;
        add_tile(k, i, m, j, n, work);
        if (index == 0)
            status = sb_monitor_progress(
                k->spec->monitor, "kernel",
                k->done + (double)k->a->count * (double)k->b->count * (double)task / (double)k->tasks, k->all);
    }
    free(work);
    return status;
}

static sb_status multiply_sheets(grid *k, const sheet *a, const sheet *b)
{
    k->a = a;
    k->b = b;
    size_t down = (a->count + k->tile - 1) / k->tile, across = (b->count + k->tile - 1) / k->tile;
    sb_status status = share(k, a == b ? down * (down + 1) / 2 : down * across, multiply_share);
    k->done += (double)a->count * (double)b->count;
    return status;
}

/* ---- all of it ---- */

/* With some of the outputs: rows x1[m] and columns x2[n], or with x2 = NULL the lower triangle of x1 with itself. */
static sb_status run_outputs(grid *k, size_t block, size_t m, const double *x1, size_t n, const double *x2, sheet *a,
                             sheet *b)
{
    sb_status status = SB_OK;
    for (size_t i = 0; i < m; i += block) {
        SB_TRY(write_sheet(k, x1, i, m - i < block ? m - i : block, a));
        if (!x2) SB_TRY(multiply_sheets(k, a, a));
        size_t end = x2 ? n : i;
        for (size_t j = 0; j < end; j += block) {
            SB_TRY(write_sheet(k, x2 ? x2 : x1, j, end - j < block ? end - j : block, b));
            SB_TRY(multiply_sheets(k, a, b));
        }
    }
done:
    return status;
}

static sb_status run(const sb_gram_spec *spec, size_t m, const double *x1, size_t n, const double *x2, double *gram)
{
    sb_status status = SB_OK;
    size_t most = m > n ? m : n, outputs = spec->factors->outputs;
    cut c = cut_work(spec, m, n);
    if (c.block > most) c.block = most;
    grid k = {.spec = spec,
              .factors = spec->factors,
              .single = spec->factors->single,
              .per_row = spec->outputs == SB_OUTPUTS_FULL ? outputs : 1,
              .sum = spec->outputs == SB_OUTPUTS_MEAN && outputs > 1,
              .tile = c.tile,
              .gram = gram,
              .all = (double)m * (double)(x2 ? n : m) * (double)((outputs + c.outputs - 1) / c.outputs)};
    sheet a = {0}, b = {0};
    k.columns = n * k.per_row;
    sb_blas_begin();
    SB_TRY(open_sheet(k.factors, c.block, k.sum, c.outputs, &a));
    if (x2 || m > c.block) SB_TRY(open_sheet(k.factors, c.block, k.sum, c.outputs, &b));
    for (; k.first < outputs; k.first += c.outputs) {
        k.outputs = outputs - k.first < c.outputs ? outputs - k.first : c.outputs;
        SB_TRY(run_outputs(&k, c.block, m, x1, n, x2, &a, &b));
    }
done:
    sb_blas_end();
    close_sheet(&a);
    close_sheet(&b);
    return status;
}

sb_status sb_gram_layers(const sb_gram_spec *spec, size_t n, const double *x, double *gram)
{
    size_t rows = n * (spec->outputs == SB_OUTPUTS_FULL ? spec->factors->outputs : 1);
    bool done;
    sb_status status = sb_gram_nodes(spec, n, x, gram, &done);
    if (status == SB_OK && !done) status = run(spec, n, x, n, NULL, gram);
    if (status == SB_OK) sb_mirror(spec->threads, rows, gram);
    return status;
}

sb_status sb_gram_layers_cross(const sb_gram_spec *spec, size_t m, const double *x1, size_t n, const double *x2,
                               double *gram)
{
    return run(spec, m, x1, n, x2, gram);
}
