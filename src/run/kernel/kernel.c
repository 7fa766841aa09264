#include "run/kernel/kernel.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "case/network.h"
#include "case/start.h"
#include "core/linalg.h"
#include "core/parallel.h"
#include "core/text.h"

sb_status sb_kernel_path(const sb_kernel_report *report, const char *name, char path[SB_PATH])
{
    sb_status status = sb_rundir_make(report->stage->directory, "kernel");
    return status == SB_OK ? sb_rundir_path(path, report->stage->directory, "kernel/%s", name) : status;
}

sb_status sb_kernel_open_table(const sb_kernel_report *report, const char *name, sb_writer *table)
{
    char path[SB_PATH];
    sb_status status = sb_kernel_path(report, name, path);
    return status == SB_OK ? sb_writer_open(table, path) : status;
}

/* ---- one kernel ---- */

enum { KEPT = 4096 }; /* rows of a matrix that is written unasked */

/* Modes, unless some eigenvalues alone are asked for. */
static sb_status decompose(const sb_view *view, sb_spectrum_of *of)
{
    sb_status status = SB_OK;
    size_t pairs = (size_t)view->config->kernel_pairs, rank = view->loss->rank;
    of->whole = pairs == 0 || pairs >= rank;
    if (of->whole)
        return sb_linear_create(view->rows, of->gram,
                                (view->cas.model && sb_model_single(view->cas.model)) &&
                                    of->kernel == SB_VIEW_EMPIRICAL,
                                view->loss, &of->linear);
    double *a = malloc(rank * rank * sizeof *a);
    if (!a) return sb_fail(SB_ERR_NOMEM, "no memory for a kernel of %zu rows", rank);
    of->linear.rank = pairs;
    SB_TRY(sb_quadratic_project(view->loss, of->gram, a));
    SB_TRY(sb_eigen_top(a, rank, pairs, (size_t)view->config->train_threads, &of->linear.eigen));
    of->linear.rows = view->rows;
done:
    free(a);
    return status;
}

/* What is left of functions and residuals beyond the pairs has a rate: their moments x^T A x, of the packed kernel. */
static sb_status take_moments(const sb_kernel_report *r, sb_spectrum_of *of)
{
    sb_status status = SB_OK;
    const sb_view *view = r->view;
    const sb_kernel_modes modes = {.linear = of->linear, .watch = &view->cas.watch, .per_row = view->per_row};
    size_t cells = view->cas.watch.functions * view->per_row, count = cells + view->columns, rows = view->rows;
    size_t threads = (size_t)view->config->train_threads;
    double *u0 = NULL, *x, *y;
    if (!view->forecast) goto done;
    u0 = malloc(rows * (view->columns + 2 * count) * sizeof *u0);
    of->moment = calloc(count, sizeof *of->moment);
    if (!u0 || !of->moment) SB_TRY(sb_fail(SB_ERR_NOMEM, "no memory for %zu rows", rows));
    SB_TRY(sb_kernel_start(view, u0, NULL));
    x = u0 + rows * view->columns;
    y = x + rows * count;
    for (size_t j = 0; j < cells; j++) sb_kernel_function(&modes, j, x + j * rows);
    for (size_t j = cells; j < count; j++) {
        sb_kernel_column(view, view->n, u0, j - cells, x + j * rows);
        for (size_t i = 0; i < rows; i++) x[j * rows + i] *= of->linear.root[i];
    }
    SB_TRY(sb_packed_multiply(&r->packed, of->linear.root, threads, count, x, y));
    for (size_t i = 0; i < count * rows; i++) of->moment[i / rows] += x[i] * y[i];
done:
    free(u0);
    return status;
}

/* The largest pairs of a kernel that never stands in memory as a whole, under a loss of weights: functions follow from
 * the eigenvectors alone. */
static sb_status decompose_packed(sb_kernel_report *r, sb_spectrum_of *of)
{
    sb_status status = SB_OK;
    const sb_view *view = r->view;
    size_t rows = view->rows, pairs = (size_t)view->config->kernel_pairs, threads = (size_t)view->config->train_threads;
    sb_view_rows exact = {.view = view, .kernel = of->kernel}, draft = exact;
    const sb_kernel_rows by = {rows, sb_packed_block(rows, view->per_row), sb_view_write_rows, &exact};
    const sb_kernel_rows first = {rows, by.block, sb_view_write_rows, &draft};
    of->line = malloc(rows * sizeof *of->line);
    of->linear = (sb_linear){.rows = rows, .rank = pairs, .shares = pairs, .root = malloc(rows * sizeof(double))};
    if (!of->line || !of->linear.root) SB_TRY(sb_fail(SB_ERR_NOMEM, "no memory for %zu weights", rows));
    memcpy(of->linear.root, view->loss->root, rows * sizeof *of->linear.root);
    SB_TRY(sb_network_start(&view->cas, 1, (uint64_t)view->config->seeds_first, SB_STREAM_TRAIN, &exact.network));
    SB_TRY(sb_network_draft(&exact.network, &draft.network));
    if (!r->packed.number) SB_TRY(sb_packed_open(rows, by.block, &r->packed));
    SB_TRY(sb_packed_fill(&first, threads, r->stage->monitor, &r->packed, &r->distance));
    SB_TRY(sb_packed_top(&by, &r->packed, of->linear.root, pairs, threads, r->stage->monitor, &of->linear.eigen));
    sb_packed_line(&r->packed, sb_kernel_center(view) * view->per_row, of->line);
    SB_TRY(take_moments(r, of));
done:
    sb_network_clear(&exact.network);
    sb_network_clear(&draft.network);
    return status;
}

bool sb_kernel_has_modes(const sb_spectrum_of *of)
{
    return of->whole || of->linear.root;
}

static sb_status find_energies(const sb_view *view, sb_spectrum_of *of)
{
    size_t rank = of->linear.rank;
    if (!sb_kernel_has_modes(of) || view->frequencies == 0 || (view->kind == SB_PLACE_SPHERE && view->inputs != 3))
        return SB_OK;
    double *mode = malloc(rank * view->rows * sizeof *mode);
    of->energy = malloc(rank * view->frequencies * sizeof *of->energy);
    if (!mode || !of->energy) {
        free(mode);
        return sb_fail(SB_ERR_NOMEM, "no memory for %zu modes", rank);
    }
    for (size_t k = 0; k < rank; k++) sb_linear_mode(&of->linear, k, mode + k * view->rows);
    sb_status status = sb_view_energies(view, rank, mode, of->energy);
    free(mode);
    return status;
}

static sb_status save_arrays(const sb_kernel_report *r, const sb_spectrum_of *of)
{
    char base[64];
    const sb_eigen *eigen = &of->linear.eigen;
    const char *name = sb_view_kernel_name(of->kernel), *directory = r->stage->directory;
    sb_format(base, sizeof base, "%s.gram", name);
    bool kept = of->gram && (r->view->rows <= KEPT || r->view->config->output_arrays);
    sb_status status = kept ? sb_save_array(directory, base, of->gram, r->view->rows, r->view->rows) : SB_OK;
    sb_format(base, sizeof base, "%s.lambda", name);
    if (status == SB_OK) status = sb_save_array(directory, base, eigen->lambda, eigen->count, 0);
    sb_format(base, sizeof base, "%s.vectors", name);
    if (status == SB_OK) status = sb_save_array(directory, base, eigen->vector, eigen->count, eigen->n);
    return status;
}

/* What the rows of the kernels are. */
static sb_status save_data(const sb_kernel_report *r)
{
    const sb_view *view = r->view;
    const char *directory = r->stage->directory;
    sb_status status = sb_save_array(directory, "x", view->x, view->n, view->inputs);
    if (status == SB_OK) status = sb_save_array(directory, "y", view->y, view->n, view->outputs);
    if (status == SB_OK) status = sb_case_save_loss(view->loss, directory);
    if (status == SB_OK) status = sb_case_save_rows(&view->cas, directory);
    return status;
}

/* The weights whose kernel it is. */
static sb_status save_start(const sb_kernel_report *r)
{
    char base[64];
    sb_network network = {0};
    uint64_t seed = (uint64_t)r->view->config->seeds_first;
    sb_format(base, sizeof base, "start.seed%llu", (unsigned long long)seed);
    sb_status status = sb_start_save(&r->view->cas, r->stage->directory);
    if (status == SB_OK) status = sb_network_start(&r->view->cas, 1, seed, SB_STREAM_TRAIN, &network);
    if (status == SB_OK)
        status = sb_save_array(r->stage->directory, base, network.theta, sb_network_parameters(&network), 0);
    sb_network_clear(&network);
    return status;
}

static void clear_kernel(sb_spectrum_of *of)
{
    free(of->gram);
    free(of->line);
    free(of->moment);
    free(of->energy);
    sb_linear_clear(&of->linear);
    *of = (sb_spectrum_of){0};
}

static sb_status add_kernel(sb_kernel_report *r, sb_view_kernel kernel)
{
    sb_status status = SB_OK;
    const sb_view *view = r->view;
    sb_spectrum_of *of = &r->of[r->kernels];
    of->kernel = kernel;
    r->kernels++;
    if (sb_view_packed(view))
        SB_TRY(decompose_packed(r, of));
    else {
        uint64_t seed = (uint64_t)view->config->seeds_first;
        of->gram = malloc(view->rows * view->rows * sizeof *of->gram);
        if (!of->gram) SB_TRY(sb_fail(SB_ERR_NOMEM, "no memory for a kernel of %zu rows", view->rows));
        SB_TRY(sb_view_gram_of_width(view, 1, kernel, seed, r->stage->monitor, of->gram));
        if (r->kernels == 2) r->distance = sb_gram_distance(view->rows * view->rows, r->of[0].gram, of->gram);
        SB_TRY(decompose(view, of));
    }
    SB_TRY(find_energies(view, of));
    SB_TRY(save_arrays(r, of));
done:
    return status;
}

/* A kernel that exists by its law and yet cannot be computed is missing, no more. */
static sb_status add_infinite(sb_kernel_report *r)
{
    if (!r->view->infinite) return SB_OK;
    sb_status status = add_kernel(r, SB_VIEW_INFINITE);
    if (status != SB_ERR_NUMERIC && status != SB_ERR_UNSUPPORTED) return status;
    r->view->infinite = false;
    sb_format(r->view->unlike, sizeof r->view->unlike, "%s", sb_error_text());
    clear_kernel(&r->of[--r->kernels]);
    return SB_OK;
}

/* ---- all of it ---- */

static void say_network(const sb_kernel_report *r)
{
    char text[512];
    const sb_view *view = r->view;
    const sb_ranks *grid = sb_ranks_of(view->rows);
    sb_case_data_line(&view->cas, r->say);
    sb_case_describe(&view->cas, text, sizeof text);
    sb_print(r->say, "network   %s\nkernel    %zu examples", text, view->n);
    if (view->outputs > 1)
        sb_print(r->say, " x %zu outputs, %s", view->outputs, view->per_row > 1 ? "all of it" : "mean over outputs");
    sb_print(r->say, ", seed %lld\n", (long long)view->config->seeds_first);
    if (grid) sb_print(r->say, "ranks     %zu\n", grid->processes);
    sb_case_json_data(&view->cas, r->json);
    sb_json_whole(r->json, "examples", view->n);
    sb_json_whole(r->json, "outputs", view->outputs);
    sb_json_whole(r->json, "rows", view->rows);
    if (grid) sb_json_whole(r->json, "ranks", grid->processes);
    sb_json_text(r->json, "place", sb_view_place_name(view));
    sb_json_text(r->json, "unit", sb_view_unit(view));
}

static sb_status look(sb_kernel_report *r)
{
    sb_status status = SB_OK;
    SB_TRY(save_data(r));
    SB_TRY(save_start(r));
    SB_TRY(add_kernel(r, SB_VIEW_EMPIRICAL));
    SB_TRY(add_infinite(r));
    say_network(r);
    SB_TRY(sb_kernel_say_spectra(r));
    SB_TRY(sb_kernel_say_widths(r));
    SB_TRY(sb_kernel_say_degrees(r));
    SB_TRY(sb_kernel_say_forecasts(r));
done:
    return status;
}

enum { SAMPLE = 1024 }; /* rows whose time is measured */

/* CPU seconds, of all threads, of `count` rows of examples and the columns up to them. */
static sb_status time_rows(sb_view_rows *k, size_t first, size_t count, double *panel, double *seconds)
{
    size_t per_row = k->view->per_row;
    clock_t start = clock();
    sb_status status = sb_view_write_rows(k, first * per_row, count * per_row, panel);
    *seconds = (double)(clock() - start) / CLOCKS_PER_SEC;
    return status;
}

/* Of a product of a block of vectors and a tile. */
static double flops_a_second(double *work)
{
    enum { VECTORS = 32, SIDE = 256 };
    double flops = 0, seconds;
    clock_t start = clock();
    memset(work, 0, 2 * SIDE * SIDE * sizeof *work);
    do {
        sb_gemm_nt(VECTORS, SIDE, SIDE, work, SIDE, work, SIDE, 0, work + SIDE * SIDE, SIDE);
        flops += 2.0 * VECTORS * SIDE * SIDE;
        seconds = (double)(clock() - start) / CLOCKS_PER_SEC;
    } while (seconds < 0.02);
    return flops / seconds;
}

/* Seconds of rows by points and pairs of them: of c rows and f + c columns p (f + 2 c) + q c (f + c), from few rows and
 * from many. */
static sb_status time_pairs(sb_view_rows *k, double *panel, double *point, double *pair)
{
    sb_status status = SB_OK;
    size_t n = k->view->n, many = (size_t)fmin((double)n, ceil((double)SAMPLE / (double)k->view->per_row));
    size_t few = (many + 15) / 16, first = n - few < many ? n - few : many;
    double c = (double)many, points = (double)(2 * few + first), pairs = (double)few * (double)(few + first), slow,
           fast;
    SB_TRY(time_rows(k, 0, many, panel, &slow)); /* and all is in caches */
    SB_TRY(time_rows(k, first, few, panel, &fast));
    SB_TRY(time_rows(k, 0, many, panel, &slow));
    double determinant = points * c * c - 2 * c * pairs;
    *point = determinant > 0 ? fmax(0, (fast * c * c - slow * pairs) / determinant) : 0;
    *pair = fmax(0, slow - 2 * c * *point) / (c * c);
done:
    return status;
}

/* All pairs in float and in double, and for each panel its columns' points, at 1.4 times what the sample takes, which
 * stays in caches; a pair that is asked for costs as much as 9 products of a vector, all around them included (both
 * measured). */
sb_status sb_kernel_cost(const sb_config *config, const sb_monitor *monitor, double *bytes, double *seconds)
{
    sb_status status = SB_OK;
    sb_view *view = calloc(1, sizeof *view);
    double *panel = NULL, point, pair;
    sb_view_rows exact = {.view = view}, draft = exact, *const k[] = {&draft, &exact};
    if (!view) return sb_fail(SB_ERR_NOMEM, "no memory for a kernel");
    SB_TRY(sb_view_create(config, monitor, view));
    size_t side = SAMPLE + 2 * view->per_row; /* time_pairs fills at most its square */
    panel = malloc(side * side * sizeof *panel);
    if (!panel) SB_TRY(sb_fail(SB_ERR_NOMEM, "no memory for a kernel"));
    SB_TRY(sb_network_start(&view->cas, 1, (uint64_t)config->seeds_first, SB_STREAM_TRAIN, &exact.network));
    SB_TRY(sb_network_draft(&exact.network, &draft.network));
    double rows = (double)view->rows, n = (double)view->n;
    double panels = ceil(rows / (double)sb_packed_block(view->rows, view->per_row));
    double threads = config->train_threads > 0 ? (double)config->train_threads : (double)sb_cores();
    double product = 9 * ((double)config->kernel_pairs + 8) * 2 * rows * rows / flops_a_second(panel);
    *bytes = sb_view_memory(view);
    *seconds = 0;
    for (size_t half = 0; half < (view->infinite ? 4 : 2); half++) {
        k[half % 2]->kernel = half < 2 ? SB_VIEW_EMPIRICAL : SB_VIEW_INFINITE;
        SB_TRY(time_pairs(k[half % 2], panel, &point, &pair));
        *seconds += (1.4 * n * ((panels + 3) * point + n * pair) + product) / 2 / threads;
    }
done:
    sb_network_clear(&exact.network);
    sb_network_clear(&draft.network);
    free(panel);
    if (view) sb_view_clear(view);
    free(view);
    return status;
}

static sb_status save_json(const sb_kernel_report *r, const sb_document *summary)
{
    char path[SB_PATH];
    sb_status status = sb_kernel_path(r, "summary.json", path);
    return status == SB_OK ? sb_json_write(summary, path) : status;
}

/* A run is not to be replaced by kernels. Kernels that are there, of these keys, need no second time. */
static sb_status check_place(const sb_config *config, const sb_stage *stage, bool *finished)
{
    static const char *const of_run[] = {"checkpoints", "forecast.sha256", "summary.json"};
    *finished = stage->resume && sb_rundir_holds(stage->directory, "kernel/summary.json") &&
                sb_rundir_holds(stage->directory, "verdict.sha256"); /* the last that is written */
    for (size_t i = 0; !stage->force && i < sizeof of_run / sizeof of_run[0]; i++)
        if (sb_rundir_holds(stage->directory, of_run[i]))
            return sb_fail(SB_ERR_INPUT, "%s holds a run; --force replaces it, -o DIR puts kernels elsewhere",
                           stage->directory);
    if (!*finished) return SB_OK;
    sb_status status = sb_check_keys(config, stage->directory);
    if (status == SB_OK) status = sb_start_check(config, stage->directory);
    return status == SB_OK ? sb_seals_check(stage->directory, stage->monitor) : status;
}

sb_status sb_kernel_stage(const sb_config *config, const sb_stage *stage, FILE *say)
{
    sb_status status = SB_OK;
    bool finished = false, sealed;
    char seal[65];
    sb_document summary;
    sb_view *view = calloc(1, sizeof *view);
    sb_kernel_report r = {.view = view, .stage = stage, .say = say, .json = sb_json_open(&summary)};
    if (!view) SB_TRY(sb_fail(SB_ERR_NOMEM, "no memory for a kernel"));
    if (strcmp(config->net_kind, "external") == 0)
        SB_TRY(sb_fail(SB_ERR_INPUT, "net.kind = \"external\": nothing is known of its kernels here"));
    SB_TRY(check_place(config, stage, &finished));
    if (finished) {
        sb_print(say, "kernel    finished before: %s/kernel/summary.json\n", stage->directory);
        goto done;
    }
    sb_json_text(r.json, "name", config->experiment_name);
    SB_TRY(sb_view_create(config, stage->monitor, view));
    SB_TRY(sb_stage_begin(config, stage, &sealed));
    SB_TRY(sb_write_manifest(config, stage->directory));
    SB_TRY(look(&r));
    SB_TRY(save_json(&r, &summary));
    SB_TRY(sb_seal_observations(stage->directory, seal));
    SB_TRY(sb_seal_verdict(stage->directory));
done:
    sb_json_close(&summary);
    for (size_t s = 0; s < 2; s++) clear_kernel(&r.of[s]);
    sb_packed_clear(&r.packed);
    if (view) sb_view_clear(view);
    free(view);
    return status;
}
