/* The command line: the only code that prints. */
#ifndef SPECBIAS_CLI_H
#define SPECBIAS_CLI_H

#include <stdbool.h>
#include <stddef.h>

#include <specbias/experiment.h>
#include <specbias/report.h>

typedef enum exit_code {
    EXIT_AGREES = 0,    /* ok, and every judged forecast agrees, or nothing was judged */
    EXIT_FAILED = 1,    /* something went wrong on the way */
    EXIT_USAGE = 2,     /* bad usage, configuration or seal; nothing was written */
    EXIT_DISAGREES = 3, /* ran, and a forecast differs or is undecided, or the run is not lazy */
    EXIT_INTERRUPTED = 130,
} exit_code;

typedef struct cli_options {
    const char *operand; /* NULL: none */
    char **more;         /* [mores] operands behind it */
    size_t mores;
    const char *directory; /* -o */
    const char **set;      /* [sets] of --set key=value, in order */
    size_t sets;
    const char *seeds;             /* --seeds N */
    size_t jobs;                   /* -j N; 0: all cores */
    size_t array_index;            /* --array-index N, from 1; 0: none */
    const char *script;            /* --script KIND */
    const char *residuals, *steps; /* --residuals FILE,.., --steps FILE */
    bool status, seal, gather, fast, all;
    sb_look look; /* of figures */
    bool force, resume, redraw, edited, json, exit_zero, quiet, verbose;
} cli_options;

typedef struct cli_command {
    const char *name, *operand, *help, *more;
    int (*run)(const cli_options *options);
} cli_command;

const cli_command *command_at(size_t index); /* NULL past the last */
const cli_command *command_find(const char *name);

/* An option, of options.def: FLAG, COUNT (from 1), TEXT or TEXTS (any number of them). */
typedef enum option_kind { OPTION_FLAG, OPTION_COUNT, OPTION_TEXT, OPTION_TEXTS } option_kind;
typedef struct cli_option {
    size_t member; /* of cli_options */
    option_kind kind;
    const char *name; /* "": none but the letter */
    char letter;      /* 0: none */
    const char *argument, *commands, *help;
} cli_option;
const cli_option *option_at(size_t index); /* NULL past the last */
bool option_goes_with(const cli_option *option, const cli_command *command);
/* Returns -1 to go on, else an exit code. */
int parse_options(int argc, char **argv, const cli_command *command, cli_options *options);
int usage_error(const char *reason, const char *word);

/* The texts of help/, a file NAME.txt for each line of help/list.def. */
typedef struct cli_topic {
    const char *name, *title, *text;
} cli_topic;
const cli_topic *topic_at(size_t index); /* NULL past the last */

int complete(int count, char **words); /* what the last word may become */
const char *starter_at(size_t index);  /* KIND of `specbias new`; NULL past the last */
void print_help(void);
void print_usage(const cli_command *command);
void print_key(const sb_key *key);
void print_file(const sb_file *file);
/* What is in a list, or of it what has that name; false where nothing has. */
bool print_list(const sb_list *list, const char *name);

#define COMMAND(name, operand, help, more) int cmd_##name(const cli_options *options);
#include "cli/commands.def"
#undef COMMAND

/* Progress bar and warnings on stderr, Ctrl-C as a wish to stop. */
const sb_monitor *cli_monitor(const cli_options *options);
void cli_clear_bar(void);

/* Prints `specbias: reason` and returns the exit code of a failed status. */
int cli_fail(sb_status status);

/* The exit code of a verdict. */
int exit_of(sb_verdict verdict);

/* An experiment opened from a configuration file or a run directory. */
typedef struct cli_session {
    sb_config config;
    const sb_study *study; /* NULL: a case, which is below */
    bool kernel;           /* opened for `specbias kernel`: without its case, in a directory of its own */
    sb_case cas;
    sb_stage stage;
    char directory[SB_PATH];
} cli_session;

/* OF_ANY_KIND: also studies, which are no case. */
typedef enum operand_kind {
    FILE_ONLY,
    FILE_OR_DIRECTORY,
    FILE_OF_ANY_KIND,
    ANY_OF_ANY_KIND,
    FILE_FOR_KERNEL
} operand_kind;
sb_status session_open(const cli_options *options, operand_kind kind, cli_session *session);
void session_close(cli_session *session);
/* Paths are printed: SB_ERR_INPUT for control characters. */
sb_status session_check_path(const char *path);

#define SCREEN 80
/* Words behind column *at of standard output, a blank before each; in lines of SCREEN columns, the next ones of which
 * begin with `indent` blanks. */
void print_word(size_t *at, int indent, const char *word, size_t length);
/* A reason on lines of its own, indented; nothing of "". */
void print_reason(int indent, const char *reason);
void print_words(size_t *at, int indent, const char *text);
/* Lines, of which longer ones are broken at blanks. */
void print_text(const char *text);
/* What heads the column of items, and its width. */
const char *item_title(const sb_items *items);
int item_width(const sb_items *items);

/* With --json: the file of that name in the session's directory. */
sb_status print_json(const cli_options *options, const cli_session *session, const char *name);
/* A directory that holds a finished run of the same keys under whole seals, where neither --force nor --resume is
 * given. */
sb_status session_finished(const cli_options *options, const cli_session *session, bool *finished);

/* Of a verdict: which number decided each line that does not agree, and what to try next. */
void print_why(const sb_case *cas, const sb_summary *summary);

/* The stages as commands say them; each prints its lines unless -q. */
sb_status say_forecast(const cli_options *options, cli_session *session);
sb_status say_train(const cli_options *options, cli_session *session);
/* Of networks that were trained outside. */
sb_status say_outside(const cli_options *options, const cli_session *session, char *said);
sb_status say_compare(const cli_options *options, cli_session *session, sb_verdict *verdict);
sb_status say_study(const cli_options *options, cli_session *session, sb_verdict *verdict);
sb_status say_kernel(const cli_options *options, cli_session *session);
sb_status say_plot(const cli_options *options, cli_session *session);
/* Which there are, or, when they could not be drawn, which scripts. */
void say_figures(const cli_options *options, const char *directory, bool drawn);
void print_summary(const cli_options *options, const cli_session *session, const sb_summary *summary);

#endif
