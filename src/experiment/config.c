/* Configuration files through libconfig, driven by the key table. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/file.h"
#include "core/text.h"
#include "experiment/keys.h"
#include "experiment/parse.h"

/* ---- values ---- */

static void free_value(const key_entry *key, void *place)
{
    if (key->type == TEXT || key->type == CHOICE) free(*(char **)place);
    if (key->type == REALS) free(((sb_reals *)place)->v);
    if (key->type == TEXTS) {
        sb_texts *texts = place;
        for (size_t i = 0; texts->v && i < texts->n; i++) free(texts->v[i]);
        free(texts->v);
    }
}

static bool number_of(const config_setting_t *setting, double *value)
{
    switch (config_setting_type(setting)) {
    case CONFIG_TYPE_INT: *value = config_setting_get_int(setting); return true;
    case CONFIG_TYPE_INT64: *value = (double)config_setting_get_int64(setting); return true;
    case CONFIG_TYPE_FLOAT: *value = config_setting_get_float(setting); return true;
    default: return false;
    }
}

static const char *type_found(const config_setting_t *setting)
{
    switch (config_setting_type(setting)) {
    case CONFIG_TYPE_INT:
    case CONFIG_TYPE_INT64: return "a whole number";
    case CONFIG_TYPE_FLOAT: return "a real number";
    case CONFIG_TYPE_STRING: return "a text";
    case CONFIG_TYPE_BOOL: return "true or false";
    case CONFIG_TYPE_GROUP: return "a group";
    default: return "a list";
    }
}

static sb_status wrong_type(const key_entry *key, const config_setting_t *setting)
{
    static const char *const wanted[] = {
        "a text", "a text", "a whole number", "a number", "true or false", "a list of numbers", "a list of texts"};
    return sb_fail(SB_ERR_INPUT, "%s must be %s, not %s", key->name, wanted[key->type], type_found(setting));
}

/* Elements of a list, or the one element a scalar stands for. */
static size_t elements(const config_setting_t *setting)
{
    return config_setting_is_aggregate(setting) ? (size_t)config_setting_length(setting) : 1;
}

static const config_setting_t *element(const config_setting_t *setting, size_t i)
{
    return config_setting_is_aggregate(setting) ? config_setting_get_elem(setting, (unsigned)i) : setting;
}

static sb_status take_text(const key_entry *key, const config_setting_t *setting, char **text)
{
    if (config_setting_type(setting) != CONFIG_TYPE_STRING) return wrong_type(key, setting);
    const char *value = config_setting_get_string(setting);
    sb_status status = sb_key_check_choice(key, value);
    if (status != SB_OK) return status;
    *text = strdup(value);
    return *text ? SB_OK : sb_fail(SB_ERR_NOMEM, "no memory for the configuration");
}

static sb_status take_number(const key_entry *key, const config_setting_t *setting, double *value)
{
    if (!number_of(setting, value)) return wrong_type(key, setting);
    return sb_key_check_number(key, *value);
}

static sb_status take_reals(const key_entry *key, const config_setting_t *setting, sb_reals *reals)
{
    if (config_setting_is_group(setting)) return wrong_type(key, setting);
    *reals = (sb_reals){.n = elements(setting)};
    reals->v = calloc(reals->n + 1, sizeof *reals->v);
    if (!reals->v) return sb_fail(SB_ERR_NOMEM, "no memory for the configuration");
    for (size_t i = 0; i < reals->n; i++) {
        sb_status status = take_number(key, element(setting, i), &reals->v[i]);
        if (status != SB_OK) return status;
    }
    return SB_OK;
}

static sb_status take_texts(const key_entry *key, const config_setting_t *setting, sb_texts *texts)
{
    if (config_setting_is_group(setting)) return wrong_type(key, setting);
    *texts = (sb_texts){.n = elements(setting)};
    texts->v = calloc(texts->n + 1, sizeof *texts->v);
    if (!texts->v) return sb_fail(SB_ERR_NOMEM, "no memory for the configuration");
    for (size_t i = 0; i < texts->n; i++) {
        sb_status status = take_text(key, element(setting, i), &texts->v[i]);
        if (status != SB_OK) return status;
    }
    return SB_OK;
}

static sb_status take_value(const key_entry *key, const config_setting_t *setting, sb_config *config)
{
    union {
        char *text;
        sb_reals reals;
        sb_texts texts;
    } fresh = {0};
    void *place = sb_key_place(key, config);
    double number = 0;
    sb_status status = SB_OK;
    switch (key->type) {
    case TEXT:
    case CHOICE: status = take_text(key, setting, &fresh.text); break;
    case REALS: status = take_reals(key, setting, &fresh.reals); break;
    case TEXTS: status = take_texts(key, setting, &fresh.texts); break;
    case FLAG:
        if (config_setting_type(setting) != CONFIG_TYPE_BOOL) return wrong_type(key, setting);
        *(bool *)place = config_setting_get_bool(setting);
        return SB_OK;
    case WHOLE:
        if (config_setting_type(setting) == CONFIG_TYPE_FLOAT) return wrong_type(key, setting);
        status = take_number(key, setting, &number);
        if (status == SB_OK) *(int64_t *)place = (int64_t)number;
        return status;
    case REAL:
        status = take_number(key, setting, &number);
        if (status == SB_OK) *(double *)place = number;
        return status;
    }
    if (status != SB_OK) {
        free_value(key, &fresh);
        return status;
    }
    free_value(key, place);
    if (key->type == REALS)
        *(sb_reals *)place = fresh.reals;
    else if (key->type == TEXTS)
        *(sb_texts *)place = fresh.texts;
    else
        *(char **)place = fresh.text;
    return SB_OK;
}

/* ---- reading ---- */

/* Reason first, then where: `file:line: reason`. */
static sb_status at(const sb_parsed *parsed, const config_setting_t *setting, sb_status status)
{
    unsigned line;
    const char *file = sb_parsed_at(parsed, setting, &line);
    return sb_fail(status, "%s:%u: %s", file, line, sb_error_text());
}

static sb_status take_setting(sb_config *config, const sb_parsed *parsed, const char *group,
                              const config_setting_t *setting)
{
    char path[256];
    const char *name = config_setting_name(setting);
    sb_status status = SB_OK;
    sb_format(path, sizeof path, "%s%s%s", group, *group ? "." : "", name);
    const key_entry *key = sb_key_lookup(path);
    if (key)
        status = take_value(key, setting, config);
    else
        status = sb_fail(SB_ERR_INPUT, "unknown key '%s'; did you mean '%s'? (`specbias keys` lists all)", path,
                         sb_key_nearest(path));
    return status == SB_OK ? SB_OK : at(parsed, setting, status);
}

static sb_status take_all(sb_config *config, const sb_parsed *parsed)
{
    const config_setting_t *root = config_root_setting(&parsed->config);
    for (int i = 0; i < config_setting_length(root); i++) {
        const config_setting_t *setting = config_setting_get_elem(root, (unsigned)i);
        const char *name = config_setting_name(setting);
        if (strcmp(name, "provenance") == 0) continue; /* what a manifest carries beside the keys */
        if (!config_setting_is_group(setting) || !sb_key_is_group(name)) {
            sb_status status = take_setting(config, parsed, "", setting);
            if (status != SB_OK) return status;
            continue;
        }
        for (int j = 0; j < config_setting_length(setting); j++) {
            sb_status status = take_setting(config, parsed, name, config_setting_get_elem(setting, (unsigned)j));
            if (status != SB_OK) return status;
        }
    }
    return SB_OK;
}

/* The nodes of the file init.table become keys, so that a configuration stands alone. */
static sb_status take_table(sb_config *config, const char *folder)
{
    char path[4096];
    size_t n = 0;
    double *w = NULL, *rho = NULL;
    if (!*config->init_table) return SB_OK;
    bool relative = *folder && config->init_table[0] != '/';
    sb_format(path, sizeof path, "%s%s%s", relative ? folder : "", relative ? "/" : "", config->init_table);
    sb_status status = sb_density_read_table(path, &n, &w, &rho);
    if (status != SB_OK) return sb_fail(status, "init.table: %s", sb_error_text());
    free(config->init_table_w.v);
    free(config->init_table_rho.v);
    config->init_table_w = (sb_reals){n, w};
    config->init_table_rho = (sb_reals){n, rho};
    config->init_table[0] = '\0';
    return SB_OK;
}

sb_status sb_config_read(sb_config *config, const char *path)
{
    sb_status status = SB_OK;
    char folder[4096];
    const char *slash = strrchr(path, '/');
    sb_parsed parsed;
    sb_format(folder, sizeof folder, "%.*s", slash ? (int)(slash - path) : 0, path);
    SB_TRY(sb_parse_file(&parsed, path));
    SB_TRY(take_all(config, &parsed));
    SB_TRY(take_table(config, folder));
done:
    sb_parsed_clear(&parsed);
    return status;
}

/* The line a file would have: words get quotes, lists get parentheses. text[size], size = 4 strlen(value) + 32. */
static void as_setting(const key_entry *key, const char *value, char *text, size_t size)
{
    bool texts = key->type == TEXT || key->type == CHOICE, bare = !*value || !strchr("[(\"", *value);
    char *end = text;
    if (texts && *value != '"')
        sb_format(text, size, "value = \"%s\";", value);
    else if (key->type == TEXTS && bare && *value) { /* a,b -> ("a","b") */
        end = stpcpy(end, "value = (\"");
        for (int depth = 0; *value; value++) { /* but not inside bumps(22, 8) */
            depth += (*value == '(') - (*value == ')');
            if (*value == ',' && depth == 0)
                end = stpcpy(end, "\",\"");
            else
                *end++ = *value;
        }
        strcpy(end, "\");");
    } else if ((key->type == REALS && bare) || (key->type == TEXTS && (!*value || *value == '"')))
        sb_format(text, size, "value = (%s);", value);
    else
        sb_format(text, size, "value = %s;", value);
}

/* Parses `value` for a key as if it stood in a file. */
static sb_status set_key(const key_entry *key, const char *value, const char *what, sb_config *config)
{
    sb_status status = SB_OK;
    sb_parsed parsed;
    size_t size = 4 * strlen(value) + 32;
    char *text = malloc(size);
    if (!text) return sb_fail(SB_ERR_NOMEM, "no memory for the configuration");
    as_setting(key, value, text, size);
    SB_TRY(sb_parse_text(&parsed, what, text));
    if (config_setting_length(config_root_setting(&parsed.config)) != 1)
        SB_TRY(sb_fail(SB_ERR_INPUT, "%s: expected one value", what));
    status = take_value(key, config_lookup(&parsed.config, "value"), config);
    if (status != SB_OK) status = sb_fail(status, "%s: %s", what, sb_error_text());
done:
    free(text);
    sb_parsed_clear(&parsed);
    return status;
}

sb_status sb_config_set(sb_config *config, const char *assignment)
{
    char path[256], what[512];
    const char *equals = strchr(assignment, '=');
    if (!equals) return sb_fail(SB_ERR_INPUT, "--set %s: expected key=value", assignment);
    sb_format(path, sizeof path, "%.*s", (int)(equals - assignment), assignment);
    sb_format(what, sizeof what, "--set %s", assignment);
    const key_entry *key = sb_key_lookup(path);
    if (!key)
        return sb_fail(SB_ERR_INPUT, "%s: unknown key '%s'; did you mean '%s'? (`specbias keys` lists all)", what, path,
                       sb_key_nearest(path));
    sb_status status = set_key(key, equals + 1, what, config);
    return status == SB_OK ? take_table(config, "") : status;
}

sb_status sb_config_init(sb_config *config)
{
    *config = (sb_config){0};
    for (size_t i = 0; sb_key_entry(i); i++) {
        sb_status status = set_key(sb_key_entry(i), sb_key_entry(i)->shown.value, "default", config);
        if (status != SB_OK) return status;
    }
    return SB_OK;
}

void sb_config_clear(sb_config *config)
{
    for (size_t i = 0; sb_key_entry(i); i++) free_value(sb_key_entry(i), sb_key_place(sb_key_entry(i), config));
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

sb_status sb_config_copy(const sb_config *from, sb_config *to)
{
    sb_status status = SB_OK;
    *to = (sb_config){0};
    for (size_t i = 0; status == SB_OK && sb_key_entry(i); i++)
        status = copy_value(sb_key_entry(i), (const char *)from + sb_key_entry(i)->offset,
                            sb_key_place(sb_key_entry(i), to));
    if (status != SB_OK) sb_config_clear(to);
    return status;
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

static void write_comment(const key_entry *key, FILE *stream)
{
    const sb_key *shown = &key->shown;
    sb_print(stream, "    // %s", shown->help);
    if (*shown->unit) sb_print(stream, " [%s]", shown->unit);
    if (*shown->range == '@') {
        const sb_list *list = sb_list_find(shown->range + 1);
        for (size_t i = 0; list && list->name(i); i++) sb_print(stream, "%s%s", i ? ", " : ": ", list->name(i));
    } else if (key->type == CHOICE)
        sb_print(stream, ": %s", shown->range);
    else if (*shown->range && strcmp(shown->range, "(-inf, inf)") != 0)
        sb_print(stream, ", in %s", shown->range);
}

void sb_config_write(const sb_config *config, bool comments, FILE *stream)
{
    const char *open = "experiment";
    for (size_t i = 0; sb_key_entry(i); i++) {
        const key_entry *key = sb_key_entry(i);
        bool top = strcmp(key->group, "experiment") == 0;
        if (strcmp(open, key->group) != 0) {
            if (strcmp(open, "experiment") != 0) fputs("};\n", stream);
            sb_print(stream, "%s%s = {\n", comments ? "\n" : "", key->group);
            open = key->group;
        }
        sb_print(stream, "%s%s = ", top ? "" : "    ", key->name);
        write_value(key, (const char *)config + key->offset, stream);
        fputc(';', stream);
        if (comments) write_comment(key, stream);
        fputc('\n', stream);
    }
    fputs("};\n", stream);
}
