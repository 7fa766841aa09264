#include "train/checkpoint.h"

#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <zlib.h>

#include "core/file.h"

#define MAGIC "specbias checkpoint 1\n"

/* What stands before the pieces: the magic line, the identity's length and text, the number of pieces and the size of
 * each; behind them a CRC-32 of everything before. */
typedef struct file {
    FILE *stream;
    uint64_t checksum;
    bool good;
} file;

static void put(file *f, const void *data, size_t bytes)
{
    if (bytes == 0) return; /* for no data crc32_z starts anew */
    f->checksum = crc32_z(f->checksum, data, bytes);
    f->good = f->good && fwrite(data, 1, bytes, f->stream) == bytes;
}

static void put_size(file *f, size_t value)
{
    uint64_t wide = value;
    put(f, &wide, sizeof wide);
}

sb_status sb_checkpoint_write(const char *path, const char *identity, size_t count, const sb_piece *piece)
{
    sb_writer writer = {0};
    sb_status status = sb_writer_open(&writer, path);
    if (status != SB_OK) return status;
    file f = {writer.stream, crc32_z(0, NULL, 0), true};
    put(&f, MAGIC, strlen(MAGIC));
    put_size(&f, strlen(identity));
    put(&f, identity, strlen(identity));
    put_size(&f, count);
    for (size_t i = 0; i < count; i++) put_size(&f, piece[i].bytes);
    for (size_t i = 0; i < count; i++) put(&f, piece[i].data, piece[i].bytes);
    put_size(&f, f.checksum);
    return sb_writer_close(&writer, SB_OK); /* tells of a failed write, too */
}

void sb_checkpoint_missed(const sb_monitor *monitor, bool *told)
{
    if (!*told) sb_monitor_warn(monitor, "no checkpoint: %s; training goes on", sb_error_text());
    *told = true;
}

/* The next `bytes` of the text; NULL: there are fewer. */
static const char *take(const char **at, size_t *left, size_t bytes)
{
    const char *here = *at;
    if (*left < bytes) return NULL;
    *at += bytes;
    *left -= bytes;
    return here;
}

static bool take_size(const char **at, size_t *left, uint64_t *value)
{
    const char *here = take(at, left, sizeof *value);
    if (here) memcpy(value, here, sizeof *value);
    return here != NULL;
}

/* Whether the header fits; *at is then at the first piece. */
static bool matches(const char **at, size_t *left, const char *identity, size_t count, const sb_piece *piece)
{
    uint64_t size;
    if (!take_size(at, left, &size) || size != strlen(identity)) return false;
    const char *found = take(at, left, size);
    bool same = found && memcmp(found, identity, size) == 0;
    uint64_t pieces = 0;
    same = same && take_size(at, left, &pieces) && pieces >= count;
    for (size_t i = 0; same && i < pieces; i++)
        same = take_size(at, left, &size) && (i >= count || size == piece[i].bytes);
    return same;
}

sb_status sb_checkpoint_read(const char *path, const char *identity, size_t count, const sb_piece *piece, bool *found)
{
    char *text = NULL;
    size_t left = 0;
    *found = false;
    if (access(path, F_OK) != 0) return errno == ENOENT ? SB_OK : sb_cannot_read(path);
    sb_status status = sb_read_file(path, &text, &left);
    if (status != SB_OK) return status;
    const char *at = text, *magic;
    uint64_t checksum = 0;
    bool whole = left > sizeof checksum;
    if (whole) {
        left -= sizeof checksum;
        memcpy(&checksum, text + left, sizeof checksum);
        whole = crc32_z(crc32_z(0, NULL, 0), (const Bytef *)text, left) == checksum;
    }
    magic = whole ? take(&at, &left, strlen(MAGIC)) : NULL;
    if (!magic || memcmp(magic, MAGIC, strlen(MAGIC)) != 0)
        status = sb_fail(SB_ERR_INPUT, "%s is no checkpoint, or damaged; remove it to start over", path);
    else if (!matches(&at, &left, identity, count, piece))
        status = sb_fail(SB_ERR_INPUT, "%s is the checkpoint of another run; remove it to start over", path);
    for (size_t i = 0; status == SB_OK && i < count; i++) {
        const char *data = take(&at, &left, piece[i].bytes);
        if (!data)
            status = sb_fail(SB_ERR_INPUT, "%s is damaged; remove it to start over", path);
        else if (piece[i].bytes > 0)
            memcpy(piece[i].data, data, piece[i].bytes);
    }
    *found = status == SB_OK;
    free(text);
    return status;
}
