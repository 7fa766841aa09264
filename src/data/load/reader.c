#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>

#include "core/file.h"
#include "core/text.h"
#include "data/load/load.h"

#define CHUNK ((uint64_t)1 << 20)

sb_status sb_reader_open(sb_reader *reader, const char *path)
{
    struct stat about;
    sb_status status;
    *reader = (sb_reader){.path = path};
    FILE *stream = sb_open_file(path, &status);
    if (!stream) return status;
    int copy = fstat(fileno(stream), &about) == 0 ? dup(fileno(stream)) : -1, error = errno;
    fclose(stream);
    errno = error;
    if (copy < 0) return sb_cannot_read(path);
    gzFile file = gzdopen(copy, "rb");
    if (!file) {
        close(copy);
        return sb_fail(SB_ERR_NOMEM, "no memory to read %s", path);
    }
    gzbuffer(file, 1 << 17);
    reader->file = file;
    reader->packed = !gzdirect(file);
    reader->most = (uint64_t)about.st_size * (reader->packed ? SB_DEFLATE_MOST : 1);
    return SB_OK;
}

void sb_reader_close(sb_reader *reader)
{
    if (reader->file) gzclose_r(reader->file);
    *reader = (sb_reader){0};
}

static const char *of_what(const sb_reader *reader)
{
    return reader->packed ? " of the unpacked bytes" : "";
}

/* What gzread had to say, when it gave less than asked for. */
static sb_status shortfall(const sb_reader *reader, uint64_t missing)
{
    int code = Z_OK;
    const char *text = gzerror(reader->file, &code);
    if (code == Z_ERRNO) return sb_cannot_read(reader->path);
    if (code == Z_MEM_ERROR) return sb_fail(SB_ERR_NOMEM, "no memory to unpack %s", reader->path);
    if (code != Z_OK && code != Z_BUF_ERROR && code != Z_STREAM_END)
        return sb_fail(SB_ERR_INPUT, "%s: offset %llu%s: damaged compression (%s)", reader->path,
                       (unsigned long long)reader->offset, of_what(reader), text);
    return sb_fail(SB_ERR_INPUT, "%s: ends at offset %llu%s, %llu bytes too early", reader->path,
                   (unsigned long long)reader->offset, of_what(reader), (unsigned long long)missing);
}

/* Up to a chunk more; memory grows with what has arrived, at most twice that. */
static sb_status grow(sb_reader *reader, uint64_t count, uint64_t *used, uint64_t *size, unsigned char **bytes)
{
    if (*used == *size) {
        *size = 2 * *size + CHUNK < count ? 2 * *size + CHUNK : count;
        unsigned char *larger = realloc(*bytes, *size);
        if (!larger)
            return sb_fail(SB_ERR_NOMEM, "no memory for %llu bytes of %s", (unsigned long long)*size, reader->path);
        *bytes = larger;
    }
    unsigned ask = (unsigned)(*size - *used < CHUNK ? *size - *used : CHUNK);
    int got = gzread(reader->file, *bytes + *used, ask);
    if (got > 0) {
        *used += (uint64_t)got;
        reader->offset += (uint64_t)got;
    }
    return got == (int)ask ? SB_OK : shortfall(reader, count - *used);
}

sb_status sb_reader_take(sb_reader *reader, uint64_t count, unsigned char **bytes)
{
    sb_status status = SB_OK;
    uint64_t used = 0, size = 0;
    *bytes = NULL;
    if (count > reader->most - reader->offset)
        return sb_fail(SB_ERR_INPUT, "%s: offset %llu%s: %llu bytes should follow, there are at most %llu",
                       reader->path, (unsigned long long)reader->offset, of_what(reader), (unsigned long long)count,
                       (unsigned long long)(reader->most - reader->offset));
    while (status == SB_OK && used < count) status = grow(reader, count, &used, &size, bytes);
    if (status == SB_OK) return SB_OK;
    free(*bytes);
    *bytes = NULL;
    return status;
}

/* What was read ends with the check sum of its compression. */
static sb_status check_end(const sb_reader *reader, int got)
{
    int code = Z_OK;
    gzerror(reader->file, &code);
    if (got == 0 && code == Z_OK) return SB_OK;
    if (got == 0 && code == Z_BUF_ERROR)
        return sb_fail(SB_ERR_INPUT, "%s: ends within the check sum behind offset %llu%s", reader->path,
                       (unsigned long long)reader->offset, of_what(reader));
    return shortfall(reader, 0);
}

sb_status sb_reader_rest(sb_reader *reader, char **bytes, size_t *count)
{
    size_t used = 0, room = 0;
    int got = 1;
    *bytes = NULL;
    while (got > 0) {
        if (room - used <= CHUNK) {
            room = 2 * room + CHUNK + 1;
            char *larger = realloc(*bytes, room);
            if (!larger) break;
            *bytes = larger;
        }
        got = gzread(reader->file, *bytes + used, CHUNK);
        if (got > 0) used += (size_t)got;
        if (got > 0) reader->offset += (uint64_t)got;
    }
    sb_status status =
        got > 0 ? sb_fail(SB_ERR_NOMEM, "no memory for %zu bytes of %s", room, reader->path) : check_end(reader, got);
    if (status == SB_OK) {
        (*bytes)[used] = '\0';
        *count = used;
        return SB_OK;
    }
    free(*bytes);
    *bytes = NULL;
    return status;
}

sb_status sb_reader_end(sb_reader *reader)
{
    unsigned char more;
    int got = gzread(reader->file, &more, 1);
    if (got <= 0) return check_end(reader, got);
    return sb_fail(SB_ERR_INPUT, "%s: more bytes from offset %llu%s on than its header says", reader->path,
                   (unsigned long long)reader->offset, of_what(reader));
}
