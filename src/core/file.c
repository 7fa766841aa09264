#include "core/file.h"

#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/parallel.h"
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

static const char *name_in(const char *path)
{
    const char *slash = strrchr(path, '/');
    return slash ? slash + 1 : path;
}

/* The folder of a path, to be closed; -1: errno says why not. */
static int open_folder(const char *path)
{
    char folder[4096];
    int length = (int)(name_in(path) - path);
    sb_format(folder, sizeof folder, "%.*s", length ? length : 1, length ? path : ".");
    return open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
}

/* A new file of a name that nobody could foresee, locked for as long as it is written; -1: errno says why not. */
static int create_temporary(sb_writer *writer)
{
    uint64_t number;
    if (getrandom(&number, sizeof number, 0) != sizeof number) return -1;
    sb_format(writer->temporary, sizeof writer->temporary, ".%s.%016llx.tmp", name_in(writer->path),
              (unsigned long long)number);
    int file = openat(writer->folder, writer->temporary, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0666);
    if (file >= 0)
        flock(file, LOCK_EX | LOCK_NB); /* without locks, leftovers are not told from what is being written */
    return file;
}

bool sb_writer_leftover(int folder, const char *name)
{
    struct stat info;
    size_t length = strlen(name), tail = strlen(".0123456789abcdef.tmp");
    const char *number = length > tail + 1 ? name + length - tail : "";
    if (*name != '.' || *number != '.' || strspn(number + 1, "0123456789abcdef") != 16 ||
        strcmp(number + 17, ".tmp") != 0)
        return false;
    int file = openat(folder, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
    bool left = file >= 0 && fstat(file, &info) == 0 && S_ISREG(info.st_mode) && flock(file, LOCK_EX | LOCK_NB) == 0;
    if (file >= 0) close(file);
    return left;
}

sb_status sb_writer_open(sb_writer *writer, const char *path)
{
    const cookie_io_functions_t functions = {.write = write_bytes};
    *writer = (sb_writer){.folder = -1, .file = -1};
    int length = sb_format(writer->path, sizeof writer->path, "%s", path);
    if (length >= (int)sizeof writer->path) return sb_fail(SB_ERR_IO, "path too long: %s", path);
    writer->folder = open_folder(path);
    writer->file = writer->folder >= 0 ? create_temporary(writer) : -1;
    if (writer->file >= 0) writer->stream = fopencookie(writer, "w", functions);
    if (writer->stream) return SB_OK;
    writer->error = errno;
    if (writer->file >= 0) {
        close(writer->file);
        unlinkat(writer->folder, writer->temporary, 0);
    }
    if (writer->folder >= 0) close(writer->folder);
    return cannot_write(writer);
}

/* fsync and close, of which each may find out that something before was not written. */
static void finish(sb_writer *writer)
{
    errno = 0;
    if (fflush(writer->stream) != 0 || ferror(writer->stream))
        if (!writer->error) writer->error = errno ? errno : sb_print_error() ? sb_print_error() : EIO;
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
    if (status == SB_OK && !writer->error &&
        renameat(writer->folder, writer->temporary, writer->folder, name_in(writer->path)) != 0)
        writer->error = errno;
    if (status == SB_OK && writer->error) status = cannot_write(writer);
    if (status != SB_OK) unlinkat(writer->folder, writer->temporary, 0);
    close(writer->folder);
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

/* What the shell handed to the program: whoever names it knows what comes. */
static bool is_inherited(const char *path)
{
    return strcmp(path, "/dev/stdin") == 0 || strncmp(path, "/dev/fd/", 8) == 0 ||
           strncmp(path, "/proc/self/fd/", 14) == 0;
}

static sb_status open_file(const char *path, bool streams, int *file, struct stat *info)
{
    *file = open(path, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC); /* a pipe would wait for its writer */
    if (*file < 0) return sb_cannot_read(path);
    sb_status status = SB_OK;
    if (fstat(*file, info) != 0)
        status = sb_cannot_read(path);
    else if (S_ISDIR(info->st_mode)) {
        errno = EISDIR;
        status = sb_cannot_read(path);
    } else if (!S_ISREG(info->st_mode) && !(streams && is_inherited(path)))
        status = sb_fail(SB_ERR_INPUT, "cannot read %s: it is no regular file but a pipe or a device", path);
    else if (!S_ISREG(info->st_mode))
        fcntl(*file, F_SETFL, 0); /* now wait */
    if (status != SB_OK) close(*file);
    return status;
}

FILE *sb_open_file(const char *path, sb_status *status)
{
    int file;
    struct stat info;
    *status = open_file(path, false, &file, &info);
    FILE *stream = *status == SB_OK ? fdopen(file, "rb") : NULL;
    if (stream || *status != SB_OK) return stream;
    *status = sb_cannot_read(path);
    close(file);
    return NULL;
}

static sb_status too_large(const char *path, double most)
{
    return sb_fail(SB_ERR_INPUT, "cannot read %s: it is larger than %.0f MB", path, most / 1e6);
}

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

static sb_status read_all(const char *path, bool streams, double most, char **text, size_t *length)
{
    sb_status status = SB_OK;
    int file;
    struct stat info;
    char *buffer = NULL;
    size_t used = 0, room = 0;
    ssize_t now = 1;
    status = open_file(path, streams, &file, &info);
    if (status != SB_OK) return status;
    if ((double)info.st_size > most) SB_TRY(too_large(path, most)); /* also one of holes */
    while (now != 0) {
        if (!make_room(&buffer, used, &room)) SB_TRY(sb_fail(SB_ERR_NOMEM, "no memory to read %s", path));
        now = read(file, buffer + used, room - used);
        if (now > 0) used += (size_t)now;
        if (now < 0 && errno != EINTR) SB_TRY(sb_cannot_read(path));
        if ((double)used > most) SB_TRY(too_large(path, most));
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

sb_status sb_read_file(const char *path, char **text, size_t *length)
{
    return read_all(path, false, sb_memory() / 2, text, length);
}

sb_status sb_read_config(const char *path, char **text, size_t *length)
{
    return read_all(path, true, 64e6, text, length);
}
