#include "experiment/source/amplitude.h"

AMPLITUDE_SOURCE(heat_points, "heat.points", "the same for data of any density (theory/heat_points.c)",
                 "Molina, Petrache, Sahli Costabal, Courdurier (2024)");
