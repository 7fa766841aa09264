#include "run/claims.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/file.h"
#include "core/text.h"
#include "run/results.h"
#include "run/stage.h"

/* ---- judging ---- */

/* Values of each seed; of one for the run that one, for all `n`. */
static sb_status values_of(sb_results *results, const sb_measure *measure, size_t n, double *values)
{
    sb_status status = sb_measure_values(results, measure, values);
    for (size_t r = 1; status == SB_OK && r < n && !sb_measure_per_seed(measure); r++) values[r] = values[0];
    return status;
}

sb_status sb_claim_of_results(const sb_claim *claim, sb_results *results, sb_finding *finding)
{
    sb_status status = SB_OK;
    bool two = claim->factor[1] != 0;
    bool seeds = sb_measure_per_seed(&claim->left) || (two && sb_measure_per_seed(&claim->right));
    size_t n = seeds ? sb_results_seeds(results) : 1;
    double *left = calloc(2 * n + 1, sizeof *left), *right = left ? left + n : NULL;
    if (!left) return sb_fail(SB_ERR_NOMEM, "no memory for %zu seeds", n);
    SB_TRY(values_of(results, &claim->left, n, left));
    if (two) SB_TRY(values_of(results, &claim->right, n, right));
    SB_TRY(sb_claim_judge(claim, n, left, two ? right : NULL, finding));
done:
    free(left);
    return status;
}

static sb_status judge(sb_results *results, const char *text, sb_finding *finding)
{
    sb_claim claim;
    sb_status status = sb_claim_parse(text, &claim);
    if (status == SB_OK) status = sb_claim_of_results(&claim, results, finding);
    return status == SB_OK ? SB_OK : sb_fail(status, "claims: %s", sb_error_text());
}

/* What is written only after the judgement, of which claims are a part. */
static sb_status put_agreement(const sb_case *cas, const sb_summary *summary, sb_results *results)
{
    sb_draft draft;
    sb_status status = sb_draft_open(&draft);
    if (status != SB_OK) return status;
    sb_summary_write_agreement(cas, summary, draft.stream);
    status = sb_draft_close(&draft, SB_OK);
    if (status == SB_OK) status = sb_results_put(results, "agreement.tsv", draft.text);
    free(draft.text);
    return status;
}

sb_status sb_claims_judge(const sb_case *cas, const char *directory, sb_summary *summary)
{
    sb_status status = SB_OK;
    sb_results *results = NULL;
    const sb_texts *claims = &cas->config->experiment_claims;
    if (claims->n == 0) return SB_OK;
    summary->claim = calloc(claims->n, sizeof *summary->claim);
    if (!summary->claim) return sb_fail(SB_ERR_NOMEM, "no memory for %zu claims", claims->n);
    SB_TRY(sb_results_read(directory, &results));
    SB_TRY(put_agreement(cas, summary, results));
    for (size_t i = 0; i < claims->n; i++) SB_TRY(judge(results, claims->v[i], &summary->claim[i]));
    summary->claims = claims->n;
done:
    sb_results_close(&results);
    return status;
}

sb_verdict sb_claims_verdict(const sb_summary *summary)
{
    sb_verdict worst = SB_NONE;
    for (size_t i = 0; i < summary->claims; i++)
        worst = summary->claim[i].verdict > worst ? summary->claim[i].verdict : worst;
    return worst;
}

/* ---- words ---- */

/* Of `order` what is judged is tau; of two sides their difference. */
static const char *name_of_value(const sb_finding *f)
{
    return f->claim.left.rank == SB_RANK_TAU && strncmp(f->claim.text, "order(", 6) == 0 ? "tau "
           : f->claim.factor[1] != 0                                                     ? "difference "
                                                                                         : "";
}

static void say_value(const sb_finding *f, FILE *say)
{
    sb_print(say, ": %s%.4g", name_of_value(f), f->value);
    if (f->n == 1)
        sb_print(say, ", %s",
                 sb_measure_per_seed(&f->claim.left) ? "of one seed: no interval"
                                                     : "one value of the run: no interval");
    else
        sb_print(say, ", 95 %% %s %.4g to %.4g", f->kind == SB_INTERVAL_T ? "interval" : "of the bootstrap", f->lo,
                 f->hi);
}

static void say_finding(const sb_finding *f, FILE *say)
{
    sb_print(say, "  %s\n    %s", f->claim.text, sb_finding_word(f));
    if (f->kind == SB_INTERVAL_COUNT)
        sb_print(say, ": so in %zu of %zu seed%s", f->in_order, f->n, f->n == 1 ? "" : "s");
    if (f->known < f->n)
        sb_print(say, "%s not known in %zu of %zu", f->kind == SB_INTERVAL_COUNT ? "," : ":", f->n - f->known, f->n);
    else if (f->kind != SB_INTERVAL_COUNT)
        say_value(f, say);
    fputc('\n', say);
}

void sb_claims_say(const sb_summary *summary, FILE *say)
{
    if (summary->claims == 0) return;
    fputs("\nclaims\n", say);
    for (size_t i = 0; i < summary->claims; i++) say_finding(&summary->claim[i], say);
}

void sb_claims_json(const sb_summary *summary, sb_json json)
{
    static const char *const kinds[] = {"none", "t", "bootstrap", "count"};
    if (summary->claims == 0) return;
    sb_json claims = sb_json_array(json, "claims");
    for (size_t i = 0; i < summary->claims; i++) {
        const sb_finding *f = &summary->claim[i];
        sb_json at = sb_json_object(claims, NULL);
        sb_json_text(at, "claim", f->claim.text);
        sb_json_text(at, "finding", sb_finding_word(f));
        sb_json_real(at, "value", f->value);
        sb_json_real(at, "lo", f->lo);
        sb_json_real(at, "hi", f->hi);
        sb_json_real(at, "left", f->sides[0]);
        sb_json_real(at, "right", f->sides[1]);
        sb_json_whole(at, "seeds", f->n);
        sb_json_whole(at, "known", f->known);
        if (f->kind == SB_INTERVAL_COUNT) sb_json_whole(at, "in_order", f->in_order);
        sb_json_text(at, "interval", kinds[f->kind]);
    }
}
