/* Arrays for numpy: NEP 1, version 1.0. */
#include <specbias/report.h>

#include <string.h>

#include "core/file.h"
#include "core/text.h"

sb_status sb_npy_write(const char *path, const double *values, size_t rows, size_t columns)
{
    char header[128], shape[64];
    int one = 1, little = *(char *)&one;
    sb_writer writer;
    sb_status status = sb_writer_open(&writer, path);
    if (status != SB_OK) return status;
    if (columns)
        sb_format(shape, sizeof shape, "(%zu, %zu)", rows, columns);
    else
        sb_format(shape, sizeof shape, "(%zu,)", rows);
    int used = sb_format(header, sizeof header, "{'descr': '%cf8', 'fortran_order': False, 'shape': %s, }",
                         little ? '<' : '>', shape);
    /* magic, version and length take 10 bytes; the whole header is a multiple of 64 and ends in a newline */
    unsigned length = (unsigned)((10 + used + 1 + 63) / 64 * 64 - 10);
    fwrite("\x93NUMPY\x01\x00", 1, 8, writer.stream);
    fputc((int)(length & 255), writer.stream);
    fputc((int)(length >> 8), writer.stream);
    sb_print(writer.stream, "%-*s\n", (int)length - 1, header);
    fwrite(values, sizeof *values, rows * (columns ? columns : 1), writer.stream);
    return sb_writer_close(&writer, SB_OK);
}
