#include "case/where.h"

#include <string.h>

#include <specbias/dataset.h>
#include <specbias/rule.h>

#include "core/text.h"

#define LONGEST 128 /* of a value that is compared */

/* A piece of the column. */
typedef struct piece {
    const char *text;
    size_t length;
} piece;

/* Cuts the part before the next separator off `rest`; false when nothing is left. */
static bool cut(piece *rest, const char *separator, piece *part)
{
    if (!rest->text) return false;
    size_t width = strlen(separator);
    *part = *rest;
    for (size_t i = 0; i + width <= rest->length; i++)
        if (strncmp(rest->text + i, separator, width) == 0) {
            part->length = i;
            *rest = (piece){rest->text + i + width, rest->length - i - width};
            return true;
        }
    rest->text = NULL;
    return true;
}

static void append(char *text, size_t size, const char *more)
{
    size_t used = strlen(text);
    sb_format(text + used, size - used, "%s", more);
}

/* "@momentum" is the rules of training that take train.momentum, "heavy_ball|nesterov|adam". */
static piece rules_that_take(piece words)
{
    static _Thread_local char text[4 * LONGEST];
    char key[LONGEST];
    sb_format(key, sizeof key, "%.*s", (int)words.length - 1, words.text + 1);
    *text = '\0';
    for (size_t i = 0; sb_rule_at(i); i++) {
        if (!sb_rule_takes(sb_rule_at(i), key)) continue;
        append(text, sizeof text, *text ? "|" : "");
        append(text, sizeof text, sb_rule_at(i)->name);
    }
    return (piece){text, strlen(text)};
}

typedef enum match { IS, IS_NOT, CONTAINS } match;

typedef struct term {
    const key_entry *key;
    match relation;
    piece words;
} term;

static term read_term(piece from)
{
    char path[64];
    size_t length = 0;
    while (length < from.length && !strchr("=!~", from.text[length])) length++;
    if (length == from.length) return (term){sb_key_lookup("kind"), IS, from};
    match relation = from.text[length] == '=' ? IS : from.text[length] == '!' ? IS_NOT : CONTAINS;
    sb_format(path, sizeof path, "%.*s", (int)length, from.text);
    length += relation == IS_NOT ? 2 : 1;
    piece words = {from.text + length, from.length - length};
    bool rules = strcmp(path, "train.optimizer") == 0 && *words.text == '@';
    return (term){sb_key_lookup(path), relation, rules ? rules_that_take(words) : words};
}

/* ---- values ---- */

/* The value as one text; of a list element i, "" when it is empty. False past the last. */
static bool value_at(const key_entry *key, const sb_config *config, size_t i, char text[LONGEST])
{
    const void *place = (const char *)config + key->offset;
    const sb_texts *texts = place;
    const sb_reals *reals = place;
    bool list = key->type == TEXTS || key->type == REALS;
    size_t count = key->type == TEXTS ? texts->n : key->type == REALS ? reals->n : 1;
    *text = '\0';
    if (i >= count) return list && count == 0 && i == 0;
    switch (key->type) {
    case TEXT:
    case CHOICE: sb_format(text, LONGEST, "%s", *(char *const *)place); break;
    case WHOLE: sb_format(text, LONGEST, "%lld", (long long)*(const int64_t *)place); break;
    case REAL: sb_format(text, LONGEST, "%g", *(const double *)place); break;
    case FLAG: sb_format(text, LONGEST, "%s", *(const bool *)place ? "true" : "false"); break;
    case REALS: sb_format(text, LONGEST, "%g", reals->v[i]); break;
    case TEXTS: sb_format(text, LONGEST, "%s", texts->v[i]); break;
    }
    return true;
}

static bool matches(const char *value, match relation, piece word)
{
    char text[LONGEST];
    sb_format(text, sizeof text, "%.*s", (int)word.length, word.text);
    if (strcmp(text, "@points") == 0) return sb_points_find(value) != NULL;
    if (strcmp(text, "@sets") == 0) return sb_dataset_kind_find(value) != NULL;
    if (word.length > 0 && text[strlen(text) - 1] == ':') return strncmp(value, text, strlen(text)) == 0;
    return relation == CONTAINS ? strstr(value, text) != NULL : strcmp(value, text) == 0;
}

bool sb_config_varies(const sb_config *config)
{
    return strcmp(config->experiment_kind, "sweep") == 0 || strcmp(config->experiment_kind, "start") == 0;
}

static bool holds(const term *t, const sb_config *config)
{
    char value[LONGEST];
    bool found = false, kind = t->key == sb_key_lookup("kind");
    if (sb_config_varies(config) && !kind) return true;
    for (size_t i = 0; value_at(t->key, config, i, value); i++) {
        piece rest = t->words, word;
        while (!found && cut(&rest, "|", &word))
            found =
                matches(value, t->relation, word) || (kind && sb_config_varies(config) && matches("train", IS, word));
    }
    return found == (t->relation != IS_NOT);
}

/* How many terms do not hold. */
static size_t count_missing(piece clause, const sb_config *config)
{
    piece part;
    size_t missing = 0;
    while (cut(&clause, "; ", &part)) {
        term t = read_term(part);
        missing += !holds(&t, config);
    }
    return missing;
}

#define REPLACED "replaced in "

/* The alternative with the fewest terms that do not hold; false when that is none. */
static bool nearest(const key_entry *key, const sb_config *config, piece *clause)
{
    piece rest = {key->shown.where, strlen(key->shown.where)}, part;
    size_t least = SIZE_MAX;
    while (*key->shown.where && least > 0 && cut(&rest, " or ", &part)) {
        if (strncmp(part.text, REPLACED, strlen(REPLACED)) == 0) break;
        size_t missing = count_missing(part, config);
        if (missing < least) *clause = part;
        least = missing < least ? missing : least;
    }
    return *key->shown.where && least > 0;
}

bool sb_key_applies(const key_entry *key, const sb_config *config)
{
    piece clause;
    return !nearest(key, config, &clause);
}

bool sb_key_replaced(const key_entry *key, const sb_config *config)
{
    const char *kinds = strstr(key->shown.where, REPLACED);
    if (!kinds) return false;
    kinds += strlen(REPLACED);
    return count_missing((piece){kinds, strlen(kinds)}, config) == 0;
}

/* ---- words ---- */

/* kind = "train", "overlay" or "design" */
static void say_term(const term *t, char *text, size_t size)
{
    static const char *const sign[] = {" = ", " other than ", " with "};
    bool bare = t->key->type != TEXT && t->key->type != CHOICE && t->key->type != TEXTS;
    piece rest = t->words, word;
    append(text, size, sb_key_path(t->key));
    if (t->words.length == 0) {
        append(text, size, t->relation == IS ? " empty" : " given");
        return;
    }
    append(text, size, sign[t->relation]);
    for (bool first = true; cut(&rest, "|", &word); first = false) {
        char one[LONGEST + 8];
        const char *mark = bare || *word.text == '@' ? "" : "\"";
        const char *before = first ? "" : rest.text && rest.length > 0 ? ", " : " or ";
        if (word.length == 0) break;
        sb_format(one, sizeof one, "%s%s%.*s%s", before, mark, (int)word.length, word.text, mark);
        append(text, size,
               strncmp(word.text, "@points", 7) == 0 ? "points, not a data set"
               : strncmp(word.text, "@sets", 5) == 0 ? "a data set"
                                                     : one);
    }
}

void sb_key_missing(const key_entry *key, const sb_config *config, char *text, size_t size)
{
    piece clause, part;
    *text = '\0';
    if (!nearest(key, config, &clause)) return;
    while (cut(&clause, "; ", &part)) {
        char value[LONGEST];
        term t = read_term(part);
        if (holds(&t, config)) continue;
        if (*text) append(text, size, " and ");
        say_term(&t, text, size);
        if (t.key->type != CHOICE || t.relation != IS) continue;
        value_at(t.key, config, 0, value);
        append(text, size, " (it is \"");
        append(text, size, value);
        append(text, size, "\")");
    }
}
