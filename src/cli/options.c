/* What stands behind the command: the options of options.def, and operands. */
#include "cli/cli.h"

#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/version.h"

static const cli_option list[] = {
#define OPTION(member, kind, name, letter, argument, commands, help)                                                   \
    {offsetof(cli_options, member), OPTION_##kind, name, letter, argument, commands, help},
#include "cli/options.def"
#undef OPTION
};
enum { OPTIONS = sizeof list / sizeof list[0], FIRST = 256, HELP = FIRST + OPTIONS, VERSION };

const cli_option *option_at(size_t index)
{
    return index < OPTIONS ? &list[index] : NULL;
}

/* Whether it is one of the words of "a|b|c". */
static bool is_one_of(const char *words, const char *word)
{
    size_t length = strlen(word);
    for (const char *c = words; (c = strstr(c, word)); c += length)
        if ((c == words || c[-1] == '|') && (c[length] == '|' || !c[length])) return true;
    return false;
}

bool option_goes_with(const cli_option *option, const cli_command *command)
{
    bool configuration = is_one_of(option->commands, "E.cfg") && strstr(command->operand, "E.cfg");
    return !*option->commands || configuration || is_one_of(option->commands, command->name);
}

static bool parse_count(const char *text, size_t *count)
{
    char *end;
    errno = 0;
    unsigned long value = strtoul(text, &end, 10);
    if (errno || end == text || *end || *text == '-' || value < 1 || value > 100000) return false;
    *count = value;
    return true;
}

static const char *name_of(const cli_option *option, char text[64])
{
    if (*option->name)
        snprintf(text, 64, "--%s", option->name);
    else
        snprintf(text, 64, "-%c", option->letter);
    return text;
}

static int take(const cli_option *option, const cli_command *command, cli_options *options)
{
    char name[64], reason[128];
    void *member = (char *)options + option->member;
    name_of(option, name);
    if (!option_goes_with(option, command)) {
        snprintf(reason, sizeof reason, "%s: this option goes with", name);
        return usage_error(reason, strncmp(option->commands, "E.cfg", 5) == 0 ? "a configuration" : option->commands);
    }
    snprintf(reason, sizeof reason, "%s needs a positive number, not", name);
    switch (option->kind) {
    case OPTION_FLAG: *(bool *)member = true; break;
    case OPTION_TEXT: *(const char **)member = optarg; break;
    case OPTION_TEXTS: options->set[options->sets++] = optarg; break;
    case OPTION_COUNT:
        if (!parse_count(optarg, member)) return usage_error(reason, optarg);
    }
    return -1;
}

/* For getopt: letters, and long names that are FIRST + the place in the list. */
static void tell_getopt(char *letters, struct option *names)
{
    for (size_t i = 0; i < OPTIONS; i++) {
        int argument = list[i].kind == OPTION_FLAG ? no_argument : required_argument;
        if (list[i].letter) *letters++ = list[i].letter;
        if (list[i].letter && argument) *letters++ = ':';
        if (*list[i].name) *names++ = (struct option){list[i].name, argument, NULL, FIRST + (int)i};
    }
    memcpy(letters, "h", 2);
    *names++ = (struct option){"help", no_argument, NULL, HELP};
    *names++ = (struct option){"version", no_argument, NULL, VERSION};
    *names = (struct option){0};
}

static int operands(int argc, char **argv, const cli_command *command, cli_options *options)
{
    if (optind < argc) options->operand = argv[optind++];
    options->more = argv + optind;
    options->mores = (size_t)(argc - optind);
    bool several = strstr(command->operand, "..") != NULL;
    if (options->mores > 0 && !several) return usage_error("one operand too many:", argv[optind]);
    bool needed = *command->operand && *command->operand != '[';
    if (needed && !options->operand) {
        fprintf(stderr, "specbias: %s needs %s\n", command->name, command->operand);
        return EXIT_USAGE;
    }
    if (!*command->operand && options->operand) return usage_error("no operand expected:", options->operand);
    return -1;
}

int parse_options(int argc, char **argv, const cli_command *command, cli_options *options)
{
    char letters[2 * OPTIONS + 2];
    struct option names[OPTIONS + 3];
    tell_getopt(letters, names);
    opterr = 0; /* one line of ours instead */
    for (int c, code; (c = getopt_long(argc, argv, letters, names, NULL)) != -1;) {
        const cli_option *option = c >= FIRST && c < HELP ? &list[c - FIRST] : NULL;
        for (size_t i = 0; i < OPTIONS; i++)
            if (list[i].letter && c == list[i].letter) option = &list[i];
        if (c == 'h' || c == HELP) {
            print_usage(command);
            return EXIT_AGREES;
        }
        if (c == VERSION) {
            printf("specbias %s\n", sb_version());
            return EXIT_AGREES;
        }
        if (!option) return usage_error("cannot understand the option", argv[optind - 1]);
        if ((code = take(option, command, options)) >= 0) return code;
    }
    if (options->force && options->resume) return usage_error("--force and --resume exclude each other", "");
    if (options->status + options->seal + options->gather + !!options->script + !!options->array_index > 1)
        return usage_error("--status, --seal, --gather, --array-index and --script exclude each other", "");
    if (options->json && (options->status || options->seal || options->script || options->array_index))
        return usage_error("--json goes with no other part of a sweep than --gather", "");
    options->quiet = options->quiet || options->json;
    return operands(argc, argv, command, options);
}
