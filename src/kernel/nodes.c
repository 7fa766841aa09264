/* The gradient of a smooth network of one input is a smooth function on the interval of the data, and so to rounding
 *
 *   J(x) = sum_k L_k(x) J(x_k),   K = L K(nodes) L^T,   L[n][q] of q Chebyshev nodes x_k:
 *
 * q^2 products of gradients for n^2. How many nodes it takes is found by comparing blocks on the diagonal, where every
 * unit counts by the square of its gradient, with the kernel itself, at as many examples.
 *
 * Bound: q^2 + 16 q products of gradients and 2 n q^2 + n^2 q flops for n^2 products. */
#include "kernel/nodes.h"

#include <math.h>
#include <stdlib.h>

#include "core/chebyshev.h"
#include "core/linalg.h"
#include "core/parallel.h"

enum { FEWEST = 32, MOST = 256, LEAST_GAIN = 3, BLOCK = 16, ROWS = 128 };
#define EXACT 1e-13 /* of K, relative to its largest number */
#define MARGIN 1.4

typedef struct nodes {
    sb_factors factors; /* as they are, of no smooth network: of them kernels are to be had without nodes */
    sb_gram_spec spec;
    size_t n, q;
    const double *x;
    double at[MOST], weight[MOST], *at_nodes;            /* K(nodes) */
    double most[MOST / BLOCK], difference[MOST / BLOCK]; /* of blocks that are compared */
    double *l;                                           /* [n][q] */
    double *gram;
} nodes;

/* block[count][columns] = L_rows K(nodes) L^T of the first columns; row[count][q] of L, work[count][q] */
static void interpolate(const nodes *p, size_t count, const double *row, size_t columns, const double *l, double *work,
                        double *block, size_t step)
{
    sb_gemm(count, p->q, p->q, row, p->at_nodes, work);
    sb_gemm_nt(count, columns, p->q, work, p->q, l, p->q, 0, block, step);
}

/* The larger one, or nan if one is. */
static double worse(double a, double b)
{
    return isnan(a) || a >= b ? a : b;
}

/* Of one block: the largest number and the largest difference from the kernel itself. */
static sb_status compare_block(void *context, size_t b)
{
    nodes *p = context;
    sb_gram_spec spec = p->spec;
    double x[BLOCK], direct[BLOCK * BLOCK], block[BLOCK * BLOCK], row[BLOCK * MOST], work[BLOCK * MOST];
    spec.threads = 1;
    spec.monitor = NULL;
    p->most[b] = p->difference[b] = 0;
    for (size_t i = 0; i < BLOCK; i++) {
        x[i] = p->x[(b + i * (p->q / BLOCK)) * (p->n - 1) / (p->q - 1)];
        sb_chebyshev_row(p->q, p->at, p->weight, x[i], row + i * p->q);
    }
    sb_status status = sb_gram_layers(&spec, BLOCK, x, direct);
    if (status == SB_OK) interpolate(p, BLOCK, row, BLOCK, row, work, block, BLOCK);
    for (size_t i = 0; status == SB_OK && i < BLOCK * BLOCK; i++) {
        p->most[b] = fmax(p->most[b], fabs(direct[i]));
        p->difference[b] = worse(p->difference[b], fabs(block[i] - direct[i]));
    }
    return status;
}

/* The largest error relative to the largest number, over blocks of examples, q in all. */
static sb_status compare(nodes *p, double *error)
{
    double most = 0, difference = 0;
    sb_status status = sb_parallel_for(p->spec.threads, p->q / BLOCK, compare_block, p);
    for (size_t b = 0; b < p->q / BLOCK; b++) {
        most = fmax(most, p->most[b]);
        difference = worse(difference, p->difference[b]);
    }
    *error = difference / most;
    return status;
}

/* The least q that is enough, or 0. Errors fall by the same factor for each node more, so that those of too few tell
 * how many it takes: with a margin, as they fall less at first. */
static sb_status find_nodes(nodes *p)
{
    sb_status status = SB_OK;
    for (p->q = FEWEST; p->q <= MOST && p->q * LEAST_GAIN <= p->n;) {
        double error, q = (double)p->q;
        sb_chebyshev_nodes(p->n, p->x, false, p->q, p->at, p->weight);
        SB_TRY(sb_gram_layers(&p->spec, p->q, p->at, p->at_nodes));
        SB_TRY(compare(p, &error));
        if (error <= EXACT) return SB_OK;
        if (!(error < 1)) break;
        double needed = q * log(EXACT) / log(error);
        if (needed > MOST) break;
        p->q = (size_t)fmin(MOST, BLOCK * floor((q + MARGIN * (needed - q)) / BLOCK + 1));
    }
    p->q = 0;
done:
    return status;
}

/* Some rows, to the end of their diagonal block: the last and longest first. */
static sb_status write_rows(void *context, size_t index)
{
    nodes *p = context;
    size_t first = ((p->n - 1) / ROWS - index) * ROWS, rows = p->n - first < ROWS ? p->n - first : ROWS;
    double *work = malloc(rows * p->q * sizeof *work);
    if (!work) return sb_fail(SB_ERR_NOMEM, "no memory for %zu x %zu numbers", rows, p->q);
    interpolate(p, rows, p->l + first * p->q, first + rows, p->l, work, p->gram + first * p->n, p->n);
    free(work);
    return SB_OK;
}

sb_status sb_gram_nodes(const sb_gram_spec *spec, size_t n, const double *x, double *gram, bool *done)
{
    bool one = spec->outputs == SB_OUTPUTS_MEAN || spec->factors->outputs == 1;
    sb_status status = SB_OK;
    nodes p = {.factors = *spec->factors, .spec = *spec, .n = n, .x = x, .gram = gram};
    p.factors.smooth = *done = false;
    p.spec.factors = &p.factors;
    if (!spec->factors->smooth || spec->factors->single || !one || n < LEAST_GAIN * FEWEST) return SB_OK;
    p.at_nodes = malloc(MOST * MOST * sizeof *p.at_nodes);
    if (!p.at_nodes) return sb_fail(SB_ERR_NOMEM, "no memory for a kernel at %d nodes", MOST);
    SB_TRY(find_nodes(&p));
    if (p.q == 0) goto done;
    p.l = malloc(n * p.q * sizeof *p.l);
    if (!p.l) {
        status = sb_fail(SB_ERR_NOMEM, "no memory for %zu points by %zu nodes", n, p.q);
        goto done;
    }
    for (size_t i = 0; i < n; i++) sb_chebyshev_row(p.q, p.at, p.weight, x[i], p.l + i * p.q);
    SB_TRY(sb_parallel_for(spec->threads, (n + ROWS - 1) / ROWS, write_rows, &p));
    *done = true;
done:
    free(p.at_nodes);
    free(p.l);
    return status;
}
