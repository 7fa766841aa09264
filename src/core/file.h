/* Files that appear whole or not at all: written under a temporary name, flushed to disk, renamed. Nothing that stands
 * in the folder is written to: the temporary file is new, and a link of the final name is replaced, not followed. */
#ifndef SPECBIAS_CORE_FILE_H
#define SPECBIAS_CORE_FILE_H

#include <stdbool.h>
#include <stdio.h>

#include <specbias/status.h>

/* Stays where it is until it is closed: the stream writes to it. */
typedef struct sb_writer {
    FILE *stream;
    int file, error;                  /* errno of the first write that failed */
    int folder;                       /* open for as long as the stream is */
    char path[4096], temporary[4096]; /* as asked for; the name in the folder */
} sb_writer;

sb_status sb_writer_open(sb_writer *writer, const char *path);
/* Closes and, when everything so far went well (`status` is SB_OK and every byte reached the disk), renames; otherwise
 * removes the temporary file. Returns `status`, or SB_ERR_IO. */
sb_status sb_writer_close(sb_writer *writer, sb_status status);
/* Whether the name in the open folder is a temporary file of ours that nobody is writing any more. */
bool sb_writer_leftover(int folder, const char *name);

/* A text that is written like a file. Unlike a stream of open_memstream it knows when a part of it found no memory.
 * Stays where it is until it is closed. */
typedef struct sb_draft {
    FILE *stream;
    char *text; /* what was written, as a string, to be freed; never NULL after a successful opening */
    size_t length, room;
    bool lost;
} sb_draft;

sb_status sb_draft_open(sb_draft *text);
/* Ends it; may be called twice. Returns `status`, or SB_ERR_NOMEM when the text is not whole. */
sb_status sb_draft_close(sb_draft *text, sb_status status);

/* The shortest decimal form that reads back to the same bits, always with a point or an exponent; "nan" when missing.
 */
void sb_write_real(FILE *stream, double value);
/* A tab, then the number: one cell of a table behind the first. */
void sb_write_cell(FILE *stream, double value);
/* In double quotes, with quotes and backslashes escaped. */
void sb_write_quoted(FILE *stream, const char *text);

/* The reason why a file cannot be opened or read, from errno: SB_ERR_INPUT when it is not there, a folder, or not for
 * us to read; SB_ERR_IO or SB_ERR_NOMEM when the machine fails. */
sb_status sb_cannot_read(const char *path);
/* The whole file as a string (to be freed). Refused at once, not read until the end of days: pipes and devices
 * (SB_ERR_INPUT), folders, and more than half of the machine's memory. */
sb_status sb_read_file(const char *path, char **text, size_t *length);
/* The same of a configuration: at most 64 MB; may also be what the shell hands over (/dev/stdin, /dev/fd/N). */
sb_status sb_read_config(const char *path, char **text, size_t *length);
/* A regular file to be read by others; NULL: *status says why not. */
FILE *sb_open_file(const char *path, sb_status *status);

#endif
