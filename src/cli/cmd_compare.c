#include "cli/cli.h"

int cmd_compare(const cli_options *options)
{
    cli_session session;
    sb_verdict verdict = SB_DIFFERS;
    sb_status status = session_open(options, FILE_OR_DIRECTORY, &session);
    if (status == SB_OK) status = say_compare(options, &session, &verdict);
    if (status == SB_OK) status = print_json(options, &session, "summary.json");
    int code = status != SB_OK ? cli_fail(status) : exit_of(verdict);
    session_close(&session);
    return code;
}
