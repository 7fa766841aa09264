/* JSON through jansson, the one writer and reader. A document is built member by member; what could not be made (no
 * memory) is remembered and told when the file is written, so that building needs no checks. Members keep their order,
 * numbers 17 digits, numbers that are not finite are null. */
#ifndef SPECBIAS_CORE_JSON_H
#define SPECBIAS_CORE_JSON_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include <specbias/status.h>

typedef struct sb_document {
    struct json_t *root;
    bool failed;
} sb_document;

/* A place in a document where members go; (sb_json){NULL, NULL}: nowhere, they are dropped. */
typedef struct sb_json {
    struct json_t *node;
    bool *failed;
} sb_json;

/* A new document; the document must stay where it is. */
sb_json sb_json_open(sb_document *document);
sb_json sb_json_top(sb_document *document);
void sb_json_close(sb_document *document);

/* Members of an object by name, which replaces an earlier one; of an array with name NULL the next element. */
sb_json sb_json_object(sb_json in, const char *name);
sb_json sb_json_array(sb_json in, const char *name);
void sb_json_real(sb_json in, const char *name, double value); /* whole numbers up to 2^53 without a point */
void sb_json_whole(sb_json in, const char *name, size_t value);
void sb_json_flag(sb_json in, const char *name, bool value);
void sb_json_text(sb_json in, const char *name, const char *value); /* bytes that are no UTF-8 become '?' */

sb_status sb_json_write(const sb_document *document, const char *path);
sb_status sb_json_print(const sb_document *document, FILE *stream); /* who opened the stream looks at its errors */

/* Reads a file; SB_ERR_INPUT with file:line when it is not JSON, or not an object. */
sb_status sb_json_read(sb_document *document, const char *path);
/* The text of a member of the top level; NULL when there is none. */
const char *sb_json_get_text(const sb_document *document, const char *name);
/* What stands at "laziness.effect", or "sources.lfp.verdict": of an array the element whose member source, item or seed
 * is that word, or the one of that index. A number, a flag as 0 or 1, nan for null; or a text, which lives as long as
 * the document, else NULL. False: there is none of these. */
bool sb_json_find(const sb_document *document, const char *path, double *number, const char **text);
bool sb_json_has_object(const sb_document *document, const char *name);

#endif
