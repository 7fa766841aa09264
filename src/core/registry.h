/* The two look-ups that every list of methods has. */
#ifndef SPECBIAS_CORE_REGISTRY_H
#define SPECBIAS_CORE_REGISTRY_H

#include <stddef.h>
#include <string.h>

/* Defines type_at(index) (NULL past the last) and type_find(name) over `list`, an array of const type * that ends in
 * NULL. */
#define SB_REGISTRY(type)                                                                                              \
    const type *type##_at(size_t index)                                                                                \
    {                                                                                                                  \
        return index < sizeof list / sizeof list[0] ? list[index] : NULL;                                              \
    }                                                                                                                  \
                                                                                                                       \
    const type *type##_find(const char *name)                                                                          \
    {                                                                                                                  \
        for (size_t i = 0; list[i]; i++)                                                                               \
            if (strcmp(list[i]->name, name) == 0) return list[i];                                                      \
        return NULL;                                                                                                   \
    }

#endif
