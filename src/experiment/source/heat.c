#include "experiment/source/amplitude.h"

AMPLITUDE_SOURCE(heat, "heat", "damped heat equation of Fourier features (theory/heat.c)",
                 "Molina, Petrache, Sahli Costabal, Courdurier (2024)");
