#include "cli/cli.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "case/case.h"
#include "case/start.h"
#include "core/file.h"
#include "core/text.h"

static sb_status look(const char *path, bool *directory)
{
    struct stat info;
    bool there = stat(path, &info) == 0;
    *directory = there && S_ISDIR(info.st_mode);
    return there || errno == ENOENT ? SB_OK : sb_cannot_read(path);
}

static bool in_source_tree(void)
{
    return access("Makefile", F_OK) == 0 && access("include/specbias/experiment.h", F_OK) == 0;
}

static sb_status read_config(const cli_options *options, const char *path, sb_config *config)
{
    char assignment[64];
    sb_status status = SB_OK;
    SB_TRY(sb_config_init(config));
    SB_TRY(sb_config_read(config, path));
    for (size_t i = 0; i < options->sets; i++) SB_TRY(sb_config_set(config, options->set[i]));
    if (options->seeds) {
        snprintf(assignment, sizeof assignment, "seeds.count=%s", options->seeds);
        SB_TRY(sb_config_set(config, assignment));
    }
    SB_TRY(sb_config_resolve(config));
    SB_TRY(sb_config_check(config));
done:
    return status;
}

static sb_status open_directory(const cli_options *options, cli_session *session)
{
    char path[SB_PATH];
    if (options->directory) return sb_fail(SB_ERR_INPUT, "-o goes with a configuration file, not with a run directory");
    snprintf(session->directory, sizeof session->directory, "%s", options->operand);
    size_t length = strlen(session->directory);
    while (length > 1 && session->directory[length - 1] == '/') session->directory[--length] = '\0';
    sb_rundir_state state = sb_rundir_inspect(session->directory);
    if (state == SB_RUNDIR_UNREADABLE) return sb_fail(SB_ERR_IO, "%s", sb_error_text());
    if (state < SB_RUNDIR_STARTED) return sb_fail(SB_ERR_INPUT, "%s is not a run directory", session->directory);
    sb_status status = sb_rundir_path(path, session->directory, "config.cfg");
    return status == SB_OK ? read_config(options, path, &session->config) : status;
}

/* Kernels stand beside the run, not in its place. */
static sb_status open_file(const cli_options *options, cli_session *session)
{
    const char *suffix = session->kernel ? "-kernel" : "";
    sb_status status = read_config(options, options->operand, &session->config);
    const char *name = session->config.experiment_name;
    if (status != SB_OK) return status;
    if (options->directory && !*options->directory) return sb_fail(SB_ERR_INPUT, "-o needs a directory");
    int length = options->directory ? snprintf(session->directory, SB_PATH, "%s", options->directory)
                 : in_source_tree() ? snprintf(session->directory, SB_PATH, "build/runs/%s%s", name, suffix)
                                    : snprintf(session->directory, SB_PATH, "%s%s.run", name, suffix);
    return length < SB_PATH ? SB_OK : sb_fail(SB_ERR_INPUT, "the path of the run directory is too long");
}

sb_status session_check_path(const char *path)
{
    for (const char *c = path; c && *c; c++)
        if (sb_is_control(*c)) return sb_fail(SB_ERR_INPUT, "%s: a control character in the path", path);
    return SB_OK;
}

sb_status session_open(const cli_options *options, operand_kind kind, cli_session *session)
{
    sb_status status = SB_OK;
    bool directory;
    memset(session, 0, sizeof *session);
    session->kernel = kind == FILE_FOR_KERNEL;
    session->stage = (sb_stage){.directory = session->directory,
                                .force = options->force,
                                .resume = options->resume,
                                .redraw = options->redraw,
                                .edited = options->edited,
                                .look = &options->look,
                                .jobs = options->jobs,
                                .monitor = cli_monitor(options)};
    SB_TRY(session_check_path(options->operand));
    SB_TRY(session_check_path(options->directory));
    SB_TRY(look(options->operand, &directory));
    if (!directory)
        SB_TRY(open_file(options, session));
    else if (kind == FILE_OR_DIRECTORY || kind == ANY_OF_ANY_KIND)
        SB_TRY(open_directory(options, session));
    else {
        status =
            sb_fail(SB_ERR_INPUT, "%s is a directory; a configuration file is needed (that of a run is %s/config.cfg)",
                    options->operand, options->operand);
        goto done;
    }
    session->study = sb_study_find(session->config.experiment_kind);
    if (session->kernel && session->study)
        status = sb_fail(SB_ERR_INPUT, "an experiment of kind \"%s\" has no kernel of its own", session->study->name);
    if (session->kernel) goto done;
    if (session->study && kind != FILE_OF_ANY_KIND && kind != ANY_OF_ANY_KIND)
        status = sb_fail(SB_ERR_INPUT, "%s is an experiment of kind %s, which `specbias run` does in one go",
                         options->operand, session->study->name);
    SB_TRY(status);
    if (!session->study) SB_TRY(sb_case_create(&session->config, session->stage.monitor, &session->cas));
    if (!session->study && !directory) SB_TRY(sb_case_check_keys(&session->cas)); /* earlier versions wrote them */
done:
    if (status != SB_OK) session_close(session);
    return status;
}

sb_status session_finished(const cli_options *options, const cli_session *session, bool *finished)
{
    const char *needed[] = {session->kernel ? "kernel/summary.json" : "summary.json", "verdict.sha256", "config.cfg",
                            "forecast.sha256"};
    *finished = !options->force && !options->resume;
    for (size_t i = 0; i < (session->kernel ? 3 : 4); i++) /* kernels are not forecast */
        *finished = *finished && sb_rundir_holds(session->directory, needed[i]);
    if (*finished)
        *finished = sb_check_keys(&session->config, session->directory) == SB_OK &&
                    sb_start_check(&session->config, session->directory) == SB_OK;
    return *finished ? sb_seals_check(session->directory, session->stage.monitor) : SB_OK;
}

void session_close(cli_session *session)
{
    sb_case_clear(&session->cas);
    sb_config_clear(&session->config);
}
