#include "cli/cli.h"

#include <stdio.h>

/* Trains nothing; judges anew, so that the files of the verdict are newer than the configuration. */
static sb_status repeat_verdict(const cli_options *options, cli_session *session, sb_verdict *verdict)
{
    if (!options->quiet)
        printf("finished  %s holds a run of these keys: nothing is trained anew (--force would)\n", session->directory);
    session->stage.resume = true;
    return session->study ? say_study(options, session, verdict) : say_compare(options, session, verdict);
}

static sb_status run(const cli_options *options, cli_session *session, sb_verdict *verdict)
{
    if (session->study) return say_study(options, session, verdict);
    sb_status status = say_forecast(options, session);
    if (status == SB_OK) status = say_train(options, session);
    return status == SB_OK ? say_compare(options, session, verdict) : status;
}

int cmd_run(const cli_options *options)
{
    sb_status status = SB_OK;
    cli_session session;
    bool finished = false;
    sb_verdict verdict = SB_DIFFERS;
    SB_TRY(session_open(options, FILE_OF_ANY_KIND, &session));
    if (session.cas.external)
        SB_TRY(sb_fail(SB_ERR_INPUT,
                       "net.kind = \"external\": `specbias forecast`, train it yourself, `observe`, `compare`"));
    SB_TRY(session_finished(options, &session, &finished));
    SB_TRY(finished ? repeat_verdict(options, &session, &verdict) : run(options, &session, &verdict));
    SB_TRY(say_plot(options, &session));
    if (!options->quiet) printf("summary   %s/summary.json\n", session.directory);
    SB_TRY(print_json(options, &session, "summary.json"));
done:
    if (status != SB_OK) {
        int code = cli_fail(status);
        session_close(&session);
        return code;
    }
    session_close(&session);
    return exit_of(verdict);
}
