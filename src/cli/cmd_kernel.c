#include "cli/cli.h"
#include "cli/grid.h"

static sb_status work(const cli_options *options, cli_session *session)
{
    bool finished = false;
    sb_status status = session_finished(options, session, &finished);
    session->stage.resume = session->stage.resume || finished;
    if (status == SB_OK) status = say_kernel(options, session);
    if (status == SB_OK) status = say_plot(options, session);
    return status == SB_OK ? print_json(options, session, "kernel/summary.json") : status;
}

int cmd_kernel(const cli_options *options)
{
    cli_session session;
    bool served;
    sb_status status = session_open(options, FILE_FOR_KERNEL, &session);
    status = grid_open(&session.config, status, &served);
    if (status == SB_OK && !served) status = work(options, &session);
    int code = status == SB_OK || served ? EXIT_AGREES : cli_fail(status); /* that of rank 0 is what counts */
    grid_close();
    session_close(&session);
    return code;
}
