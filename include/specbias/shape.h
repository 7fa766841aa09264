/* The shape of one example, of what a layer takes or gives: numbers stand as [height][width][channels], channels
 * running fastest. A vector has height = width = 1, a sequence height = 1. */
#ifndef SPECBIAS_SHAPE_H
#define SPECBIAS_SHAPE_H

#include <stddef.h>

typedef struct sb_shape {
    size_t height, width, channels;
} sb_shape;

static inline size_t sb_shape_size(sb_shape shape)
{
    return shape.height * shape.width * shape.channels;
}

#endif
