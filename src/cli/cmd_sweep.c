#include "cli/cli.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/ranks.h"
#include "cli/sweep_script.h"
#include "core/file.h"
#include "core/text.h"
#include "study/sweep/sweep.h"

/* ---- --status ---- */

static const char *const state_name[SB_POINT_STATES] = {"to do", "interrupted", "running", "finished"};

static sb_status print_status(const cli_options *options, const cli_session *session, const sb_sweep *sweep)
{
    size_t count[SB_POINT_STATES] = {0};
    char text[300];
    sb_status status = sb_seals_check(session->directory, session->stage.monitor);
    for (size_t i = 0; i < sweep->points && status == SB_OK; i++) {
        sb_point_state state;
        status = sb_sweep_state(sweep, session->directory, i, &state);
        if (status != SB_OK) break;
        count[state]++;
        sb_sweep_describe(sweep, i, text, sizeof text);
        if (options->verbose) printf("%6zu  %s  %-11s  %s\n", i + 1, sweep->name[i], state_name[state], text);
    }
    if (status != SB_OK) return status;
    printf("%zu points: ", sweep->points);
    for (int s = SB_POINT_STATES - 1; s >= 0; s--) printf("%zu %s%s", count[s], state_name[s], s ? ", " : "\n");
    return SB_OK;
}

/* ---- what is written for a person ---- */

static void print_draft(const cli_options *options, sb_draft *text)
{
    cli_clear_bar();
    sb_printable(text->text, "\n\t");
    if (!options->quiet) fputs(text->text, stdout);
    fflush(stdout);
    free(text->text);
    text->text = NULL;
}

static sb_status begin(const cli_options *options, const cli_session *session, const sb_sweep *sweep)
{
    sb_draft text;
    sb_status status = sb_draft_open(&text);
    if (status != SB_OK) return status;
    status = sb_draft_close(&text, sb_sweep_begin(sweep, &session->stage, text.stream));
    print_draft(options, &text);
    return status;
}

static sb_status gather(const cli_options *options, const cli_session *session, const sb_sweep *sweep,
                        sb_verdict *verdict)
{
    sb_draft text;
    size_t missing = 0;
    sb_status status = sb_draft_open(&text);
    if (status != SB_OK) return status;
    status = sb_draft_close(&text, sb_sweep_gather(sweep, &session->stage, text.stream, &missing, verdict));
    print_draft(options, &text);
    if (status != SB_OK || missing == 0) return status;
    return sb_fail(SB_ERR_NUMERIC, "%zu of %zu points are not finished; the tables in %s hold the others", missing,
                   sweep->points, session->directory);
}

/* ---- points ---- */

static size_t hand_out_once(void *context)
{
    size_t *point = context, now = *point;
    *point = SIZE_MAX;
    return now;
}

static sb_status failures(size_t failed, size_t points)
{
    if (failed == 0) return SB_OK;
    const char *reason = sb_error_text();
    return sb_fail(SB_ERR_NUMERIC, "%zu of %zu points failed%s%s", failed, points, *reason ? "; " : "", reason);
}

/* Of a job array, from 1. */
static sb_status run_one(const cli_options *options, const cli_session *session, const sb_sweep *sweep)
{
    size_t point = options->array_index - 1, failed = 0;
    sb_handout handout = {hand_out_once, &point, true};
    if (options->array_index > sweep->points)
        return sb_fail(SB_ERR_INPUT, "--array-index %zu: there are %zu points", options->array_index, sweep->points);
    sb_status status = begin(options, session, sweep);
    if (status == SB_OK) status = sb_sweep_run(sweep, &session->stage, &handout, &failed);
    return status == SB_OK ? failures(failed, 1) : status;
}

static sb_status run_all(const cli_options *options, cli_session *session, const sb_sweep *sweep, size_t rank,
                         sb_verdict *verdict)
{
    sb_status status = rank == 0 ? begin(options, session, sweep) : SB_OK;
    size_t failed = 0;
    if (!ranks_agree(status == SB_OK)) return status;
    status = ranks_sweep(sweep, &session->stage, &failed);
    if (status == SB_OK) status = failures(failed, sweep->points);
    char reason[1024];
    sb_format(reason, sizeof reason, "%s", sb_error_text());
    bool well = ranks_agree(status == SB_OK);
    if (rank > 0) return status;
    sb_status gathered = well ? gather(options, session, sweep, verdict) : SB_OK;
    if (gathered == SB_OK && well) gathered = say_plot(options, session);
    return status == SB_OK ? gathered : sb_fail(status, "%s", reason);
}

static sb_status work(const cli_options *options, cli_session *session, const sb_sweep *sweep, sb_verdict *verdict)
{
    size_t rank = 0;
    if (options->status) return print_status(options, session, sweep);
    if (options->script) return print_sweep_script(options, session, sweep);
    if (options->seal) return begin(options, session, sweep);
    if (options->array_index > 0) return run_one(options, session, sweep);
    if (options->gather) {
        sb_status status = gather(options, session, sweep, verdict);
        if (status == SB_OK) status = say_plot(options, session);
        return status == SB_OK ? print_json(options, session, "summary.json") : status;
    }
    sb_status status = ranks_open(&rank);
    if (status == SB_OK) status = run_all(options, session, sweep, rank, verdict);
    if (status != SB_OK || rank > 0) return status;
    if (!options->json) printf("%s%s\n", options->quiet ? "" : "verdict   ", sb_verdict_name(*verdict));
    return print_json(options, session, "summary.json");
}

int cmd_sweep(const cli_options *options)
{
    sb_status status = SB_OK;
    cli_options sweeping = *options;
    cli_session session = {0};
    sb_sweep sweep = {0};
    sb_verdict verdict = SB_NONE;
    sweeping.set = malloc((options->sets + 1) * sizeof *sweeping.set);
    if (!sweeping.set) return cli_fail(sb_fail(SB_ERR_NOMEM, "no memory for the options"));
    if (options->sets) memcpy(sweeping.set, options->set, options->sets * sizeof *sweeping.set);
    sweeping.set[sweeping.sets++] = "kind=sweep";
    SB_TRY(session_open(&sweeping, ANY_OF_ANY_KIND, &session));
    SB_TRY(sb_sweep_open(&session.config, &sweep));
    SB_TRY(work(options, &session, &sweep, &verdict));
done:;
    int code = status == SB_OK ? exit_of(verdict) : cli_fail(status);
    ranks_close();
    sb_sweep_close(&sweep);
    session_close(&session);
    free(sweeping.set);
    return code;
}
