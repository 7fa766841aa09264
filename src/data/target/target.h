#ifndef SPECBIAS_DATA_TARGET_H
#define SPECBIAS_DATA_TARGET_H

#include <specbias/data.h>

#define TARGET(name) extern const sb_target sb_target_##name;
#include "data/target/list.def"
#undef TARGET

#endif
