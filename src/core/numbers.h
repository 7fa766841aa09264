/* Arrays of numbers that are double or float. */
#ifndef SPECBIAS_CORE_NUMBERS_H
#define SPECBIAS_CORE_NUMBERS_H

#include <stdbool.h>
#include <stddef.h>
#include <string.h>

static inline size_t number_size(bool single)
{
    return single ? sizeof(float) : sizeof(double);
}

/* The i-th of an array. */
static inline void *number_at(bool single, const void *array, size_t i)
{
    return (char *)(size_t)array + i * number_size(single);
}

static inline void numbers_from(bool single, size_t n, const double *from, void *to)
{
    if (!single)
        memcpy(to, from, n * sizeof *from);
    else
        for (size_t i = 0; i < n; i++) ((float *)to)[i] = (float)from[i];
}

static inline void numbers_to(bool single, size_t n, const void *from, double *to)
{
    if (!single)
        memcpy(to, from, n * sizeof *to);
    else
        for (size_t i = 0; i < n; i++) to[i] = ((const float *)from)[i];
}

/* sum[i] += part[i] */
static inline void numbers_add(bool single, size_t n, const void *part, void *sum)
{
    if (single)
        for (size_t i = 0; i < n; i++) ((float *)sum)[i] += ((const float *)part)[i];
    else
        for (size_t i = 0; i < n; i++) ((double *)sum)[i] += ((const double *)part)[i];
}

#endif
