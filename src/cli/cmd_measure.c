#include "cli/cli.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include <specbias/measure.h>

#include "core/json.h"

/* "  runs           14.01 +- 0.36, mean in 13.56 to 14.46 (95 %)" */
static void print_runs(const cli_options *options, const sb_results *results, size_t n, const double *values)
{
    sb_estimate e = sb_estimate_mean(n, values);
    if (e.known == n)
        printf("  %-14s %.6g", n == 1 ? "run" : "runs", e.mean);
    else
        printf("  %-14s not known of %zu of %zu seeds", "runs", n - e.known, n);
    if (n > 1 && e.known == n) printf(" +- %.2g, mean in %.5g to %.5g (95 %%)", e.deviation, e.lo, e.hi);
    printf("\n");
    for (size_t r = 0; options->verbose && n > 1 && r < n; r++)
        printf("    seed %-7llu %.6g\n", (unsigned long long)sb_results_seed(results, r), values[r]);
}

static void print_foretold(size_t count, const sb_foretold *told)
{
    for (size_t i = 0; i < count; i++) {
        printf("  %-14s %.6g", told[i].source, told[i].value);
        if (!isnan(told[i].lo) && told[i].lo != told[i].hi) printf(" (%.6g to %.6g)", told[i].lo, told[i].hi);
        printf("\n");
    }
}

/* The same as an object: all of the seeds' values. */
static void json_measure(sb_json in, const char *text, size_t n, const double *values, size_t count,
                         const sb_foretold *told)
{
    sb_json at = sb_json_object(in, NULL);
    sb_estimate e = sb_estimate_mean(n, values);
    sb_json_text(at, "measure", text);
    sb_json runs = sb_json_array(at, "values"), forecasts = sb_json_array(at, "forecasts");
    for (size_t r = 0; r < n; r++) sb_json_real(runs, NULL, values[r]);
    sb_json_real(at, "mean", e.mean);
    sb_json_real(at, "deviation", e.deviation);
    sb_json_real(at, "lo", e.lo);
    sb_json_real(at, "hi", e.hi);
    for (size_t i = 0; i < count; i++) {
        sb_json forecast = sb_json_object(forecasts, NULL);
        sb_json_text(forecast, "source", told[i].source);
        sb_json_real(forecast, "value", told[i].value);
        sb_json_real(forecast, "lo", told[i].lo);
        sb_json_real(forecast, "hi", told[i].hi);
    }
}

static sb_status print_measure(const cli_options *options, sb_results *results, const char *text, sb_json in)
{
    sb_measure measure;
    sb_status status = SB_OK;
    size_t count = 0;
    sb_foretold *told = NULL;
    double *values = malloc((sb_results_seeds(results) + 1) * sizeof *values);
    if (!values) return sb_fail(SB_ERR_NOMEM, "no memory for %zu seeds", sb_results_seeds(results));
    SB_TRY(sb_measure_parse(text, &measure));
    SB_TRY(sb_measure_values(results, &measure, values));
    SB_TRY(sb_measure_foretold(results, &measure, &count, &told));
    size_t n = sb_measure_per_seed(&measure) ? sb_results_seeds(results) : 1;
    if (options->json)
        json_measure(in, measure.text, n, values, count, told);
    else {
        printf("%s\n", measure.text);
        print_runs(options, results, n, values);
        print_foretold(count, told);
    }
done:
    free(values);
    free(told);
    return status;
}

int cmd_measure(const cli_options *options)
{
    sb_results *results = NULL;
    if (options->mores == 0) {
        fputs("specbias: measure needs what to measure, such as 'T(3, 1/2)'; `specbias list measure` tells\n", stderr);
        return EXIT_USAGE;
    }
    sb_document document;
    sb_json top = sb_json_open(&document), measures = sb_json_array(top, "measures");
    sb_status status = sb_results_open(options->operand, &results);
    sb_json seeds = sb_json_array(top, "seeds");
    for (size_t r = 0; status == SB_OK && r < sb_results_seeds(results); r++)
        sb_json_whole(seeds, NULL, sb_results_seed(results, r));
    for (size_t i = 0; status == SB_OK && i < options->mores; i++)
        status = print_measure(options, results, options->more[i], measures);
    if (status == SB_OK && options->json) status = sb_json_print(&document, stdout);
    sb_json_close(&document);
    sb_results_close(&results);
    return status == SB_OK ? EXIT_AGREES : cli_fail(status);
}
