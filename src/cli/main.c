#include "cli/cli.h"

#include <errno.h>
#include <getopt.h>
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

static const cli_command *find_command(const char *name)
{
    for (size_t i = 0; command_at(i); i++)
        if (strcmp(command_at(i)->name, name) == 0) return command_at(i);
    return NULL;
}

static void print_help(void)
{
    puts("specbias: checks the theory of spectral bias against real training\n\n"
         "usage: specbias COMMAND [options] [E.cfg | DIR]\n");
    for (size_t i = 0; command_at(i); i++)
        printf("  %-9s %-10s %s\n", command_at(i)->name, command_at(i)->operand, command_at(i)->help);
    puts("\noptions\n"
         "  -o DIR           where to put the run (NAME.run; in this tree build/runs/NAME)\n"
         "  --set KEY=VALUE  override a key of the configuration; may be repeated\n"
         "  --seeds N        the same as --set seeds.count=N\n"
         "  -j N             seeds and forecasts, or points of a sweep, at the same time\n"
         "                   (default: all cores)\n"
         "  --resume         go on with an interrupted run from its checkpoints\n"
         "  --force          replace an earlier run in the same directory\n"
         "  --redraw         plot, run: write figure scripts anew, also edited ones\n"
         "  --edited         plot, run: run edited scripts, too; only your own, for the\n"
         "                   script of a stranger can do anything\n"
         "  --status, --seal, --array-index N, --gather, --script KIND\n"
         "                   sweep: see `specbias help sweep`\n"
         "  -q, -v           say less, say more\n"
         "  --help, --version\n\n"
         "exit status\n"
         "  0 ok, and every judged forecast agrees, or nothing was judged (verdict none)\n"
         "  1 failed\n"
         "  2 bad usage, configuration or seal\n"
         "  3 ran, and a forecast differs, is undecided, or the run is not lazy, or a\n"
         "    claim does not hold\n"
         "  130 interrupted\n\n"
         "seals\n"
         "    forecast.sha256 is written before training, observed.sha256 after it. They\n"
         "    show that files are still those of that moment to whoever has kept the\n"
         "    printed sha256 elsewhere. In a directory from somebody else they show that\n"
         "    its files belong together, no more: who can write them can seal them anew.\n\n"
         "start with: specbias new > first.cfg; specbias run first.cfg");
}

void print_usage(const cli_command *command)
{
    printf("usage: specbias %s [options]%s%s\n\n%s.", command->name, *command->operand ? " " : "", command->operand,
           command->help);
    size_t at = *command->more ? (size_t)printf("\n ") - 1 : 0;
    print_words(&at, 1, command->more);
    puts("\n\n`specbias --help` lists the options.");
}

int exit_of(sb_verdict verdict)
{
    return verdict == SB_AGREES || verdict == SB_NONE ? EXIT_AGREES : EXIT_DISAGREES;
}

static int usage_error(const char *reason, const char *word)
{
    fprintf(stderr, "specbias: %s%s%s; see `specbias --help`\n", reason, *word ? " " : "", word);
    return EXIT_USAGE;
}

enum { SET = 256, SEEDS, FORCE, RESUME, REDRAW, EDITED, STATUS, SEAL, GATHER, INDEX, SCRIPT, HELP, VERSION };

static const struct option long_options[] = {
    {"set", required_argument, NULL, SET},       {"seeds", required_argument, NULL, SEEDS},
    {"force", no_argument, NULL, FORCE},         {"resume", no_argument, NULL, RESUME},
    {"redraw", no_argument, NULL, REDRAW},       {"edited", no_argument, NULL, EDITED},
    {"status", no_argument, NULL, STATUS},       {"seal", no_argument, NULL, SEAL},
    {"gather", no_argument, NULL, GATHER},       {"array-index", required_argument, NULL, INDEX},
    {"script", required_argument, NULL, SCRIPT}, {"help", no_argument, NULL, HELP},
    {"version", no_argument, NULL, VERSION},     {NULL, 0, NULL, 0},
};

static bool parse_count(const char *text, size_t *count)
{
    char *end;
    errno = 0;
    unsigned long value = strtoul(text, &end, 10);
    if (errno || end == text || *end || *text == '-' || value < 1 || value > 100000) return false;
    *count = value;
    return true;
}

/* Returns -1 to go on, else an exit code. */
static int parse(int argc, char **argv, const cli_command *command, cli_options *options)
{
    opterr = 0; /* one line of ours instead */
    for (int c; (c = getopt_long(argc, argv, "o:j:qvh", long_options, NULL)) != -1;) switch (c) {
        case 'o': options->directory = optarg; break;
        case 'j':
            if (!parse_count(optarg, &options->jobs)) return usage_error("-j needs a positive number, not", optarg);
            break;
        case 'q': options->quiet = true; break;
        case 'v': options->verbose = true; break;
        case SET: options->set[options->sets++] = optarg; break;
        case SEEDS: options->seeds = optarg; break;
        case FORCE: options->force = true; break;
        case RESUME: options->resume = true; break;
        case REDRAW: options->redraw = true; break;
        case EDITED: options->edited = true; break;
        case STATUS: options->status = true; break;
        case SEAL: options->seal = true; break;
        case GATHER: options->gather = true; break;
        case SCRIPT: options->script = optarg; break;
        case INDEX:
            if (!parse_count(optarg, &options->array_index))
                return usage_error("--array-index needs a positive number, not", optarg);
            break;
        case 'h':
        case HELP: print_usage(command); return EXIT_AGREES;
        case VERSION: printf("specbias %s\n", sb_version()); return EXIT_AGREES;
        default: return usage_error("cannot understand the option", argv[optind - 1]);
        }
    if (options->force && options->resume) return usage_error("--force and --resume exclude each other", "");
    int parts = options->status + options->seal + options->gather + !!options->script + !!options->array_index;
    if (parts > 0 && command->run != cmd_sweep) return usage_error("this option goes with", "sweep");
    if (parts > 1) return usage_error("--status, --seal, --gather, --array-index and --script exclude each other", "");
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

int main(int argc, char **argv)
{
    if (argc < 2) {
        print_help();
        return EXIT_USAGE;
    }
    if (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0 || strcmp(argv[1], "help") == 0) {
        const cli_command *named = argc > 2 ? find_command(argv[2]) : NULL;
        if (named)
            print_usage(named);
        else
            print_help();
        return EXIT_AGREES;
    }
    if (strcmp(argv[1], "--version") == 0) {
        printf("specbias %s\n", sb_version());
        return EXIT_AGREES;
    }
    const cli_command *command = find_command(argv[1]);
    if (!command) return usage_error("no command", argv[1]);
    cli_options options = {.set = calloc((size_t)argc, sizeof *options.set)};
    if (!options.set) return cli_fail(sb_fail(SB_ERR_NOMEM, "no memory for the options"));
    int code = parse(argc - 1, argv + 1, command, &options);
    if (code < 0) code = command->run(&options);
    free(options.set);
    if (fflush(stdout) != 0 || ferror(stdout)) {
        int error = sb_print_error() ? sb_print_error() : errno;
        fprintf(stderr, "specbias: cannot write to standard output: %s\n", strerror(error));
        if (code == EXIT_AGREES) code = EXIT_FAILED;
    }
    return code;
}
