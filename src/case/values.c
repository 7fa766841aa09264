/* Values of keys and whole configurations: copies, comparison, files. */
#include <stdlib.h>
#include <string.h>

#include "core/file.h"
#include "core/text.h"
#include "case/where.h"

sb_status sb_texts_add(sb_texts *texts, char *text)
{
    char **larger = text ? realloc(texts->v, (texts->n + 1) * sizeof *larger) : NULL;
    if (!larger) {
        free(text);
        return sb_fail(SB_ERR_NOMEM, "no memory for the configuration");
    }
    texts->v = larger;
    texts->v[texts->n++] = text;
    return SB_OK;
}

void sb_texts_clear(sb_texts *texts)
{
    for (size_t i = 0; texts->v && i < texts->n; i++) free(texts->v[i]);
    free(texts->v);
    *texts = (sb_texts){0};
}

void sb_key_free(const key_entry *key, void *place)
{
    if (key->type == TEXT || key->type == CHOICE) free(*(char **)place);
    if (key->type == REALS) free(((sb_reals *)place)->v);
    if (key->type == TEXTS) sb_texts_clear(place);
}

static bool same(const key_entry *key, const void *a, const void *b)
{
    const sb_reals *reals = a, *other_reals = b;
    const sb_texts *texts = a, *other_texts = b;
    bool equal = true;
    switch (key->type) {
    case TEXT:
    case CHOICE: return strcmp(*(char *const *)a, *(char *const *)b) == 0;
    case WHOLE: return *(const int64_t *)a == *(const int64_t *)b;
    case REAL: return *(const double *)a == *(const double *)b;
    case FLAG: return *(const bool *)a == *(const bool *)b;
    case REALS:
        for (size_t i = 0; i < reals->n && i < other_reals->n; i++) equal = equal && reals->v[i] == other_reals->v[i];
        return equal && reals->n == other_reals->n;
    case TEXTS:
        for (size_t i = 0; i < texts->n && i < other_texts->n; i++)
            equal = equal && strcmp(texts->v[i], other_texts->v[i]) == 0;
        return equal && texts->n == other_texts->n;
    }
    return false;
}

const char *sb_key_origin(const sb_config *config, const key_entry *key)
{
    return config->origin ? config->origin[sb_key_index(key)] : NULL;
}

void sb_config_clear(sb_config *config)
{
    for (size_t i = 0; sb_key_entry(i); i++) sb_key_free(sb_key_entry(i), sb_key_place(sb_key_entry(i), config));
    for (size_t i = 0; config->origin && i < sb_key_count(); i++) free(config->origin[i]);
    free(config->origin);
    *config = (sb_config){0};
}

static sb_status copy_value(const key_entry *key, const void *from, void *to)
{
    const sb_reals *reals = from;
    const sb_texts *texts = from;
    sb_reals *new_reals = to;
    sb_texts *new_texts = to;
    bool done = true;
    switch (key->type) {
    case TEXT:
    case CHOICE: done = (*(char **)to = strdup(*(char *const *)from)) != NULL; break;
    case WHOLE: *(int64_t *)to = *(const int64_t *)from; break;
    case REAL: *(double *)to = *(const double *)from; break;
    case FLAG: *(bool *)to = *(const bool *)from; break;
    case REALS:
        *new_reals = (sb_reals){reals->n, malloc((reals->n + 1) * sizeof(double))};
        done = new_reals->v != NULL;
        if (done) memcpy(new_reals->v, reals->v, reals->n * sizeof(double));
        break;
    case TEXTS:
        *new_texts = (sb_texts){texts->n, calloc(texts->n + 1, sizeof(char *))};
        done = new_texts->v != NULL;
        for (size_t i = 0; done && i < texts->n; i++) done = (new_texts->v[i] = strdup(texts->v[i])) != NULL;
        break;
    }
    return done ? SB_OK : sb_fail(SB_ERR_NOMEM, "no memory for the configuration");
}

static sb_status copy_origins(const sb_config *from, sb_config *to)
{
    if (!from->origin) return SB_OK;
    to->origin = calloc(sb_key_count(), sizeof *to->origin);
    bool done = to->origin != NULL;
    for (size_t i = 0; done && i < sb_key_count(); i++)
        done = !from->origin[i] || (to->origin[i] = strdup(from->origin[i])) != NULL;
    return done ? SB_OK : sb_fail(SB_ERR_NOMEM, "no memory for the configuration");
}

sb_status sb_config_copy(const sb_config *from, sb_config *to)
{
    sb_status status = SB_OK;
    *to = (sb_config){0};
    for (size_t i = 0; status == SB_OK && sb_key_entry(i); i++)
        status = copy_value(sb_key_entry(i), (const char *)from + sb_key_entry(i)->offset,
                            sb_key_place(sb_key_entry(i), to));
    if (status == SB_OK) status = copy_origins(from, to);
    if (status != SB_OK) sb_config_clear(to);
    return status;
}

/* ---- what has an effect ---- */

static sb_status has_no_effect(const sb_config *config, const key_entry *key, const char *needs)
{
    const char *origin = sb_key_origin(config, key), *path = sb_key_path(key), *colon = origin ? ": " : "";
    const char *table = sb_key_origin(config, sb_key_lookup("init.table")); /* which became two keys */
    if (origin && table && strcmp(origin, table) == 0) path = "init.table";
    return sb_fail(SB_ERR_INPUT, "%s%s%s has no effect here: it needs %s", origin ? origin : "", colon, path, needs);
}

/* A key that is not at its default. */
static sb_status check_key(const key_entry *key, const sb_config *config)
{
    char missing[512];
    if (sb_key_applies(key, config) || sb_key_replaced(key, config)) return SB_OK;
    sb_key_missing(key, config, missing, sizeof missing);
    return has_no_effect(config, key, missing);
}

sb_status sb_key_unused(const sb_config *config, const key_entry *key, const char *needs)
{
    sb_config standard = {0};
    sb_status status = sb_config_init(&standard);
    if (status == SB_OK && !same(key, (const char *)config + key->offset, sb_key_place(key, &standard)))
        status = has_no_effect(config, key, needs);
    sb_config_clear(&standard);
    return status;
}

sb_status sb_key_check_used(const sb_config *config, const bool *used)
{
    sb_config standard = {0};
    sb_status status = sb_config_init(&standard);
    for (size_t i = 0; status == SB_OK && sb_key_entry(i); i++) {
        const key_entry *key = sb_key_entry(i);
        if (!used[i] && !same(key, (const char *)config + key->offset, sb_key_place(key, &standard)))
            status = check_key(key, config);
    }
    sb_config_clear(&standard);
    return status;
}

sb_status sb_config_check(const sb_config *config)
{
    bool *used = calloc(sb_key_count(), sizeof *used);
    if (!used) return sb_fail(SB_ERR_NOMEM, "no memory for the configuration");
    sb_status status = sb_key_check_used(config, used);
    free(used);
    return status;
}

void sb_key_note_used(const sb_config *config, bool *used)
{
    for (size_t i = 0; sb_key_entry(i); i++) used[i] = used[i] || sb_key_applies(sb_key_entry(i), config);
}

/* ---- writing ---- */

static void write_value(const key_entry *key, const void *place, FILE *stream)
{
    const sb_reals *reals = place;
    const sb_texts *texts = place;
    switch (key->type) {
    case TEXT:
    case CHOICE: sb_write_quoted(stream, *(char *const *)place); break;
    case WHOLE: sb_print(stream, "%lld", (long long)*(const int64_t *)place); break;
    case REAL: sb_write_real(stream, *(const double *)place); break;
    case FLAG: fputs(*(const bool *)place ? "true" : "false", stream); break;
    case REALS:
        fputc('[', stream);
        for (size_t i = 0; i < reals->n; i++) {
            if (i) fputs(", ", stream);
            sb_write_real(stream, reals->v[i]);
        }
        fputc(']', stream);
        break;
    case TEXTS:
        fputc('[', stream);
        for (size_t i = 0; i < texts->n; i++) {
            if (i) fputs(", ", stream);
            sb_write_quoted(stream, texts->v[i]);
        }
        fputc(']', stream);
        break;
    }
}

void sb_key_write_set(const sb_config *config, sb_config *standard, FILE *stream)
{
    for (size_t i = 0; sb_key_entry(i); i++) {
        const key_entry *key = sb_key_entry(i);
        const void *place = (const char *)config + key->offset;
        if (same(key, place, sb_key_place(key, standard)) || !sb_key_applies(key, config)) continue;
        sb_print(stream, "%s = ", sb_key_path(key));
        write_value(key, place, stream);
        fputc('\n', stream);
    }
}

void sb_key_write_differing(const sb_config *config, size_t n, const sb_config *const *all, FILE *stream)
{
    bool any = false;
    for (size_t i = 0; sb_key_entry(i); i++) {
        const key_entry *key = sb_key_entry(i);
        const void *place = (const char *)config + key->offset;
        bool differs = false;
        for (size_t r = 0; r < n; r++) differs = differs || !same(key, place, (const char *)all[r] + key->offset);
        if (!differs || key->offset == offsetof(sb_config, experiment_name) || !sb_key_applies(key, config)) continue;
        sb_print(stream, "%s%s = ", any ? ", " : "", sb_key_path(key));
        write_value(key, place, stream);
        any = true;
    }
}

static void write_help(const key_entry *key, FILE *stream)
{
    const sb_key *shown = &key->shown;
    fputs(shown->help, stream);
    if (*shown->unit) sb_print(stream, " [%s]", shown->unit);
    if (*shown->range == '@') {
        const sb_list *list = sb_list_find(shown->range + 1);
        for (size_t i = 0; list && list->name(i); i++) sb_print(stream, "%s%s", i ? ", " : ": ", list->name(i));
    } else if (key->type == CHOICE)
        sb_print(stream, ": %s", shown->range);
    else if (*shown->range && strcmp(shown->range, "(-inf, inf)") != 0)
        sb_print(stream, ", in %s", shown->range);
}

enum { LINE = 100, COMMENT = 36 }; /* columns; where comments begin */

/* Words behind column `at`, in lines that each begin with // at COMMENT. */
static void write_comment(const char *text, size_t at, FILE *stream)
{
    if (at > COMMENT) at = 0, fputc('\n', stream);
    sb_print(stream, "%*s//", COMMENT - (int)at, "");
    at = COMMENT + 2;
    for (size_t length; *text; text += length + (text[length] == ' ')) {
        length = strcspn(text, " ");
        if (at + 1 + length > LINE && at > COMMENT + 2) {
            sb_print(stream, "\n%*s//", COMMENT, "");
            at = COMMENT + 2;
        }
        sb_print(stream, " %.*s", (int)length, text);
        at += 1 + length;
    }
}

/* "    n = 32;", or where the key has no effect "    // n = 32;" */
static void write_key(const sb_config *config, const key_entry *key, FILE *stream)
{
    bool top = strcmp(key->group, "experiment") == 0;
    sb_print(stream, "%s%s%s = ", top ? "" : "    ", sb_key_applies(key, config) ? "" : "// ", key->name);
    write_value(key, (const char *)config + key->offset, stream);
    fputc(';', stream);
}

static sb_status write_told(const sb_config *config, const key_entry *key, FILE *stream)
{
    char missing[512];
    sb_draft line = {0}, help = {0};
    sb_status status = sb_draft_open(&line);
    SB_TRY(status);
    write_key(config, key, line.stream);
    SB_TRY(sb_draft_close(&line, SB_OK));
    SB_TRY(sb_draft_open(&help));
    write_help(key, help.stream);
    if (!sb_key_applies(key, config)) {
        sb_key_missing(key, config, missing, sizeof missing);
        sb_print(help.stream, "; it needs %s", missing);
    }
    SB_TRY(sb_draft_close(&help, SB_OK));
    fputs(line.text, stream);
    write_comment(help.text, strlen(line.text), stream);
done:
    sb_draft_close(&line, status);
    sb_draft_close(&help, status);
    free(line.text);
    free(help.text);
    return status;
}

static sb_status write_all(const sb_config *config, bool told, bool all, FILE *stream)
{
    const char *open = "experiment";
    sb_status status = SB_OK;
    for (size_t i = 0; status == SB_OK && sb_key_entry(i); i++) {
        const key_entry *key = sb_key_entry(i);
        if (!all && !sb_key_applies(key, config)) continue;
        if (strcmp(open, key->group) != 0) {
            if (strcmp(open, "experiment") != 0) fputs("};\n", stream);
            sb_print(stream, "%s%s = {\n", told ? "\n" : "", key->group);
            open = key->group;
        }
        if (told)
            status = write_told(config, key, stream);
        else
            write_key(config, key, stream);
        fputc('\n', stream);
    }
    if (strcmp(open, "experiment") != 0) fputs("};\n", stream);
    return status;
}

void sb_config_write(const sb_config *config, FILE *stream)
{
    write_all(config, false, false, stream);
}

sb_status sb_config_tell(const sb_config *config, bool all, FILE *stream)
{
    return write_all(config, true, all, stream);
}
