#include "cli/cli.h"

int cmd_forecast(const cli_options *options)
{
    cli_session session;
    sb_status status = session_open(options, FILE_ONLY, &session);
    if (status == SB_OK) status = say_forecast(options, &session);
    int code = status == SB_OK ? EXIT_AGREES : cli_fail(status);
    session_close(&session);
    return code;
}
