#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/file.h"
#include "data/load/load.h"

sb_status sb_load_image(const char *path, sb_image *image)
{
    unsigned char first[8] = {0};
    sb_status status;
    FILE *stream = sb_open_file(path, &status);
    *image = (sb_image){0};
    if (!stream) return status;
    size_t got = fread(first, 1, sizeof first, stream);
    fclose(stream);
    if (got == sizeof first && memcmp(first, "\x89PNG\r\n\x1A\n", sizeof first) == 0)
        status = sb_load_png(path, image);
    else if (got > 2 && first[0] == 'P' && (first[1] == '2' || first[1] == '5'))
        status = sb_load_pgm(path, image);
    else
        status = sb_fail(SB_ERR_INPUT, "%s: offset 0: neither PNG nor PGM (P2 or P5)", path);
    if (status != SB_OK) sb_image_clear(image);
    return status;
}

void sb_image_clear(sb_image *image)
{
    free(image->value);
    *image = (sb_image){0};
}
