/* Texts like `conv1d(64, 3, padding = circular)`: a name and arguments, with or without a key. */
#ifndef SPECBIAS_CORE_CALL_H
#define SPECBIAS_CORE_CALL_H

#include <stdbool.h>
#include <stddef.h>

#include <specbias/status.h>

#define SB_CALL_MOST 8

typedef struct sb_call {
    char name[32];
    size_t n;
    struct {
        char key[24], value[64]; /* key "": none was given */
    } argument[SB_CALL_MOST];
} sb_call;

/* SB_ERR_INPUT quotes the text and says what is wrong with it. */
sb_status sb_call_parse(const char *text, sb_call *call);
/* The i-th argument without a key that is a number in [low, high]; SB_ERR_INPUT names it by `what`. */
sb_status sb_call_number(const sb_call *call, size_t i, const char *what, double low, double high, double *value);
/* The same for a whole number. */
sb_status sb_call_whole(const sb_call *call, size_t i, const char *what, size_t low, size_t high, size_t *value);
/* The value of an argument with this key; NULL: there is none. */
const char *sb_call_value(const sb_call *call, const char *key);
/* Whether a word such as `frozen` stands among the arguments. */
bool sb_call_flag(const sb_call *call, const char *word);

#endif
