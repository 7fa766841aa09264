#include "cli/cli.h"

/* Kernels are not sealed before: they are to be finished. */
static bool needs_seal(const cli_session *session)
{
    return !sb_rundir_holds(session->directory, "kernel/summary.json");
}

int cmd_plot(const cli_options *options)
{
    cli_session session;
    sb_status status = session_open(options, ANY_OF_ANY_KIND, &session);
    sb_rundir_state state = status == SB_OK ? sb_rundir_inspect(session.directory) : SB_RUNDIR_ABSENT;
    if (status == SB_OK && state == SB_RUNDIR_UNREADABLE)
        status = sb_fail(SB_ERR_IO, "%s", sb_error_text());
    else if (status == SB_OK && state < (needs_seal(&session) ? SB_RUNDIR_SEALED : SB_RUNDIR_FINISHED))
        status = sb_fail(SB_ERR_INPUT, "%s holds nothing to draw; run `specbias forecast`, or all with `run`, first",
                         session.directory);
    if (status == SB_OK) status = say_plot(options, &session);
    int code = status == SB_OK ? EXIT_AGREES : cli_fail(status);
    session_close(&session);
    return code;
}
