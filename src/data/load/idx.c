#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "data/load/load.h"

/* The type is the third byte of the magic number; 0: there is no such type. */
static size_t width_of(unsigned type)
{
    static const size_t width[] = {[0x08] = 1, [0x09] = 1, [0x0B] = 2, [0x0C] = 4, [0x0D] = 4, [0x0E] = 8};
    return type < sizeof width / sizeof width[0] ? width[type] : 0;
}

/* The highest byte first. */
static uint64_t whole(const unsigned char *bytes, size_t count)
{
    uint64_t value = 0;
    for (size_t i = 0; i < count; i++) value = value << 8 | bytes[i];
    return value;
}

double sb_idx_number(const sb_idx *idx, size_t i)
{
    size_t width = width_of(idx->type);
    uint64_t bits = whole(idx->bytes + i * width, width);
    uint32_t half = (uint32_t)bits;
    float single;
    double real;
    switch (idx->type) {
    case 0x09: return (int8_t)bits;
    case 0x0B: return (int16_t)bits;
    case 0x0C: return (int32_t)bits;
    case 0x0D: memcpy(&single, &half, sizeof single); return single;
    case 0x0E: memcpy(&real, &bits, sizeof real); return real;
    default: return (double)bits;
    }
}

/* Magic number 0, 0, type, dimensions. */
static sb_status read_magic(sb_reader *reader, sb_idx *idx)
{
    unsigned char *magic = NULL;
    sb_status status = sb_reader_take(reader, 4, &magic);
    if (status != SB_OK) return status;
    idx->type = magic[2];
    idx->dimensions = magic[3];
    if (magic[0] != 0 || magic[1] != 0 || width_of(idx->type) == 0)
        status = sb_fail(SB_ERR_INPUT, "%s: offset 0: not an IDX file, magic number %02x%02x%02x%02x", reader->path,
                         magic[0], magic[1], magic[2], magic[3]);
    else if (idx->dimensions < 1 || idx->dimensions > 4)
        status = sb_fail(SB_ERR_INPUT, "%s: offset 3: %u dimensions instead of 1 to 4", reader->path, idx->dimensions);
    free(magic);
    return status;
}

/* The sizes, and how many bytes of numbers they make. */
static sb_status read_sizes(sb_reader *reader, sb_idx *idx, uint64_t *bytes)
{
    unsigned char *header = NULL;
    uint64_t size[4] = {1, 1, 1, 1};
    sb_status status = sb_reader_take(reader, 4 * idx->dimensions, &header);
    *bytes = width_of(idx->type);
    for (unsigned d = 0; status == SB_OK && d < idx->dimensions; d++) {
        size[d] = whole(header + 4 * d, 4);
        if (size[d] == 0)
            status = sb_fail(SB_ERR_INPUT, "%s: offset %u: size 0 of dimension %u", reader->path, 4 + 4 * d, d + 1);
        else if (*bytes > reader->most / size[d])
            status = sb_fail(SB_ERR_INPUT, "%s: offset %u: size %llu of dimension %u is more than the file can hold",
                             reader->path, 4 + 4 * d, (unsigned long long)size[d], d + 1);
        else
            *bytes *= size[d];
    }
    free(header);
    idx->n = size[0];
    idx->shape = idx->dimensions <= 2 ? (sb_shape){1, 1, size[1]} : (sb_shape){size[1], size[2], size[3]};
    return status;
}

static sb_status check_finite(const char *path, const sb_idx *idx)
{
    size_t count = idx->n * sb_shape_size(idx->shape), width = width_of(idx->type);
    if (idx->type < 0x0D) return SB_OK;
    for (size_t i = 0; i < count; i++)
        if (!isfinite(sb_idx_number(idx, i)))
            return sb_fail(SB_ERR_INPUT, "%s: offset %llu: %s is not a finite number", path,
                           (unsigned long long)(idx->start + i * width), isnan(sb_idx_number(idx, i)) ? "nan" : "inf");
    return SB_OK;
}

sb_status sb_load_idx(const char *path, sb_idx *idx)
{
    sb_reader reader;
    uint64_t bytes;
    *idx = (sb_idx){0};
    sb_status status = sb_reader_open(&reader, path);
    if (status == SB_OK) status = read_magic(&reader, idx);
    if (status == SB_OK) status = read_sizes(&reader, idx, &bytes);
    idx->start = reader.offset;
    if (status == SB_OK) status = sb_reader_take(&reader, bytes, &idx->bytes);
    if (status == SB_OK) status = sb_reader_end(&reader);
    if (status == SB_OK) status = check_finite(path, idx);
    sb_reader_close(&reader);
    if (status != SB_OK) sb_idx_clear(idx);
    return status;
}

void sb_idx_clear(sb_idx *idx)
{
    free(idx->bytes);
    *idx = (sb_idx){0};
}

sb_status sb_load_labels(const char *path, size_t *n, int **label)
{
    sb_idx idx;
    sb_status status = sb_load_idx(path, &idx);
    if (status != SB_OK) return status;
    if (idx.dimensions > 2 || idx.type >= 0x0D)
        SB_TRY(sb_fail(SB_ERR_INPUT,
                       "%s: offset 2: labels are whole numbers in one dimension, or rows that begin with them", path));
    *n = idx.n;
    *label = malloc(idx.n * sizeof **label);
    if (!*label) SB_TRY(sb_fail(SB_ERR_NOMEM, "no memory for %zu labels", idx.n));
    for (size_t i = 0; i < idx.n; i++) {
        size_t at = i * sb_shape_size(idx.shape); /* the first of a row, as in QMNIST */
        double value = sb_idx_number(&idx, at);
        if (value < 0 || value >= SB_MOST_CLASSES)
            SB_TRY(sb_fail(SB_ERR_INPUT, "%s: offset %llu: label %.0f is not in 0 .. %d", path,
                           (unsigned long long)(idx.start + at * width_of(idx.type)), value, SB_MOST_CLASSES - 1));
        (*label)[i] = (int)value;
    }
done:
    sb_idx_clear(&idx);
    if (status == SB_OK) return SB_OK;
    free(*label);
    *label = NULL;
    return status;
}
