#include "cli/cli.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "run/effect.h"
#include "run/stage.h"

/* What may lie in a directory; said of what does. */
static const struct {
    const char *there; /* a file or folder that tells */
    const char *names, *help;
} files[] = {
    {"forecast.sha256", "config.cfg, forecast.sha256",
     "the sealed keys; `sha256sum -c forecast.sha256` checks the seal"},
    {"manifest.cfg", "manifest.cfg", "the same keys and where the numbers come from; can be run again"},
    {"forecast.sha256", "decay/", "predictions, sealed before anything was observed"},
    {"decay/observed.tsv", "decay/SOURCE.FORM.tsv", "t, step, and re, im, err, lo, hi of each frequency (its .cfg)"},
    {"decay/observed.tsv", "decay/observed.tsv", "mean and range over seeds; observed.seedN.tsv each run"},
    {"decay/draws.tsv", "decay/draws.tsv",
     "T(1/2) and T(1/10) of untrained networks (of a random output: by those of infinite width): the forecast's band"},
    {"train.tsv", "train.tsv", "one line per trained seed"},
    {"observed.sha256", "observed.sha256", "the seal of what was observed, or found; as that of the forecast"},
    {"effect.tsv", "effect.tsv", "T under each run's moving kernel, and had it not moved"},
    {"agreement.tsv", "agreement.tsv, budget.tsv", "every judgement; the distance of neighbouring rungs"},
    {"bias.tsv", "bias.tsv", "frequency bias index and spread of each forecast and each seed"},
    {"study.tsv", "study.tsv", "what was predicted beside what was observed"},
    {"history.tsv", "history.tsv", "step, time, loss, accuracy: mean and range; history.seedN.tsv each run"},
    {"frequencies.tsv", "frequencies.tsv", "relative error at each watched frequency, in the order of the keys"},
    {"projection.tsv", "projection.tsv", "the same along the principal direction of the inputs"},
    {"filter.tsv", "filter.tsv", "relative error of the low and the high part for each variance"},
    {"decay/observed.field.tsv", "decay/NAME.field.tsv", "the error over all frequencies and time"},
    {"drift.tsv", "drift.tsv", "how far the kernel and the weights moved; drift.seedN.tsv each run"},
    {"design.cfg", "design.cfg", "the designed network as an experiment of its own"},
    {"verify", "verify/", "its run: `specbias explain` it"},
    {"kernel/spectrum.tsv", "kernel/spectrum.tsv", "eigenvalues of both kernels, and the frequency of each mode"},
    {"kernel/modes.empirical.tsv", "kernel/modes.KERNEL.tsv",
     "rate, ln 2/rate (flow time), share of the error at the start"},
    {"kernel/alignment.empirical.tsv", "kernel/alignment.KERNEL.tsv", "which share of mode k is at frequency j"},
    {"kernel/eigenvectors.tsv", "kernel/eigenvectors.tsv", "the leading modes by place, mean square 1"},
    {"kernel/slice.tsv", "kernel/slice.tsv, transform.tsv",
     "the kernel by distance from a point; its Fourier transform"},
    {"kernel/forecast.empirical.tsv", "kernel/forecast.KERNEL.tsv",
     "step, time, loss, error at other points, err of each frequency"},
    {"kernel/degrees.tsv", "kernel/degrees.tsv", "eigenvalue mu of each degree at infinite width, and its rate"},
    {"kernel/widths.tsv", "kernel/widths.tsv", "distance to infinite width, rms over draws"},
    {"kernel/summary.json", "kernel/summary.json", "all of it for scripts; times in steps"},
    {"summary.json", "summary.json", "all of it for scripts"},
    {"arrays", "arrays/NAME.npy", "kernels, eigenvalues, eigenvectors as rows, weights"},
    {"figures", "figures/NAME.gp", "edit and run with gnuplot"},
};

static void print_files(const char *directory)
{
    printf("\nfiles of %s\n", directory);
    for (size_t i = 0; i < sizeof files / sizeof files[0]; i++)
        if (sb_rundir_holds(directory, files[i].there)) printf("  %-33s%s\n", files[i].names, files[i].help);
}

static void explain_line(const char *source, const char *item, const sb_judgement *j)
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
        printf("not reached within the record; a longer train.time would decide\n");
    else if (j->floor / j->q > 0.7 * j->s)
        printf("the weights are rounded by too much for a target as small as this (err is uncertain by %.2g)\n",
               j->floor);
    else if (isinf(j->s))
        printf("the band is not known: fewer than %d draws, or a draw or a half of one never gets there\n",
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
                                             : *session->cas.silent  ? session->cas.silent
                                             : *session->cas.skipped ? session->cas.skipped
                                                                     : "forecast.sources is empty");
    else if (summary->verdict == SB_AGREES)
        printf("  at every frequency, the time to err 1/2 and 1/10, where the record holds it, lies\n"
               "  within the limit of z expected deviations of every forecast; the limits are such\n"
               "  that a true forecast is rejected in %g %% of comparisons at most\n",
               100 * SB_FALSE_ALARM);
    for (size_t s = 0; s < summary->sources; s++)
        for (size_t i = 0; i < summary->nxi * SB_LEVELS; i++)
            if (summary->source[s].judgement[i].verdict != SB_AGREES && !*summary->unjudged)
                explain_line(summary->source[s].name, summary->items.item[i / SB_LEVELS].name,
                             &summary->source[s].judgement[i]);
    puts("\nrungs (-v with compare prints the distances): training = observed against its\n"
         "own kernel, step = discrete steps against gradient flow, width = own kernel\n"
         "against infinite width, continuum = kernel on the data against the frequency\n"
         "equation, coupling = frequency equation against the rate law per frequency; with\n"
         "train.flow also flow = observed against exact gradient flow, drift = that\n"
         "against its own kernel; nan: not part of this experiment");
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
    print_files(session->directory);
    if (strcmp(session->study->name, "overlay") == 0)
        printf("  DENSITY.saSIGMA/               the run of each member: `specbias explain` tells why it is not "
               "`agrees`\n");
    return SB_OK;
}

static sb_status explain_kernels(const cli_session *session)
{
    sb_status status = sb_check_keys(&session->config, session->directory);
    if (status != SB_OK) return status;
    printf("%s: kernels of the network before training, empirical (of the first seed's weights) and of infinite\n"
           "width, with the weights of the loss: rates of its modes, where they are, what they predict\n",
           session->config.experiment_name);
    print_files(session->directory);
    return SB_OK;
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
        print_files(session.directory);
    }
    int code = status == SB_OK ? EXIT_AGREES : cli_fail(status);
    sb_summary_clear(&summary);
    session_close(&session);
    return code;
}
