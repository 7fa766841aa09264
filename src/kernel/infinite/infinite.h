#ifndef SPECBIAS_KERNEL_INFINITE_H
#define SPECBIAS_KERNEL_INFINITE_H

#include <specbias/kernel.h>

#define KERNEL(name) extern const sb_kernel sb_kernel_##name;
#include "kernel/infinite/list.def"
#undef KERNEL

#endif
