/* `specbias --complete WORD ..`: what the last word may become, for the completion of a shell; nothing: a file. */
#include "cli/cli.h"

#include <stdio.h>
#include <string.h>

static void offer(const char *begun, const char *before, const char *name, const char *behind)
{
    char text[192];
    snprintf(text, sizeof text, "%s%s%s", before, name, behind);
    if (strncmp(text, begun, strlen(begun)) == 0) puts(text);
}

/* The words of "a|b|c". */
static void offer_words(const char *begun, const char *before, const char *words)
{
    char word[64];
    for (size_t length; *words; words += length + (words[length] == '|')) {
        length = strcspn(words, "|");
        snprintf(word, sizeof word, "%.*s", (int)length, words);
        offer(begun, before, word, "");
    }
}

/* "train.optimizer=" and what may stand behind it. */
static void offer_values(const char *begun)
{
    char before[128];
    size_t length = strcspn(begun, "=");
    snprintf(before, sizeof before, "%.*s=", (int)length, begun);
    for (size_t i = 0; sb_key_at(i); i++) {
        const sb_key *key = sb_key_at(i);
        if (strlen(key->path) != length || strncmp(key->path, begun, length) != 0) continue;
        const sb_list *list = *key->range == '@' ? sb_list_find(key->range + 1) : NULL;
        for (size_t k = 0; list && list->name(k); k++) offer(begun, before, list->name(k), "");
        if (!list && strchr(key->range, '|')) offer_words(begun, before, key->range);
        if (strcmp(key->type, "flag") == 0) offer_words(begun, before, "true|false");
    }
}

static void offer_options(const char *begun, const cli_command *command)
{
    for (size_t i = 0; option_at(i); i++) {
        const cli_option *option = option_at(i);
        char letter[] = {option->letter, '\0'};
        if (!option_goes_with(option, command)) continue;
        if (*option->name) offer(begun, "--", option->name, "");
        if (option->letter) offer(begun, "-", letter, "");
    }
    offer(begun, "--", "help", "");
}

static void offer_keys(const char *begun, const char *behind)
{
    for (size_t i = 0; sb_key_at(i); i++) offer(begun, "", sb_key_at(i)->path, behind);
}

static void offer_lists(const char *begun)
{
    for (size_t i = 0; sb_list_at(i); i++) offer(begun, "", sb_list_at(i)->kind, "");
}

static void offer_commands(const char *begun)
{
    for (size_t i = 0; command_at(i); i++) offer(begun, "", command_at(i)->name, "");
}

static void offer_operands(const char *begun, const cli_command *command)
{
    if (command->run == cmd_help) {
        for (size_t i = 0; topic_at(i); i++) offer(begun, "", topic_at(i)->name, "");
        offer_commands(begun);
        offer_keys(begun, "");
    }
    if (command->run == cmd_help || command->run == cmd_list) offer_lists(begun);
    for (size_t i = 0; command->run == cmd_new && starter_at(i); i++) offer(begun, "", starter_at(i), "");
}

/* The option that waits for an argument behind that word; NULL: none. */
static const cli_option *waiting(const char *word)
{
    for (size_t i = 0; option_at(i); i++) {
        const cli_option *option = option_at(i);
        bool name = *option->name && strncmp(word, "--", 2) == 0 && strcmp(word + 2, option->name) == 0;
        bool letter = option->letter && word[0] == '-' && word[1] == option->letter && !word[2];
        if (option->kind != OPTION_FLAG && (name || letter)) return option;
    }
    return NULL;
}

int complete(int count, char **words)
{
    const char *begun = count > 0 ? words[count - 1] : "";
    const cli_command *command = count > 1 ? command_find(words[0]) : NULL;
    const cli_option *option = count > 2 ? waiting(words[count - 2]) : NULL;
    if (count <= 1 && *begun == '-')
        offer_words(begun, "--", "help|version");
    else if (count <= 1)
        offer_commands(begun);
    else if (option && option->kind == OPTION_TEXTS && strchr(begun, '='))
        offer_values(begun);
    else if (option && option->kind == OPTION_TEXTS)
        offer_keys(begun, "=");
    else if (option)
        offer_words(begun, "", strchr(option->argument, '|') ? option->argument : "");
    else if (command && *begun == '-')
        offer_options(begun, command);
    else if (command)
        offer_operands(begun, command);
    return EXIT_AGREES;
}
