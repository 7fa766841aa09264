#include "core/json.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include <jansson.h>

#include "core/file.h"
#include "core/parallel.h"
#include "core/text.h"

#define WHOLE 9007199254740992.0 /* 2^53 */

sb_json sb_json_open(sb_document *document)
{
    *document = (sb_document){.root = json_object()};
    document->failed = document->root == NULL;
    return sb_json_top(document);
}

sb_json sb_json_top(sb_document *document)
{
    return (sb_json){document->root, &document->failed};
}

void sb_json_close(sb_document *document)
{
    json_decref(document->root);
    *document = (sb_document){0};
}

/* Takes over `value`, NULL when there was no memory for it; false: it is not there. */
static bool put(sb_json in, const char *name, json_t *value)
{
    if (!in.node) {
        json_decref(value);
        return false;
    }
    bool there = 0 == (name ? json_object_set_new(in.node, name, value) : json_array_append_new(in.node, value));
    *in.failed = *in.failed || !there;
    return there;
}

static sb_json put_place(sb_json in, const char *name, json_t *value)
{
    bool there = put(in, name, value);
    return (sb_json){there ? value : NULL, in.failed};
}

sb_json sb_json_object(sb_json in, const char *name)
{
    return put_place(in, name, json_object());
}

sb_json sb_json_array(sb_json in, const char *name)
{
    return put_place(in, name, json_array());
}

void sb_json_real(sb_json in, const char *name, double value)
{
    if (!isfinite(value))
        put(in, name, json_null());
    else if (value == floor(value) && fabs(value) <= WHOLE)
        put(in, name, json_integer((json_int_t)value));
    else
        put(in, name, json_real(value));
}

void sb_json_whole(sb_json in, const char *name, size_t value)
{
    put(in, name, json_integer((json_int_t)value));
}

void sb_json_flag(sb_json in, const char *name, bool value)
{
    put(in, name, json_boolean(value));
}

/* A copy whose bytes are all ASCII. */
static json_t *in_ascii(const char *text)
{
    char *copy = strdup(text);
    if (!copy) return NULL;
    for (char *at = copy; *at; at++)
        if ((unsigned char)*at > 127) *at = '?';
    json_t *value = json_string(copy);
    free(copy);
    return value;
}

void sb_json_text(sb_json in, const char *name, const char *value)
{
    json_t *text = json_string(value);
    put(in, name, text ? text : in_ascii(value));
}

sb_status sb_json_print(const sb_document *document, FILE *stream)
{
    if (document->failed) return sb_fail(SB_ERR_NOMEM, "no memory for a JSON document");
    locale_t host = sb_text_enter();
    int bad = json_dumpf(document->root, stream, JSON_INDENT(2) | JSON_REAL_PRECISION(17));
    sb_text_leave(host);
    fputc('\n', stream);
    return bad && !ferror(stream) ? sb_fail(SB_ERR_NOMEM, "no memory for a JSON document") : SB_OK;
}

sb_status sb_json_write(const sb_document *document, const char *path)
{
    sb_writer writer = {0};
    if (document->failed) return sb_fail(SB_ERR_NOMEM, "no memory for %s", path);
    sb_status status = sb_writer_open(&writer, path);
    return status == SB_OK ? sb_writer_close(&writer, sb_json_print(document, writer.stream)) : status;
}

sb_status sb_json_read(sb_document *document, const char *path)
{
    char *text = NULL;
    size_t length;
    json_error_t error;
    *document = (sb_document){0};
    sb_status status = sb_read_file(path, &text, &length);
    if (status != SB_OK) return status;
    locale_t host = sb_text_enter();
    /* jansson may tell a want of memory as a fault of the text: a fault is what it finds twice, with memory to be had
     */
    bool memory = sb_memory_check(65536 + 64 * length) == SB_OK;
    for (int look = 0; memory && look < 2 && !document->root; look++)
        document->root = json_loadb(text, length, JSON_REJECT_DUPLICATES, &error);
    sb_text_leave(host);
    free(text);
    if (!memory || (!document->root && json_error_code(&error) == json_error_out_of_memory))
        return sb_fail(SB_ERR_NOMEM, "no memory to read %s", path);
    if (!document->root) return sb_fail(SB_ERR_INPUT, "%s:%d: %s", path, error.line, error.text);
    if (json_is_object(document->root)) return SB_OK;
    sb_json_close(document);
    return sb_fail(SB_ERR_INPUT, "%s:1: an object is wanted", path);
}

const char *sb_json_get_text(const sb_document *document, const char *name)
{
    return json_string_value(json_object_get(document->root, name));
}

bool sb_json_has_object(const sb_document *document, const char *name)
{
    return json_is_object(json_object_get(document->root, name));
}

/* Behind a name at the beginning of the path; NULL: it does not begin so. */
static const char *behind(const char *path, const char *name)
{
    size_t length = strlen(name);
    if (strncmp(path, name, length) != 0 || (path[length] && path[length] != '.')) return NULL;
    return path + length + (path[length] == '.');
}

/* Behind what an element of an array is called. */
static const char *behind_element(const char *path, const json_t *element, size_t index)
{
    static const char *const member[] = {"source", "item", "seed"};
    char number[32];
    sb_format(number, sizeof number, "%zu", index);
    const char *rest = behind(path, number);
    for (size_t i = 0; !rest && i < sizeof member / sizeof member[0]; i++) {
        const json_t *name = json_object_get(element, member[i]);
        if (json_is_integer(name)) sb_format(number, sizeof number, "%lld", (long long)json_integer_value(name));
        if (json_is_string(name) || json_is_integer(name))
            rest = behind(path, json_is_string(name) ? json_string_value(name) : number);
    }
    return rest;
}

static const json_t *look(const json_t *node, const char *path)
{
    const json_t *found = NULL;
    const char *rest, *name;
    json_t *member;
    size_t index;
    if (!node || !*path) return node;
    json_object_foreach((json_t *)node, name, member)
    {
        rest = behind(path, name);
        if (rest && !found) found = look(member, rest);
    }
    json_array_foreach(node, index, member)
    {
        rest = behind_element(path, member, index);
        if (rest && !found) found = look(member, rest);
    }
    return found;
}

bool sb_json_find(const sb_document *document, const char *path, double *number, const char **text)
{
    const json_t *found = look(document->root, path);
    *text = json_string_value(found);
    *number = json_is_number(found) ? json_number_value(found) : json_is_true(found) ? 1 : 0;
    if (json_is_null(found)) *number = NAN;
    return found && !json_is_object(found) && !json_is_array(found);
}
