#include "core/registry.h"
#include "rule/schedule/schedule.h"

static const sb_schedule *const list[] = {
#define SCHEDULE(name) &sb_schedule_##name,
#include "rule/schedule/list.def"
#undef SCHEDULE
    NULL,
};

SB_REGISTRY(sb_schedule)
