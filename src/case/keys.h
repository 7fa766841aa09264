/* The key table with its places in sb_config; shared by reading, writing and lookup. */
#ifndef SPECBIAS_EXPERIMENT_KEYS_H
#define SPECBIAS_EXPERIMENT_KEYS_H

#include <stddef.h>

#include <specbias/experiment.h>

typedef enum key_type { TEXT, CHOICE, WHOLE, REAL, FLAG, REALS, TEXTS } key_type;

typedef struct key_entry {
    const char *group, *name; /* group "" is the top level */
    key_type type;
    sb_key shown;
    size_t offset;
} key_entry;

const key_entry *sb_key_entry(size_t index); /* NULL past the last */
size_t sb_key_count(void);
size_t sb_key_index(const key_entry *key);
const char *sb_key_path(const key_entry *key);    /* "name" on the top level, "group.name" elsewhere */
const key_entry *sb_key_lookup(const char *path); /* NULL when there is none */
const char *sb_key_nearest(const char *path);     /* by edit distance */
bool sb_key_is_group(const char *name);

/* The place of a key's value. */
static inline void *sb_key_place(const key_entry *key, sb_config *config)
{
    return (char *)config + key->offset;
}

/* SB_ERR_INPUT unless it is at its default: what the case is does not use it, whatever other keys say. */
sb_status sb_key_unused(const sb_config *config, const key_entry *key, const char *needs);

/* used[keys]: set for those that apply in the configuration; SB_ERR_INPUT for one that is not at its default, not used
 * and does not apply in this one either. */
void sb_key_note_used(const sb_config *config, bool *used);
sb_status sb_key_check_used(const sb_config *config, const bool *used);

/* A line "KEY = VALUE" for each key that applies and is not at its default, as `standard` has it: what a run is, also
 * when there are new keys. */
void sb_key_write_set(const sb_config *config, sb_config *standard, FILE *stream);

/* "KEY = VALUE, .." of the keys that apply and are not the same in all[n], but for the name. */
void sb_key_write_differing(const sb_config *config, size_t n, const sb_config *const *all, FILE *stream);

/* Takes the text, which is freed when there is no room for it; NULL is no memory. */
sb_status sb_texts_add(sb_texts *texts, char *text);
void sb_texts_clear(sb_texts *texts);
void sb_key_free(const key_entry *key, void *place);
/* Where it was set; NULL: its default. */
const char *sb_key_origin(const sb_config *config, const key_entry *key);

/* Range checks; the reason names the range. Texts without one must not hold control characters, and the name must be
 * fit for a directory's. */
sb_status sb_key_check_number(const key_entry *key, double value);
sb_status sb_key_check_choice(const key_entry *key, const char *value);

#endif
