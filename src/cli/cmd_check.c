#include "cli/cli.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <specbias/linear.h>

#include "case/case.h"
#include "core/json.h"
#include "case/given.h"
#include "core/file.h"
#include "core/text.h"
#include "forecast/angles/closed.h"
#include "forecast/law/law.h"
#include "forecast/trained.h"
#include "forecast/width.h"
#include "run/bands.h"
#include "run/effect.h"
#include "run/expected.h"

#define PATIENCE 2 /* seconds that draws may take here */

static void print_laziness(const sb_case *cas, double effect)
{
    char shift[SB_SHIFT];
    if (cas->external)
        printf("laziness      not known of a network of the user's own\n");
    else if (isnan(effect))
        printf("laziness      measured in training; not foretold here\n");
    else
        printf("laziness      T may shift by about %s (not lazy above %.0f %%)%s\n", sb_shift_text(effect, shift),
               100 * expm1(SB_LAZY),
               effect > SB_LAZY ? ":\n              reduce target.amplitude or widen the network" : "");
}

/* "  1      1/2  0.6148     0.013   3.1 agrees     width 520, time 0.8" */
static void print_line(const sb_case *cas, size_t j, int width, const sb_expected_line *line)
{
    const sb_items *items = &cas->watch.items;
    char time[32] = "later";
    if (!isnan(line->time)) snprintf(time, sizeof time, "%.4g", line->time);
    printf("  %-*s 1/%-2g %-10s", width, j % SB_LEVELS ? "" : items->item[j / SB_LEVELS].name,
           1 / items->level[j % SB_LEVELS], time);
    if (!isfinite(line->s)) {
        printf("   not known  undecided\n");
        return;
    }
    printf(" %6.2g %5.1f  %-9s", line->s, line->limit, sb_verdict_name(line->verdict));
    if (cas->units)
        printf("  width %.0f", ceil(line->width * (double)cas->config->net_width));
    else
        printf("  width x %.2g", line->width);
    if (!isnan(line->end)) printf(", time %.3g", line->end);
    printf("\n");
}

/* Of forecasts there is something to tell; law.conv has closed forms. */
static bool foretells(const sb_case *cas)
{
    return cas->sources > 0 && !sb_bands_told(cas);
}

static bool has_paired(const sb_case *cas)
{
    bool paired = false;
    for (size_t i = 0; i < cas->sources; i++) paired = paired || strcmp(cas->source[i]->name, "ntk.empirical") == 0;
    return paired && !*cas->unjudged;
}

/* What a run decides if the forecast is right, and what it takes to notice that it is not. */
static void print_expected(const sb_case *cas, const sb_expected *expected)
{
    print_laziness(cas, expected->effect);
    if (has_paired(cas)) printf("              ntk.empirical sees each start, so this shift alone makes its s\n");
    if (!expected->source) return;
    if (!isnan(expected->seconds))
        printf("draws         %zu of the band, about %.2g s each on one core\n", sb_draw_count(cas), expected->seconds);
    if (!expected->line) {
        printf("expected      not told here: too few draws, or draws that take too long\n");
        return;
    }
    printf("expected      of %s, if it is exactly right%s;\n              s of ln T by ", expected->source->name,
           sb_case_batch(cas) < cas->n ? " and batches make no noise" : "");
    if (expected->quadrature)
        printf("quadrature");
    else
        printf("%zu draws", expected->draws);
    printf("%s\n", cas->random_output ? ", T of the first seed" : "");
    printf("              last column: the width and the time that it takes to notice\n"
           "              a rate that is off by 20 %%\n");
    int width = item_width(&cas->watch.items);
    printf("  %-*s %-4s %-10s %6s %5s  %-9s  20 %% is noticed from\n", width, item_title(&cas->watch.items), "err", "T",
           "s", "limit", "verdict");
    for (size_t j = 0; j < cas->watch.items.n * SB_LEVELS; j++) print_line(cas, j, width, &expected->line[j]);
}

static void json_expected(const sb_case *cas, const sb_expected *expected, sb_json top)
{
    sb_json_real(top, "expected_effect", expected->effect);
    sb_json_real(top, "seconds_of_draw", expected->source ? expected->seconds : NAN);
    sb_json lines = sb_json_array(top, "expected");
    for (size_t j = 0; expected->line && j < cas->watch.items.n * SB_LEVELS; j++) {
        const sb_expected_line *line = &expected->line[j];
        sb_json one = sb_json_object(lines, NULL);
        sb_json_text(one, "item", cas->watch.items.item[j / SB_LEVELS].name);
        sb_json_real(one, "q", cas->watch.items.level[j % SB_LEVELS]);
        sb_json_real(one, "T", line->time);
        sb_json_real(one, "s", line->s);
        sb_json_real(one, "limit", line->limit);
        sb_json_text(one, "verdict", sb_verdict_name(line->verdict));
        sb_json_real(one, "width_factor", line->width);
        sb_json_real(one, "time", line->end);
    }
}

/* What the stage of the forecasts trains: rehearsals, and the law itself at its coarsest (one level, doubled once, and
 * wrong laws), in trainings of a seed. */
static sb_status print_rehearsals(const sb_case *cas)
{
    size_t count = sb_rehearsal_count(cas), moving = 0;
    double seconds, least;
    for (size_t s = 0; s < cas->sources; s++) moving += cas->source[s]->moving && !cas->source[s]->per_seed;
    if (moving == 0 && count > 0)
        printf("rehearsals    %zu networks, once more of half the width: the cost of %.3g trainings\n", count,
               1.5 * (double)count);
    if (moving == 0) return SB_OK;
    sb_status status = sb_trained_seconds(cas, &seconds);
    if (status == SB_OK) status = sb_mean_field_cost(cas, &least);
    if (status != SB_OK) return status;
    printf("law           costs at least %.3g trainings of a seed, of about %.2g s each", least, seconds);
    if (count > 0)
        printf(";\n              %zu rehearsals, once more of half the width: another %.3g", count,
               1.5 * (double)count);
    printf("\n");
    if (count > 0 && count < SB_DRAWS_NEEDED)
        printf("              fewer than %d rehearsals tell no band: nothing can be decided\n", SB_DRAWS_NEEDED);
    return SB_OK;
}

/* "3961, 9020 at 1;": the widths at which ln T scatters by 3 %, variance / width = .03^2, of lines within the record */
static void print_widths(const sb_case *cas, size_t k, const sb_width_line *line, size_t *at)
{
    char text[128];
    int used = 0;
    double width = sb_width_neurons(cas), end = cas->t[cas->nt - 1];
    for (size_t q = 0; q < SB_LEVELS; q++, line++) {
        double wide = ceil(line->s * line->s * width / (0.03 * 0.03));
        const char *comma = q ? ", " : "";
        used += line->time <= end ? snprintf(text + used, sizeof text - (size_t)used, "%s%.0f", comma, wide)
                                  : snprintf(text + used, sizeof text - (size_t)used, "%s-", comma);
    }
    bool last = k + 1 == cas->watch.items.n;
    snprintf(text + used, sizeof text - (size_t)used, " at %s%s", cas->watch.items.item[k].name, last ? "" : ";");
    print_words(at, 13, text);
}

static sb_status print_width(const sb_case *cas)
{
    size_t items = cas->watch.items.n, at = 13;
    bool tells;
    double most = 0;
    sb_width_line *line = malloc((items * SB_LEVELS + 1) * sizeof *line);
    if (!line) return sb_fail(SB_ERR_NOMEM, "no memory for %zu lines", items);
    sb_status status = sb_width_lines(cas, NULL, line, &tells);
    for (size_t j = 0; status == SB_OK && j < items * SB_LEVELS; j++) most = fmax(most, fabs(line[j].shift));
    if (status == SB_OK) {
        const double *level = cas->watch.items.level;
        printf("finite width  by %s; shifts ln T by up to %.2g\n              T(1/%g), T(1/%g) scatter by 3 %% at "
               "width\n             ",
               tells ? "quadrature" : "draws", most, 1 / level[0], 1 / level[1]);
        for (size_t k = 0; k < items; k++) print_widths(cas, k, line + k * SB_LEVELS, &at);
        printf("\n");
    }
    free(line);
    return status;
}

/* Names of columns of a stranger's file are in it. */
static sb_status print_examples(const sb_case *cas)
{
    sb_draft text;
    size_t at = (size_t)printf("data         ");
    sb_status status = sb_draft_open(&text);
    if (status == SB_OK) {
        sb_case_say_data(cas, text.stream);
        if (!cas->data.row) sb_print(text.stream, "%zu examples", cas->n);
        sb_print(text.stream, "; %zu input%s, %zu output%s", cas->inputs, cas->inputs == 1 ? "" : "s", cas->outputs,
                 cas->outputs == 1 ? "" : "s");
    }
    status = sb_draft_close(&text, status);
    if (status == SB_OK) {
        sb_printable(text.text, "");
        print_words(&at, 13, text.text);
        printf("\n");
    }
    free(text.text);
    return status;
}

static sb_status print_data(const sb_case *cas)
{
    const sb_problem *problem = &cas->problem;
    if (problem->n == 0) return print_examples(cas);
    printf("data          %zu points on [%g, %g], smallest gap %.4g\n", problem->n, problem->a, problem->b,
           problem->min_gap);
    if (problem->uniform) printf("Nyquist       %g cycles per unit length\n", 0.5 / problem->spacing);
    return SB_OK;
}

static void print_watched(const sb_case *cas)
{
    size_t at = (size_t)printf("watched      ");
    for (size_t k = 0; k < cas->watch.items.n; k++) print_words(&at, 13, cas->watch.items.item[k].name);
    printf(cas->watch.items.n > 0 ? " (%s)\n" : " nothing\n", cas->watch.items.unit);
}

static void print_network(const sb_case *cas)
{
    char network[512];
    size_t at = (size_t)printf("network      ");
    sb_case_describe(cas, network, sizeof network);
    print_words(&at, 13, network);
    if (cas->units) {
        snprintf(network, sizeof network, "(%zu parameters)", sb_model_parameters(cas->model));
        print_words(&at, 13, network);
    }
    printf("\n");
}

static void print_forecasts(const sb_case *cas)
{
    printf("forecasts    ");
    for (size_t s = 0; s < cas->sources; s++) printf(" %s", cas->source[s]->name);
    printf("%s\n", cas->sources ? "" : " none");
    print_reason(14, cas->skipped);
    print_reason(14, cas->unjudged);
}

/* Of forecasts that train the linearised network: 4 products of matrices a step, and 5 in mini-batches, beside the 3 of
 * the network itself by the route plain. */
static void print_cost(const sb_case *cas)
{
    bool trained = false;
    for (size_t s = 0; s < cas->sources; s++)
        trained = trained ||
                  (cas->source[s]->per_seed && !cas->source[s]->moving && cas->way[s][SB_FORM_GD] == SB_WAY_TRAINED);
    if (!trained) return;
    printf("cost          ntk.empirical trains the linearised network of each seed: about\n"
           "              %.1f times a training by route plain%s\n",
           sb_case_batch(cas) < cas->n ? 5. / 3 : 4. / 3,
           sb_effect_way(cas) == SB_WAY_TRAINED ? ", and once\n              more after it, for its laziness" : "");
}

/* Of `specbias kernel` with kernel.pairs, which is for kernels that take their time. */
static sb_status print_kernel(const cli_session *session)
{
    double bytes, seconds;
    if (session->config.kernel_pairs == 0) return SB_OK;
    sb_status status = sb_kernel_cost(&session->config, session->stage.monitor, &bytes, &seconds);
    if (status == SB_OK)
        printf("kernel        `specbias kernel` takes about %.2g GB and %.2g %s\n", 1e-9 * bytes,
               seconds < 100 ? seconds : seconds / 60, seconds < 100 ? "seconds" : "minutes");
    return status;
}

static sb_status print_closed(const sb_case *cas)
{
    sb_closed closed;
    sb_status status = sb_closed_forms(cas, &closed);
    if (status == SB_OK) sb_closed_say(&closed, stdout);
    return status;
}

static sb_status print_check(const cli_session *session, const sb_expected *expected)
{
    const sb_case *cas = &session->cas;
    const sb_config *config = &session->config;
    const char *limit = sb_case_limit_text(cas);
    sb_status status = print_data(cas);
    print_network(cas);
    print_watched(cas);
    print_forecasts(cas);
    printf("training      %lld seed%s x %zu steps of %g, %zu records\n", (long long)config->seeds_count,
           config->seeds_count == 1 ? "" : "s", cas->steps, cas->rule.eta, cas->nt);
    if (!isnan(cas->largest_step))
        printf("stable step   up to %.4g%s%s%s; train.eta is %.3g of it\n", sb_rule_printed_step(cas->largest_step),
               *limit ? " (" : "", limit, *limit ? ")" : "", cas->rule.eta / cas->largest_step);
    if (!isnan(cas->batch_step))
        printf("              up to %s%.4g in the mean square with mini-batches of %zu%s train.eta is %.3g of it\n",
               sb_case_independent(cas) ? "" : "about ", sb_rule_printed_step(cas->batch_step), sb_case_batch(cas),
               sb_case_independent(cas) ? ";\n             " : ",\n              drawn anew in each step;",
               cas->rule.eta / cas->batch_step);
    if (foretells(cas)) print_expected(cas, expected);
    if (status == SB_OK && sb_width_wanted(cas)) status = print_width(cas);
    print_cost(cas);
    if (status == SB_OK && sb_bands_told(cas)) status = print_closed(cas);
    if (status == SB_OK) status = print_rehearsals(cas);
    printf("memory        about %.0f MB for each forecast, draw or seed that runs at a time\n",
           1 + 1e-6 * sb_memory_estimate(cas));
    if (status == SB_OK) status = print_kernel(session);
    printf("directory     %s\n", session->directory);
    return status;
}

static sb_status json_check(const cli_session *session, const sb_expected *expected)
{
    const sb_case *cas = &session->cas;
    sb_document document;
    sb_json top = sb_json_open(&document);
    sb_json_text(top, "name", session->config.experiment_name);
    sb_json_whole(top, "examples", cas->n);
    sb_json_whole(top, "inputs", cas->inputs);
    sb_json_whole(top, "outputs", cas->outputs);
    if (!cas->external) sb_json_whole(top, "parameters", sb_model_parameters(cas->model));
    sb_json items = sb_json_array(top, "items"), sources = sb_json_array(top, "sources");
    for (size_t k = 0; k < cas->watch.items.n; k++) sb_json_text(items, NULL, cas->watch.items.item[k].name);
    for (size_t s = 0; s < cas->sources; s++) sb_json_text(sources, NULL, cas->source[s]->name);
    sb_json_whole(top, "seeds", (size_t)session->config.seeds_count);
    sb_json_whole(top, "steps", cas->steps);
    sb_json_real(top, "eta", cas->rule.eta);
    sb_json_real(top, "largest_stable_step", cas->largest_step);
    sb_json_real(top, "largest_step_of_batches", cas->batch_step);
    json_expected(cas, expected, top);
    sb_json_real(top, "bytes", sb_memory_estimate(cas));
    sb_json_text(top, "directory", session->directory);
    sb_status status = sb_json_print(&document, stdout);
    sb_json_close(&document);
    return status;
}

/* What is neither a study nor quiet. */
static sb_status tell(const cli_session *session, bool json)
{
    sb_expected expected = {.effect = NAN};
    sb_status status = SB_OK;
    if (foretells(&session->cas)) status = sb_expect(&session->cas, PATIENCE, session->stage.jobs, &expected);
    if (status == SB_OK) status = json ? json_check(session, &expected) : print_check(session, &expected);
    sb_expected_clear(&expected);
    return status;
}

/* Of a study nothing follows but where it goes. */
static sb_status json_study(const cli_session *session)
{
    sb_document document;
    sb_json top = sb_json_open(&document);
    sb_json_text(top, "name", session->config.experiment_name);
    sb_json_text(top, "kind", session->study->name);
    sb_json_text(top, "directory", session->directory);
    sb_status status = sb_json_print(&document, stdout);
    sb_json_close(&document);
    return status;
}

static void print_kind(const cli_session *session)
{
    size_t at = (size_t)printf("kind          %s:", session->study->name);
    print_words(&at, 13, session->study->title);
    printf("\ndirectory     %s\n", session->directory);
}

int cmd_check(const cli_options *options)
{
    cli_session session;
    sb_status status = session_open(options, ANY_OF_ANY_KIND, &session);
    if (status == SB_OK && session.study && session.study->check)
        status = session.study->check(&session.config, &session.stage, options->quiet ? NULL : stdout);
    if (status == SB_OK && !session.study) status = sb_givens_read(&session.cas, NULL);
    if (status == SB_OK && session.study && options->json)
        status = json_study(&session);
    else if (status == SB_OK && session.study && !options->quiet)
        print_kind(&session);
    else if (status == SB_OK && !session.study && (options->json || !options->quiet))
        status = tell(&session, options->json);
    int code = status == SB_OK ? EXIT_AGREES : cli_fail(status);
    session_close(&session);
    return code;
}
