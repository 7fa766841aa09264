#include "cli/cli.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/text.h"
#include "core/version.h"

static const cli_command commands[] = {
#define COMMAND(name, operand, help, more) {#name, operand, help, more, cmd_##name},
#include "cli/commands.def"
#undef COMMAND
};

const cli_command *command_at(size_t index)
{
    return index < sizeof commands / sizeof commands[0] ? &commands[index] : NULL;
}

const cli_command *command_find(const char *name)
{
    for (size_t i = 0; command_at(i); i++)
        if (strcmp(command_at(i)->name, name) == 0) return command_at(i);
    return NULL;
}

int exit_of(sb_verdict verdict)
{
    return verdict == SB_AGREES || verdict == SB_NONE ? EXIT_AGREES : EXIT_DISAGREES;
}

int usage_error(const char *reason, const char *word)
{
    fprintf(stderr, "specbias: %s%s%s; see `specbias --help`\n", reason, *word ? " " : "", word);
    return EXIT_USAGE;
}

int main(int argc, char **argv)
{
    if (argc < 2) {
        print_help();
        return EXIT_USAGE;
    }
    if (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0) {
        print_help();
        return EXIT_AGREES;
    }
    if (strcmp(argv[1], "--complete") == 0) return complete(argc - 2, argv + 2);
    if (strcmp(argv[1], "--version") == 0) {
        printf("specbias %s\n", sb_version());
        return EXIT_AGREES;
    }
    const cli_command *command = command_find(argv[1]);
    if (!command) return usage_error("no command", argv[1]);
    cli_options options = {.set = calloc((size_t)argc, sizeof *options.set)};
    if (!options.set) return cli_fail(sb_fail(SB_ERR_NOMEM, "no memory for the options"));
    int code = parse_options(argc - 1, argv + 1, command, &options);
    if (code < 0) code = command->run(&options);
    if (code == EXIT_DISAGREES && options.exit_zero) code = EXIT_AGREES;
    free(options.set);
    if (fflush(stdout) != 0 || ferror(stdout)) {
        int error = sb_print_error() ? sb_print_error() : errno;
        fprintf(stderr, "specbias: cannot write to standard output: %s\n", strerror(error));
        if (code == EXIT_AGREES) code = EXIT_FAILED;
    }
    return code;
}
