/* Laws of the initial weights of layers: a law of unit scale (law.h) times a size. */
#ifndef SPECBIAS_NET_INIT_H
#define SPECBIAS_NET_INIT_H

#include <specbias/model.h>

typedef struct sb_init {
    const char *name, *title;
    const char *argument; /* what its number is called; NULL: it takes none */
    const sb_law *law;
    double (*size)(double argument, double fan_in, double fan_out);
} sb_init;

/* Of one layer; init NULL: all are zero. */
typedef struct sb_init_law {
    const sb_init *init;
    double argument;
} sb_init_law;

/* "gaussian(0.1)" */
sb_status sb_init_parse(const char *text, sb_init_law *law);
/* Whether there is one of that name. */
bool sb_init_known(const char *name);
/* Or always 0. */
bool sb_init_normal(const sb_init_law *law);
double sb_init_size(const sb_init_law *law, double fan_in, double fan_out);
/* <w^2> */
double sb_init_variance(const sb_init_law *law, double fan_in, double fan_out);
/* Where the size is 0 no random number is drawn. */
double sb_init_sample(const sb_init_law *law, sb_rng *rng, double fan_in, double fan_out);

#endif
