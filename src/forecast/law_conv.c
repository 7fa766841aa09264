/* The source `law.conv`: stacks of circular convolutions that learn d/dx, trained without a function (angles.h), and
 * what the comparison wants to know of them. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "case/case.h"
#include "case/network.h"
#include "forecast/angles/own.h"
#include "forecast/angles/path.h"
#include "report/write.h"

static sb_status check(const sb_case *cas)
{
    sb_conv_stack stack;
    sb_status status = sb_conv_open(cas, &stack);
    sb_conv_clear(&stack);
    return status;
}

/* ---- one path ---- */

typedef struct looker {
    const sb_case *cas;
    sb_own *own;
    sb_decay *decay;
    double *band; /* [nt][own->tests] what the loss of tests is on each band; NULL: not asked for */
    double least; /* where all errors are below, nothing is left to see; 0: look at all */
} looker;

static bool all_below(size_t n, const double *err, double least)
{
    bool below = true;
    for (size_t k = 0; k < n; k++) below = below && err[k] < least;
    return below;
}

/* Times are of the last crossing; after it nothing of a wrong theory is wanted. */
static sb_status look(void *context, size_t record, const double *theta, bool *stop)
{
    looker *l = context;
    sb_decay *decay = l->decay;
    size_t tests = l->own->tests, nxi = decay->nxi;
    double *err = decay->err + record * nxi;
    sb_status status = sb_own_look(l->own, l->cas->model, theta, err, l->band ? l->band + record * tests : NULL);
    if (status != SB_OK || !all_below(nxi, err, l->least)) return status;
    for (size_t i = record + 1; i < decay->nt; i++) memcpy(decay->err + i * nxi, err, nxi * sizeof *err);
    *stop = true;
    return SB_OK;
}

static sb_status follow(const sb_case *cas, const sb_angles_spec *spec, uint64_t seed, const sb_monitor *monitor,
                        looker *l)
{
    sb_network network = {0};
    sb_conv_looker looks = {look, l};
    sb_status status = sb_network_start(cas, 1, seed, SB_STREAM_TRAIN, &network);
    if (status == SB_OK) status = sb_conv_train(cas, spec, monitor, network.theta, &looks);
    sb_network_clear(&network);
    return status;
}

static sb_status train(const sb_case *cas, const sb_watch *watch, uint64_t seed, const sb_monitor *monitor,
                       sb_decay *decay)
{
    sb_status status = SB_OK;
    sb_conv_stack stack;
    sb_own own = {0};
    (void)watch; /* the case's, whose items are all it tells of */
    SB_TRY(sb_conv_open(cas, &stack));
    SB_TRY(sb_own_open(cas, &own));
    looker l = {.cas = cas, .own = &own, .decay = decay};
    status = follow(cas, &stack.spec, seed, monitor, &l);
done:
    sb_conv_clear(&stack);
    sb_own_clear(&own);
    return status;
}

/* ---- wrong theories ---- */

enum { SPACING, FILTERS, SPECTRUM, VARIANTS };

/* power[modes]: another spectrum */
static sb_angles_spec wrong_spec(const sb_conv_stack *stack, size_t variant, double *power)
{
    sb_angles_spec spec = stack->spec;
    if (variant == SPACING) spec.spacing = spec.mask_spacing = 2 * stack->spec.spacing;
    if (variant == FILTERS) spec.mask_spacing = 0;
    for (size_t i = 0; i < spec.modes; i++) power[i] = (2 * i < spec.modes ? 1 : 0.5) * stack->power[i];
    if (variant == SPECTRUM) spec.power = power;
    return spec;
}

/* One that diverges stays empty: there is none. */
static sb_status make_variants(const sb_case *cas, const sb_conv_stack *stack, sb_own *own, uint64_t seed,
                               const sb_monitor *monitor, sb_decay *variant)
{
    sb_status status = SB_OK;
    double *power = malloc(stack->spec.modes * sizeof *power);
    if (!power) return sb_fail(SB_ERR_NOMEM, "no memory for %zu frequencies", stack->spec.modes);
    for (size_t v = 0; v < VARIANTS; v++) {
        sb_angles_spec spec = wrong_spec(stack, v, power);
        SB_TRY(sb_case_table(cas, "law.conv", SB_FORM_GD, &variant[v]));
        looker l = {.cas = cas, .own = own, .decay = &variant[v], .least = 0.8 * cas->watch.items.level[1]};
        status = follow(cas, &spec, seed, monitor, &l);
        if (status != SB_ERR_NUMERIC) SB_TRY(status);
        if (status == SB_ERR_NUMERIC) sb_decay_clear(&variant[v]);
        status = SB_OK;
    }
done:
    free(power);
    return status;
}

/* ---- how far a true forecast may be off ---- */

/* Of ln T: forecasts are later than runs in the mean, and single starts scatter around that, both by how far the taps
 * of a layer reach in units of the functions' waves, k s F_rms; as measured on stacks of three layers under Adam, 3 and
 * 7 taps of 250 points (experiments/README.md). Times of errors below 1/5, of single frequencies at more taps, of more
 * layers are not known to be forecast. */
typedef struct accuracy {
    double late, scatter;
} accuracy;

static const struct {
    double reach;
    accuracy half, fifth, single;
} known[] = {{0.5, {0.025, 0.035}, {0.025, 0.042}, {0.03, 0.05}},
             {1.1, {0.03, 0.04}, {0.04, 0.06}, {INFINITY, INFINITY}}};

static accuracy accuracy_of(const sb_conv_stack *stack, bool all, double level)
{
    double reach = sb_conv_reach(stack);
    for (size_t i = 0; i < sizeof known / sizeof known[0]; i++) {
        if (reach > known[i].reach || stack->spec.layers > 3 || level < 0.2) continue;
        return !all ? known[i].single : level < 0.5 ? known[i].fifth : known[i].half;
    }
    return (accuracy){INFINITY, INFINITY};
}

/* Of the mean over seeds. Under rules whose times go with the power of the data that of n functions is off, too, by .4
 * n^-1/2. */
static double error_of(const sb_case *cas, const sb_conv_stack *stack, size_t item, double level)
{
    accuracy its = accuracy_of(stack, item + 1 == cas->watch.items.n, level);
    double data = cas->rule.kind->time ? 0.4 / sqrt((double)cas->n) : 0;
    return hypot(hypot(its.late, its.scatter / sqrt((double)cas->config->seeds_count)), data);
}

/* ---- files ---- */

/* decay/law.conv.seedN.tsv, as law.tsv: of each item and level T, T of taps twice as far apart, of masks by the sign of
 * u alone, of half the power in the upper half of the band, and how far ln T may be off. */
static sb_status save_times(const sb_case *cas, const sb_conv_stack *stack, const char *directory, uint64_t seed,
                            const sb_decay *decay, const sb_decay *variant)
{
    sb_writer writer = {0};
    sb_status status = sb_rundir_write(&writer, directory, "decay/law.conv.seed%llu.tsv", (unsigned long long)seed);
    if (status != SB_OK) return status;
    sb_print(writer.stream, "# phases %zu, taps reach %.3g waves\n", stack->spec.phases, sb_conv_reach(stack));
    fputs("item\tlevel\tT\tT_spacing\tT_filters\tT_spectrum\terror\n", writer.stream);
    for (size_t j = 0; j < decay->nxi * SB_LEVELS; j++) {
        double level = decay->items.level[j % SB_LEVELS];
        double cells[] = {sb_decay_line_time(decay, j), sb_decay_line_time(&variant[SPACING], j),
                          sb_decay_line_time(&variant[FILTERS], j), sb_decay_line_time(&variant[SPECTRUM], j),
                          error_of(cas, stack, j / SB_LEVELS, level)};
        sb_print(writer.stream, "%s\t%g", decay->items.item[j / SB_LEVELS].name, level);
        for (size_t i = 0; i < sizeof cells / sizeof cells[0]; i++) sb_write_cell(writer.stream, cells[i]);
        fputc('\n', writer.stream);
    }
    return sb_writer_close(&writer, SB_OK);
}

/* decay/law.conv.bands.seedN.tsv: step and what the tests' loss is on the band of each. */
static sb_status save_bands(const sb_case *cas, const sb_own *own, const char *directory, uint64_t seed,
                            const double *band)
{
    sb_writer writer = {0};
    sb_status status =
        sb_rundir_write(&writer, directory, "decay/law.conv.bands.seed%llu.tsv", (unsigned long long)seed);
    if (status != SB_OK) return status;
    fputs("step", writer.stream);
    for (size_t t = 0; t < own->tests; t++) sb_print(writer.stream, "\t%s_loss", own->test[t].name);
    fputc('\n', writer.stream);
    for (size_t i = 0; i < cas->nt; i++) {
        sb_print(writer.stream, "%.0f", cas->step[i]);
        for (size_t t = 0; t < own->tests; t++) sb_write_cell(writer.stream, band[i * own->tests + t]);
        fputc('\n', writer.stream);
    }
    return sb_writer_close(&writer, SB_OK);
}

static sb_status train_into(const sb_case *cas, uint64_t seed, const char *directory, const sb_monitor *monitor,
                            sb_decay *decay)
{
    sb_status status = SB_OK;
    sb_conv_stack stack;
    sb_own own = {0};
    sb_decay variant[VARIANTS] = {{.nt = 0}};
    double *band = malloc((cas->nt * SB_TEST_SETS + 1) * sizeof *band);
    SB_TRY(sb_conv_open(cas, &stack));
    SB_TRY(sb_own_open(cas, &own));
    if (!band) SB_TRY(sb_fail(SB_ERR_NOMEM, "no memory for %zu records", cas->nt));
    looker l = {.cas = cas, .own = &own, .decay = decay, .band = band};
    SB_TRY(follow(cas, &stack.spec, seed, monitor, &l));
    SB_TRY(make_variants(cas, &stack, &own, seed, monitor, variant));
    SB_TRY(save_times(cas, &stack, directory, seed, decay, variant));
    SB_TRY(save_bands(cas, &own, directory, seed, band));
done:
    for (size_t v = 0; v < VARIANTS; v++) sb_decay_clear(&variant[v]);
    sb_conv_clear(&stack);
    sb_own_clear(&own);
    free(band);
    return status;
}

const sb_source sb_source_law_conv = {
    .name = "law.conv",
    .title = "convolutions that learn d/dx, moving as training moves them, of each seed's weights and the spectrum",
    .citation = "of functions of Wang, Wang, Lai; masks by the local phase",
    .rung = 15, /* no step of the budget leads to it */
    .per_seed = true,
    .check_training = check,
    .train = train,
    .train_into = train_into,
    .moving = true,
    .steps_alone = true,
    .responds = true,
    .wrongs = SB_WRONG_STACKS,
};
