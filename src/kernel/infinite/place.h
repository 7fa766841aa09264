/* What the averages over shifted neurons share. */
#ifndef SPECBIAS_KERNEL_INFINITE_PLACE_H
#define SPECBIAS_KERNEL_INFINITE_PLACE_H

#include <specbias/kernel.h>

/* The gradient of z = scale w (x + l) by w is scale (x + l): scale^2. */
static inline double sb_place2(const sb_net_law *law)
{
    return law->place2 > 0 ? law->place2 : 1;
}

#endif
