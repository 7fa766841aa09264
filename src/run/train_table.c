/* train.tsv: a line for each network that was trained. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include <specbias/report.h>

#include "core/file.h"
#include "core/text.h"
#include "report/write.h"
#include "run/stage.h"

sb_status sb_runs_save(const sb_case *cas, const char *directory, const char *seal, const sb_run_record *run)
{
    sb_writer writer = {0};
    sb_status status = sb_rundir_write(&writer, directory, "train.tsv");
    if (status != SB_OK) return status;
    FILE *stream = writer.stream;
    fputs("seed\tsteps\tseconds\tloss\tkernel_change\taccuracy", stream);
    for (size_t t = 0; t < cas->tests; t++)
        sb_print(stream, "\t%s_loss\t%s_accuracy", cas->test[t].name, cas->test[t].name);
    fputs("\troute\tfirst_route\tseal\n", stream);
    for (size_t r = 0; r < (size_t)cas->config->seeds_count; r++) {
        sb_print(stream, "%llu\t%.0f\t%.6g\t%.17g", (unsigned long long)run[r].seed, run[r].steps, run[r].seconds,
                 run[r].loss);
        sb_write_cell(stream, run[r].kernel_change);
        sb_write_cell(stream, run[r].accuracy);
        for (size_t t = 0; t < cas->tests; t++) {
            sb_write_cell(stream, run[r].test_loss[t]);
            sb_write_cell(stream, run[r].test_accuracy[t]);
        }
        sb_print(stream, "\t%s\t%s\tsha256:%s\n", run[r].route, run[r].first_route,
                 seal); /* the name first: some hex digits read like a number */
    }
    return sb_writer_close(&writer, SB_OK);
}

void sb_route_reason(const sb_case *cas, const char *first, const char *route, size_t size, char *reason)
{
    if (strcmp(route, "outside") == 0)
        sb_format(reason, size, "trained by another program");
    else if (strcmp(cas->config->train_route, "auto") != 0)
        sb_format(reason, size, "as train.route says");
    else if (strcmp(first, route) != 0)
        sb_format(reason, size, "as the route %s did not stay exact to rounding", first);
    else
        sb_format(reason, size, "the first that covers the network");
}

/* The next number of a line, behind a tab. */
static bool read_cell(const char **at, double *value)
{
    char *end;
    if (**at != '\t' || sb_is_space((*at)[1])) return false;
    *value = sb_text_real(*at + 1, &end);
    bool found = end > *at + 1;
    *at = end;
    return found;
}

/* One line of train.tsv; false: it is none that training writes. */
static bool read_run(const sb_case *cas, const char *line, sb_run_record *run, char seal[65])
{
    unsigned long long seed = 0;
    int end = 0, all = 0,
        fields = sb_scan(line, "%llu\t%lf\t%lf\t%lf%n", &seed, &run->steps, &run->seconds, &run->loss, &end);
    const char *at = line + end;
    bool right = fields == 4 && read_cell(&at, &run->kernel_change) && read_cell(&at, &run->accuracy);
    for (size_t t = 0; right && t < cas->tests; t++)
        right = read_cell(&at, &run->test_loss[t]) && read_cell(&at, &run->test_accuracy[t]);
    right = right &&
            sb_scan(at, "\t%15[a-z]\t%15[a-z]\tsha256:%64[0-9a-f]%n", run->route, run->first_route, seal, &all) == 3;
    right = right && at[all] == '\n';
    run->seed = seed;
    return right && run->seconds >= 0 && isfinite(run->loss) && !isinf(run->kernel_change) && !(run->kernel_change < 0);
}

sb_status sb_runs_load(const sb_case *cas, const char *directory, const char *seal, sb_run_record *run)
{
    sb_status status = SB_OK;
    char path[SB_PATH], found[65] = "", *text = NULL;
    size_t count = (size_t)cas->config->seeds_count;
    double steps = (double)cas->steps;
    SB_TRY(sb_rundir_path(path, directory, "train.tsv"));
    status = sb_read_file(path, &text, NULL);
    if (status == SB_ERR_INPUT && !sb_rundir_holds(directory, "train.tsv"))
        status = sb_fail(status, "%s holds no training; run `specbias train %s` first", directory, directory);
    SB_TRY(status);
    const char *line = text + strcspn(text, "\n");
    for (size_t r = 0; r < count; r++, line += strcspn(line, "\n")) {
        if (*line != '\n' || !read_run(cas, ++line, &run[r], found))
            SB_TRY(sb_fail(SB_ERR_INPUT, "%s:%zu: expected numbers and a seal", path, r + 2));
        bool may_stop = cas->config->train_stop > 0 || cas->config->train_unstable;
        bool stopped = may_stop && run[r].steps >= 0 && run[r].steps < steps;
        if (run[r].seed != (uint64_t)cas->config->seeds_first + r || !(run[r].steps == steps || stopped))
            SB_TRY(sb_fail(SB_ERR_INPUT, "%s:%zu: not the seed and steps of config.cfg", path, r + 2));
        if (strcmp(found, seal) != 0)
            SB_TRY(sb_fail(SB_ERR_SEAL, "broken seal: seed %llu of %s was trained under another seal",
                           (unsigned long long)run[r].seed, directory));
    }
    if (strcmp(line, "\n") != 0) SB_TRY(sb_fail(SB_ERR_INPUT, "%s: more than %zu runs", path, count));
done:
    free(text);
    return status;
}
