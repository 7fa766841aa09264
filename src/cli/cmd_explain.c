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

static sb_status print_files(const char *directory)
{
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

/* The key that makes the record longer. */
static const char *key_of_length(const sb_case *cas)
{
    const sb_config *config = cas->config;
    bool steps = config->train_steps > 0 || !cas->rule.kind->time;
    return config->train_epochs > 0 ? "train.epochs" : steps ? "train.steps" : "train.time";
}

static void explain_line(const sb_case *cas, const char *source, const char *item, const sb_judgement *j)
{
    char shift[SB_SHIFT];
    printf("  %s, frequency %s, err 1/%g: ", source, item, 1 / j->q);
    if (j->verdict == SB_NOT_LAZY)
        printf("the moving kernel alone changes this time by up to %s\n", sb_shift_text(j->effect, shift));
    else if (j->verdict == SB_DIFFERS && isnan(j->t_pred))
        printf("training gets there at t = %.4g, the forecast never does\n", j->t_obs);
    else if (j->verdict == SB_DIFFERS && isnan(j->t_obs))
        printf("the forecast gets there at t = %.4g, not every trained network does\n", j->t_pred);
    else if (j->verdict == SB_DIFFERS)
        printf("observed %.4g times the forecast time; %.3g was expected at most\n", j->t_obs / j->t_pred,
               exp(j->limit * j->s));
    else if (isinf(j->floor))
        printf(
            "a step of training is below the rounding of every weight: none moves; a larger target.amplitude would\n");
    else if (isnan(j->t_pred) || isnan(j->t_obs))
        printf("not reached within the record; more of %s would decide\n", key_of_length(cas));
    else if (j->floor / j->q > 0.7 * j->s)
        printf("the weights are rounded by too much for a target as small as this (err is uncertain by %.2g)\n",
               j->floor);
    else if (isinf(j->s))
        printf("the band is not known: fewer than %d draws (of `law`: rehearsals), or one of them, or a half of one, "
               "never gets there\n",
               SB_DRAWS_NEEDED);
    else
        printf("the band is so wide (s = %.2g in ln T) that a rate off by 20 %% would pass; more seeds, more width\n",
               j->s);
}

static void explain(const cli_session *session, const sb_summary *summary)
{
    char shift[SB_SHIFT];
    printf("%s: %s sealed before training (sha256 %.12s..), %zu trained network%s.\n\n"
           "verdict: %s\n",
           session->config.experiment_name, summary->sources ? "forecasts were" : "the keys, no forecasts, were",
           summary->seal, summary->runs, summary->runs == 1 ? "" : "s", sb_verdict_name(summary->verdict));
    if (summary->verdict == SB_NOT_LAZY)
        printf("  the kernel moved during training, and that alone changed a T by %s\n"
               "  (limit %.0f %%): forecasts from a constant kernel do not apply, whether they\n"
               "  happen to be near or not\n",
               sb_shift_text(summary->laziness, shift), 100 * expm1(SB_LAZY));
    else if (summary->verdict == SB_NONE)
        printf("  nothing was judged: %s\n", *summary->unjudged      ? summary->unjudged
                                             : *summary->uncovered   ? "no forecast came about"
                                             : *session->cas.skipped ? session->cas.skipped
                                                                     : "forecast.sources is empty");
    else if (summary->verdict == SB_AGREES)
        printf("  at every frequency, the time to err 1/%g and 1/%g, where the record holds it, lies\n"
               "  within the limit of z expected deviations of every forecast; the limits are such\n"
               "  that a true forecast is rejected in %g %% of comparisons at most\n",
               1 / summary->items.level[0], 1 / summary->items.level[1], 100 * SB_FALSE_ALARM);
    print_reason(2, summary->uncovered);
    for (size_t s = 0; s < summary->sources; s++)
        for (size_t i = 0; i < summary->nxi * SB_LEVELS; i++)
            if (summary->source[s].judgement[i].verdict != SB_AGREES && !*summary->unjudged)
                explain_line(&session->cas, summary->source[s].name, summary->items.item[i / SB_LEVELS].name,
                             &summary->source[s].judgement[i]);
    puts("\nrungs (-v with compare prints them): training = observed against its own kernel,\n"
         "step = discrete steps against gradient flow, width = own kernel against infinite\n"
         "width, continuum = kernel on the data against the frequency equation, coupling =\n"
         "frequency equation against the rate law per frequency; with `law` also finite =\n"
         "observed against the law, features = the law against infinite width: what is\n"
         "learned of features; with train.flow also flow = observed against exact gradient\n"
         "flow, drift = that against its own kernel; nan: not part of this experiment.\n"
         "In ln T they add up: observed to infinite width is training + width, and also\n"
         "finite + features; training is flow + drift - step");
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
    printf("%s: a study of kind %s, %s\n(%s)\n\nverdict: %s\n", session->config.experiment_name, session->study->name,
           session->study->title, session->study->citation, sb_verdict_name(verdict));
    status = print_files(session->directory);
    if (status == SB_OK && strcmp(session->study->name, "overlay") == 0)
        printf("  DENSITY.saSIGMA/               the run of each member: `specbias explain` it\n");
    return status;
}

static sb_status explain_kernels(const cli_session *session)
{
    sb_status status = sb_check_keys(&session->config, session->directory);
    if (status != SB_OK) return status;
    printf("%s: kernels of the network before training, empirical (of the first seed's weights) and of infinite\n"
           "width, with the weights of the loss: rates of its modes, where they are, what they predict\n",
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
