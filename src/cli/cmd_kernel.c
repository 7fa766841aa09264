#include "cli/cli.h"

int cmd_kernel(const cli_options *options)
{
    cli_session session;
    bool finished = false;
    sb_status status = session_open(options, FILE_FOR_KERNEL, &session);
    if (status == SB_OK) status = session_finished(options, &session, &finished);
    session.stage.resume = session.stage.resume || finished;
    if (status == SB_OK) status = say_kernel(options, &session);
    if (status == SB_OK) status = say_plot(options, &session);
    if (status == SB_OK) status = print_json(options, &session, "kernel/summary.json");
    int code = status == SB_OK ? EXIT_AGREES : cli_fail(status);
    session_close(&session);
    return code;
}
