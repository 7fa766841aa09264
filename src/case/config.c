/* Configuration files through libconfig, driven by the key table. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include <specbias/dataset.h>

#include "core/file.h"
#include "core/text.h"
#include "case/keys.h"
#include "case/let.h"
#include "case/parse.h"

/* ---- values ---- */

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
    if (key == sb_key_lookup("kind") && strcmp(value, "learn") == 0) value = "train"; /* a former word for it */
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
        sb_key_free(key, &fresh);
        return status;
    }
    sb_key_free(key, place);
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

/* Where a key was set. */
static sb_status note_origin(sb_config *config, const key_entry *key, const char *format, ...)
{
    char text[4096 + 32];
    va_list arguments;
    va_start(arguments, format);
    sb_format_list(text, sizeof text, format, arguments);
    va_end(arguments);
    if (!config->origin) config->origin = calloc(sb_key_count(), sizeof *config->origin);
    char *copy = strdup(text);
    if (!config->origin || !copy) {
        free(copy);
        return sb_fail(SB_ERR_NOMEM, "no memory for the configuration");
    }
    char **origin = &config->origin[sb_key_index(key)];
    free(*origin);
    *origin = copy;
    return SB_OK;
}

/* Of a file all examples, unless data.n says how many. */
static void settle(sb_config *config)
{
    const key_entry *key = sb_key_lookup("data.n");
    const sb_dataset_kind *set = sb_dataset_kind_find(config->data_kind);
    if (sb_key_origin(config, key)) return;
    config->data_n = set && set->file ? 0 : strtoll(key->shown.value, NULL, 10);
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
    if (status != SB_OK) return at(parsed, setting, status);
    unsigned line;
    const char *file = sb_parsed_at(parsed, setting, &line);
    return note_origin(config, key, "%s:%u", file, line);
}

/* One of the group let: a number or a word. */
static sb_status take_variable(sb_config *config, const sb_parsed *parsed, const config_setting_t *setting)
{
    char value[40];
    double number;
    const char *text = value;
    if (config_setting_type(setting) == CONFIG_TYPE_STRING)
        text = config_setting_get_string(setting);
    else if (number_of(setting, &number))
        sb_format(value, sizeof value, "%.15g", number);
    else
        return at(parsed, setting,
                  sb_fail(SB_ERR_INPUT, "let.%s must be a number or a text, not %s", config_setting_name(setting),
                          type_found(setting)));
    sb_status status = sb_let_set(config, config_setting_name(setting), text);
    if (status != SB_OK) return at(parsed, setting, status);
    unsigned line;
    const char *file = sb_parsed_at(parsed, setting, &line);
    return note_origin(config, sb_key_lookup("let"), "%s:%u", file, line);
}

static sb_status take_all(sb_config *config, const sb_parsed *parsed)
{
    const config_setting_t *root = config_root_setting(&parsed->config);
    for (int i = 0; i < config_setting_length(root); i++) {
        const config_setting_t *setting = config_setting_get_elem(root, (unsigned)i);
        const char *name = config_setting_name(setting);
        if (strcmp(name, "provenance") == 0) continue; /* what a manifest carries beside the keys */
        bool let = strcmp(name, "let") == 0;
        if (!config_setting_is_group(setting) || !(let || sb_key_is_group(name))) {
            sb_status status = take_setting(config, parsed, "", setting);
            if (status != SB_OK) return status;
            continue;
        }
        for (int j = 0; j < config_setting_length(setting); j++) {
            const config_setting_t *member = config_setting_get_elem(setting, (unsigned)j);
            sb_status status = let ? take_variable(config, parsed, member) : take_setting(config, parsed, name, member);
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
    const char *origin = sb_key_origin(config, sb_key_lookup("init.table"));
    if (origin) status = note_origin(config, sb_key_lookup("init.table_w"), "%s", origin);
    if (origin && status == SB_OK) status = note_origin(config, sb_key_lookup("init.table_rho"), "%s", origin);
    config->init_table_w = (sb_reals){n, w};
    config->init_table_rho = (sb_reals){n, rho};
    config->init_table[0] = '\0';
    return status;
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
    settle(config);
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
        for (int depth = 0; *value; value++) { /* but not inside bumps(22, 8), [0.4, 0.6] */
            depth += (*value == '(' || *value == '[') - (*value == ')' || *value == ']');
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
    bool variable = strncmp(path, "let.", 4) == 0;
    const key_entry *key = sb_key_lookup(variable ? "let" : path);
    if (!key)
        return sb_fail(SB_ERR_INPUT, "%s: unknown key '%s'; did you mean '%s'? (`specbias keys` lists all)", what, path,
                       sb_key_nearest(path));
    sb_status status = variable ? sb_let_set(config, path + 4, equals + 1) : set_key(key, equals + 1, what, config);
    if (status == SB_OK) status = note_origin(config, key, "--set %s", assignment);
    if (status == SB_OK) status = take_table(config, "");
    settle(config);
    return status;
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
