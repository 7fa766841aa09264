#include "core/file.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/text.h"

sb_status sb_writer_open(sb_writer *writer, const char *path)
{
    int length = sb_format(writer->path, sizeof writer->path, "%s", path);
    const char *slash = strrchr(path, '/');
    int folder = slash ? (int)(slash - path) + 1 : 0;
    int wanted = sb_format(writer->temporary, sizeof writer->temporary, "%.*s.%s.tmp", folder, path, path + folder);
    writer->stream = NULL;
    if (length >= (int)sizeof writer->path || wanted >= (int)sizeof writer->temporary)
        return sb_fail(SB_ERR_IO, "path too long: %s", path);
    writer->stream = fopen(writer->temporary, "w");
    if (!writer->stream) return sb_fail(SB_ERR_IO, "cannot write %s: %s", path, sb_system_error(errno));
    return SB_OK;
}

sb_status sb_writer_close(sb_writer *writer, sb_status status)
{
    if (!writer->stream) return status;
    errno = 0;
    int bad = ferror(writer->stream);
    bad |= fflush(writer->stream);
    bad |= fsync(fileno(writer->stream));
    int error = errno;
    bad |= fclose(writer->stream);
    writer->stream = NULL;
    if (status == SB_OK && bad)
        status = sb_fail(SB_ERR_IO, "cannot write %s: %s", writer->path, sb_system_error(error ? error : EIO));
    if (status == SB_OK && rename(writer->temporary, writer->path) != 0)
        status = sb_fail(SB_ERR_IO, "cannot write %s: %s", writer->path, sb_system_error(errno));
    if (status != SB_OK) unlink(writer->temporary);
    return status;
}

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

sb_status sb_read_file(const char *path, char **text, size_t *length)
{
    sb_status status = SB_OK;
    FILE *stream = fopen(path, "rb");
    char *buffer = NULL;
    size_t used = 0, room = 0;
    if (!stream) return sb_fail(SB_ERR_IO, "cannot read %s: %s", path, sb_system_error(errno));
    do {
        if (room - used < 4096) {
            room = 2 * room + 65536;
            char *larger = realloc(buffer, room + 1);
            if (!larger) {
                status = sb_fail(SB_ERR_NOMEM, "no memory to read %s", path);
                goto done;
            }
            buffer = larger;
        }
        errno = 0;
        used += fread(buffer + used, 1, room - used, stream);
        if (ferror(stream)) {
            status = sb_fail(SB_ERR_IO, "cannot read %s: %s", path, sb_system_error(errno));
            goto done;
        }
    } while (!feof(stream));
    buffer[used] = '\0';
    *text = realloc(buffer, used + 1); /* no room behind, so that sanitizers see who reads on */
    if (!*text) *text = buffer;
    if (length) *length = used;
    buffer = NULL;
done:
    free(buffer);
    fclose(stream);
    return status;
}
