#ifndef SPECBIAS_RULE_SCHEDULE_H
#define SPECBIAS_RULE_SCHEDULE_H

#include <specbias/rule.h>

#define SCHEDULE(name) extern const sb_schedule sb_schedule_##name;
#include "rule/schedule/list.def"
#undef SCHEDULE

#endif
