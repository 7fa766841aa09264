/* decay/width.tsv (table.h). */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "run/table.h"
#include "report/write.h"

sb_status sb_width_save(const sb_case *cas, const char *directory, const sb_width_line *line, bool tells)
{
    sb_writer writer = {0};
    sb_status status = sb_rundir_write(&writer, directory, "decay/width.tsv");
    if (status != SB_OK) return status;
    fputs("label\tq\tT\tshift\ts\ttells\n", writer.stream);
    for (size_t j = 0; j < cas->watch.items.n * SB_LEVELS; j++) {
        sb_write_real(writer.stream, cas->watch.items.item[j / SB_LEVELS].label);
        double cells[] = {cas->watch.items.level[j % SB_LEVELS], line[j].time, line[j].shift, line[j].s, tells};
        for (size_t i = 0; i < sizeof cells / sizeof cells[0]; i++) sb_write_cell(writer.stream, cells[i]);
        fputc('\n', writer.stream);
    }
    return sb_writer_close(&writer, SB_OK);
}

/* A line: numbers, of which s is not negative, or nan. */
static bool read_line(const char *text, double label, double q, sb_width_line *line, double *tells)
{
    double of, at;
    bool right = sb_scan(text, "%lf %lf %lf %lf %lf %lf", &of, &at, &line->time, &line->shift, &line->s, tells) == 6;
    bool known = line->time > 0 && isfinite(line->time) && isfinite(line->shift) && line->s >= 0 && isfinite(line->s);
    return right && of == label && at == q && (*tells == 0 || *tells == 1) &&
           (known || (isnan(line->shift) && isnan(line->s)));
}

sb_status sb_width_load(const sb_case *cas, const char *directory, sb_width_line **line)
{
    sb_status status = SB_OK;
    char path[SB_PATH], *text = NULL;
    size_t lines = cas->watch.items.n * SB_LEVELS;
    double tells = 0, first = 0;
    SB_TRY(sb_rundir_path(path, directory, "decay/width.tsv"));
    SB_TRY(sb_read_file(path, &text, NULL));
    *line = malloc((lines + 1) * sizeof **line);
    if (!*line) SB_TRY(sb_fail(SB_ERR_NOMEM, "no memory for %zu lines", lines));
    const char *at = strchr(text, '\n');
    for (size_t j = 0; j < lines; j++, at = strchr(at + 1, '\n')) {
        double label = cas->watch.items.item[j / SB_LEVELS].label, q = cas->watch.items.level[j % SB_LEVELS];
        bool right = at && read_line(at + 1, label, q, &(*line)[j], &tells);
        if (j == 0) first = tells;
        if (!right || tells != first)
            SB_TRY(sb_fail(SB_ERR_INPUT, "%s:%zu: expected frequency %g, err 1/%g", path, j + 2, label, 1 / q));
    }
done:
    if (status != SB_OK || tells == 0) {
        free(*line);
        *line = NULL;
    }
    free(text);
    return status;
}
