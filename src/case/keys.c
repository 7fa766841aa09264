#include "case/keys.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/text.h"

static const char *const type_name[] = {"text", "choice", "whole", "real", "flag", "reals", "texts"};

static const key_entry *table(size_t *count)
{
    static const key_entry list[] = {
#define KEY(group, name, type, value, range, unit, where, help)                                                        \
    {#group,                                                                                                           \
     #name,                                                                                                            \
     type,                                                                                                             \
     {#group "." #name, NULL, value, range, unit, where, help},                                                        \
     offsetof(sb_config, group##_##name)},
#include <specbias/keys.def>
#undef KEY
    };
    *count = sizeof list / sizeof list[0];
    return list;
}

const key_entry *sb_key_entry(size_t index)
{
    size_t count;
    const key_entry *list = table(&count);
    return index < count ? &list[index] : NULL;
}

static bool top_level(const key_entry *key)
{
    return strcmp(key->group, "experiment") == 0;
}

const char *sb_key_path(const key_entry *key)
{
    return top_level(key) ? key->name : key->shown.path;
}

const sb_key *sb_key_at(size_t index)
{
    static _Thread_local sb_key shown;
    const key_entry *key = sb_key_entry(index);
    if (!key) return NULL;
    shown = key->shown;
    shown.path = sb_key_path(key);
    shown.type = type_name[key->type];
    return &shown;
}

size_t sb_key_count(void)
{
    size_t count;
    table(&count);
    return count;
}

size_t sb_key_index(const key_entry *key)
{
    return (size_t)(key - sb_key_entry(0));
}

const key_entry *sb_key_lookup(const char *path)
{
    for (size_t i = 0; sb_key_entry(i); i++)
        if (strcmp(sb_key_path(sb_key_entry(i)), path) == 0) return sb_key_entry(i);
    return NULL;
}

bool sb_key_is_group(const char *name)
{
    for (size_t i = 0; sb_key_entry(i); i++)
        if (!top_level(sb_key_entry(i)) && strcmp(sb_key_entry(i)->group, name) == 0) return true;
    return false;
}

const char *sb_key_nearest(const char *path)
{
    const char *nearest = "";
    size_t least = SIZE_MAX;
    for (size_t i = 0; sb_key_entry(i); i++) {
        const key_entry *key = sb_key_entry(i);
        size_t distance = sb_edit_distance(path, sb_key_path(key));
        /* a right name in the wrong group is near, too */
        const char *dot = strchr(path, '.');
        if (strcmp(dot ? dot + 1 : path, key->name) == 0 && distance > 2) distance = 2;
        if (distance < least) {
            least = distance;
            nearest = sb_key_path(key);
        }
    }
    return nearest;
}

sb_status sb_key_check_number(const key_entry *key, double value)
{
    const char *range = key->shown.range;
    char *rest;
    double low = sb_text_real(range + 1, &rest), high = sb_text_real(rest + 1, &rest);
    bool above = *range == '[' ? value >= low : value > low, below = *rest == ']' ? value <= high : value < high;
    if (above && below) return SB_OK;
    return sb_fail(SB_ERR_INPUT, "%s = %.10g is out of range; it must lie in %s", sb_key_path(key), value, range);
}

/* Calls visit for each allowed word until it returns true. */
static bool any_choice(const char *range, bool (*visit)(void *context, const char *word), void *context)
{
    char word[64];
    if (*range == '@') {
        const sb_list *list = sb_list_find(range + 1);
        for (size_t i = 0; list && list->name(i); i++)
            if (visit(context, list->name(i))) return true;
        return false;
    }
    for (const char *p = range; *p; p += *p == '|') {
        size_t length = strcspn(p, "|");
        sb_format(word, sizeof word, "%.*s", (int)length, p);
        if (visit(context, word)) return true;
        p += length;
    }
    return false;
}

/* A word with a colon at its end is a kind, of which the value names one. */
static bool equals(void *context, const char *word)
{
    size_t length = strlen(word);
    const char *value = context;
    return length > 0 && word[length - 1] == ':' ? strncmp(value, word, length) == 0 : strcmp(value, word) == 0;
}

static bool append(void *context, const char *word)
{
    char *text = context;
    size_t used = strlen(text);
    sb_format(text + used, 256 - used, "%s%s", used ? ", " : "", word);
    return false;
}

/* The name becomes a directory's, and the title of figures. */
static sb_status check_name(const char *name)
{
    const char *allowed = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-";
    if (*name && *name != '.' && *name != '-' && strlen(name) < 200 && strspn(name, allowed) == strlen(name))
        return SB_OK;
    return sb_fail(SB_ERR_INPUT,
                   "name = \"%s\" must be letters, digits, '.', '_' and '-', not start with '.' or '-', and have less "
                   "than 200 of them",
                   name);
}

/* Texts become parts of paths, scripts and reports. */
static sb_status check_text(const key_entry *key, const char *value)
{
    for (const char *c = value; *c; c++)
        if (sb_is_control(*c))
            return sb_fail(SB_ERR_INPUT, "%s = \"%s\" holds a control character", sb_key_path(key), value);
    sb_claim claim;
    if (top_level(key) && strcmp(key->name, "claims") == 0) return sb_claim_parse(value, &claim);
    return top_level(key) && strcmp(key->name, "name") == 0 ? check_name(value) : SB_OK;
}

sb_status sb_key_check_choice(const key_entry *key, const char *value)
{
    char words[256] = "", copy[256];
    sb_format(copy, sizeof copy, "%s", value);
    if (!*key->shown.range) return check_text(key, value);
    if (any_choice(key->shown.range, equals, copy)) return check_text(key, value);
    any_choice(key->shown.range, append, words);
    return sb_fail(SB_ERR_INPUT, "%s = \"%s\" is not known; it must be one of: %s", sb_key_path(key), value, words);
}
