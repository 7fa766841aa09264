#include "cli/cli.h"

#include <stdlib.h>
#include <string.h>

#include "core/file.h"

/* The names between commas; text and list to be freed. */
static sb_status split(const char *names, char **text, const char ***file, size_t *files)
{
    size_t most = 1;
    for (const char *c = names; *c; c++) most += *c == ',';
    *text = strdup(names);
    *file = calloc(most, sizeof **file);
    if (!*text || !*file) return sb_fail(SB_ERR_NOMEM, "no memory for %s", names);
    for (char *rest = *text, *one; (one = strsep(&rest, ","));) (*file)[(*files)++] = one;
    return SB_OK;
}

static sb_status observe(const cli_options *options, cli_session *session)
{
    char *text = NULL;
    const char **file = NULL;
    sb_outside outside = {.steps = options->steps};
    sb_draft said = {0};
    sb_status status = sb_draft_open(&said);
    if (status == SB_OK) status = split(options->residuals, &text, &file, &outside.files);
    outside.file = file;
    if (status == SB_OK) status = sb_observe_stage(&session->cas, &session->stage, &outside, said.stream);
    status = sb_draft_close(&said, status);
    if (status == SB_OK) status = say_outside(options, session, said.text);
    free(said.text);
    free(text);
    free(file);
    return status;
}

int cmd_observe(const cli_options *options)
{
    cli_session session;
    if (!options->residuals || !options->steps) return usage_error("--residuals and --steps are needed, of", "observe");
    sb_status status = session_open(options, FILE_OR_DIRECTORY, &session);
    if (status == SB_OK) status = observe(options, &session);
    int code = status == SB_OK ? EXIT_AGREES : cli_fail(status);
    session_close(&session);
    return code;
}
