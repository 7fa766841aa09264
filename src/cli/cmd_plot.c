#include "cli/cli.h"

#include <string.h>
#include <unistd.h>

/* Kind "learn" and kernels forecast nothing that is sealed. */
static bool needs_seal(const cli_session *session)
{
    char path[SB_PATH];
    if (session->study && strcmp(session->study->name, "learn") == 0) return false;
    return sb_rundir_path(path, session->directory, "kernel/summary.json") != SB_OK || access(path, F_OK) != 0;
}

int cmd_plot(const cli_options *options)
{
    cli_session session;
    sb_status status = session_open(options, ANY_OF_ANY_KIND, &session);
    if (status == SB_OK &&
        sb_rundir_inspect(session.directory) < (needs_seal(&session) ? SB_RUNDIR_SEALED : SB_RUNDIR_STARTED))
        status = sb_fail(SB_ERR_INPUT, "%s holds nothing to draw; run `specbias forecast` first", session.directory);
    if (status == SB_OK) status = say_plot(options, &session);
    int code = status == SB_OK ? EXIT_AGREES : cli_fail(status);
    session_close(&session);
    return code;
}
