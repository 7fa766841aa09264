#include "cli/cli.h"

#include <stdio.h>

int cmd_kernel(const cli_options *options)
{
    cli_session session;
    sb_status status = SB_OK;
    SB_TRY(session_open(options, FILE_FOR_KERNEL, &session));
    SB_TRY(say_kernel(options, &session));
    SB_TRY(say_plot(options, &session));
done:
    if (status != SB_OK) {
        int code = cli_fail(status);
        session_close(&session);
        return code;
    }
    session_close(&session);
    return EXIT_AGREES;
}
