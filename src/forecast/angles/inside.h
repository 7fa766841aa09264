/* What the files of this folder share. */
#ifndef SPECBIAS_FORECAST_ANGLES_INSIDE_H
#define SPECBIAS_FORECAST_ANGLES_INSIDE_H

#include "forecast/angles/angles.h"

/* Rows of a state: the wave that decides on masks, the mean, the factors of the rest. */
enum { SB_WAVE, SB_MEAN, SB_FACTORS };

struct sb_angles {
    size_t layers;
    sb_conv_part *part; /* [layers] */
    double output_scale;
    size_t states, rows; /* phases times radii; rows of each */
    double *weight;      /* [states] sum 1 */
    double *wanted;      /* [states] of the mean */
    size_t *width;       /* [layers + 1] positions before each layer; the last is 1 */
    double **value;      /* [layers + 1] [states][rows][width][channels] */
    double *slope[2];    /* gradients by two of them */
};

/* weight, wanted and value[0] of a spec; sets rows, and makes room for them. */
sb_status sb_angles_fill(const sb_angles_spec *spec, sb_angles *angles);

#endif
