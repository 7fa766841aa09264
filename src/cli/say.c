/* The stages as a person sees them. */
#include "cli/cli.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/clock.h"
#include "core/file.h"
#include "core/text.h"
#include "run/bands.h"
#include "run/claims.h"
#include "run/effect.h"
#include "run/seen.h"
#include "run/stage.h"
#include "run/uncovered.h"

__attribute__((format(printf, 2, 3))) static void say(const cli_options *options, const char *format, ...)
{
    va_list arguments;
    cli_clear_bar();
    if (options->quiet) return;
    va_start(arguments, format);
    sb_print_list(stdout, format, arguments);
    va_end(arguments);
    fflush(stdout);
}

static void say_sources(const cli_options *options, const sb_case *cas, double seconds)
{
    say(options, "forecast ");
    for (size_t s = 0; s < cas->sources; s++) say(options, " %s", cas->source[s]->name);
    if (cas->sources == 0)
        say(options, cas->config->forecast_sources.n ? " none" : " none (forecast.sources is empty)");
    size_t draws = sb_draw_count(cas), rehearsals = sb_rehearsal_count(cas);
    if (draws > 0) say(options, rehearsals ? "  %zu draws" : "  band of %zu draws", draws);
    if (rehearsals > 0) say(options, "  %zu rehearsals", rehearsals);
    say(options, "  %.1f s\n", seconds);
    if (!options->quiet) print_reason(10, cas->skipped);
    if (!options->quiet && cas->sources > 0) print_reason(10, cas->unjudged);
}

sb_status say_forecast(const cli_options *options, cli_session *session)
{
    char seal[65];
    sb_case left = {0};
    double began = sb_seconds();
    if (options->resume && sb_rundir_holds(session->directory, "forecast.sha256")) {
        bool sealed;
        sb_status resumed = sb_stage_resumed(&session->config, &session->stage, &sealed);
        if (resumed == SB_OK) say(options, "forecast  sealed before\n");
        return resumed;
    }
    sb_status status = sb_forecast_stage(&session->cas, &session->stage, seal);
    if (status == SB_OK) status = sb_uncovered_load(&session->cas, session->directory, &left, NULL);
    if (status == SB_OK) say_sources(options, &left, sb_seconds() - began);
    sb_left_clear(&left);
    if (status != SB_OK) return status;
    say(options, "          sealed sha256:%.16s.. (forecast.sha256)\n", seal);
    return SB_OK;
}

sb_status print_json(const cli_options *options, const cli_session *session, const char *name)
{
    char path[SB_PATH], *text = NULL;
    if (!options->json) return SB_OK;
    sb_status status = sb_rundir_path(path, session->directory, "%s", name);
    if (status == SB_OK) status = sb_read_file(path, &text, NULL);
    if (status == SB_OK) fputs(text, stdout);
    free(text);
    return status;
}

/* What is to be kept elsewhere. */
static sb_status say_seal(const cli_options *options, const cli_session *session)
{
    char path[SB_PATH], seal[65];
    sb_status status = sb_rundir_path(path, session->directory, "observed.sha256");
    if (status == SB_OK) status = sb_sha256_file(path, seal);
    if (status == SB_OK) say(options, "          sealed sha256:%.16s.. (observed.sha256)\n", seal);
    return status;
}

/* "train     relu 1-8192-1, ASI, 5 seeds x 20000 steps  1.2 s"; a list of layers has a line of its own. */
static void say_network(const cli_options *options, const cli_session *session, double seconds)
{
    char text[512];
    const sb_case *cas = &session->cas;
    long long seeds = session->config.seeds_count;
    if (options->quiet) return;
    sb_case_describe(cas, text, sizeof text);
    cli_clear_bar();
    size_t at = (size_t)printf(!cas->units ? "network  " : "train    ");
    print_words(&at, 9, text);
    say(options, !cas->units ? "\ntrain     " : ", ");
    say(options, "%lld seed%s x %zu steps", seeds, seeds == 1 ? "" : "s", cas->steps);
    if (!cas->units) say(options, " of %s", session->config.train_optimizer);
    say(options, "  %.1f s\n", seconds);
}

sb_status say_train(const cli_options *options, cli_session *session)
{
    double began = sb_seconds();
    sb_draft text;
    sb_status status = sb_draft_open(&text);
    SB_TRY(status);
    status = sb_train_stage(&session->cas, &session->stage, text.stream);
    SB_TRY(sb_draft_close(&text, status));
    say_network(options, session, sb_seconds() - began);
    sb_printable(text.text, "\n\t"); /* names of columns of a data set are in it */
    cli_clear_bar();
    if (!options->quiet) print_text(text.text);
    if (sb_rundir_holds(session->directory, "observed.sha256")) SB_TRY(say_seal(options, session));
done:
    free(text.text);
    return status;
}

sb_status say_outside(const cli_options *options, const cli_session *session, char *said)
{
    char text[512];
    sb_case_describe(&session->cas, text, sizeof text);
    say(options, "train     outside: %s, %lld seed%s\n", text, (long long)session->config.seeds_count,
        session->config.seeds_count == 1 ? "" : "s");
    sb_printable(said, "\n\t");
    say(options, "%s", said);
    return say_seal(options, session);
}

/* "0.522 (0.502-0.541)" with as many digits as the column holds; "not reached" for nan */
static void print_time(int width, double t, double lo, double hi)
{
    char text[64];
    int length = width + 1;
    if (isnan(t))
        snprintf(text, sizeof text, "not reached");
    else if (isnan(lo) || lo == hi)
        snprintf(text, sizeof text, "%.4g", t);
    else
        for (int digits = 4; digits > 1 && length > width; digits--)
            length = snprintf(text, sizeof text, "%.*g (%.*g-%.*g)", digits, t, digits, lo, digits, hi);
    printf(" %-*s", width, text);
}

static void print_deviations(double z)
{
    if (isnan(z))
        printf(" %4s", "-");
    else
        printf(z < 100 ? " %4.1f" : z < 1e4 ? " %4.0f" : " %4.0e", z);
}

const char *item_title(const sb_items *items)
{
    if (strcmp(items->unit, "half_waves") == 0) return "j"; /* as in figures */
    return strcmp(items->unit, "cycles") == 0 ? "xi" : items->unit;
}

int item_width(const sb_items *items)
{
    size_t width = strlen(item_title(items)) < 6 ? 6 : strlen(item_title(items));
    for (size_t k = 0; k < items->n; k++) {
        size_t length = strlen(items->item[k].name);
        width = length > width ? length : width;
    }
    return (int)width;
}

/* Times are those of the flow, or where the rule has none steps. */
static void print_source(const sb_source_result *source, const sb_items *items, const char *rule, bool steps)
{
    int width = item_width(items), times = (SCREEN - 30 - width) / 2; /* lines of SCREEN columns */
    times = times < 18 ? 18 : times;
    printf("\n%s (%s)\n  %-*s %-4s %-*s %-*s %4s %s %s\n", source->name, rule, width, item_title(items), "err", times,
           steps ? "predicted steps" : "predicted T (band)", times, steps ? "observed steps" : "observed T (range)",
           "z", "limit", "verdict");
    for (size_t i = 0; i < items->n * SB_LEVELS; i++) {
        const sb_judgement *j = &source->judgement[i];
        printf("  %-*s", width, i % SB_LEVELS == 0 ? items->item[i / SB_LEVELS].name : "");
        printf(" 1/%-2g", 1 / j->q);
        print_time(times, j->t_pred, j->pred_lo, j->pred_hi);
        print_time(times, j->t_obs, j->obs_lo, j->obs_hi);
        print_deviations(j->z);
        print_deviations(j->limit);
        printf("  %s\n", sb_verdict_name(j->verdict));
    }
}

/* The wrong theories that were (or were not) rejected. */
static void print_wrong(const sb_power *power, bool rejected, const char *verdict)
{
    size_t count = 0;
    for (size_t i = 0; sb_wrong_at(power->wrongs, i); i++) {
        if (!power->tried[i] || power->rejected[i] != rejected) continue;
        printf("%s %s", count++ ? "" : "        ", sb_wrong_at(power->wrongs, i)->name);
    }
    if (count) printf(": %s\n", verdict);
}

static void print_power(const sb_power *power)
{
    if (power->right_rejected) {
        printf("  power: the forecast itself is rejected\n");
        return;
    }
    if (isnan(power->least_factor))
        printf("  power: would not have noticed a rate off by a factor of 2\n");
    else
        printf("  power: would have noticed a rate off by %.2g %% (in 95 %% of new experiments)\n",
               100 * (power->least_factor - 1));
    print_wrong(power, true, "rejected");
    print_wrong(power, false, "NOT rejected");
}

static void print_eigenpairs(const sb_source_result *source)
{
    if (isnan(source->rate_max)) return; /* it was trained */
    printf("  kernel: rates %.4g .. %.2g; residual %.0e, orthogonality %.0e", source->rate_max, source->rate_min,
           source->residual, source->orthogonality);
    if (source->negative > 0) printf("\n          lowest eigenvalue -%.1e of the highest", source->negative);
    printf("\n");
}

static int gap_width(size_t index)
{
    int length = (int)strlen(sb_gap_name(index));
    return length < 8 ? 8 : length;
}

/* "-": not known at this item, or not reached */
static void print_gap(size_t index, const char *format, double value)
{
    char text[32] = "-";
    if (!isnan(value)) sb_format(text, sizeof text, format, value);
    printf(" %*s", gap_width(index), text);
}

/* The rungs of which anything is known: a line of distances, and one of what they are in ln T(1/2). */
static void print_budget(const sb_summary *summary)
{
    bool known[SB_GAPS] = {false}, any = false;
    int width = item_width(&summary->items);
    for (size_t g = 0; g < SB_GAPS; g++) {
        for (size_t k = 0; k < summary->nxi; k++) known[g] = known[g] || !isnan(summary->budget[k].gap[g].distance);
        any = any || known[g];
    }
    if (!any) return;
    printf("\nerror budget of neighbouring rungs: largest distance |e_a - e_b| / |f^|, and\n"
           "ln T_a - ln T_b of 1/2, which adds up\n  %-*s",
           width, item_title(&summary->items));
    for (size_t g = 0; g < SB_GAPS; g++)
        if (known[g]) printf(" %*s", gap_width(g), sb_gap_name(g));
    for (size_t k = 0; k < summary->nxi; k++) {
        const sb_gap *gap = summary->budget[k].gap;
        printf("\n  %-*s", width, summary->items.item[k].name);
        for (size_t g = 0; g < SB_GAPS; g++)
            if (known[g]) print_gap(g, "%.2g", gap[g].distance);
        printf("\n  %-*s", width, "");
        for (size_t g = 0; g < SB_GAPS; g++)
            if (known[g]) print_gap(g, "%+.2g", gap[g].log_time);
    }
    printf("\n");
}

static void print_spread(double value, const sb_spread *range, int width)
{
    char text[64];
    int length = snprintf(text, sizeof text, "%+.3f", value);
    if (isfinite(range->lo) && range->lo != range->hi)
        snprintf(text + length, sizeof text - (size_t)length, " (%+.3f to %+.3f)", range->lo, range->hi);
    printf("  %-*s", width, isnan(value) ? "not all learned" : text);
}

/* One line per judged forecast and one for the runs. */
static void print_bias(const sb_summary *summary)
{
    if (summary->nxi < 2 || !summary->items.axis) return;
    printf("\nbias index: FBI, decades of T(1/2) across the band (> 0: low first); spread S\n");
    for (size_t i = 0; i < summary->biases; i++) {
        const sb_bias_result *b = &summary->bias[i];
        if (b->form == SB_FORM_FLOW || b->seed >= 0) continue;
        bool runs = b->form == SB_FORM_OBSERVED || sb_source_find(b->source)->per_seed;
        printf("  %-14s", b->source); /* of runs the mean; of a forecast its own, beside the range of the draws */
        print_spread(runs ? b->fbi.mean : b->bias.fbi, &b->fbi, 27);
        print_spread(runs ? b->spread.mean : b->bias.spread, &b->spread, 0);
        printf("\n");
    }
}

/* Of the law beside infinite width: "features  learning them moves err by up to 0.45, T(1/2) by up to 25 %" */
static void print_features(const sb_summary *summary)
{
    char shift[SB_SHIFT];
    double time = NAN, err = NAN;
    for (size_t k = 0; k < summary->nxi; k++) {
        const sb_gap *gap = &summary->budget[k].gap[SB_GAP_FEATURES];
        time = fmax(time, fabs(gap->log_time));
        err = fmax(err, gap->distance);
    }
    if (isnan(err)) return;
    printf("features  learning them moves err by up to %.2g", err);
    if (!isnan(time)) printf(", T(1/2) by up to %s", sb_shift_text(time, shift));
    printf("\n");
}

static void print_verdict(const cli_options *options, sb_verdict verdict)
{
    if (options->json) return;
    printf("%s%s%s\n", options->quiet ? "" : "verdict   ", sb_verdict_name(verdict),
           verdict == SB_NONE && !options->quiet ? " (nothing was judged)" : "");
}

void print_summary(const cli_options *options, const cli_session *session, const sb_summary *summary)
{
    const char *rule = session->config.train_optimizer;
    bool steps = strcmp(session->cas.terms.time_unit, "step") == 0;
    for (size_t s = 0; s < summary->sources && !options->quiet; s++) {
        print_source(&summary->source[s], &summary->items, rule, steps);
        if (!*summary->unjudged) print_power(&summary->source[s].power);
        if (options->verbose) print_eigenpairs(&summary->source[s]);
    }
    if (!options->quiet && *summary->uncovered) {
        printf("\n");
        print_reason(2, summary->uncovered);
    }
    if (options->verbose && summary->nxi > 0) print_budget(summary);
    if (!options->quiet) print_bias(summary);
    if (!options->quiet) sb_bands_say(&session->cas, summary, stdout);
    if (!options->quiet && !session->cas.units) sb_seen_say(&session->cas, summary, stdout);
    if (!options->quiet) sb_claims_say(summary, stdout);
    if (!options->quiet) printf("\n");
    bool frozen = false;
    for (size_t s = 0; s < summary->sources; s++)
        frozen = frozen || summary->source[s].power.wrongs == SB_WRONG_KERNELS;
    if (!options->quiet && frozen && !*summary->unjudged) sb_say_laziness(summary->laziness, stdout);
    if (!options->quiet) print_features(summary);
    print_verdict(options, summary->verdict);
}

sb_status say_compare(const cli_options *options, cli_session *session, sb_verdict *verdict)
{
    sb_summary summary = {0};
    sb_status status = sb_compare_stage(&session->cas, &session->stage, &summary);
    if (status != SB_OK) return status;
    cli_clear_bar();
    print_summary(options, session, &summary);
    if (summary.verdict == SB_NOT_LAZY)
        sb_monitor_warn(
            session->stage.monitor,
            "training was not lazy: the moving kernel shifts T by up to %s; `specbias explain %s` says what "
            "helps",
            sb_shift_text(summary.laziness, (char[SB_SHIFT]){0}), session->directory);
    *verdict = summary.verdict;
    sb_summary_clear(&summary);
    return SB_OK;
}

/* Prints what `work` writes, also what it found before it failed. */
static sb_status say_text(const cli_options *options, cli_session *session,
                          sb_status (*work)(cli_session *session, FILE *stream, sb_verdict *verdict),
                          sb_verdict *verdict)
{
    sb_draft text;
    sb_status status = sb_draft_open(&text);
    if (status != SB_OK) return status;
    status = sb_draft_close(&text, work(session, text.stream, verdict));
    cli_clear_bar();
    sb_printable(text.text, "\n\t"); /* names of columns of a data set are in it */
    if (!options->quiet) print_text(text.text);
    free(text.text);
    return status;
}

static sb_status study_work(cli_session *session, FILE *stream, sb_verdict *verdict)
{
    return session->study->run(&session->config, &session->stage, stream, verdict);
}

static sb_status kernel_work(cli_session *session, FILE *stream, sb_verdict *verdict)
{
    (void)verdict;
    return sb_kernel_stage(&session->config, &session->stage, stream);
}

sb_status say_study(const cli_options *options, cli_session *session, sb_verdict *verdict)
{
    bool finished;
    sb_status status = sb_study_finished(&session->config, &session->stage, &finished, verdict);
    if (status != SB_OK) return status;
    if (finished)
        say(options, "%-9s finished before: %s/summary.json\n", session->study->name, session->directory);
    else
        status = say_text(options, session, study_work, verdict);
    if (status == SB_OK) status = say_seal(options, session);
    if (status == SB_OK) print_verdict(options, *verdict);
    return status;
}

sb_status say_kernel(const cli_options *options, cli_session *session)
{
    sb_status status = say_text(options, session, kernel_work, NULL);
    return status == SB_OK ? say_seal(options, session) : status;
}

void say_figures(const cli_options *options, const char *directory, bool drawn)
{
    if (options->quiet) return;
    size_t at = (size_t)printf("figures  ");
    for (size_t i = 0; sb_figure_at(i); i++) { /* without gnuplot the scripts */
        char name[128], path[SB_PATH + 128];
        if (!sb_figure_holds(directory, sb_figure_at(i), drawn, name, sizeof name)) continue;
        snprintf(path, sizeof path, "%s/%s", directory, name);
        print_word(&at, 9, path, strlen(path));
    }
    printf("\n");
}

sb_status say_plot(const cli_options *options, cli_session *session)
{
    bool drawn;
    sb_status status = session->study || session->kernel ? sb_study_plot(&session->config, &session->stage, &drawn)
                                                         : sb_plot_stage(&session->cas, &session->stage, &drawn);
    if (status == SB_OK) say_figures(options, session->directory, drawn);
    return status;
}
