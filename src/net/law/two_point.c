#include <specbias/net.h>

#include <math.h>

static void wave(double t, sb_wave *wave)
{
    double s = sin(t), c = cos(t);
    *wave = (sb_wave){.mean = c, .first = s, .second = c, .area = s, .moment = (t * t - 2) * s + 2 * t * c};
}

const sb_law sb_law_two_point = {
    .name = "two_point",
    .title = "+scale or -scale",
    .sample = sb_rng_sign,
    .second_moment = 1,
    .fixed_abs = 1,
    .wave = wave,
};
