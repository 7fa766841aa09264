/* Stacks of layers that have a name, written in a list of layers as if they were one. */
#ifndef SPECBIAS_NET_STACK_H
#define SPECBIAS_NET_STACK_H

#include <stddef.h>

#include <specbias/status.h>

typedef struct sb_stack {
    size_t n;
    char (*layer)[96]; /* [n] */
} sb_stack;

/* The list with every stack in it written out; `stack` must be zeroed. */
sb_status sb_stack_expand(size_t count, const char *const *layer, sb_stack *stack);
void sb_stack_clear(sb_stack *stack);

#endif
