#include "experiment/source/amplitude.h"

AMPLITUDE_SOURCE(heat_rate, "heat.rate", "rate law exp(-rate t) per frequency, without coupling (theory/heat_rate.c)",
                 "Molina, Petrache, Sahli Costabal, Courdurier (2024)");
