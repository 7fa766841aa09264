/* A verdict in words: which number decided each line that does not agree, and what to try next. */
#include "cli/cli.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "case/where.h"
#include "run/effect.h"

/* What decided a line; the remedies below are told once for each. */
typedef enum reason {
    FINE,
    NOT_LAZY,
    NEVER_FORECAST,
    NEVER_TRAINED,
    OFF,
    NO_STEP,
    SHORT,
    ROUNDED,
    NO_BAND,
    MOVING,
    WIDE,
    REASONS
} reason;

static reason reason_of(const sb_judgement *j)
{
    if (j->verdict == SB_AGREES || j->verdict == SB_NONE) return FINE;
    if (j->verdict == SB_NOT_LAZY) return NOT_LAZY;
    if (j->verdict == SB_DIFFERS) return isnan(j->t_pred) ? NEVER_FORECAST : isnan(j->t_obs) ? NEVER_TRAINED : OFF;
    if (isinf(j->floor)) return NO_STEP;
    if (isnan(j->t_pred) || isnan(j->t_obs)) return SHORT;
    if (j->floor / j->q > 0.7 * j->s) return ROUNDED;
    if (isinf(j->s)) return NO_BAND;
    return j->effect / 2 > 0.7 * j->s ? MOVING : WIDE;
}

static void tell(const sb_judgement *j, char *text, size_t size)
{
    char shift[SB_SHIFT];
    double ratio = j->t_obs / j->t_pred, most = exp(j->limit * j->s);
    switch (reason_of(j)) {
    case NOT_LAZY:
        snprintf(text, size, "the moving kernel alone changes this time by up to %s", sb_shift_text(j->effect, shift));
        break;
    case NEVER_FORECAST:
        snprintf(text, size, "training gets there at T = %.4g, the forecast never does", j->t_obs);
        break;
    case NEVER_TRAINED:
        snprintf(text, size, "the forecast gets there at T = %.4g, not every trained network does", j->t_pred);
        break;
    case OFF:
        snprintf(text, size, "observed %.4g times the forecast time; %.3g times was expected at most", ratio,
                 ratio > 1 ? most : 1 / most);
        break;
    case NO_STEP: snprintf(text, size, "a step of training is below the rounding of every weight: none moves"); break;
    case SHORT: snprintf(text, size, "not reached within the record"); break;
    case ROUNDED:
        snprintf(text, size, "the weights are rounded by too much for a target as small as this (err +- %.2g)",
                 j->floor);
        break;
    case NO_BAND:
        snprintf(text, size,
                 "the band is not known: fewer than %d draws (of `law`: rehearsals), or one of them, or a half of one, "
                 "never gets there",
                 SB_DRAWS_NEEDED);
        break;
    default:
        snprintf(text, size, "the band is so wide (s = %.2g in ln T) that a rate off by 20 %% would pass%s", j->s,
                 reason_of(j) == MOVING ? "; most of s is what the moving kernel does" : "");
    }
}

/* Line i, once for all sources of which the same is to be said. */
static void tell_line(const sb_summary *summary, size_t i)
{
    char text[256], other[256], line[1024];
    for (size_t s = 0; s < summary->sources; s++) {
        const sb_judgement *j = &summary->source[s].judgement[i];
        bool told = reason_of(j) == FINE;
        int used = 0;
        tell(j, text, sizeof text);
        for (size_t k = 0; !told && k < summary->sources; k++) {
            const sb_judgement *same = &summary->source[k].judgement[i];
            tell(same, other, sizeof other);
            if (reason_of(same) == FINE || strcmp(text, other) != 0) continue;
            told = k < s;
            used +=
                snprintf(line + used, sizeof line - (size_t)used, "%s%.64s", used ? ", " : "", summary->source[k].name);
            if ((size_t)used >= sizeof line - 512) break;
        }
        if (told) continue;
        snprintf(line + used, sizeof line - (size_t)used, ", frequency %.100s, err 1/%g: %s",
                 summary->items.item[i / SB_LEVELS].name, 1 / j->q, text);
        print_reason(2, line);
    }
}

__attribute__((format(printf, 1, 2))) static void advise(const char *format, ...)
{
    char text[512] = "- ";
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(text + 2, sizeof text - 2, format, arguments);
    va_end(arguments);
    size_t at = 1;
    printf(" ");
    print_words(&at, 3, text);
    printf("\n");
}

static bool is_source(const sb_summary *summary, const char *name)
{
    bool is = false;
    for (size_t s = 0; s < summary->sources; s++) is = is || strcmp(summary->source[s].name, name) == 0;
    return is;
}

/* What makes the kernel move less by that factor: its effect falls at least like the size of the target. */
static void advise_lazier(const sb_case *cas, const sb_summary *summary, double factor)
{
    const sb_config *config = cas->config;
    factor = fmin(factor, 1000);
    bool scaled = sb_key_applies(sb_key_lookup("target.amplitude"), config);
    if (scaled)
        advise("a smaller target moves the kernel less: target.amplitude = %.1g (it is %g)",
               config->target_amplitude / factor, config->target_amplitude);
    else
        advise(
            "a larger gain moves the kernel less: net.gain = %.2g (it is %g); for the same course of training divide "
            "train.eta, and train.time, by %.2g",
            config->net_gain * factor, config->net_gain, factor * factor);
    advise("a wider network does, too");
    if (!is_source(summary, "law") && !cas->random_output && !cas->lawless)
        advise("\"law\" in forecast.sources forecasts what is learned of features (`specbias help forecasts`)");
}

/* The key that makes the record longer, and twice its value. */
static void advise_longer(const sb_case *cas)
{
    const sb_config *config = cas->config;
    if (config->train_epochs > 0)
        advise("a longer record: train.epochs = %lld", 2 * (long long)config->train_epochs);
    else if (config->train_steps > 0 || !cas->rule.kind->time)
        advise("a longer record: train.steps = %zu", 2 * cas->steps);
    else
        advise("a longer record: train.time = %g", 2 * config->train_time);
    advise("or watch only what is learned within it (`specbias help data`: observe, target.xi)");
}

/* Draws tell s to a tenth or so, hence 1.3. */
static void advise_narrower(const sb_case *cas, double factor)
{
    const sb_config *config = cas->config;
    double times = 1.3 * factor * factor;
    if (strcmp(config->net_kind, "layers") == 0)
        advise("%.2g times the width should make s small enough, as it falls like width^-1/2", times);
    else
        advise("net.width = %.0f should make s small enough, as it falls like width^-1/2",
               ceil(times * (double)config->net_width / 64) * 64);
    advise("more seeds, if those are few: seeds.count (they are %lld)", (long long)config->seeds_count);
}

/* Of what differs: the gap of the budget that is the largest in ln T. */
static void advise_budget(const sb_summary *summary)
{
    static const struct {
        size_t gap;
        const char *what;
    } gaps[] = {{SB_GAP_TRAINING, "the network is not its linearisation: smaller target, smaller train.eta"},
                {SB_GAP_STEP, "steps are no flow (forecasts know of that)"},
                {SB_GAP_WIDTH, "finite width: a wider network"},
                {SB_GAP_CONTINUUM,
                 "the frequency equation is not the kernel on these data: more points, a target inside "
                 "of the domain, forecast.modes"},
                {SB_GAP_COUPLING, "frequencies couple, which no single rate knows"},
                {SB_GAP_FINITE, "the law is not the finite network: a wider network, forecast.tolerance"}};
    double most = 0;
    size_t which = 0;
    for (size_t g = 0; g < sizeof gaps / sizeof gaps[0]; g++)
        for (size_t k = 0; k < summary->nxi; k++) {
            double size = fabs(summary->budget[k].gap[gaps[g].gap].log_time);
            if (size > most) most = size, which = g;
        }
    if (most > 0)
        advise("of the budget `%s` is the largest, %.2g in ln T: %s; where that does not help, the forecast is wrong",
               sb_gap_name(gaps[which].gap), most, gaps[which].what);
    else
        advise("nothing was fitted, and no rung of the budget tells more: the forecast is wrong here");
}

static void advise_sharper(const sb_summary *summary)
{
    const sb_source_result *best = NULL;
    for (size_t s = 0; s < summary->sources; s++)
        if (summary->source[s].power.least_factor < (best ? best->power.least_factor : 2)) best = &summary->source[s];
    if (best)
        advise("by %s a rate off by %.2g %% would have been noticed; four times the width or seeds notice half of that",
               best->name, 100 * (best->power.least_factor - 1));
    advise(
        "a wrong theory to compare with: another init.in_scale in a copy, or forecast.sources = [\"file:mine.tsv\"]");
}

/* By how much the worst line of that reason is beyond its limit. */
static double worst(const sb_summary *summary, reason of, size_t *count)
{
    double factor = 1;
    *count = 0;
    for (size_t s = 0; s < summary->sources; s++)
        for (size_t i = 0; i < summary->nxi * SB_LEVELS; i++) {
            const sb_judgement *j = &summary->source[s].judgement[i];
            if (reason_of(j) != of) continue;
            ++*count;
            factor = fmax(factor, of == NOT_LAZY || of == MOVING ? 1.25 * j->effect / SB_LAZY
                                                                 : j->limit * j->s / log(SB_RATE_ERROR));
        }
    return factor;
}

static void advise_claims(const sb_summary *summary)
{
    size_t open = 0, fail = 0;
    for (size_t i = 0; i < summary->claims; i++) {
        open += summary->claim[i].verdict == SB_UNDECIDED;
        fail += summary->claim[i].verdict == SB_DIFFERS;
    }
    if (open)
        advise(
            "claims that are undecided: more seeds (four times as many halve an interval), or a longer record where a "
            "value is not known");
    if (fail)
        advise("claims that fail: their intervals lie outside of what is claimed; more seeds will not change that");
}

void print_why(const sb_case *cas, const sb_summary *summary)
{
    size_t count[REASONS];
    double factor[REASONS];
    if (*summary->unjudged || summary->sources + summary->claims == 0) {
        puts("\ntry next");
        advise("a forecast that covers it: forecast.sources = [\"ntk.empirical\"] covers most (`specbias help "
               "forecasts`)");
        advise("claims, which judge what training showed (`specbias help claims`)");
        return;
    }
    for (size_t i = 0; i < summary->nxi * SB_LEVELS; i++) tell_line(summary, i);
    for (size_t r = 0; r < REASONS; r++) factor[r] = worst(summary, (reason)r, &count[r]);
    puts("\ntry next");
    if (count[NOT_LAZY] + count[MOVING])
        advise_lazier(cas, summary, fmax(factor[NOT_LAZY], count[MOVING] ? fmax(factor[MOVING], 1.5) : 0));
    if (count[OFF] + count[NEVER_FORECAST] + count[NEVER_TRAINED]) advise_budget(summary);
    if (count[SHORT]) advise_longer(cas);
    if (count[NO_BAND]) advise("forecast.draws = 64 (of `law`: forecast.rehearsals = 16), or a wider network");
    if (count[WIDE]) advise_narrower(cas, factor[WIDE]);
    if (count[ROUNDED] + count[NO_STEP]) advise("a larger target.amplitude, or net.precision = \"double\"");
    advise_claims(summary);
    if (summary->verdict == SB_AGREES) advise_sharper(summary);
}
