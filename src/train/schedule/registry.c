#include "core/registry.h"
#include "train/schedule/schedule.h"

static const sb_schedule *const list[] = {
#define SCHEDULE(name) &sb_schedule_##name,
#include "train/schedule/list.def"
#undef SCHEDULE
    NULL,
};

SB_REGISTRY(sb_schedule)
