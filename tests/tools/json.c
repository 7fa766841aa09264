/* What tests ask of JSON files, which it reads as strictly as the standard (no nan, no name twice):
 *
 *   json FILE ..       complains of each that is not JSON or does not end in a newline
 *   json -l FILE       lines `path<TAB>value` of all members, such as sources.0.verdict  agrees
 *   json -g PATH FILE  the value of one member; nothing when there is none */
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <jansson.h>

static json_t *read_file(const char *path)
{
    json_error_t error;
    json_t *value = json_load_file(path, JSON_REJECT_DUPLICATES, &error);
    if (!value) printf("%s:%d:%d: %s\n", path, error.line, error.column, error.text);
    return value;
}

static bool ends_in_newline(const char *path)
{
    FILE *stream = fopen(path, "rb");
    bool ends = stream && fseek(stream, -1, SEEK_END) == 0 && fgetc(stream) == '\n';
    if (stream) fclose(stream);
    if (!ends) printf("%s: no newline at the end\n", path);
    return ends;
}

static int check(int count, char **path)
{
    int bad = 0;
    for (int i = 0; i < count; i++) {
        json_t *value = read_file(path[i]);
        bad |= !value || !ends_in_newline(path[i]);
        json_decref(value);
    }
    return bad;
}

/* One leaf, if `wanted` is NULL or its path. */
static void print_leaf(const char *path, const json_t *value, const char *wanted)
{
    if (wanted && strcmp(path, wanted) != 0) return;
    if (!wanted) printf("%s\t", path);
    switch (json_typeof(value)) {
    case JSON_STRING: puts(json_string_value(value)); break;
    case JSON_INTEGER: printf("%" JSON_INTEGER_FORMAT "\n", json_integer_value(value)); break;
    case JSON_REAL: printf("%.17g\n", json_real_value(value)); break;
    case JSON_TRUE: puts("true"); break;
    case JSON_FALSE: puts("false"); break;
    case JSON_NULL: puts("null"); break;
    case JSON_OBJECT: puts("{}"); break;
    case JSON_ARRAY: puts("[]"); break;
    }
}

static void walk(const char *path, json_t *value, const char *wanted)
{
    const char *name, *dot = *path ? "." : "";
    char inner[1024];
    size_t i;
    json_t *member;
    json_object_foreach(value, name, member)
    {
        snprintf(inner, sizeof inner, "%s%s%s", path, dot, name);
        walk(inner, member, wanted);
    }
    json_array_foreach(value, i, member)
    {
        snprintf(inner, sizeof inner, "%s%s%zu", path, dot, i);
        walk(inner, member, wanted);
    }
    if (json_object_size(value) + json_array_size(value) == 0) print_leaf(path, value, wanted);
}

int main(int count, char **argument)
{
    bool one = count == 4 && strcmp(argument[1], "-g") == 0, list = count == 3 && strcmp(argument[1], "-l") == 0;
    if (!one && !list) return check(count - 1, argument + 1);
    json_t *value = read_file(argument[count - 1]);
    if (!value) return 1;
    walk("", value, one ? argument[2] : NULL);
    json_decref(value);
    return 0;
}
