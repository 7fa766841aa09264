#ifndef SPECBIAS_DATA_SET_H
#define SPECBIAS_DATA_SET_H

#include <specbias/dataset.h>

#define SET(name) extern const sb_dataset_kind sb_dataset_##name;
#include "data/set/list.def"
#undef SET

#endif
