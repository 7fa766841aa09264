#ifndef SPECBIAS_EXPERIMENT_SOURCE_H
#define SPECBIAS_EXPERIMENT_SOURCE_H

#include <specbias/experiment.h>

#define SOURCE(name) extern const sb_source sb_source_##name;
#include "experiment/source/list.def"
#undef SOURCE

#endif
