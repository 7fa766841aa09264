#include "cli/cli.h"

#include <string.h>

int cmd_plot(const cli_options *options)
{
    cli_session session;
    sb_status status = session_open(options, ANY_OF_ANY_KIND, &session);
    /* kind "learn" forecasts nothing, so that there is no seal */
    bool learn = status == SB_OK && session.study && strcmp(session.study->name, "learn") == 0;
    if (status == SB_OK && sb_rundir_inspect(session.directory) < (learn ? SB_RUNDIR_STARTED : SB_RUNDIR_SEALED))
        status = sb_fail(SB_ERR_INPUT, "%s holds nothing to draw; run `specbias forecast` first", session.directory);
    if (status == SB_OK) status = say_plot(options, &session);
    int code = status == SB_OK ? EXIT_AGREES : cli_fail(status);
    session_close(&session);
    return code;
}
