/* What a comparison says, for people's scripts: agreement.tsv, budget.tsv, summary.json. */
#include <math.h>
#include <string.h>

#include "core/json.h"
#include "case/case.h"
#include "run/bands.h"
#include "run/claims.h"
#include "run/drift.h"
#include "run/seen.h"
#include "run/stability.h"
#include "run/stage.h"
#include "report/write.h"

static void cell(FILE *stream, double value)
{
    if (isnan(value))
        fputs("\tnan", stream);
    else
        sb_print(stream, "\t%.17g", value);
}

/* T, rate and the like in flow time, or in steps where the rule has none: the column time_unit. */
void sb_summary_write_agreement(const sb_case *cas, const sb_summary *summary, FILE *stream)
{
    fputs("source\tform\txi\tlabel\tq\trate_pred\tT_pred\tT_pred_lo\tT_pred_hi\trate_obs\tT_obs\tT_obs_lo\tT_obs_"
          "hi\tshift\teffect\ts\tz\tlimit\tdof\tfloor\tverdict\titem\ttime_unit\n",
          stream);
    for (size_t s = 0; s < summary->sources; s++)
        for (size_t i = 0; i < summary->nxi * SB_LEVELS; i++) {
            const sb_source_result *source = &summary->source[s];
            const sb_judgement *j = &source->judgement[i];
            sb_print(stream, "%s\t%s", source->name, sb_form_name(source->form));
            double rate_pred = M_LN2 / j->t_pred, rate_obs = M_LN2 / j->t_obs; /* of q = 1/2 */
            double values[] = {j->xi,      j->label, j->q,     rate_pred, j->t_pred, j->pred_lo,
                               j->pred_hi, rate_obs, j->t_obs, j->obs_lo, j->obs_hi, j->shift,
                               j->effect,  j->s,     j->z,     j->limit,  j->dof,    j->floor};
            if (j->q != 0.5) values[3] = values[7] = NAN;
            for (size_t v = 0; v < sizeof values / sizeof values[0]; v++) cell(stream, values[v]);
            sb_print(stream, "\t%s\t%s\t%s\n", sb_verdict_name(j->verdict), summary->items.item[i / SB_LEVELS].name,
                     cas->terms.time_unit);
        }
}

static sb_status save_agreement(const sb_case *cas, const char *directory, const sb_summary *summary)
{
    sb_writer writer;
    sb_status status = sb_rundir_write(&writer, directory, "agreement.tsv");
    if (status != SB_OK) return status;
    sb_summary_write_agreement(cas, summary, writer.stream);
    return sb_writer_close(&writer, SB_OK);
}

static sb_status save_budget(const char *directory, const sb_summary *summary)
{
    sb_writer writer;
    sb_status status = sb_rundir_write(&writer, directory, "budget.tsv");
    if (status != SB_OK) return status;
    fputs("xi\tlabel", writer.stream);
    for (size_t g = 0; g < SB_GAPS; g++) sb_print(writer.stream, "\t%s", sb_gap_name(g));
    for (size_t g = 0; g < SB_GAPS; g++) sb_print(writer.stream, "\tln_T_%s", sb_gap_name(g));
    fputc('\n', writer.stream);
    for (size_t k = 0; k < summary->nxi; k++) {
        const sb_gap *gap = summary->budget[k].gap;
        sb_print(writer.stream, "%.17g", summary->items.item[k].xi);
        cell(writer.stream, summary->items.item[k].label);
        for (size_t g = 0; g < SB_GAPS; g++) cell(writer.stream, gap[g].distance);
        for (size_t g = 0; g < SB_GAPS; g++) cell(writer.stream, gap[g].log_time);
        fputc('\n', writer.stream);
    }
    return sb_writer_close(&writer, SB_OK);
}

static void write_spread(FILE *stream, double value, const sb_spread *spread)
{
    cell(stream, value);
    cell(stream, spread->mean);
    cell(stream, spread->error);
    cell(stream, spread->lo);
    cell(stream, spread->hi);
}

static sb_status save_bias(const char *directory, const sb_summary *summary)
{
    sb_writer writer;
    sb_status status = sb_rundir_write(&writer, directory, "bias.tsv");
    if (status != SB_OK) return status;
    FILE *stream = writer.stream;
    fputs("source\tform\tseed\tcount\tlearned\tfbi\tfbi_mean\tfbi_error\tfbi_lo\tfbi_hi\tspread\tspread_mean\tspread_"
          "error\tspread_lo\tspread_hi\n",
          stream);
    for (size_t i = 0; i < summary->biases; i++) {
        const sb_bias_result *b = &summary->bias[i];
        sb_print(stream, "%s\t%s", b->source, sb_form_name(b->form));
        cell(stream, b->seed < 0 ? NAN : (double)b->seed);
        sb_print(stream, "\t%zu\t%zu", b->count, b->bias.learned);
        write_spread(stream, b->bias.fbi, &b->fbi);
        write_spread(stream, b->bias.spread, &b->spread);
        fputc('\n', stream);
    }
    return sb_writer_close(&writer, SB_OK);
}

/* ---- JSON: numbers that are missing are null ---- */

static void json_judgement(sb_json in, const char *item, const sb_judgement *j)
{
    sb_json at = sb_json_object(in, NULL);
    sb_json_text(at, "item", item);
    sb_json_real(at, "xi", j->xi);
    sb_json_real(at, "label", j->label);
    sb_json_real(at, "q", j->q);
    sb_json_real(at, "T_pred", j->t_pred);
    sb_json_real(at, "T_pred_lo", j->pred_lo);
    sb_json_real(at, "T_pred_hi", j->pred_hi);
    sb_json_real(at, "T_obs", j->t_obs);
    sb_json_real(at, "T_obs_lo", j->obs_lo);
    sb_json_real(at, "T_obs_hi", j->obs_hi);
    sb_json_real(at, "shift", j->shift);
    sb_json_real(at, "effect", j->effect);
    sb_json_real(at, "s", j->s);
    sb_json_real(at, "z", j->z);
    sb_json_real(at, "limit", j->limit);
    sb_json_real(at, "floor", j->floor);
    sb_json_text(at, "verdict", sb_verdict_name(j->verdict));
}

static void json_source(sb_json in, const sb_items *items, const sb_source_result *source)
{
    sb_json at = sb_json_object(in, NULL);
    sb_json_text(at, "source", source->name);
    sb_json_text(at, "form", sb_form_name(source->form));
    sb_json_text(at, "verdict", sb_verdict_name(source->verdict));
    sb_json_text(at, "finite_width", source->finite_width);
    sb_json power = sb_json_object(at, "power");
    sb_json_flag(power, "right_rejected", source->power.right_rejected);
    sb_json_real(power, "notices_rate_off_by", source->power.least_factor - 1);
    sb_json rejected = sb_json_object(power, "rejected");
    for (size_t i = 0; sb_wrong_at(source->power.wrongs, i); i++)
        if (source->power.tried[i])
            sb_json_flag(rejected, sb_wrong_at(source->power.wrongs, i)->name, source->power.rejected[i]);
    sb_json pairs = sb_json_object(at, "eigenpairs");
    sb_json_real(pairs, "rate_max", source->rate_max);
    sb_json_real(pairs, "rate_min", source->rate_min);
    sb_json_real(pairs, "residual", source->residual);
    sb_json_real(pairs, "orthogonality", source->orthogonality);
    sb_json_real(pairs, "negative", source->negative);
    sb_json frequencies = sb_json_array(at, "frequencies");
    for (size_t i = 0; i < items->n * SB_LEVELS; i++)
        json_judgement(frequencies, items->item[i / SB_LEVELS].name, &source->judgement[i]);
}

static void json_run(sb_json in, const sb_case *cas, const sb_run_record *run)
{
    char reason[80];
    sb_json at = sb_json_object(in, NULL);
    sb_json_whole(at, "seed", run->seed);
    sb_json_real(at, "steps", run->steps);
    sb_json_real(at, "seconds", run->seconds);
    sb_json_real(at, "loss", run->loss);
    sb_json_real(at, "kernel_change", run->kernel_change);
    sb_route_reason(cas, run->first_route, run->route, sizeof reason, reason);
    sb_json_text(at, "route", run->route);
    sb_json_text(at, "route_reason", reason);
}

static void json_budget(sb_json in, double xi, const sb_budget *b)
{
    sb_json at = sb_json_object(in, NULL);
    sb_json_real(at, "xi", xi);
    for (size_t g = 0; g < SB_GAPS; g++) sb_json_real(at, sb_gap_name(g), b->gap[g].distance);
    sb_json times = sb_json_object(at, "ln_T");
    for (size_t g = 0; g < SB_GAPS; g++) sb_json_real(times, sb_gap_name(g), b->gap[g].log_time);
}

static void json_bias(sb_json in, const sb_bias_result *b)
{
    sb_json at = sb_json_object(in, NULL);
    sb_json_text(at, "source", b->source);
    sb_json_text(at, "form", sb_form_name(b->form));
    sb_json_real(at, "seed", b->seed < 0 ? NAN : (double)b->seed);
    sb_json_whole(at, "count", b->count);
    sb_json_whole(at, "learned", b->bias.learned);
    sb_json_real(at, "fbi", b->bias.fbi);
    sb_json_real(at, "fbi_error", b->fbi.error);
    sb_json_real(at, "fbi_lo", b->fbi.lo);
    sb_json_real(at, "fbi_hi", b->fbi.hi);
    sb_json_real(at, "spread", b->bias.spread);
    sb_json_real(at, "spread_error", b->spread.error);
    sb_json_real(at, "spread_lo", b->spread.lo);
    sb_json_real(at, "spread_hi", b->spread.hi);
}

static sb_status save_json(const sb_case *cas, const char *directory, const sb_summary *summary)
{
    char path[SB_PATH];
    sb_document document;
    sb_json top = sb_json_open(&document);
    sb_json_text(top, "name", cas->config->experiment_name);
    sb_json_text(top, "verdict", sb_verdict_name(summary->verdict));
    sb_json_text(top, "seal", summary->seal);
    sb_json_text(top, "unit", summary->items.unit);
    sb_json_text(top, "time_unit", cas->terms.time_unit);
    if (*summary->unjudged) sb_json_text(top, "unjudged", summary->unjudged);
    if (*summary->uncovered) sb_json_text(top, "uncovered", summary->uncovered);
    if (sb_rundir_holds(directory, "outside.tsv")) sb_json_flag(top, "outside", true);
    if (!cas->external) sb_json_whole(top, "parameters", sb_model_parameters(cas->model));
    sb_case_json_data(cas, top);
    sb_seen_json(cas, summary, top);
    sb_claims_json(summary, top);
    sb_bands_json(cas, summary, top);
    sb_json laziness = sb_json_object(top, "laziness");
    sb_json_real(laziness, "effect", summary->laziness);
    sb_json_real(laziness, "limit", SB_LAZY);
    sb_json sources = sb_json_array(top, "sources"), runs = sb_json_array(top, "runs");
    sb_json budget = sb_json_array(top, "budget"), bias = sb_json_array(top, "bias");
    for (size_t s = 0; s < summary->sources; s++) json_source(sources, &summary->items, &summary->source[s]);
    for (size_t r = 0; r < summary->runs; r++) json_run(runs, cas, &summary->run[r]);
    for (size_t k = 0; k < summary->nxi; k++) json_budget(budget, summary->items.item[k].xi, &summary->budget[k]);
    for (size_t i = 0; i < summary->biases; i++) json_bias(bias, &summary->bias[i]);
    sb_status status = sb_drift_json(directory, top);
    if (status == SB_OK) status = sb_stability_json(cas, directory, top);
    if (status == SB_OK) status = sb_rundir_path(path, directory, "summary.json");
    if (status == SB_OK) status = sb_json_write(&document, path);
    sb_json_close(&document);
    return status;
}

sb_status sb_summary_save(const sb_case *cas, const char *directory, const sb_summary *summary)
{
    sb_status status = sb_rundir_remove(directory, "verdict.sha256");
    if (status == SB_OK) status = save_agreement(cas, directory, summary);
    if (status == SB_OK) status = save_budget(directory, summary);
    if (status == SB_OK) status = save_bias(directory, summary);
    if (status == SB_OK) status = save_json(cas, directory, summary);
    return status == SB_OK ? sb_seal_verdict(directory) : status; /* it says that the run is finished */
}
