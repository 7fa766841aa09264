/* Names that users type. */
#ifndef SPECBIAS_CORE_WORDS_H
#define SPECBIAS_CORE_WORDS_H

#include <stddef.h>

/* Levenshtein distance; of b the first 63 letters count. */
size_t sb_edit_distance(const char *a, const char *b);

#endif
