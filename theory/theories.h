#ifndef SPECBIAS_THEORY_THEORIES_H
#define SPECBIAS_THEORY_THEORIES_H

#include <specbias/theory.h>

#define THEORY(name) extern const sb_theory sb_theory_##name;
#include "theory/list.def"
#undef THEORY

#endif
