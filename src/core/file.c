#include "core/file.h"

#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/text.h"

/* Whose fault it is that a file cannot be opened or read: the machine's, unless the file is not there or not to be
 * read. */
static sb_status blame(int error)
{
    static const int user[] = {ENOENT, ENOTDIR, EISDIR, EACCES, ELOOP, ENAMETOOLONG};
    for (size_t i = 0; i < sizeof user / sizeof user[0]; i++)
        if (error == user[i]) return SB_ERR_INPUT;
    return error == ENOMEM ? SB_ERR_NOMEM : SB_ERR_IO;
}

sb_status sb_cannot_read(const char *path)
{
    return sb_fail(blame(errno), "cannot read %s: %s", path, sb_system_error(errno));
}

/* ---- writing ---- */

/* A stream's bytes; the first error is the one to tell, whatever fails after it. */
static ssize_t write_bytes(void *context, const char *data, size_t size)
{
    sb_writer *writer = context;
    for (size_t done = 0; done < size && !writer->error;) {
        ssize_t now = write(writer->file, data + done, size - done);
        if (now > 0)
            done += (size_t)now;
        else if (now == 0 || errno != EINTR)
            writer->error = now == 0 ? EIO : errno;
    }
    return writer->error ? 0 : (ssize_t)size;
}

static sb_status cannot_write(const sb_writer *writer)
{
    return sb_fail(SB_ERR_IO, "cannot write %s: %s", writer->path, sb_system_error(writer->error));
}

sb_status sb_writer_open(sb_writer *writer, const char *path)
{
    const cookie_io_functions_t functions = {.write = write_bytes};
    int length = sb_format(writer->path, sizeof writer->path, "%s", path);
    const char *slash = strrchr(path, '/');
    int folder = slash ? (int)(slash - path) + 1 : 0;
    int wanted = sb_format(writer->temporary, sizeof writer->temporary, "%.*s.%s.tmp", folder, path, path + folder);
    writer->stream = NULL;
    writer->error = 0;
    if (length >= (int)sizeof writer->path || wanted >= (int)sizeof writer->temporary)
        return sb_fail(SB_ERR_IO, "path too long: %s", path);
    writer->file = open(writer->temporary, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
    if (writer->file >= 0) writer->stream = fopencookie(writer, "w", functions);
    if (writer->stream) return SB_OK;
    writer->error = errno;
    if (writer->file >= 0) {
        close(writer->file);
        unlink(writer->temporary);
    }
    return cannot_write(writer);
}

/* fsync and close, of which each may find out that something before was not written. */
static void finish(sb_writer *writer)
{
    errno = 0;
    if (fflush(writer->stream) != 0 || ferror(writer->stream))
        if (!writer->error) writer->error = errno ? errno : EIO;
    fclose(writer->stream); /* the stream alone, of which nothing is left to write */
    writer->stream = NULL;
    while (!writer->error && fsync(writer->file) != 0)
        if (errno != EINTR) writer->error = errno;
    if (close(writer->file) != 0 && errno != EINTR && !writer->error) writer->error = errno;
}

sb_status sb_writer_close(sb_writer *writer, sb_status status)
{
    if (!writer->stream) return status;
    finish(writer);
    if (status == SB_OK && !writer->error && rename(writer->temporary, writer->path) != 0) writer->error = errno;
    if (status == SB_OK && writer->error) status = cannot_write(writer);
    if (status != SB_OK) unlink(writer->temporary);
    return status;
}

/* ---- texts ---- */

static ssize_t keep_bytes(void *context, const char *data, size_t size)
{
    sb_draft *text = context;
    if (text->length + size >= text->room) {
        size_t room = 2 * (text->length + size) + 1024;
        char *larger = text->lost ? NULL : realloc(text->text, room);
        if (!larger) {
            text->lost = true;
            return 0;
        }
        text->text = larger;
        text->room = room;
    }
    memcpy(text->text + text->length, data, size);
    text->length += size;
    text->text[text->length] = '\0';
    return (ssize_t)size;
}

sb_status sb_draft_open(sb_draft *text)
{
    const cookie_io_functions_t functions = {.write = keep_bytes};
    *text = (sb_draft){0};
    text->stream = fopencookie(text, "w", functions);
    if (text->stream && keep_bytes(text, "", 0) == 0 && !text->lost) return SB_OK;
    sb_draft_close(text, SB_ERR_NOMEM);
    free(text->text);
    text->text = NULL;
    return sb_fail(SB_ERR_NOMEM, "no memory for a text");
}

sb_status sb_draft_close(sb_draft *text, sb_status status)
{
    if (!text->stream) return status;
    bool lost = fflush(text->stream) != 0 || ferror(text->stream) || text->lost;
    fclose(text->stream);
    text->stream = NULL;
    return status == SB_OK && lost ? sb_fail(SB_ERR_NOMEM, "no memory for a text of %zu bytes", text->length) : status;
}

/* ---- numbers and words ---- */

void sb_write_real(FILE *stream, double value)
{
    char text[40];
    if (isnan(value)) {
        fputs("nan", stream); /* never "-nan" */
        return;
    }
    for (int digits = 15; digits <= 17; digits++) {
        sb_format(text, sizeof text, "%.*g", digits, value);
        if (sb_text_real(text, NULL) == value) break;
    }
    sb_print(stream, "%s%s", text, strpbrk(text, ".en") ? "" : ".0");
}

void sb_write_cell(FILE *stream, double value)
{
    fputc('\t', stream);
    sb_write_real(stream, value);
}

void sb_write_json(FILE *stream, double value)
{
    if (isfinite(value))
        sb_print(stream, "%.17g", value);
    else
        fputs("null", stream);
}

void sb_write_quoted(FILE *stream, const char *text)
{
    fputc('"', stream);
    for (; *text; text++) {
        if (*text == '"' || *text == '\\') fputc('\\', stream);
        fputc(*text, stream);
    }
    fputc('"', stream);
}

/* ---- reading ---- */

/* Room for another 4096 bytes and the end. */
static bool make_room(char **buffer, size_t used, size_t *room)
{
    if (*room - used >= 4096) return true;
    char *larger = realloc(*buffer, 2 * *room + 65536 + 1);
    if (!larger) return false;
    *buffer = larger;
    *room = 2 * *room + 65536;
    return true;
}

sb_status sb_read_file(const char *path, char **text, size_t *length)
{
    sb_status status = SB_OK;
    int file = open(path, O_RDONLY | O_CLOEXEC);
    char *buffer = NULL;
    size_t used = 0, room = 0;
    ssize_t now = 1;
    if (file < 0) return sb_cannot_read(path);
    while (now != 0) {
        if (!make_room(&buffer, used, &room)) {
            status = sb_fail(SB_ERR_NOMEM, "no memory to read %s", path);
            goto done;
        }
        now = read(file, buffer + used, room - used);
        if (now > 0) used += (size_t)now;
        if (now < 0 && errno != EINTR) {
            status = sb_cannot_read(path);
            goto done;
        }
    }
    buffer[used] = '\0';
    *text = realloc(buffer, used + 1); /* no room behind, so that sanitizers see who reads on */
    if (!*text) *text = buffer;
    if (length) *length = used;
    buffer = NULL;
done:
    free(buffer);
    close(file);
    return status;
}
