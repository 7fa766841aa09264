#include "kernel/loops/strip.h"

#define JOIN_(name, isa) name##_##isa
#define JOIN(name, isa) JOIN_(name, isa)

enum { LANES = 8, ROWS = 4 };
typedef double vec __attribute__((vector_size(LANES * sizeof(double))));

/* Numbers at any place; a macro, as functions do not hand on vectors that are wider than the machine's. */
typedef double anywhere __attribute__((vector_size(LANES * sizeof(double)), aligned(8), may_alias));
typedef float anywhere_float __attribute__((vector_size(LANES * sizeof(float)), aligned(4), may_alias));

static inline double total(const vec *v)
{
    double sum = 0;
    for (int i = 0; i < LANES; i++) sum += (*v)[i];
    return sum;
}

#define NUMBER double
#define LOOP sb_strip_loop
#define STRIP sb_strip
#define FOUR_ROWS four_rows
#define LOAD(from) (*(const anywhere *)(from))
#include "kernel/loops/strip.inc"
#undef NUMBER
#undef LOOP
#undef STRIP
#undef FOUR_ROWS
#undef LOAD
#define NUMBER float
#define LOOP sb_strip_float_loop
#define STRIP sb_strip_float
#define FOUR_ROWS four_rows_float
#define LOAD(from) __builtin_convertvector(*(const anywhere_float *)(from), vec)
#include "kernel/loops/strip.inc"
