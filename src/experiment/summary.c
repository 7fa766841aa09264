/* What a comparison says, for people's scripts: agreement.tsv, budget.tsv, summary.json. */
#include <math.h>
#include <string.h>

#include <specbias/report.h>

#include "core/file.h"
#include "core/text.h"
#include "experiment/stage.h"

static sb_status open_result(const char *directory, const char *name, sb_writer *writer)
{
    char path[SB_PATH];
    sb_status status = sb_rundir_path(path, directory, "%s", name);
    return status == SB_OK ? sb_writer_open(writer, path) : status;
}

static void cell(FILE *stream, double value)
{
    if (isnan(value))
        fputs("\tnan", stream);
    else
        sb_print(stream, "\t%.17g", value);
}

static sb_status save_agreement(const char *directory, const sb_summary *summary)
{
    sb_writer writer;
    sb_status status = open_result(directory, "agreement.tsv", &writer);
    if (status != SB_OK) return status;
    FILE *stream = writer.stream;
    fputs("source\tform\txi\tlabel\tq\trate_pred\tT_pred\tT_pred_lo\tT_pred_hi\trate_obs\tT_obs\tT_obs_lo\tT_obs_"
          "hi\tshift\ts\tz\tlimit\tdof\tverdict\n",
          stream);
    for (size_t s = 0; s < summary->sources; s++)
        for (size_t i = 0; i < summary->nxi * SB_LEVELS; i++) {
            const sb_source_result *source = &summary->source[s];
            const sb_judgement *j = &source->judgement[i];
            sb_print(stream, "%s\t%s", source->name, sb_form_name(source->form));
            double rate_pred = M_LN2 / j->t_pred, rate_obs = M_LN2 / j->t_obs; /* of q = 1/2 */
            double values[] = {j->xi,    j->label,  j->q,      rate_pred, j->t_pred, j->pred_lo, j->pred_hi, rate_obs,
                               j->t_obs, j->obs_lo, j->obs_hi, j->shift,  j->s,      j->z,       j->limit,   j->dof};
            if (j->q != 0.5) values[3] = values[7] = NAN;
            for (size_t v = 0; v < sizeof values / sizeof values[0]; v++) cell(stream, values[v]);
            sb_print(stream, "\t%s\n", sb_verdict_name(j->verdict));
        }
    return sb_writer_close(&writer, SB_OK);
}

static sb_status save_budget(const sb_setup *setup, const char *directory, const sb_summary *summary)
{
    sb_writer writer;
    sb_status status = open_result(directory, "budget.tsv", &writer);
    if (status != SB_OK) return status;
    fputs("xi\tlabel\tflow\tdrift\ttraining\tstep\twidth\tcontinuum\tcoupling\n", writer.stream);
    for (size_t k = 0; k < summary->nxi; k++) {
        const sb_budget *b = &summary->budget[k];
        sb_print(writer.stream, "%.17g", sb_grid_size(&setup->problem.grid, k));
        double values[] = {
            setup->problem.grid.label[k], b->flow, b->drift, b->training, b->step, b->width, b->continuum, b->coupling};
        for (size_t v = 0; v < sizeof values / sizeof values[0]; v++) cell(writer.stream, values[v]);
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
    sb_status status = open_result(directory, "bias.tsv", &writer);
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

static void json_number(FILE *stream, const char *name, double value, const char *after)
{
    sb_print(stream, "\"%s\": ", name);
    sb_write_json(stream, value);
    fputs(after, stream);
}

static void json_judgement(FILE *stream, const sb_judgement *j)
{
    fputs("      {", stream);
    json_number(stream, "xi", j->xi, ", ");
    json_number(stream, "label", j->label, ", ");
    json_number(stream, "q", j->q, ", ");
    json_number(stream, "T_pred", j->t_pred, ", ");
    json_number(stream, "T_pred_lo", j->pred_lo, ", ");
    json_number(stream, "T_pred_hi", j->pred_hi, ", ");
    json_number(stream, "T_obs", j->t_obs, ", ");
    json_number(stream, "T_obs_lo", j->obs_lo, ", ");
    json_number(stream, "T_obs_hi", j->obs_hi, ", ");
    json_number(stream, "shift", j->shift, ", ");
    json_number(stream, "s", j->s, ", ");
    json_number(stream, "z", j->z, ", ");
    json_number(stream, "limit", j->limit, ", ");
    sb_print(stream, "\"verdict\": \"%s\"}", sb_verdict_name(j->verdict));
}

static void json_source(FILE *stream, const sb_summary *summary, const sb_source_result *source)
{
    sb_print(stream, "    {\"source\": \"%s\", \"form\": \"%s\", \"verdict\": \"%s\",\n     \"power\": {", source->name,
             sb_form_name(source->form), sb_verdict_name(source->verdict));
    sb_print(stream, "\"right_rejected\": %s, ", source->power.right_rejected ? "true" : "false");
    json_number(stream, "notices_rate_off_by", source->power.least_factor - 1, ", ");
    fputs("\"rejected\": {", stream);
    for (size_t i = 0; sb_wrong_at(i); i++)
        sb_print(stream, "%s\"%s\": %s", i ? ", " : "", sb_wrong_at(i)->name,
                 source->power.rejected[i] ? "true" : "false");
    fputs("}},\n     \"eigenpairs\": {", stream);
    json_number(stream, "rate_max", source->rate_max, ", ");
    json_number(stream, "rate_min", source->rate_min, ", ");
    json_number(stream, "residual", source->residual, ", ");
    json_number(stream, "orthogonality", source->orthogonality, ", ");
    json_number(stream, "negative", source->negative, "},\n     \"frequencies\": [\n");
    for (size_t i = 0; i < summary->nxi * SB_LEVELS; i++) {
        json_judgement(stream, &source->judgement[i]);
        fputs(i + 1 < summary->nxi * SB_LEVELS ? ",\n" : "\n", stream);
    }
    fputs("    ]}", stream);
}

static void json_run(FILE *stream, const sb_run_record *run)
{
    sb_print(stream, "    {\"seed\": %llu, ", (unsigned long long)run->seed);
    json_number(stream, "steps", run->steps, ", ");
    json_number(stream, "seconds", run->seconds, ", ");
    json_number(stream, "loss", run->loss, ", ");
    json_number(stream, "laziness", run->laziness, ", ");
    json_number(stream, "kernel_change", run->kernel_change, "}");
}

static void json_budget(FILE *stream, double xi, const sb_budget *b)
{
    fputs("    {", stream);
    json_number(stream, "xi", xi, ", ");
    json_number(stream, "flow", b->flow, ", ");
    json_number(stream, "drift", b->drift, ", ");
    json_number(stream, "training", b->training, ", ");
    json_number(stream, "step", b->step, ", ");
    json_number(stream, "width", b->width, ", ");
    json_number(stream, "continuum", b->continuum, ", ");
    json_number(stream, "coupling", b->coupling, "}");
}

static void json_bias(FILE *stream, const sb_bias_result *b)
{
    sb_print(stream, "    {\"source\": \"%s\", \"form\": \"%s\", ", b->source, sb_form_name(b->form));
    json_number(stream, "seed", b->seed < 0 ? NAN : (double)b->seed, ", ");
    sb_print(stream, "\"count\": %zu, \"learned\": %zu, ", b->count, b->bias.learned);
    json_number(stream, "fbi", b->bias.fbi, ", ");
    json_number(stream, "fbi_error", b->fbi.error, ", ");
    json_number(stream, "fbi_lo", b->fbi.lo, ", ");
    json_number(stream, "fbi_hi", b->fbi.hi, ", ");
    json_number(stream, "spread", b->bias.spread, ", ");
    json_number(stream, "spread_error", b->spread.error, ", ");
    json_number(stream, "spread_lo", b->spread.lo, ", ");
    json_number(stream, "spread_hi", b->spread.hi, "}");
}

static sb_status save_json(const sb_setup *setup, const char *directory, const sb_summary *summary)
{
    sb_writer writer;
    sb_status status = open_result(directory, "summary.json", &writer);
    if (status != SB_OK) return status;
    FILE *stream = writer.stream;
    fputs("{\n  \"name\": ", stream);
    sb_write_quoted(stream, setup->config->experiment_name);
    sb_print(stream, ",\n  \"verdict\": \"%s\",\n  \"seal\": \"%s\",\n  \"unit\": \"%s\",\n  \"laziness\": {",
             sb_verdict_name(summary->verdict), summary->seal, summary->unit);
    json_number(stream, "index", summary->laziness, ", ");
    json_number(stream, "limit", summary->limit, "},\n  \"sources\": [\n");
    for (size_t s = 0; s < summary->sources; s++) {
        json_source(stream, summary, &summary->source[s]);
        fputs(s + 1 < summary->sources ? ",\n" : "\n", stream);
    }
    fputs("  ],\n  \"runs\": [\n", stream);
    for (size_t r = 0; r < summary->runs; r++) {
        json_run(stream, &summary->run[r]);
        fputs(r + 1 < summary->runs ? ",\n" : "\n", stream);
    }
    fputs("  ],\n  \"budget\": [\n", stream);
    for (size_t k = 0; k < summary->nxi; k++) {
        json_budget(stream, sb_grid_size(&setup->problem.grid, k), &summary->budget[k]);
        fputs(k + 1 < summary->nxi ? ",\n" : "\n", stream);
    }
    fputs("  ],\n  \"bias\": [\n", stream);
    for (size_t i = 0; i < summary->biases; i++) {
        json_bias(stream, &summary->bias[i]);
        fputs(i + 1 < summary->biases ? ",\n" : "\n", stream);
    }
    fputs("  ]\n}\n", stream);
    return sb_writer_close(&writer, SB_OK);
}

sb_status sb_summary_save(const sb_setup *setup, const char *directory, const sb_summary *summary)
{
    sb_status status = save_agreement(directory, summary);
    if (status == SB_OK) status = save_budget(setup, directory, summary);
    if (status == SB_OK) status = save_bias(directory, summary);
    if (status == SB_OK) status = save_json(setup, directory, summary); /* last: it says that the run is finished */
    return status;
}
