#include <specbias/rng.h>

#include <math.h>

#include <Random123/philox.h>

sb_rng sb_rng_at(uint64_t seed, uint64_t stream, uint64_t index)
{
    return (sb_rng){.key = {seed, stream}, .index = index};
}

static uint64_t next_word(sb_rng *rng)
{
    if (rng->left == 0) {
        philox4x64_ctr_t counter = {{rng->block++, rng->index, 0, 0}};
        philox4x64_key_t key = {{rng->key[0], rng->key[1]}};
        philox4x64_ctr_t random = philox4x64(counter, key);
        for (int i = 0; i < 4; i++) rng->word[i] = random.v[i];
        rng->left = 4;
    }
    return rng->word[4 - rng->left--];
}

double sb_rng_uniform(sb_rng *rng)
{
    return ((double)(next_word(rng) >> 12) + 0.5) * 0x1p-52; /* 53 bits would round up to 1 */
}

/* Box-Muller: two words give one number, so draws stay aligned with the counter. */
double sb_rng_normal(sb_rng *rng)
{
    double radius = sqrt(-2 * log(sb_rng_uniform(rng)));
    return radius * cos(2 * M_PI * sb_rng_uniform(rng));
}

double sb_rng_sign(sb_rng *rng)
{
    return next_word(rng) >> 63 ? 1.0 : -1.0;
}
