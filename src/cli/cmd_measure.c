#include "cli/cli.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include <specbias/measure.h>

/* "  runs           14.01 +- 0.36, mean in 13.56 to 14.46" */
static void print_runs(const cli_options *options, const sb_results *results, size_t n, const double *values)
{
    sb_estimate e = sb_estimate_mean(n, values);
    if (e.known == n)
        printf("  %-14s %.6g", n == 1 ? "run" : "runs", e.mean);
    else
        printf("  %-14s not known of %zu of %zu seeds", "runs", n - e.known, n);
    if (n > 1 && e.known == n) printf(" +- %.2g, 95 %% interval of the mean %.6g to %.6g", e.deviation, e.lo, e.hi);
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

static sb_status print_measure(const cli_options *options, sb_results *results, const char *text)
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
    printf("%s\n", measure.text);
    print_runs(options, results, sb_measure_per_seed(&measure) ? sb_results_seeds(results) : 1, values);
    print_foretold(count, told);
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
    sb_status status = sb_results_open(options->operand, &results);
    for (size_t i = 0; status == SB_OK && i < options->mores; i++)
        status = print_measure(options, results, options->more[i]);
    sb_results_close(&results);
    return status == SB_OK ? EXIT_AGREES : cli_fail(status);
}
