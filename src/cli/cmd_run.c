#include "cli/cli.h"

#include <stdio.h>

int cmd_run(const cli_options *options)
{
    sb_status status = SB_OK;
    cli_session session;
    sb_verdict verdict = SB_DIFFERS;
    SB_TRY(session_open(options, FILE_OF_ANY_KIND, &session));
    if (session.study)
        SB_TRY(say_study(options, &session, &verdict));
    else {
        SB_TRY(say_forecast(options, &session));
        SB_TRY(say_train(options, &session));
        SB_TRY(say_compare(options, &session, &verdict));
    }
    SB_TRY(say_plot(options, &session));
    if (!options->quiet) printf("summary   %s/summary.json\n", session.directory);
done:
    if (status != SB_OK) {
        int code = cli_fail(status);
        session_close(&session);
        return code;
    }
    session_close(&session);
    return exit_of(verdict);
}
