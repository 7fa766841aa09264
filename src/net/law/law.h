#ifndef SPECBIAS_NET_LAW_H
#define SPECBIAS_NET_LAW_H

#include <specbias/net.h>

#define LAW(name) extern const sb_law sb_law_##name;
#include "net/law/list.def"
#undef LAW

#endif
