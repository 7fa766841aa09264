/* Laws of the initial weights of layers. */
#ifndef SPECBIAS_NET_INIT_H
#define SPECBIAS_NET_INIT_H

#include <specbias/model.h>

typedef struct sb_init {
    const char *name, *title;
    const char *argument; /* what its number is called; NULL: it takes none */
    bool normal;          /* or always 0 */
    double (*sample)(sb_rng *rng, double argument, double fan_in, double fan_out);
    double (*variance)(double argument, double fan_in, double fan_out);
} sb_init;

/* "gaussian(0.1)" */
sb_status sb_init_parse(const char *text, const sb_init **init, double *argument);

#endif
