#include "case/start.h"

#include <stdlib.h>
#include <string.h>

#include <specbias/report.h>

#include "case/given.h"
#include "case/keys.h"
#include "core/file.h"
#include "core/text.h"
#include "report/write.h"

#define COPY "decay/start.npy"

/* Of the whole network, or of one of its antisymmetric copies; once, or of each seed. */
static sb_status check_shape(const sb_case *cas, const char *path, const sb_array *array)
{
    size_t all = sb_model_parameters(cas->model), seeds = (size_t)cas->config->seeds_count;
    size_t columns = array->count[array->rank - 1];
    bool twice = cas->config->init_antisymmetric, each = array->rank == 2 && array->count[0] == seeds;
    if ((array->rank == 1 || each) && (columns == all || (twice && 2 * columns == all))) return SB_OK;
    char one[80] = "";
    if (twice) sb_format(one, sizeof one, ", or %zu of one of the two antisymmetric copies", all / 2);
    return sb_fail(SB_ERR_INPUT, "%s: the shape must be (%zu,), or (%zu, %zu) of a row for each seed: %zu parameters%s",
                   path, all, seeds, all, all, one);
}

/* Rows of one copy stand for both. */
static sb_status take_rows(const sb_case *cas, const sb_array *array, sb_start *start)
{
    size_t all = sb_model_parameters(cas->model), columns = array->count[array->rank - 1];
    start->rows = array->rank == 2 ? array->count[0] : 1;
    start->parameters = all;
    start->theta = malloc(start->rows * all * sizeof *start->theta);
    if (!start->theta) return sb_fail(SB_ERR_NOMEM, "no memory for %zu parameters", start->rows * all);
    for (size_t r = 0; r < start->rows; r++)
        for (size_t p = 0; p < all; p++) start->theta[r * all + p] = array->value[r * columns + p % columns];
    return SB_OK;
}

/* Two copies of opposite sign and the same weights give nothing. */
static bool starts_at_zero(const sb_case *cas, const sb_start *start)
{
    size_t half = start->parameters / 2;
    bool same = cas->config->init_antisymmetric;
    for (size_t r = 0; same && r < start->rows; r++) {
        const double *theta = start->theta + r * start->parameters;
        same = memcmp(theta, theta + half, half * sizeof *theta) == 0;
    }
    return same;
}

static sb_status read_start(const sb_case *cas, sb_start *start)
{
    sb_status status = SB_OK;
    char path[SB_PATH];
    sb_array array = {0};
    SB_TRY(sb_given_path(cas->config, "init.file", cas->config->init_file, COPY, path));
    SB_TRY(sb_read_file(path, &start->text, &start->length));
    SB_TRY(sb_npy_parse(path, start->text, start->length, &array));
    SB_TRY(check_shape(cas, path, &array));
    SB_TRY(take_rows(cas, &array, start));
done:
    sb_array_clear(&array);
    return status;
}

sb_status sb_start_read(sb_case *cas)
{
    const char *origin = sb_key_origin(cas->config, sb_key_lookup("init.file"));
    cas->start = calloc(1, sizeof *cas->start);
    if (!cas->start) return sb_fail(SB_ERR_NOMEM, "no memory for init.file");
    sb_status status = read_start(cas, cas->start);
    if (status != SB_OK)
        return sb_fail(status, "%s%sinit.file: %s", origin ? origin : "", origin ? ": " : "", sb_error_text());
    cas->random_output = !starts_at_zero(cas, cas->start);
    cas->lawless = true;
    sb_format(cas->unlike, sizeof cas->unlike, "the weights at the start are given (init.file) and follow no law");
    return SB_OK;
}

void sb_start_clear(sb_case *cas)
{
    if (!cas->start) return;
    free(cas->start->text);
    free(cas->start->theta);
    free(cas->start);
    cas->start = NULL;
}

sb_status sb_start_take(const sb_case *cas, double factor, uint64_t seed, sb_stream stream, double *theta)
{
    const sb_start *start = cas->start;
    size_t row = start->rows > 1 ? (size_t)(seed - (uint64_t)cas->config->seeds_first) : 0;
    if (factor != 1 || stream != SB_STREAM_TRAIN || row >= start->rows)
        return sb_fail(SB_ERR_UNSUPPORTED, "weights of init.file follow no law, by which others could be drawn");
    memcpy(theta, start->theta + row * start->parameters, start->parameters * sizeof *theta);
    return SB_OK;
}

sb_status sb_start_save(const sb_case *cas, const char *directory)
{
    sb_writer writer = {0};
    if (!cas->start) return SB_OK;
    sb_status status = sb_rundir_write(&writer, directory, COPY);
    if (status != SB_OK) return status;
    fwrite(cas->start->text, 1, cas->start->length, writer.stream);
    return sb_writer_close(&writer, SB_OK);
}

sb_status sb_start_check(const sb_config *config, const char *directory)
{
    char path[SB_PATH], *text[2] = {NULL, NULL};
    size_t length[2] = {0, 0};
    sb_status status = SB_OK;
    if (!*config->init_file) return SB_OK;
    SB_TRY(sb_given_path(config, "init.file", config->init_file, COPY, path));
    SB_TRY(sb_read_file(path, &text[0], &length[0]));
    SB_TRY(sb_rundir_path(path, directory, COPY));
    SB_TRY(sb_read_file(path, &text[1], &length[1]));
    if (length[0] != length[1] || memcmp(text[0], text[1], length[0]) != 0)
        status = sb_fail(SB_ERR_INPUT, "%s was made with other weights than init.file has now", directory);
done:
    free(text[0]);
    free(text[1]);
    return status;
}
