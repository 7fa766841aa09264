#include "cli/cli.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "run/effect.h"
#include "run/stage.h"

#define FILE_NAMES 32 /* columns, and a blank */

/* "drift.seedN.tsv", "NAME.gd.tsv" */
void print_file(const sb_file *file)
{
    size_t at = (size_t)printf("  %s%s", file->folder, *file->folder ? "/" : "");
    for (const char *c = file->names; *c; c++)
        at += (size_t)printf("%.*s", *c == '*' ? 4 : 1, *c == '*' ? "NAME" : *c == '#' ? "N" : c);
    if (at < FILE_NAMES) at += (size_t)printf("%*s", FILE_NAMES - (int)at, "");
    print_words(&at, FILE_NAMES, file->help);
    printf("\n");
}

/* The seals that are there, which hold: they were checked before anything is told. */
static sb_status print_seals(const char *directory)
{
    static const char *const seal[] = {"forecast.sha256", "observed.sha256", "verdict.sha256"};
    char path[SB_PATH], hex[65];
    printf("\nseals, which hold (`specbias help seal`)\n");
    for (size_t i = 0; i < sizeof seal / sizeof seal[0]; i++) {
        if (!sb_rundir_holds(directory, seal[i])) continue;
        sb_status status = sb_rundir_path(path, directory, "%s", seal[i]);
        if (status == SB_OK) status = sb_sha256_file(path, hex);
        if (status != SB_OK) return status;
        printf("  %-16s sha256:%.16s..\n", seal[i], hex);
    }
    return SB_OK;
}

static sb_status print_files(const char *directory)
{
    sb_status sealed = print_seals(directory);
    if (sealed != SB_OK) return sealed;
    printf("\nfiles of %s\n", directory);
    for (size_t i = 0; sb_file_at(i); i++) {
        bool there = false;
        sb_status status = *sb_file_at(i)->help ? sb_file_there(directory, sb_file_at(i), &there) : SB_OK;
        if (status != SB_OK) return status;
        if (there) print_file(sb_file_at(i));
    }
    if (sb_rundir_holds(directory, "figures")) printf("  %-30s %s\n", "figures/NAME.gp", "edit and run with gnuplot");
    if (sb_rundir_holds(directory, "verify"))
        printf("  %-30s %s\n", "verify/", "the run of the design: `specbias explain` it");
    return SB_OK;
}

/* What was asked: of which network, by which rule, of what, foretold by what. */
static void print_question(const cli_session *session, const sb_summary *summary)
{
    char text[512];
    const sb_case *cas = &session->cas;
    sb_case_describe(cas, text, sizeof text);
    size_t at = (size_t)printf("%s:", session->config.experiment_name);
    print_words(&at, 1, text);
    printf("\n  %zu trained network%s, %zu steps of %s\n ", summary->runs, summary->runs == 1 ? "" : "s", cas->steps,
           session->config.train_optimizer);
    at = 2;
    if (summary->nxi > 0)
        print_words(&at, 1, summary->sources ? "does err fall at the forecast times, at" : "how err falls at");
    for (size_t k = 0; k < summary->nxi; k++) print_words(&at, 1, summary->items.item[k].name);
    if (summary->nxi > 0) printf(" (%s)\n", summary->items.unit);
    if (summary->claims > 0) printf("  %zu claim%s\n", summary->claims, summary->claims == 1 ? "" : "s");
    printf("  %s sealed before training (sha256 %.12s..)\n",
           summary->sources ? "forecasts were" : "the keys, no forecasts, were", summary->seal);
}

/* "  lfp             agrees at 5 of 6 lines, undecided at 1" */
static void print_counts(const sb_summary *summary)
{
    static const sb_verdict verdicts[] = {SB_AGREES, SB_UNDECIDED, SB_DIFFERS, SB_NOT_LAZY};
    size_t lines = summary->nxi * SB_LEVELS;
    for (size_t s = 0; s < summary->sources; s++) {
        printf("  %-15s", summary->source[s].name);
        for (size_t v = 0, told = 0; v < sizeof verdicts / sizeof verdicts[0]; v++) {
            size_t count = 0;
            for (size_t i = 0; i < lines; i++) count += summary->source[s].judgement[i].verdict == verdicts[v];
            if (count) printf("%s %s at %zu", told++ ? "," : "", sb_verdict_name(verdicts[v]), count);
        }
        printf(" of %zu lines\n", lines);
    }
    for (size_t i = 0; i < summary->claims; i++)
        printf("  %-15s %s\n", sb_finding_word(&summary->claim[i]), summary->claim[i].claim.text);
}

/* What a verdict means, in a sentence. */
static void print_meaning(const cli_session *session, const sb_summary *summary)
{
    char shift[SB_SHIFT], text[512] = "";
    if (summary->verdict == SB_NOT_LAZY)
        snprintf(text, sizeof text,
                 "the kernel moved during training, and that alone changed a T by %s (limit %.0f %%): forecasts from a "
                 "constant kernel do not apply, whether they happen to be near or not",
                 sb_shift_text(summary->laziness, shift), 100 * expm1(SB_LAZY));
    else if (summary->verdict == SB_NONE)
        snprintf(text, sizeof text, "nothing was judged: %.400s",
                 *summary->unjudged      ? summary->unjudged
                 : *summary->uncovered   ? "no forecast came about"
                 : *session->cas.skipped ? session->cas.skipped
                                         : "forecast.sources is empty");
    else if (summary->verdict == SB_AGREES && summary->sources > 0)
        snprintf(text, sizeof text,
                 "every time that the record holds lies within the limit of z expected deviations of every forecast; "
                 "the limits are such that a true forecast is rejected in %g %% of comparisons at most",
                 100 * SB_FALSE_ALARM);
    print_reason(2, text);
    print_reason(2, summary->uncovered);
}

static void explain(const cli_session *session, const sb_summary *summary)
{
    print_question(session, summary);
    printf("\nverdict: %s\n", sb_verdict_name(summary->verdict));
    if (!*summary->unjudged) print_counts(summary);
    print_meaning(session, summary);
    print_why(&session->cas, summary);
    puts("\n`specbias help verdict`, `help budget`: what the numbers below are");
}

/* The verdict as summary.json has it, and what lies where. */
static sb_status explain_study(const cli_session *session)
{
    sb_verdict verdict;
    if (!sb_rundir_holds(session->directory, "summary.json"))
        return sb_fail(SB_ERR_INPUT, "%s holds no finished study", session->directory);
    sb_status status = sb_check_keys(&session->config, session->directory);
    if (status == SB_OK) status = sb_study_verdict(&session->stage, &verdict);
    if (status != SB_OK) return status;
    size_t at = (size_t)printf("%s: a study of kind %s,", session->config.experiment_name, session->study->name);
    print_words(&at, 1, session->study->title);
    printf("\n(%s)\n\nverdict: %s\n", session->study->citation, sb_verdict_name(verdict));
    status = print_files(session->directory);
    if (status == SB_OK && strcmp(session->study->name, "overlay") == 0)
        printf("  DENSITY.saSIGMA/               the run of each member: `specbias explain` it\n");
    return status;
}

static sb_status explain_kernels(const cli_session *session)
{
    sb_status status = sb_check_keys(&session->config, session->directory);
    if (status != SB_OK) return status;
    printf("%s: kernels of the network before training, empirical (of the first\n"
           "seed's weights) and of infinite width, with the weights of the loss: rates of\n"
           "its modes, where they are, what they predict\n",
           session->config.experiment_name);
    return print_files(session->directory);
}

int cmd_explain(const cli_options *options)
{
    cli_session session;
    sb_summary summary = {0};
    sb_status status = session_open(options, ANY_OF_ANY_KIND, &session);
    bool kernel = status == SB_OK && sb_rundir_holds(session.directory, "kernel/summary.json");
    if (status == SB_OK && (kernel || session.study)) status = sb_seals_check(session.directory, session.stage.monitor);
    bool judged = status == SB_OK && !kernel && !session.study;
    if (status == SB_OK && kernel)
        status = explain_kernels(&session);
    else if (status == SB_OK)
        status = session.study ? explain_study(&session) : sb_compare(&session.cas, &session.stage, &summary);
    cli_clear_bar();
    if (status == SB_OK && judged) {
        cli_options detailed = *options;
        detailed.verbose = true;
        explain(&session, &summary);
        print_summary(&detailed, &session, &summary);
        status = print_files(session.directory);
    }
    int code = status == SB_OK ? EXIT_AGREES : cli_fail(status);
    sb_summary_clear(&summary);
    session_close(&session);
    return code;
}
