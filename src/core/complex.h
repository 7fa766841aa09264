/* complex.h, whole: clang with glibc has no CMPLX. With re + im * I a nan would spread and -0 be lost. */
#ifndef SPECBIAS_CORE_COMPLEX_H
#define SPECBIAS_CORE_COMPLEX_H

#include <complex.h>

#ifndef CMPLX
#define CMPLX(re, im) __builtin_complex((double)(re), (double)(im))
#endif
#ifndef CMPLXL
#define CMPLXL(re, im) __builtin_complex((long double)(re), (long double)(im))
#endif

#endif
