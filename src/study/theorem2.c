/* Theorem 2: below some delta_0 no tanh network has a larger gradient at the high frequency than at the low one. Told
 * and sealed for single neurons: delta_0, and the fraction of |w| < delta that is lost above it, crossing by crossing;
 * for networks of a law: a radius below which none is. Then networks are drawn (dominance.h). */
#include <math.h>
#include <stdlib.h>

#include "core/text.h"
#include "run/stage.h"
#include "study/theorem.h"

#define LARGEST 4.0   /* |w| up to which delta_0 is looked for */
#define DRAWS 1000000 /* of a single neuron, for each delta */
#define SIGMAS 4.5    /* of a count: all lines agree in 99.9 % of studies */
#define SEEN 50       /* lost draws at a delta, or nothing was seen */

/* delta / delta_0 */
static const double of_neuron[] = {0.5, 0.8, 0.9, 0.95, 0.99, 1.01, 1.03, 1.06, 1.1, 1.15, 1.2, 1.3, 1.4};
static const double of_law[] = {0.5, 0.8, 1.0, 1.5, 2.0};
enum { NEURON = sizeof of_neuron / sizeof of_neuron[0], LAW = sizeof of_law / sizeof of_law[0], MOST = NEURON };

/* One line of neurons: a single one, or (a = nan) networks of m of the law. */
typedef struct series {
    size_t m, n;
    double a, b, limit;             /* delta_0, or what is certain of the law */
    double delta[MOST], lost[MOST]; /* lost: predicted fraction; nan: not known */
} series;

typedef struct work {
    const sb_config *config;
    const sb_stage *stage;
    sb_dominance_task task;
    size_t count, neurons; /* series, of which so many are of single neurons */
    series *series;
} work;

static sb_status check(const sb_config *config, const sb_stage *stage, FILE *say)
{
    (void)stage, (void)say;
    if (config->theorem_neurons.n % 2 != 0 || config->theorem_neurons.n == 0)
        return sb_fail(SB_ERR_INPUT, "theorem.neurons: pairs of a and b are wanted");
    return sb_theorem_check(config);
}

/* Of either sign of a and w; that of b follows, a tanh(w x + b) being odd in all three. */
static sb_status predict_neuron(const work *k, series *s)
{
    sb_status status = SB_OK;
    s->m = 1;
    s->n = NEURON;
    s->limit = INFINITY;
    for (int sign = 1; sign >= -1; sign -= 2) {
        sb_dominance_threshold threshold;
        SB_TRY(sb_dominance_empty_below(&k->task, sign * s->a, s->b, LARGEST, k->stage->monitor, &threshold));
        s->limit = fmin(s->limit, threshold.empty);
    }
    if (isinf(s->limit))
        SB_TRY(sb_fail(SB_ERR_INPUT, "a = %g, b = %g: nothing is lost for |w| below %g", s->a, s->b, LARGEST));
    for (size_t i = 0; i < s->n; i++) {
        double plus, minus;
        s->delta[i] = of_neuron[i] * s->limit;
        SB_TRY(sb_dominance_lost(&k->task, s->a, s->b, s->delta[i], k->stage->monitor, &plus));
        SB_TRY(sb_dominance_lost(&k->task, -s->a, s->b, s->delta[i], k->stage->monitor, &minus));
        s->lost[i] = (plus + minus) / 2;
    }
done:
    return status;
}

static sb_status predict_law(const work *k, size_t index, series *s)
{
    const sb_config *config = k->config;
    *s = (series){.m = (size_t)config->theorem_m.v[index], .n = LAW, .a = NAN, .b = NAN};
    sb_status status = sb_dominance_certain(&k->task, s->m, config->theorem_a.v, config->theorem_b.v, &s->limit);
    for (size_t i = 0; i < s->n; i++) {
        s->delta[i] = of_law[i] * s->limit;
        s->lost[i] = of_law[i] <= 1 ? 0 : NAN;
    }
    return status;
}

static sb_status predict(work *k)
{
    sb_status status = SB_OK;
    const sb_reals *neurons = &k->config->theorem_neurons;
    k->neurons = neurons->n / 2;
    k->count = k->neurons + k->config->theorem_m.n;
    k->series = calloc(k->count, sizeof *k->series);
    if (!k->series) return sb_fail(SB_ERR_NOMEM, "no memory for %zu lines", k->count);
    for (size_t i = 0; i < k->count; i++) {
        series *s = &k->series[i];
        if (i < k->neurons) *s = (series){.a = neurons->v[2 * i], .b = neurons->v[2 * i + 1]};
        SB_TRY(i < k->neurons ? predict_neuron(k, s) : predict_law(k, i - k->neurons, s));
    }
done:
    return status;
}

static void write_place(const series *s, size_t i, FILE *stream)
{
    sb_print(stream, "%zu", s->m);
    sb_write_cell(stream, s->a);
    sb_write_cell(stream, s->b);
    sb_print(stream, "\t%.17g\t%.17g", s->limit, s->delta[i]);
    sb_write_cell(stream, s->lost[i]);
}

#define PLACE "m\ta\tb\tdelta_0\tdelta\tF_pred"

static sb_status write_forecast(const work *k)
{
    sb_writer table = {0};
    sb_status status = sb_study_table(k->stage, "decay/predicted.tsv", PLACE, &table);
    if (status != SB_OK) return status;
    for (size_t c = 0; c < k->count; c++)
        for (size_t i = 0; i < k->series[c].n; i++) {
            write_place(&k->series[c], i, table.stream);
            fputc('\n', table.stream);
        }
    return sb_writer_close(&table, SB_OK);
}

/* Lost draws are as many as predicted, none where none is; *seen: so many that it says something. */
static bool as_predicted(const sb_dominance_point *p, double lost, bool *seen)
{
    double draws = (double)p->samples, found = (double)p->norm;
    *seen = *seen || (lost > 0 && p->norm >= SEEN);
    return isnan(lost) || fabs(found - draws * lost) <= SIGMAS * sqrt(draws * lost * (1 - lost) + (lost > 0));
}

static sb_status observe(const work *k, size_t index, FILE *stream, FILE *say, sb_verdict *verdict)
{
    const series *s = &k->series[index];
    bool law = index >= k->neurons, seen = law, agrees = true;
    sb_dominance run = {0};
    sb_dominance_spec spec = sb_theorem_spec(k->config, law ? index - k->neurons : 0, s->n, s->delta);
    if (!law) {
        spec.m = 1;
        spec.samples = DRAWS;
        spec.a_low = spec.a_high = fabs(s->a);
        spec.b_low = spec.b_high = s->b;
    }
    sb_status status = sb_dominance_run(&spec, k->stage->jobs, k->stage->monitor, &run);
    if (status != SB_OK) return status;
    if (law)
        sb_print(say, "\n%zu neurons of the law: certain below delta = %.4g\n", s->m, s->limit);
    else
        sb_print(say, "\na = %g, b = %g: delta_0 = %.4g\n", s->a, s->b, s->limit);
    sb_print(say, "  delta/delta_0  predicted   drawn       lost of draws\n");
    for (size_t i = 0; i < s->n; i++) {
        const sb_dominance_point *p = &run.point[i];
        bool good = as_predicted(p, s->lost[i], &seen);
        agrees = agrees && good;
        write_place(s, i, stream);
        sb_print(stream, "\t%.10g\t%llu\t%llu\n", (double)p->norm / (double)p->samples, (unsigned long long)p->norm,
                 (unsigned long long)p->samples);
        sb_print(say, "  %-13.4g  %-10.4g  %-10.4g  %llu of %llu%s\n", s->delta[i] / s->limit, s->lost[i],
                 (double)p->norm / (double)p->samples, (unsigned long long)p->norm, (unsigned long long)p->samples,
                 good ? "" : "  DIFFERS");
    }
    sb_verdict mine = !agrees ? SB_DIFFERS : seen ? SB_AGREES : SB_UNDECIDED;
    if (mine > *verdict) *verdict = mine;
    sb_dominance_clear(&run);
    return SB_OK;
}

static sb_status run(const sb_config *config, const sb_stage *stage, FILE *say, sb_verdict *verdict)
{
    sb_status status = SB_OK;
    sb_document document;
    sb_writer table = {0};
    bool sealed;
    work k = {.config = config, .stage = stage};
    *verdict = SB_NONE;
    SB_TRY(check(config, stage, NULL));
    k.task = sb_theorem_task(config);
    SB_TRY(predict(&k));
    SB_TRY(sb_stage_begin(config, stage, &sealed));
    if (!sealed) SB_TRY(write_forecast(&k));
    SB_TRY(sb_study_seal(config, stage, sealed, say));
    SB_TRY(sb_study_table(stage, "study.tsv", PLACE "\tF_obs\tbad\tsamples", &table));
    for (size_t i = 0; i < k.count; i++) SB_TRY(observe(&k, i, table.stream, say, verdict));
    status = sb_writer_close(&table, SB_OK);
    table.stream = NULL;
    SB_TRY(status);
    fputc('\n', say);
    sb_study_summary(config, &document);
    SB_TRY(sb_study_end(stage, &document, *verdict));
done:
    if (table.stream) sb_writer_close(&table, status);
    free(k.series);
    return status;
}

const sb_study sb_study_theorem2 = {
    .name = "theorem2",
    .title = "below some size of the weights low frequencies always dominate",
    .citation = "Xu, Zhang, Luo, Xiao, Ma (2020)",
    .check = check,
    .run = run,
};
