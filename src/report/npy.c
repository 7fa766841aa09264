/* Arrays for numpy: NEP 1, version 1.0. */
#include <specbias/report.h>

#include <string.h>

#include "core/file.h"
#include "core/text.h"

/* "(2, 3)", or "(2,)" of one axis */
static void write_shape(size_t rank, const size_t *count, char *text, size_t size)
{
    size_t used = 0;
    for (size_t i = 0; i < rank; i++)
        used += (size_t)sb_format(text + used, size - used, "%s%zu", i ? ", " : "(", count[i]);
    sb_format(text + used, size - used, rank == 1 ? ",)" : ")");
}

sb_status sb_npy_write_array(const char *path, const double *values, size_t rank, const size_t *count)
{
    char header[160], shape[96];
    size_t all = 1;
    int one = 1, little = *(char *)&one;
    sb_writer writer;
    sb_status status = sb_writer_open(&writer, path);
    if (status != SB_OK) return status;
    for (size_t i = 0; i < rank; i++) all *= count[i];
    write_shape(rank, count, shape, sizeof shape);
    int used = sb_format(header, sizeof header, "{'descr': '%cf8', 'fortran_order': False, 'shape': %s, }",
                         little ? '<' : '>', shape);
    /* magic, version and length take 10 bytes; the whole header is a multiple of 64 and ends in a newline */
    unsigned length = (unsigned)((10 + used + 1 + 63) / 64 * 64 - 10);
    fwrite("\x93NUMPY\x01\x00", 1, 8, writer.stream);
    fputc((int)(length & 255), writer.stream);
    fputc((int)(length >> 8), writer.stream);
    sb_print(writer.stream, "%-*s\n", (int)length - 1, header);
    fwrite(values, sizeof *values, all, writer.stream);
    return sb_writer_close(&writer, SB_OK);
}

sb_status sb_npy_write(const char *path, const double *values, size_t rows, size_t columns)
{
    return sb_npy_write_array(path, values, columns ? 2 : 1, (size_t[]){rows, columns});
}
