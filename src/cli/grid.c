#include "cli/grid.h"

#ifndef SB_MPI
sb_status grid_open(const sb_config *config, sb_status status, bool *served)
{
    (void)config;
    *served = false;
    return status;
}

void grid_close(void) {}

#else

#include <mpi.h>
#include <stdlib.h>
#include <string.h>

#include "cli/ranks.h"
#include "core/linalg.h"
#include "core/text.h"
#include "run/kernel/view.h"

/* BLACS and ScaLAPACK, which bring no header: netlib.org/scalapack */
void Cblacs_get(int context, int what, int *value);
void Cblacs_gridinit(int *context, const char *order, int rows, int columns);
void Cblacs_gridinfo(int context, int *rows, int *columns, int *row, int *column);
void Cpdgemr2d(int m, int n, double *a, int ia, int ja, int *desc_a, double *b, int ib, int jb, int *desc_b, int all);
int numroc_(const int *n, const int *block, const int *process, const int *first, const int *processes);
void pdsyevd_(const char *job, const char *triangle, const int *n, double *a, const int *ia, const int *ja,
              const int *desc_a, double *values, double *z, const int *iz, const int *jz, const int *desc_z,
              double *work, const int *lwork, int *iwork, const int *liwork, int *info);

enum { TILE = 64 };         /* rows and columns of a tile of pdsyevd */
enum { STOP, SYEVD, GRAM }; /* what rank 0 asks for */
static int ranks = 1, me;
static int alone, strips, tiles; /* contexts: rank 0; 1 x ranks; the squarest grid of all */

/* ---- all ranks ---- */

/* The status of the first rank that is not well, on all. */
static sb_status agree(sb_status status)
{
    struct {
        int well, rank;
    } mine = {status == SB_OK, me}, worst;
    int code = (int)status;
    char text[1024];
    MPI_Allreduce(&mine, &worst, 1, MPI_2INT, MPI_MINLOC, MPI_COMM_WORLD);
    if (worst.well) return SB_OK;
    sb_format(text, sizeof text, "%s", sb_error_text());
    MPI_Bcast(&code, 1, MPI_INT, worst.rank, MPI_COMM_WORLD);
    MPI_Bcast(text, sizeof text, MPI_CHAR, worst.rank, MPI_COMM_WORLD);
    return sb_fail((sb_status)code, "%s", text);
}

static int new_context(int rows, int columns)
{
    int context;
    Cblacs_get(-1, 0, &context);
    Cblacs_gridinit(&context, "Row", rows, columns);
    return context; /* -1: this rank is not part of it */
}

static void open_contexts(void)
{
    int rows = 1;
    for (int r = 1; r * r <= ranks; r++)
        if (ranks % r == 0) rows = r;
    alone = new_context(1, 1);
    strips = new_context(1, ranks);
    tiles = new_context(rows, ranks / rows);
}

/* A matrix [n][n] by columns, over a context in blocks: ScaLAPACK's descriptor, and what of it is here. */
typedef struct layout {
    int desc[9];
    size_t rows, columns;
} layout;

static layout lay_out(int context, size_t n, size_t row_block, size_t column_block)
{
    int rows, columns, row, column, size = (int)n, r = (int)row_block, c = (int)column_block, first = 0;
    layout l = {.desc = {1, context, size, size, r, c, 0, 0, 1}};
    if (context < 0) return l;
    Cblacs_gridinfo(context, &rows, &columns, &row, &column);
    l.rows = (size_t)numroc_(&size, &r, &row, &first, &rows);
    l.columns = (size_t)numroc_(&size, &c, &column, &first, &columns);
    if (l.rows > 1) l.desc[8] = (int)l.rows;
    return l;
}

/* B = A, each in its layout. */
static void copy(size_t n, double *a, layout *of_a, double *b, layout *of_b)
{
    int size = (int)n, step = (1 << 27) / size; /* pdgemr2d counts bytes of its buffers in an int */
    for (int j = 0; j < size; j += step)
        Cpdgemr2d(size, j + step < size ? step : size - j, a, 1, j + 1, of_a->desc, b, 1, j + 1, of_b->desc, strips);
}

static sb_status room(double **numbers, size_t count)
{
    *numbers = calloc(count + 1, sizeof **numbers);
    return agree(*numbers ? SB_OK : sb_fail(SB_ERR_NOMEM, "rank %d has no memory for %zu numbers", me, count));
}

/* ---- all eigenpairs ---- */

/* A = Z diag(values) Z^T of tiles, A is used up: the sizes of its work first, as pdsyevd asks. */
static sb_status solve(size_t n, double *a, double *z, layout *l, double *values)
{
    double best = 0, *work = &best;
    int size = (int)n, one = 1, lwork = -1, least = 0, *iwork = &least, liwork = -1, info = 0;
    pdsyevd_("V", "L", &size, a, &one, &one, l->desc, values, z, &one, &one, l->desc, work, &lwork, iwork, &liwork,
             &info);
    lwork = (int)best;
    liwork = least;
    sb_status status = room(&work, (size_t)lwork + (size_t)liwork / 2 + 1);
    if (status == SB_OK)
        pdsyevd_("V", "L", &size, a, &one, &one, l->desc, values, z, &one, &one, l->desc, work, &lwork,
                 (int *)(work + lwork), &liwork, &info);
    free(work);
    if (status != SB_OK) return status;
    return agree(info == 0 ? SB_OK : sb_fail(SB_ERR_NUMERIC, "pdsyevd did not converge (info = %d)", info));
}

/* As sb_syevd; `vectors` and `values` are of rank 0 alone. */
static sb_status do_syevd(size_t n, double *vectors, double *values)
{
    sb_status status = SB_OK;
    double *a = NULL, *z = NULL, *lambda = NULL;
    layout whole = lay_out(alone, n, n, n), shared = lay_out(tiles, n, TILE, TILE);
    SB_TRY(room(&a, shared.rows * shared.columns));
    SB_TRY(room(&z, shared.rows * shared.columns));
    SB_TRY(room(&lambda, n));
    copy(n, vectors, &whole, a, &shared);
    SB_TRY(solve(n, a, z, &shared, lambda));
    copy(n, z, &shared, vectors, &whole);
    if (values) memcpy(values, lambda, n * sizeof *values);
done:
    free(a);
    free(z);
    free(lambda);
    return status;
}

/* ---- Gram matrices ---- */

/* Rows first .. first + count - 1 up to the diagonal, which are columns of the upper triangle, n numbers apart. */
static sb_status write_columns(sb_view_rows *rows, size_t n, size_t first, size_t count, double *column)
{
    size_t width = first + count;
    sb_status status = sb_view_write_rows(rows, first, count, column);
    for (size_t i = count; i-- > 1;) memmove(column + i * n, column + i * width, width * sizeof *column);
    return status;
}

/* Every rank makes its blocks of rows of its view, dealt round, some four each; rank 0 gets all of them. */
static sb_status do_gram(const sb_view *of, int kernel, double factor, uint64_t seed, double *gram)
{
    sb_status status = SB_OK;
    sb_view_rows rows = {.view = of, .kernel = (sb_view_kernel)kernel};
    size_t n = of->rows, block = (n / (4 * (size_t)ranks) / of->per_row + 1) * of->per_row, at = 0;
    layout whole = lay_out(alone, n, n, n), mine = lay_out(strips, n, n, block);
    double *column = NULL;
    SB_TRY(room(&column, n * mine.columns));
    if (kernel == SB_VIEW_EMPIRICAL) status = sb_network_start(&of->cas, factor, seed, SB_STREAM_TRAIN, &rows.network);
    for (size_t first = (size_t)me * block; first < n && status == SB_OK; first += (size_t)ranks * block) {
        size_t count = n - first < block ? n - first : block;
        status = write_columns(&rows, n, first, count, column + at * n);
        at += count;
    }
    SB_TRY(agree(status));
    copy(n, column, &mine, gram, &whole);
    if (gram) sb_mirror(1, n, gram); /* the other halves were never made */
done:
    sb_network_clear(&rows.network);
    free(column);
    return status;
}

/* ---- rank 0 asks, the others serve ---- */

typedef struct order {
    int what, kernel;
    size_t n;
    double factor;
    uint64_t seed;
} order;

static void ask(order *o)
{
    MPI_Bcast(o, sizeof *o, MPI_BYTE, 0, MPI_COMM_WORLD);
}

static sb_status ask_syevd(size_t n, double *vectors, double *values)
{
    ask(&(order){.what = SYEVD, .n = n});
    return do_syevd(n, vectors, values);
}

static sb_status ask_gram(const sb_view *of, int kernel, double factor, uint64_t seed, double *gram)
{
    ask(&(order){.what = GRAM, .n = of->rows, .kernel = kernel, .factor = factor, .seed = seed});
    sb_status status = agree(SB_OK); /* to the views of the others */
    return status == SB_OK ? do_gram(of, kernel, factor, seed, gram) : status;
}

/* Whatever fails is told to rank 0, which decides whether to go on. */
static void serve(const sb_config *config)
{
    order o = {0};
    sb_view view = {0};
    for (ask(&o); o.what != STOP; ask(&o)) {
        if (o.what == SYEVD) do_syevd(o.n, NULL, NULL);
        if (o.what == SYEVD) continue;
        sb_status status = view.config ? SB_OK : sb_view_create(config, NULL, &view);
        if (status == SB_OK && view.rows != o.n) status = sb_fail(SB_ERR_INPUT, "rank %d finds other data", me);
        status = agree(status);
        if (status == SB_OK) do_gram(&view, o.kernel, o.factor, o.seed, NULL);
    }
    if (view.config) sb_view_clear(&view);
}

sb_status grid_open(const sb_config *config, sb_status status, bool *served)
{
    static sb_ranks grid = {.syevd = ask_syevd, .gram = ask_gram};
    size_t rank = 0;
    sb_status opened = ranks_open(&rank);
    me = (int)rank;
    MPI_Comm_size(MPI_COMM_WORLD, &ranks);
    *served = me > 0;
    status = agree(status == SB_OK ? opened : status); /* a rank may not find the files */
    if (status != SB_OK || ranks == 1) return status;
    open_contexts();
    grid.processes = (size_t)ranks;
    if (*served)
        serve(config);
    else
        sb_ranks_set(&grid);
    return SB_OK;
}

void grid_close(void)
{
    if (sb_ranks_of(SIZE_MAX)) ask(&(order){.what = STOP}); /* they wait */
    ranks_close();
}

#endif
