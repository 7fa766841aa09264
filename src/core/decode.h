/* Bytes of a file -> text. */
#ifndef SPECBIAS_CORE_DECODE_H
#define SPECBIAS_CORE_DECODE_H

#include <stddef.h>

#include <specbias/status.h>

/* (*text)[*length], allocated and with a byte 0 behind, becomes UTF-8 without a byte order mark (from UTF-16, where a
 * mark says so) and with lines that end with a line feed (from CR LF and CR). SB_ERR_INPUT, with what to do, for bytes
 * that are no text. */
sb_status sb_decode(const char *path, char **text, size_t *length);

/* sb_read_file and sb_decode. */
sb_status sb_read_text(const char *path, char **text, size_t *length);

#endif
