/* difference.tsv: how far the forward difference is from the derivative, (u(x + dx) - u(x)) / dx, as nmse of each set
 * of functions: with the spacing of the grid, and with 1e-3, which sees between its points (Wang, Wang, Lai, eq. 3). */
#include <math.h>
#include <string.h>

#include "case/case.h"
#include "run/run.h"
#include "report/write.h"

static double error_of(const sb_config *config, size_t set, size_t n, double dx)
{
    sb_dataset_spec spec = sb_case_set_spec(config);
    const double *band = spec.band + 2 * set;
    double sum = 0;
    for (size_t i = 0; i < n; i++) {
        sb_tones tones = sb_tones_draw(spec.seed, set, i, band[0], band[1], spec.uniform);
        sum += sb_tones_difference(&tones, spec.length, dx) / (double)n;
    }
    return sum;
}

sb_status sb_difference_save(const sb_case *cas, const char *directory)
{
    sb_writer table = {0};
    const sb_config *config = cas->config;
    double spacing[] = {2 * M_PI / (double)config->data_length, 1e-3};
    if (strcmp(config->data_kind, "derivative") != 0) return SB_OK;
    sb_status status = sb_rundir_write(&table, directory, "difference.tsv");
    if (status != SB_OK) return status;
    fputs("set\tdx\tnmse\n", table.stream);
    for (size_t s = 0; s <= cas->tests; s++) {
        const sb_dataset *set = s == 0 ? &cas->data : &cas->test[s - 1];
        for (size_t d = 0; d < 2; d++) {
            sb_print(table.stream, "%s", set->name);
            sb_write_cell(table.stream, spacing[d]);
            sb_write_cell(table.stream, error_of(config, s, set->n, spacing[d]));
            fputc('\n', table.stream);
        }
    }
    return sb_writer_close(&table, SB_OK);
}
