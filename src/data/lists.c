#include <specbias/data.h>
#include <specbias/dataset.h>

#define SB_METHOD sb_points
#define SB_LIST "data/points/list.def"
#define POINTS SB_LINE
#include "core/registry.inc"

#define SB_METHOD sb_dataset_kind
#define SB_LIST "data/set/list.def"
#define SET SB_LINE
#include "core/registry.inc"

#define SB_METHOD sb_target
#define SB_LIST "data/target/list.def"
#define TARGET SB_LINE
#include "core/registry.inc"
