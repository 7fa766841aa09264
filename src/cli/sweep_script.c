/* Files for the engines that distribute: each does the points of a sweep by --array-index, then gathers. */
#include "cli/sweep_script.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/file.h"
#include "core/text.h"

/* A word of a shell, in quotes unless it is plain. */
static void write_word(FILE *stream, const char *word)
{
    static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-/=,:+";
    fputc(' ', stream);
    if (*word && strspn(word, plain) == strlen(word)) {
        fputs(word, stream);
        return;
    }
    fputc('\'', stream);
    for (; *word; word++) {
        if (*word == '\'')
            fputs("'\\''", stream);
        else
            fputc(*word, stream);
    }
    fputc('\'', stream);
}

/* As an absolute path: engines may start elsewhere. */
static void make_absolute(const char *path, char whole[2 * SB_PATH])
{
    char here[SB_PATH];
    bool absolute = *path == '/' || !getcwd(here, sizeof here);
    sb_format(whole, 2 * SB_PATH, "%s%s%s", absolute ? "" : here, absolute ? "" : "/", path);
}

static void write_path(FILE *stream, const char *path)
{
    char whole[2 * SB_PATH];
    make_absolute(path, whole);
    write_word(stream, whole);
}

/* The command of this sweep, with what was set: " /usr/bin/specbias sweep /home/me/E.cfg -o .. --set .." */
static sb_status make_command(const cli_options *options, const cli_session *session, sb_draft *text)
{
    char program[PATH_MAX];
    ssize_t length = readlink("/proc/self/exe", program, sizeof program - 1);
    sb_status status = sb_draft_open(text);
    if (status != SB_OK) return status;
    program[length > 0 ? length : 0] = '\0';
    write_word(text->stream, length > 0 ? program : "specbias");
    fputs(" sweep", text->stream);
    write_path(text->stream, options->operand);
    fputs(" -o", text->stream);
    write_path(text->stream, session->directory);
    for (size_t i = 0; i < options->sets; i++) {
        fputs(" --set", text->stream);
        write_word(text->stream, options->set[i]);
    }
    if (options->seeds) sb_print(text->stream, " --seeds %s", options->seeds);
    return sb_draft_close(text, SB_OK);
}

static void print_slurm(const char *command, const cli_session *session, const sb_sweep *sweep)
{
    const char *name = session->config.experiment_name;
    printf("#!/bin/bash\n"
           "# A job array, a point each. Submit it, then what gathers when all have ended:\n"
           "#   job=$(sbatch --parsable %s.sh)\n"
           "#   sbatch --dependency=afterany:$job --wrap \"$(tail -n 1 %s.sh | cut -c 3-)\"\n"
           "#SBATCH --job-name=%s\n"
           "#SBATCH --array=1-%zu\n"
           "#SBATCH --cpus-per-task=1\n"
           "#SBATCH --output=%s.%%a.log\n"
           "exec%s -q -j \"${SLURM_CPUS_PER_TASK:-1}\" --array-index \"$SLURM_ARRAY_TASK_ID\"\n"
           "#%s --gather\n",
           name, name, name, sweep->points, name, command, command);
}

static void print_parallel(const char *command, const sb_sweep *sweep)
{
    printf("#!/bin/sh\n"
           "# The points on the cores of this machine; with --sshloginfile on others that share the folder.\n"
           "set -e\n"
           "sweep() { %s \"$@\"; }\n"
           "sweep --seal\n"
           "seq %zu | parallel -q%s -q -j 1 --array-index {} || true\n"
           "sweep --gather\n",
           command + 1, sweep->points, command);
}

/* A text of Python; of a command Snakemake would take single braces for names of its own. */
static void print_python(const char *text, bool command)
{
    putchar('"');
    for (; *text; text++) {
        if (strchr("\\\"", *text)) putchar('\\');
        if (command && strchr("{}", *text)) putchar(*text);
        putchar(*text);
    }
    putchar('"');
}

static void print_snakemake(const char *command, const cli_session *session, const sb_sweep *sweep)
{
    char folder[2 * SB_PATH];
    make_absolute(session->directory, folder);
    printf("# snakemake --cores all; with an executor of its own on a cluster\n"
           "SWEEP = ");
    print_python(command + 1, true);
    printf("\nFOLDER = ");
    print_python(folder, false);
    printf("\nPOINTS = {");
    for (size_t i = 0; i < sweep->points; i++)
        printf("%s\"%s\": %zu", i == 0 ? "" : i % 3 ? ", " : ",\n          ", sweep->name[i], i + 1);
    printf("}\n\n"
           "rule all:\n"
           "    input: FOLDER + \"/summary.json\"\n\n"
           "rule seal:\n"
           "    output: FOLDER + \"/forecast.sha256\"\n"
           "    shell: SWEEP + \" --seal\"\n\n"
           "rule point:\n"
           "    input: ancient(FOLDER + \"/forecast.sha256\")\n"
           "    output: FOLDER + \"/points/{point}/summary.json\"\n"
           "    params: index=lambda wildcards: POINTS[wildcards.point]\n"
           "    threads: 1\n"
           "    shell: SWEEP + \" -q -j {threads} --array-index {params.index}\"\n\n"
           "rule gather:\n"
           "    input: expand(FOLDER + \"/points/{point}/summary.json\", point=POINTS)\n"
           "    output: FOLDER + \"/summary.json\"\n"
           "    shell: SWEEP + \" -q --gather || [ $? = 3 ]\"  # a verdict other than agrees\n");
}

sb_status print_sweep_script(const cli_options *options, const cli_session *session, const sb_sweep *sweep)
{
    static const char *const kind[] = {"slurm", "parallel", "snakemake"};
    size_t i = 0, kinds = sizeof kind / sizeof kind[0];
    sb_draft command;
    while (i < kinds && strcmp(kind[i], options->script) != 0) i++;
    if (i == kinds) return sb_fail(SB_ERR_INPUT, "--script %s: must be slurm, parallel or snakemake", options->script);
    sb_status status = make_command(options, session, &command);
    if (status == SB_OK && i == 0) print_slurm(command.text, session, sweep);
    if (status == SB_OK && i == 1) print_parallel(command.text, sweep);
    if (status == SB_OK && i == 2) print_snakemake(command.text, session, sweep);
    free(command.text);
    return status;
}
