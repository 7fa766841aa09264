#include "core/words.h"

#include <string.h>

size_t sb_edit_distance(const char *a, const char *b)
{
    size_t row[64], columns = strlen(b) < 63 ? strlen(b) : 63;
    for (size_t j = 0; j <= columns; j++) row[j] = j;
    for (size_t i = 1; a[i - 1]; i++) {
        size_t diagonal = row[0];
        row[0] = i;
        for (size_t j = 1; j <= columns; j++) {
            size_t change = diagonal + (a[i - 1] != b[j - 1]), insert = row[j - 1] + 1, delete = row[j] + 1;
            diagonal = row[j];
            row[j] = change < insert ? change : insert;
            if (delete < row[j]) row[j] = delete;
        }
    }
    return row[columns];
}
