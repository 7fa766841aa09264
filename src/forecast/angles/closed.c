#include "forecast/angles/closed.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "case/network.h"
#include "forecast/angles/path.h"

/* square[layers] of the weights of the first seed at its start */
static sb_status mean_squares(const sb_case *cas, const sb_angles_spec *spec, double *square)
{
    sb_network network = {0};
    sb_status status = sb_network_start(cas, 1, (uint64_t)cas->config->seeds_first, SB_STREAM_TRAIN, &network);
    for (size_t l = 0; status == SB_OK && l < spec->layers; l++) {
        const sb_conv_part *p = &spec->part[l];
        size_t count = p->units * p->taps * p->channels;
        square[l] = 0;
        for (size_t i = 0; i < count; i++) square[l] += pow(network.theta[p->weight + i], 2) / (double)count;
    }
    sb_network_clear(&network);
    return status;
}

/* Late share of the error on a test set's band, nan without such a set. */
static double late_of(const sb_case *cas, const sb_angles_spec *spec, const char *name)
{
    const double *band = cas->config->data_bands.v + 2;
    for (size_t t = 0; t < cas->tests; t++)
        if (strcmp(cas->test[t].name, name) == 0) return sb_angles_late(spec, band[2 * t], band[2 * t + 1]);
    return NAN;
}

sb_status sb_closed_forms(const sb_case *cas, sb_closed *closed)
{
    sb_status status = SB_OK;
    sb_conv_stack stack;
    double square[SB_MOST_CONV], *rate = NULL;
    *closed = (sb_closed){.late = NAN};
    SB_TRY(sb_conv_open(cas, &stack));
    rate = malloc(2 * stack.spec.modes * sizeof *rate);
    if (!rate) SB_TRY(sb_fail(SB_ERR_NOMEM, "no memory for %zu frequencies", stack.spec.modes));
    SB_TRY(mean_squares(cas, &stack.spec, square));
    SB_TRY(sb_angles_frozen(&stack.spec, square, rate));
    for (size_t i = 0; i < SB_CLOSED_RATES; i++) closed->rate[i] = i < 2 * stack.spec.modes ? rate[i] : NAN;
    closed->late = late_of(cas, &stack.spec, "low") / late_of(cas, &stack.spec, "high");
done:
    free(rate);
    sb_conv_clear(&stack);
    return status;
}
