/* Arrays for numpy: NEP 1, version 1.0. */
#include <specbias/report.h>

#include <math.h>
#include <stdint.h>
#include <stdlib.h>
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

/* ---- reading ---- */

/* The text behind 'NAME': in the header; NULL: there is none. */
static const char *find_field(const char *header, const char *name)
{
    char key[32];
    sb_format(key, sizeof key, "'%s':", name);
    const char *at = strstr(header, key);
    for (at = at ? at + strlen(key) : NULL; at && *at == ' ';) at++;
    return at;
}

/* "(2, 3)" */
static bool read_shape(const char *at, sb_array *array)
{
    if (*at++ != '(') return false;
    for (array->rank = 0; *at && *at != ')';) {
        char *end;
        if (!sb_is_digit(*at) || array->rank == SB_NPY_AXES) return false;
        array->count[array->rank++] = strtoul(at, &end, 10);
        at = end;
        while (*at == ',' || *at == ' ') at++;
    }
    return *at == ')' && array->rank > 0;
}

static sb_status read_header(const char *path, const char *header, sb_array *array)
{
    int one = 1;
    char little = *(char *)&one ? '<' : '>';
    const char *type = find_field(header, "descr"), *order = find_field(header, "fortran_order"),
               *shape = find_field(header, "shape");
    bool known = type && *type == '\'' && type[1] == little && type[2] == 'f' && (type[3] == '8' || type[3] == '4') &&
                 type[4] == '\'';
    if (!known) return sb_fail(SB_ERR_INPUT, "%s: numbers must be float64 or float32 of this machine", path);
    array->single = type[3] == '4';
    if (!order || strncmp(order, "False", 5) != 0)
        return sb_fail(SB_ERR_INPUT, "%s: in Fortran's order; save numpy.ascontiguousarray of it", path);
    return shape && read_shape(shape, array)
               ? SB_OK
               : sb_fail(SB_ERR_INPUT, "%s: the shape must be of 1 to %d axes", path, SB_NPY_AXES);
}

static sb_status take_values(const char *path, const char *data, size_t length, sb_array *array)
{
    size_t all = 1, size = array->single ? sizeof(float) : sizeof(double);
    for (size_t i = 0; i < array->rank; i++) {
        if (array->count[i] > length || (array->count[i] > 0 && all > length / array->count[i]))
            all = SIZE_MAX / size;
        else
            all *= array->count[i];
    }
    if (all > length / size || all * size != length)
        return sb_fail(SB_ERR_INPUT, "%s: holds %zu bytes of numbers, other than its shape", path, length);
    array->value = malloc((all + 1) * sizeof *array->value);
    if (!array->value) return sb_fail(SB_ERR_NOMEM, "no memory for %s", path);
    for (size_t i = 0; i < all; i++) {
        float narrow;
        if (array->single) memcpy(&narrow, data + i * size, size);
        if (array->single)
            array->value[i] = narrow;
        else
            memcpy(&array->value[i], data + i * size, size);
        if (!isfinite(array->value[i])) return sb_fail(SB_ERR_INPUT, "%s: number %zu is not finite", path, i + 1);
    }
    return SB_OK;
}

sb_status sb_npy_parse(const char *path, const char *bytes, size_t length, sb_array *array)
{
    const unsigned char *byte = (const unsigned char *)bytes;
    *array = (sb_array){0};
    if (length < 12 || memcmp(bytes, "\x93NUMPY", 6) != 0 || byte[6] < 1 || byte[6] > 3)
        return sb_fail(SB_ERR_INPUT, "%s: no .npy file of numpy", path);
    size_t head = byte[6] == 1 ? 10 : 12, size = byte[8] + ((size_t)byte[9] << 8);
    if (head == 12) size += ((size_t)byte[10] << 16) + ((size_t)byte[11] << 24);
    char header[1024];
    if (size >= sizeof header || size > length - head)
        return sb_fail(SB_ERR_INPUT, "%s: no header of an array of numbers", path);
    memcpy(header, bytes + head, size);
    header[size] = '\0';
    sb_status status = read_header(path, header, array);
    if (status == SB_OK) status = take_values(path, bytes + head + size, length - head - size, array);
    if (status != SB_OK) sb_array_clear(array);
    return status;
}

sb_status sb_npy_read(const char *path, sb_array *array)
{
    char *bytes = NULL;
    size_t length = 0;
    *array = (sb_array){0};
    sb_status status = sb_read_file(path, &bytes, &length);
    if (status == SB_OK) status = sb_npy_parse(path, bytes, length, array);
    free(bytes);
    return status;
}

void sb_array_clear(sb_array *array)
{
    free(array->value);
    *array = (sb_array){0};
}
