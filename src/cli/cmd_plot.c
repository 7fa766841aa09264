#include "cli/cli.h"

#include <stdlib.h>

/* Kernels are not sealed before: they are to be finished. */
static bool needs_seal(const cli_session *session)
{
    return !sb_rundir_holds(session->directory, "kernel/summary.json");
}

/* Opens what holds something to draw. */
static sb_status open_drawable(const cli_options *options, cli_session *session)
{
    sb_status status = session_open(options, ANY_OF_ANY_KIND, session);
    if (status != SB_OK) return status;
    sb_rundir_state state = sb_rundir_inspect(session->directory);
    if (state == SB_RUNDIR_UNREADABLE)
        status = sb_fail(SB_ERR_IO, "%s", sb_error_text());
    else if (state < (needs_seal(session) ? SB_RUNDIR_SEALED : SB_RUNDIR_FINISHED))
        status = sb_fail(SB_ERR_INPUT, "%s holds nothing to draw; run `specbias forecast`, or all with `run`, first",
                         session->directory);
    if (status != SB_OK) session_close(session);
    return status;
}

static sb_status plot_one(const cli_options *options)
{
    cli_session session;
    sb_status status = SB_OK;
    if (options->look.value[SB_LOOK_members]) return sb_fail(SB_ERR_INPUT, "--names goes with several directories");
    SB_TRY(open_drawable(options, &session));
    status = say_plot(options, &session);
    session_close(&session);
done:
    return status;
}

/* One of several: a directory with a case of its own. */
static sb_status open_run(const cli_options *options, const char *operand, cli_session *session)
{
    cli_options one = *options;
    one.operand = operand;
    one.directory = NULL;
    sb_status status = open_drawable(&one, session);
    if (status != SB_OK) return status;
    session->stage.look = &options->look; /* `one` ends here */
    if (session->study)
        status = sb_fail(SB_ERR_INPUT, "%s holds a study of kind %s: only runs are drawn on one axis", operand,
                         session->study->name);
    else if (!needs_seal(session))
        status = sb_fail(SB_ERR_INPUT, "%s holds kernels: only runs are drawn on one axis", operand);
    if (status != SB_OK) session_close(session);
    return status;
}

static sb_status plot_several(const cli_options *options)
{
    sb_status status = SB_OK;
    size_t n = 0, wanted = 1 + options->mores;
    bool drawn;
    sb_plotted run[SB_PLOTTED_MOST];
    cli_session *session = calloc(wanted, sizeof *session);
    const char *directory = options->directory ? options->directory : "plot";
    sb_stage stage = {.directory = directory,
                      .redraw = options->redraw,
                      .edited = options->edited,
                      .look = &options->look,
                      .monitor = cli_monitor(options)};
    if (!session) return sb_fail(SB_ERR_NOMEM, "no memory for %zu runs", wanted);
    if (wanted > SB_PLOTTED_MOST)
        SB_TRY(sb_fail(SB_ERR_INPUT, "%zu runs are more than %d, which is most on one axis", wanted, SB_PLOTTED_MOST));
    SB_TRY(session_check_path(directory));
    if (!*directory) SB_TRY(sb_fail(SB_ERR_INPUT, "-o needs a directory"));
    for (; n < wanted; n++) {
        SB_TRY(open_run(options, n ? options->more[n - 1] : options->operand, &session[n]));
        run[n] = (sb_plotted){&session[n].cas, session[n].directory};
    }
    SB_TRY(sb_plot_runs(n, run, &stage, &drawn));
    say_figures(options, directory, drawn);
done:
    while (n > 0) session_close(&session[--n]);
    free(session);
    return status;
}

int cmd_plot(const cli_options *options)
{
    sb_status status = sb_look_check(&options->look);
    if (status == SB_OK) status = options->mores ? plot_several(options) : plot_one(options);
    return status == SB_OK ? EXIT_AGREES : cli_fail(status);
}
