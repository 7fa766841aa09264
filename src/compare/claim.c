/* The text of a claim -> sb_claim; values of seeds -> whether it holds. */
#include <specbias/claim.h>

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include <gsl/gsl_sort.h>

#include <specbias/rng.h>

#include "core/text.h"

/* ---- text ---- */

static sb_status wrong(const sb_claim *claim, const char *format, ...) SB_PRINTF(2, 3);
static sb_status wrong(const sb_claim *claim, const char *format, ...)
{
    char why[700];
    va_list arguments;
    va_start(arguments, format);
    sb_format_list(why, sizeof why, format, arguments);
    va_end(arguments);
    return sb_fail(SB_ERR_INPUT, "\"%s\" is no claim: %s", claim->text, why);
}

/* [NUMBER *] MEASURE */
static sb_status take_side(const sb_claim *claim, char *text, sb_measure *measure, double *factor)
{
    char *rest, *from = sb_text_trim(text);
    double number = sb_text_real(from, &rest);
    while (sb_is_space(*rest)) rest++;
    bool times = rest != from && *rest == '*' && isfinite(number);
    *factor = times ? number : 1;
    if (times && number == 0) return wrong(claim, "a factor of 0");
    sb_status status = sb_measure_parse(times ? sb_text_trim(rest + 1) : from, measure);
    return status == SB_OK ? SB_OK : sb_fail(status, "claim \"%s\": %s", claim->text, sb_error_text());
}

/* The left side, or "exponent(MEASURE[; KEY])" */
static sb_status take_left(sb_claim *claim, char *text)
{
    char *from = sb_text_trim(text);
    size_t length = strlen(from), head = strlen("exponent(");
    if (strncmp(from, "exponent(", head) != 0) return take_side(claim, from, &claim->left, &claim->factor[0]);
    if (from[length - 1] != ')') return wrong(claim, "exponent(..) has no end");
    from[length - 1] = '\0';
    char *key = strrchr(from, ';');
    if (key) *key++ = '\0';
    sb_format(claim->of, sizeof claim->of, "%s", sb_text_trim(from + head));
    sb_format(claim->key, sizeof claim->key, "%s", key ? sb_text_trim(key) : "");
    return *claim->of ? SB_OK : wrong(claim, "exponent(..) names no measure of the sweep");
}

/* Where the difference is to be, of left OP right. */
static void take_region(sb_claim *claim, char sign, bool equal, double bound)
{
    claim->lo = sign == '>' ? bound : -INFINITY;
    claim->hi = sign == '<' ? bound : INFINITY;
    claim->ends[0] = claim->ends[1] = equal;
}

static sb_status take_comparison(sb_claim *claim, char *text, char *operator)
{
    char sign = *operator;
    bool equal = operator[1] == '=';
    double bound = 0;
    *operator= '\0';
    char *right = sb_text_trim(operator+ 1 + equal);
    sb_status status = take_left(claim, text);
    if (status != SB_OK) return status;
    bool number = sb_text_is_real(right, &bound);
    if (*claim->of && !number) return wrong(claim, "an exponent is compared with a number");
    if (!number) status = take_side(claim, right, &claim->right, &claim->factor[1]);
    take_region(claim, sign, equal, number ? bound : 0);
    return status;
}

/* "in [0.40, 0.57]" */
static sb_status take_range(sb_claim *claim, char *text, char *in)
{
    *in = '\0';
    char *range = sb_text_trim(in + strlen(" in ")), *comma = strchr(range, ',');
    size_t length = strlen(range);
    bool pair = comma && *range == '[' && range[length - 1] == ']';
    if (pair) *comma = range[length - 1] = '\0';
    if (!pair || !sb_text_is_real(range + 1, &claim->lo) || !sb_text_is_real(comma + 1, &claim->hi) ||
        claim->lo > claim->hi)
        return wrong(claim, "behind `in` two numbers are wanted, such as [0.40, 0.57]");
    claim->ends[0] = claim->ends[1] = true;
    return take_left(claim, text);
}

/* "order(X) = [strictly] increasing" */
static sb_status take_order(sb_claim *claim, char *text)
{
    char *equals = strrchr(text, '='), *behind = strrchr(text, ')');
    if (!equals || !behind || equals < behind)
        return wrong(claim, "an order is increasing or decreasing: order(T) = increasing");
    *equals = '\0';
    char *words = sb_text_trim(equals + 1);
    claim->strictly = strncmp(words, "strictly ", strlen("strictly ")) == 0;
    if (claim->strictly) words = sb_text_trim(words + strlen("strictly "));
    bool down = strcmp(words, "decreasing") == 0;
    if (!down && strcmp(words, "increasing") != 0)
        return wrong(claim,
                     "no order \"%s\"; there are increasing, decreasing, strictly increasing, strictly "
                     "decreasing",
                     words);
    char measure[SB_CLAIM];
    char *inside = sb_text_trim(text) + strlen("order(");
    sb_format(measure, sizeof measure, "%s(%s", claim->strictly ? "order" : "tau", inside);
    take_region(claim, down ? '<' : '>', false, 0);
    return take_side(claim, measure, &claim->left, &claim->factor[0]);
}

sb_status sb_claim_parse_judged(const char *text, sb_claim *claim)
{
    char copy[SB_CLAIM];
    *claim = (sb_claim){.lo = -INFINITY, .hi = INFINITY};
    sb_format(copy, sizeof copy, "%s", text);
    sb_format(claim->text, sizeof claim->text, "%s", sb_text_trim(copy));
    if (strlen(text) >= SB_CLAIM) return wrong(claim, "it is longer than %d characters", SB_CLAIM - 1);
    sb_format(copy, sizeof copy, "%s", claim->text);
    char *operator= sb_text_outside(copy, "<>"), *in = strstr(copy, " in ");
    if (operator) return take_comparison(claim, copy, operator);
    if (strncmp(copy, "order(", strlen("order(")) == 0) return take_order(claim, copy);
    if (in) return take_range(claim, copy, in);
    return wrong(claim, "it compares nothing; `A > B`, `A < 0.5`, `A in [0.4, 0.6]` and `order(T) = increasing` do");
}

sb_status sb_claim_parse(const char *text, sb_claim *claim)
{
    sb_status status = sb_claim_parse_judged(text, claim);
    const sb_quantity *side[2] = {claim->left.quantity, claim->right.quantity};
    for (size_t i = 0; status == SB_OK && i < 2; i++)
        if (side[i] && (side[i]->takes & SB_MEASURE_VERDICT))
            status = wrong(claim, "%s is known when the run was judged, of which a claim is a part", side[i]->name);
    return status;
}

/* ---- bootstrap ---- */

#define MOST_EXACT 6 /* seeds: 6^6 draws */
#define DRAWS 20000  /* else */
#define TAIL 0.025

/* Mean of draw number `index`: of all n^n its digits in base n say which seeds, else the stream does. */
static double mean_of_draw(size_t n, const double *values, size_t index, bool exact)
{
    double sum = 0;
    size_t rest = index;
    sb_rng rng = sb_rng_at(0, SB_STREAM_BOOTSTRAP, index);
    for (size_t i = 0; i < n; i++) {
        size_t seed = exact ? rest % n : (size_t)((double)n * sb_rng_uniform(&rng));
        rest /= n;
        sum += values[seed < n ? seed : n - 1];
    }
    return sum / (double)n;
}

sb_status sb_bootstrap_mean(size_t n, const double *values, double *lo, double *hi)
{
    bool exact = n <= MOST_EXACT;
    size_t draws = 1;
    for (size_t i = 0; exact && i < n; i++) draws *= n;
    if (!exact) draws = DRAWS;
    double *mean = malloc(draws * sizeof *mean);
    if (!mean) return sb_fail(SB_ERR_NOMEM, "no memory for %zu draws", draws);
    for (size_t b = 0; b < draws; b++) mean[b] = mean_of_draw(n, values, b, exact);
    gsl_sort(mean, 1, draws);
    size_t beyond = (size_t)(TAIL * (double)draws);
    *lo = mean[beyond];
    *hi = mean[draws - 1 - beyond];
    free(mean);
    return SB_OK;
}

/* ---- judgement ---- */

/* All of [lo, hi] is claimed; nothing of it is. */
static bool inside(const sb_claim *claim, double lo, double hi)
{
    bool above = claim->ends[0] ? lo >= claim->lo : lo > claim->lo;
    return above && (claim->ends[1] ? hi <= claim->hi : hi < claim->hi);
}

static bool outside(const sb_claim *claim, double lo, double hi)
{
    bool below = claim->ends[0] ? hi < claim->lo : hi <= claim->lo;
    return below || (claim->ends[1] ? lo > claim->hi : lo >= claim->hi);
}

sb_verdict sb_claim_verdict(const sb_claim *claim, double lo, double hi)
{
    return inside(claim, lo, hi) ? SB_AGREES : outside(claim, lo, hi) ? SB_DIFFERS : SB_UNDECIDED;
}

static bool has_rank(const sb_claim *claim)
{
    return claim->left.rank != SB_RANK_NONE || (claim->factor[1] != 0 && claim->right.rank != SB_RANK_NONE);
}

/* In every seed, or not. */
static void judge_strictly(size_t n, const double *order, sb_finding *f)
{
    size_t against = 0;
    double wanted = f->claim.lo == 0 ? 1 : -1;
    f->kind = SB_INTERVAL_COUNT;
    for (size_t r = 0; r < n; r++) {
        f->in_order += order[r] == wanted;
        against += !isnan(order[r]) && order[r] != wanted;
    }
    f->verdict = f->in_order == n ? SB_AGREES : against > 0 ? SB_DIFFERS : SB_UNDECIDED;
}

static sb_status judge_mean(size_t n, const double *value, sb_finding *f)
{
    sb_status status = SB_OK;
    sb_estimate e = sb_estimate_mean(n, value);
    f->value = e.mean;
    if (e.known < n) return SB_OK;
    f->kind = n == 1 ? SB_INTERVAL_NONE : has_rank(&f->claim) ? SB_INTERVAL_BOOTSTRAP : SB_INTERVAL_T;
    f->lo = e.lo;
    f->hi = e.hi;
    if (f->kind == SB_INTERVAL_BOOTSTRAP) status = sb_bootstrap_mean(n, value, &f->lo, &f->hi);
    double lo = n == 1 ? f->value : f->lo, hi = n == 1 ? f->value : f->hi;
    f->verdict = sb_claim_verdict(&f->claim, lo, hi);
    return status;
}

sb_status sb_claim_judge(const sb_claim *claim, size_t n, const double *left, const double *right, sb_finding *finding)
{
    sb_status status = SB_OK;
    *finding = (sb_finding){.claim = *claim, .verdict = SB_UNDECIDED, .n = n, .value = NAN, .lo = NAN, .hi = NAN};
    double *value = malloc((n + 1) * sizeof *value);
    if (!value) return sb_fail(SB_ERR_NOMEM, "no memory for %zu seeds", n);
    for (size_t r = 0; r < n; r++) {
        value[r] = claim->factor[0] * left[r] - (right ? claim->factor[1] * right[r] : 0);
        finding->known += !isnan(value[r]);
    }
    finding->sides[0] = sb_estimate_mean(n, left).mean;
    finding->sides[1] = right ? sb_estimate_mean(n, right).mean : NAN;
    if (claim->strictly)
        judge_strictly(n, value, finding);
    else
        status = judge_mean(n, value, finding);
    free(value);
    return status;
}

const char *sb_finding_word(const sb_finding *finding)
{
    return finding->verdict == SB_AGREES ? "holds" : finding->verdict == SB_DIFFERS ? "fails" : "undecided";
}
