#ifndef SPECBIAS_TRAIN_SCHEDULE_H
#define SPECBIAS_TRAIN_SCHEDULE_H

#include <specbias/optimizer.h>

#define SCHEDULE(name) extern const sb_schedule sb_schedule_##name;
#include "train/schedule/list.def"
#undef SCHEDULE

#endif
