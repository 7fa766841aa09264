#include <stdlib.h>

#include <specbias/rng.h>
#include <specbias/rule.h>

sb_status sb_batches_init(sb_batches *batches, size_t n, size_t rows, bool independent, uint64_t seed, uint64_t stream)
{
    *batches = (sb_batches){.n = n,
                            .rows = rows == 0 || rows > n ? n : rows,
                            .independent = independent,
                            .seed = seed,
                            .stream = stream,
                            .order = malloc((n + 1) * sizeof *batches->order),
                            .place = UINT64_MAX};
    return batches->order ? SB_OK : sb_fail(SB_ERR_NOMEM, "no memory for batches of %zu examples", n);
}

void sb_batches_clear(sb_batches *batches)
{
    free(batches->order);
    *batches = (sb_batches){0};
}

/* Fisher and Yates from the end: the last `count` are a random choice in random order. */
static void shuffle(sb_batches *b, uint64_t place, size_t count)
{
    sb_rng rng = sb_rng_at(b->seed, b->stream, place);
    for (size_t i = 0; i < b->n; i++) b->order[i] = i;
    for (size_t i = b->n; i > 1 && i > b->n - count; i--) {
        size_t j = (size_t)(sb_rng_uniform(&rng) * (double)i), held = b->order[i - 1];
        b->order[i - 1] = b->order[j];
        b->order[j] = held;
    }
    b->place = place;
}

const size_t *sb_batches_at(sb_batches *b, size_t step, size_t *count)
{
    size_t n = b->n, rows = b->rows, of_pass = (n + rows - 1) / rows, first = step % of_pass * rows;
    *count = rows;
    if (rows == n) return NULL;
    if (b->independent) {
        if (step != b->place) shuffle(b, step, rows);
        return b->order + (n - rows);
    }
    if (step / of_pass != b->place) shuffle(b, step / of_pass, n);
    if (first + rows > n) *count = n - first;
    return b->order + first;
}
