#include "cli/cli.h"

#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "core/text.h"

#define INDENT 18 /* of what options mean, and a blank */

/* "  --set KEY=VALUE  override a key ..", and which commands take it, unless that goes without saying */
static void print_option(const cli_option *option, bool takers)
{
    char letter[] = {'-', option->letter, '\0'};
    size_t at =
        (size_t)printf("  %s%s%s%s %s", option->letter ? letter : "", option->letter && *option->name ? ", " : "",
                       *option->name ? "--" : "", option->name, option->argument);
    at += at < INDENT ? (size_t)printf("%*s", INDENT - (int)at, "") : 0;
    if (at > INDENT) at = (size_t)printf("\n%*s", INDENT, "") - 1;
    print_words(&at, INDENT, option->help);
    if (takers && *option->commands && strncmp(option->commands, "E.cfg", 5) != 0) {
        char text[128];
        snprintf(text, sizeof text, "(%s)", option->commands);
        for (char *c = text; *c; c++)
            if (*c == '|') *c = ' ';
        print_words(&at, INDENT, text);
    }
    printf("\n");
}

void print_help(void)
{
    puts("specbias: checks the theory of spectral bias against real training\n\n"
         "usage: specbias COMMAND [options] [E.cfg | DIR]\n");
    for (size_t i = 0; command_at(i); i++)
        printf("  %-9s %-10s %s\n", command_at(i)->name, command_at(i)->operand, command_at(i)->help);
    puts("\noptions");
    for (size_t i = 0; option_at(i); i++) print_option(option_at(i), true);
    puts("  --help, --version\n\n"
         "exit status\n"
         "  0 ok, and every judged forecast agrees, or nothing was judged (verdict none)\n"
         "  1 failed\n"
         "  2 bad usage, configuration or seal\n"
         "  3 ran, and a forecast differs, is undecided, or the run is not lazy, or a\n"
         "    claim does not hold\n"
         "  130 interrupted\n\n"
         "`specbias help` lists what else there is to read.\n"
         "start with: specbias new > first.cfg; specbias run first.cfg");
}

void print_usage(const cli_command *command)
{
    printf("usage: specbias %s [options]%s%s\n\n%s.", command->name, *command->operand ? " " : "", command->operand,
           command->help);
    size_t at = *command->more ? (size_t)printf("\n ") - 1 : 0;
    print_words(&at, 1, command->more);
    puts("\n\noptions");
    for (size_t i = 0; option_at(i); i++)
        if (option_goes_with(option_at(i), command)) print_option(option_at(i), false);
    puts("  --help\n\n`specbias --help` lists all commands and options.");
}

static void print_topics(void)
{
    puts("specbias help WORD: a topic, a command, a key such as train.eta, a list such as\n"
         "activation, or one of what is in a list, such as relu.\n\ntopics");
    for (size_t i = 0; topic_at(i); i++) printf("  %-11s %s\n", topic_at(i)->name, topic_at(i)->title);
    puts("\n`specbias --help`: commands, options, exit status. `specbias keys`: all keys.\n"
         "`specbias list`: what can be chosen.");
}

/* Every file that a run writes, by what seals it. */
static void print_all_files(void)
{
    static const char *const stages[] = {"keys", "forecast", "observed", "verdict", "figures", "on the way"};
    for (size_t stage = 0; stage < sizeof stages / sizeof stages[0]; stage++) {
        printf("\n%s\n", stages[stage]);
        for (size_t i = 0; sb_file_at(i); i++)
            if (sb_file_at(i)->stage == (sb_file_stage)stage && *sb_file_at(i)->help) print_file(sb_file_at(i));
    }
}

static void print_topic(const cli_topic *topic)
{
    fputs(topic->text, stdout);
    if (strcmp(topic->name, "files") == 0) print_all_files();
}

/* The topic, command, key, list or method of that name; false where there is none. */
static bool explain_word(const char *word)
{
    bool found = false;
    for (size_t i = 0; !found && topic_at(i); i++)
        if ((found = strcmp(topic_at(i)->name, word) == 0)) print_topic(topic_at(i));
    for (size_t i = 0; command_at(i); i++)
        if (strcmp(command_at(i)->name, word) == 0) {
            if (found) puts("");
            print_usage(command_at(i));
            found = true;
        }
    for (size_t i = 0; sb_key_at(i); i++)
        if (strcmp(sb_key_at(i)->path, word) == 0) {
            print_key(sb_key_at(i));
            found = true;
        }
    for (size_t i = 0; !found && sb_list_at(i); i++)
        if (strcmp(sb_list_at(i)->kind, word) == 0) {
            print_list(sb_list_at(i), NULL);
            found = true;
        }
    for (size_t i = 0, told = found; !told && sb_list_at(i); i++) found = print_list(sb_list_at(i), word) || found;
    return found;
}

/* The same of a word in capitals, such as FBI; a single letter means what it is. */
static bool explain_capitals(const char *word)
{
    char small[64];
    size_t length = strlen(word);
    if (length < 2 || length >= sizeof small) return false;
    for (size_t i = 0; i <= length; i++)
        small[i] = (char)(word[i] >= 'A' && word[i] <= 'Z' ? word[i] + 'a' - 'A' : word[i]);
    return explain_word(small);
}

/* The nearest of all names by edit distance. */
static void try_name(const char *word, const char *name, size_t *least, const char **nearest)
{
    size_t distance = sb_edit_distance(word, name);
    const char *dot = strrchr(name, '.');
    if (dot && strcmp(dot + 1, word) == 0) distance = 0; /* a key without its group */
    if (distance >= *least) return;
    *least = distance;
    *nearest = name;
}

static int no_such_word(const char *word)
{
    size_t least = SIZE_MAX;
    const char *nearest = "", *before = "";
    for (size_t i = 0; topic_at(i); i++) try_name(word, topic_at(i)->name, &least, &nearest);
    for (size_t i = 0; command_at(i); i++) try_name(word, command_at(i)->name, &least, &nearest);
    before = nearest;
    for (size_t i = 0; sb_key_at(i); i++) try_name(word, sb_key_at(i)->path, &least, &nearest);
    for (size_t i = 0; sb_list_at(i); i++) try_name(word, sb_list_at(i)->kind, &least, &nearest);
    bool two = strcmp(before, nearest) != 0;
    fprintf(stderr, "specbias: no help on '%s'; nearest: %s%s%s; `specbias help` lists what there is\n", word, nearest,
            two ? ", " : "", two ? before : "");
    return EXIT_USAGE;
}

int cmd_help(const cli_options *options)
{
    if (!options->operand)
        print_topics();
    else if (!explain_word(options->operand) && !explain_capitals(options->operand))
        return no_such_word(options->operand);
    return EXIT_AGREES;
}
