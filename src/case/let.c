#include "case/let.h"

#include <stdlib.h>
#include <string.h>

#include "case/keys.h"
#include "case/where.h"
#include "core/file.h"
#include "core/text.h"

enum { MOST_LAYERS = 400, DEEPEST = 8, LONGEST = 4000 };

static sb_status no_memory(void)
{
    return sb_fail(SB_ERR_NOMEM, "no memory for the configuration");
}

/* ---- variables: "k = 7" ---- */

static size_t name_length(const char *text)
{
    size_t n = 0;
    while (sb_is_letter(text[n]) || (n > 0 && (sb_is_digit(text[n]) || text[n] == '_'))) n++;
    return n;
}

/* Which variable has the name; let.n: none. */
static size_t index_of(const sb_config *config, const char *name, size_t length)
{
    const sb_texts *let = &config->experiment_let;
    size_t i = 0;
    while (i < let->n && !(name_length(let->v[i]) == length && strncmp(let->v[i], name, length) == 0)) i++;
    return i;
}

static const char *value_of(const char *variable)
{
    return variable + name_length(variable) + 3; /* behind " = " */
}

bool sb_let_holds(const sb_config *config, const char *name)
{
    return index_of(config, name, strlen(name)) < config->experiment_let.n;
}

sb_status sb_let_set(sb_config *config, const char *name, const char *value)
{
    sb_texts *let = &config->experiment_let;
    size_t length = strlen(name), at = index_of(config, name, length), size = length + strlen(value) + 4;
    if (length == 0 || length > 40 || name_length(name) != length)
        return sb_fail(SB_ERR_INPUT, "let: '%s' is no name; a variable has letters, digits and '_'", name);
    if (strlen(value) > 200 || strchr(value, '$'))
        return sb_fail(SB_ERR_INPUT, "let.%s: a value has up to 200 characters and no '$'", name);
    for (const char *c = value; *c; c++)
        if (sb_is_control(*c)) return sb_fail(SB_ERR_INPUT, "let.%s holds a control character", name);
    char *text = malloc(size);
    if (!text) return no_memory();
    sb_format(text, size, "%s = %s", name, value);
    if (at == let->n) return sb_texts_add(let, text);
    free(let->v[at]);
    let->v[at] = text;
    return SB_OK;
}

/* The names that there are, for who asks for another. */
static sb_status unknown(const sb_config *config, const char *name, size_t length)
{
    const sb_texts *let = &config->experiment_let;
    char known[300] = "";
    for (size_t i = 0, used = 0; i < let->n && used < 200; used = strlen(known), i++)
        sb_format(known + used, sizeof known - used, "%s%.*s", i ? ", " : "", (int)name_length(let->v[i]), let->v[i]);
    return sb_fail(SB_ERR_INPUT, "$%.*s is no variable; %s%s", (int)length, name,
                   let->n ? "let has " : "there is no group let, such as let = { k = 7; };", known);
}

/* The text with the values in their places, to be freed. */
static sb_status substitute(const sb_config *config, const char *text, bool *used, char **result)
{
    sb_draft draft;
    sb_status status = sb_draft_open(&draft);
    if (status != SB_OK) return status;
    for (const char *p = text; *p && status == SB_OK; p++) {
        size_t length = *p == '$' ? name_length(p + 1) : 0, i = index_of(config, p + 1, length);
        if (length == 0) {
            fputc(*p, draft.stream);
            continue;
        }
        if (i == config->experiment_let.n)
            status = unknown(config, p + 1, length);
        else
            fputs(value_of(config->experiment_let.v[i]), draft.stream);
        if (status == SB_OK && used) used[i] = true;
        p += length;
    }
    status = sb_draft_close(&draft, status);
    if (status == SB_OK)
        *result = draft.text;
    else
        free(draft.text);
    return status;
}

/* ---- repeat(n, ..) ---- */

/* The arguments of repeat(..), text behind its parenthesis. */
static sb_status take_arguments(const char *text, sb_texts *arguments)
{
    for (const char *end; (end = sb_text_outside(text, ",)")) != NULL; text = end + 1) {
        sb_status status = sb_texts_add(arguments, sb_text_copy_trimmed(text, (size_t)(end - text)));
        if (status != SB_OK) return status;
        if (*end == ')')
            return end[1 + strspn(end + 1, " \t")] ? sb_fail(SB_ERR_INPUT, "there is something behind it") : SB_OK;
    }
    return sb_fail(SB_ERR_INPUT, "a parenthesis is not closed");
}

static sb_status read_count(const char *text, size_t *count)
{
    double value;
    if (!sb_text_is_real(text, &value) || !(value >= 1 && value <= MOST_LAYERS) || value != (double)(size_t)value)
        return sb_fail(SB_ERR_INPUT, "how often must be a whole number in [1, %d], not '%s'", MOST_LAYERS, text);
    *count = (size_t)value;
    return SB_OK;
}

/* Appends the layer, or those of repeat(n, layer, ..), n times in their order. Each call appends at least one. */
static sb_status expand(const char *layer, int depth, sb_texts *into)
{
    static const char word[] = "repeat(";
    sb_status status = SB_OK;
    sb_texts argument = {0};
    size_t count = 0;
    const char *text = layer + strspn(layer, " \t");
    if (strncmp(text, word, sizeof word - 1) != 0) {
        if (into->n == MOST_LAYERS) return sb_fail(SB_ERR_INPUT, "more than %d layers", MOST_LAYERS);
        return sb_texts_add(into, strdup(layer));
    }
    if (depth == DEEPEST) return sb_fail(SB_ERR_INPUT, "repeat stands in repeat more than %d times", DEEPEST);
    SB_TRY(take_arguments(text + sizeof word - 1, &argument));
    SB_TRY(read_count(argument.v[0], &count));
    if (argument.n < 2) SB_TRY(sb_fail(SB_ERR_INPUT, "there is nothing to repeat"));
    for (size_t i = 0; i < count; i++)
        for (size_t k = 1; k < argument.n; k++) SB_TRY(expand(argument.v[k], depth + 1, into));
done:
    sb_texts_clear(&argument);
    return status;
}

static sb_status expand_all(sb_texts *layers)
{
    sb_texts all = {0};
    for (size_t i = 0; i < layers->n; i++) {
        sb_status status = expand(layers->v[i], 0, &all);
        if (status == SB_OK) continue;
        sb_texts_clear(&all);
        return sb_fail(status, "layer %zu, \"%s\": %s", i + 1, layers->v[i], sb_error_text());
    }
    sb_texts_clear(layers);
    *layers = all;
    return SB_OK;
}

/* ---- all keys ---- */

static sb_status resolve_text(const sb_config *config, char **text, bool *used)
{
    char *result = NULL;
    if (!strchr(*text, '$')) return SB_OK;
    if (strlen(*text) > LONGEST) return sb_fail(SB_ERR_INPUT, "a text with variables has up to %d characters", LONGEST);
    sb_status status = substitute(config, *text, used, &result);
    if (status != SB_OK) return status;
    free(*text);
    *text = result;
    return SB_OK;
}

static sb_status resolve_key(const key_entry *key, sb_config *config, bool *used)
{
    sb_status status = SB_OK;
    void *place = sb_key_place(key, config);
    sb_texts *texts = place;
    if (key->type == TEXT) status = resolve_text(config, place, used);
    for (size_t i = 0; key->type == TEXTS && status == SB_OK && i < texts->n; i++)
        status = resolve_text(config, &texts->v[i], used);
    if (status == SB_OK && texts == &config->net_layers) status = expand_all(texts);
    if (status == SB_OK) return SB_OK;
    const char *origin = sb_key_origin(config, key);
    return sb_fail(status, "%s%s%s: %s", origin ? origin : "", origin ? ": " : "", sb_key_path(key), sb_error_text());
}

/* A list of texts may be anybody's. */
static sb_status check_variables(const sb_texts *let)
{
    for (size_t i = 0; i < let->n; i++)
        if (name_length(let->v[i]) == 0 || strncmp(let->v[i] + name_length(let->v[i]), " = ", 3) != 0)
            return sb_fail(SB_ERR_INPUT, "let: \"%s\" is not \"NAME = VALUE\"", let->v[i]);
    return SB_OK;
}

static sb_status resolve(sb_config *config, bool *used)
{
    sb_status status = check_variables(&config->experiment_let);
    for (size_t i = 0; status == SB_OK && sb_key_entry(i); i++)
        if (sb_key_place(sb_key_entry(i), config) != &config->experiment_let)
            status = resolve_key(sb_key_entry(i), config, used);
    return status;
}

sb_status sb_let_unused(const sb_config *config, const bool *used)
{
    const sb_texts *let = &config->experiment_let;
    const char *origin = sb_key_origin(config, sb_key_lookup("let"));
    for (size_t i = 0; i < let->n; i++)
        if (!used[i])
            return sb_fail(SB_ERR_INPUT, "%s%slet.%.*s is used by no text", origin ? origin : "", origin ? ": " : "",
                           (int)name_length(let->v[i]), let->v[i]);
    return SB_OK;
}

sb_status sb_let_resolve(sb_config *config, bool *used)
{
    sb_status status = resolve(config, used);
    if (status == SB_OK) sb_texts_clear(&config->experiment_let);
    return status;
}

sb_status sb_config_resolve(sb_config *config)
{
    if (sb_config_varies(config)) return SB_OK; /* its points are resolved */
    bool *used = calloc(config->experiment_let.n + 1, sizeof *used);
    if (!used) return no_memory();
    sb_status status = resolve(config, used);
    if (status == SB_OK) status = sb_let_unused(config, used);
    if (status == SB_OK) sb_texts_clear(&config->experiment_let);
    free(used);
    return status;
}
