#ifndef SPECBIAS_CORE_CLOCK_H
#define SPECBIAS_CORE_CLOCK_H

/* Seconds of a clock that only runs forward, from some point in the past. */
double sb_seconds(void);

#endif
