/* Stage 4: the variables that the figure scripts draw from. */
#include <math.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <specbias/report.h>

#include "case/keys.h"
#include "case/snapshots.h"
#include "core/file.h"
#include "core/json.h"
#include "core/text.h"
#include "forecast/forecast.h"
#include "report/look.h"
#include "run/kernel/view.h"
#include "run/shown.h"
#include "run/stage.h"
#include "run/table.h"
#include "run/uncovered.h"

static void write_words(FILE *stream, const char *name, size_t n, const double *values)
{
    sb_print(stream, "%s = '", name);
    for (size_t i = 0; i < n; i++) sb_print(stream, "%s%g", i ? " " : "", values[i]);
    fputs("'\n", stream);
}

/* NAME = the table seen from the folder of figures, or "". */
static void write_table(FILE *stream, const char *directory, const char *name, const char *file)
{
    char path[SB_PATH] = "";
    if (sb_rundir_holds(directory, file)) sb_format(path, sizeof path, "../%s", file);
    sb_script_text(stream, name, path);
}

static void write_head(const char *title, const char *unit, FILE *stream)
{
    fputs("# Written by `specbias plot`; edit at will and run `gnuplot` on this file again.\n", stream);
    sb_script_text(stream, "title_text", title);
    sb_script_text(stream, "unit_text", unit);
}

/* The tables of the folder that scripts read, each by the variable of its own. */
static void write_tables(FILE *stream, const char *directory, const char *folder)
{
    char file[SB_PATH];
    for (size_t i = 0; sb_file_at(i); i++) {
        const sb_file *one = sb_file_at(i);
        if (!*one->variable || strcmp(one->folder, folder) != 0) continue;
        sb_format(file, sizeof file, "%s%s%s", folder, *folder ? "/" : "", one->names);
        write_table(stream, directory, one->variable, file);
    }
}

/* Forecasts of moving kernels come first: the first one is the solid line, with its band. Of the frozen kernels the one
 * nearest to the network is what shows how far features moved. */
static void write_kernels(const sb_case *cas, FILE *stream)
{
    const sb_source *moving = NULL, *frozen = NULL;
    for (size_t s = 0; s < cas->sources; s++) {
        const sb_source *source = cas->source[s];
        if (source->moving && !moving) moving = source;
        if (!source->moving && !source->theory && !source->given && (!frozen || source->rung < frozen->rung))
            frozen = source;
    }
    sb_print(stream, "frozen = '%s%s'\n", frozen ? frozen->name : "", frozen ? ".gd" : "");
    sb_print(stream, "moving = '%s%s'\n", moving ? moving->name : "", moving ? ".gd" : "");
}

/* The axis of steps, and the states of snapshots by it: the end is the last step unless training may stop early. */
static void write_states(const sb_case *cas, FILE *stream)
{
    const sb_snapshots *shown = cas->snapshots;
    double unit = sb_case_unit(cas);
    bool early = cas->config->train_stop > 0 || cas->config->train_unstable;
    sb_script_text(stream, "step_text", cas->config->observe_unit);
    sb_print(stream, "step_unit = %g\nstates = '", unit);
    for (size_t i = 0; shown && i < shown->count; i++) sb_print(stream, "%g ", shown->step[i] / unit);
    if (shown && !early) sb_print(stream, "%g", (double)cas->steps / unit);
    sb_print(stream, "%s'\n", shown && early ? "end" : "");
}

static void write_variables(const sb_case *cas, const sb_shown *shown, const char *directory, FILE *stream)
{
    const sb_config *config = cas->config;
    const char *unit = sb_shown_unit(cas);
    char title[512], network[300] = "";
    if (cas->units) {
        sb_case_describe(cas, network + 2, sizeof network - 2);
        memcpy(network, ": ", 2);
        network[strcspn(network, ",")] = '\0';
    }
    sb_format(title, sizeof title, "%s%s, %lld seed%s", config->experiment_name, network,
              (long long)config->seeds_count, config->seeds_count == 1 ? "" : "s");
    write_head(title, unit, stream);
    sb_script_text(stream, "time_text", strcmp(cas->terms.time_unit, "step") == 0 ? "step" : "gradient-flow time t");
    sb_shown_write(cas, shown, stream);
    fputs("items = '", stream);
    sb_shown_items(cas, shown, stream);
    fputs("'\nfloors = '", stream);
    sb_shown_floors(cas, shown, stream);
    fputs("'\n", stream);
    write_kernels(cas, stream);
    sb_print(stream, "seeds = %lld\n", (long long)config->seeds_count);
    write_words(stream, "projection_labels", config->observe_projection.n, config->observe_projection.v);
    write_words(stream, "filter_labels", config->observe_filter.n, config->observe_filter.v);
    sb_print(stream, "fields = %d\n", config->observe_field > 0);
    sb_script_text(stream, "field_unit", cas->field.items.unit);
    write_states(cas, stream);
    sb_script_text(stream, "spectrum_kind", config->observe_spectrum);
    sb_script_text(stream, "train_loss", config->loss_kind);
    bool same = strcmp(config->loss_test, "same") == 0;
    sb_script_text(stream, "test_loss", same ? config->loss_kind : config->loss_test);
    write_tables(stream, directory, "");
    write_tables(stream, directory, "decay");
    write_tables(stream, directory, "snapshots");
}

/* The text up to its end or to `until`, without blanks at its end, as a word. */
static void write_packed(FILE *stream, const char *text, char until)
{
    const char *end = until && strchr(text, until) ? strchr(text, until) : text + strlen(text);
    while (*text == ' ') text++;
    while (end > text && end[-1] == ' ') end--;
    sb_script_word(stream, text, (size_t)(end - text));
}

/* Some are of the unit that another key names. */
static const char *unit_of(const sb_config *config, const key_entry *key)
{
    const char *unit = key ? key->shown.unit : "";
    if (strcmp(unit, "unit") == 0) return config->target_unit;
    if (strcmp(unit, "observe.unit") == 0) return config->observe_unit;
    return *unit ? unit : "-";
}

/* What a sweep varies, with its units, and measures. */
static void write_sweep(const sb_config *config, FILE *stream)
{
    const sb_texts *vary = &config->sweep_vary, *measures = &config->sweep_measures;
    fputs("keys = '", stream);
    for (size_t i = 0; i < vary->n; i++) {
        if (i) fputc(' ', stream);
        write_packed(stream, vary->v[i], '=');
    }
    fputs("'\nunits = '", stream);
    for (size_t i = 0; i < vary->n; i++) {
        char path[64];
        sb_format(path, sizeof path, "%.*s", (int)strcspn(vary->v[i], " ="), vary->v[i]);
        const key_entry *key = sb_key_lookup(path);
        if (i) fputc(' ', stream);
        write_packed(stream, unit_of(config, key), 0);
    }
    fputs("'\nmeasures = '", stream);
    for (size_t i = 0; i < measures->n; i++) {
        if (i) fputc(' ', stream);
        write_packed(stream, measures->v[i], 0);
    }
    fputs("'\n", stream);
}

static void write_study_variables(const sb_config *config, const char *directory, FILE *stream)
{
    write_head(config->experiment_name, config->target_unit, stream);
    sb_print(stream, "seeds = %lld\n", (long long)config->seeds_count);
    if (config->sweep_vary.n > 0) write_sweep(config, stream);
    write_tables(stream, directory, "");
}

/* The text of a member of kernel/summary.json; "" when it is not there. */
static void write_field(FILE *stream, const sb_document *summary, const char *name, const char *variable)
{
    const char *text = sb_json_get_text(summary, name);
    sb_script_text(stream, variable, text && sb_view_is_word(text) ? text : "");
}

/* The frequencies that a kernel's forecast speaks of, as a run would watch them: of the target, else of the principal
 * direction. */
static void write_watched(const sb_config *config, FILE *stream)
{
    bool function = sb_points_find(config->data_kind) || strcmp(config->data_kind, "sphere") == 0;
    const sb_reals *watched = config->observe_xi.n || !function ? &config->observe_xi : &config->target_xi;
    bool along = watched->n == 0;
    if (along) watched = &config->observe_projection;
    write_words(stream, "labels", watched->n, watched->v);
    sb_script_text(stream, "labels_unit",
                   along                      ? "half_waves"
                   : sb_shown_degrees(config) ? "degree"
                                              : config->target_unit);
}

/* What `specbias kernel` left. */
static sb_status write_kernel_variables(const sb_config *config, const char *directory, FILE *stream)
{
    char path[SB_PATH];
    sb_document summary = {0};
    sb_status status = sb_rundir_path(path, directory, "kernel/summary.json");
    if (status == SB_OK) status = sb_json_read(&summary, path);
    if (status != SB_OK) return status;
    write_head(config->experiment_name, config->target_unit, stream);
    write_field(stream, &summary, "place", "places");
    write_field(stream, &summary, "unit", "unit");
    sb_script_text(stream, "kernels", sb_json_has_object(&summary, "infinite") ? "empirical infinite" : "empirical");
    sb_json_close(&summary);
    write_tables(stream, directory, "kernel");
    write_watched(config, stream);
    return SB_OK;
}

/* The tables that figures of a run show belong to the configuration. */
static sb_status check_tables(const sb_case *cas, const char *directory)
{
    sb_status status = SB_OK;
    char base[128];
    sb_decay decay = {0};
    for (size_t s = 0; s < cas->sources; s++) {
        const char *name = cas->source[s]->name;
        sb_table_base(base, name, -1, SB_FORM_GD);
        SB_TRY(sb_table_load(cas, directory, base, name, SB_FORM_GD, &decay));
        sb_decay_clear(&decay);
    }
    if (sb_rundir_holds(directory, "decay/observed.tsv"))
        SB_TRY(sb_table_load(cas, directory, "observed", "observed", SB_FORM_OBSERVED, &decay));
done:
    sb_decay_clear(&decay);
    return status;
}

/* The figures of the experiment's kind, or of its kernels. */
static sb_status draw(const sb_config *config, const sb_case *cas, const sb_stage *stage, bool *drawn)
{
    sb_draft variables;
    sb_shown shown = {0};
    sb_status status = sb_seals_check(stage->directory, stage->monitor);
    bool kernel = sb_rundir_holds(stage->directory, "kernel/summary.json");
    if (status == SB_OK) status = sb_check_keys(config, stage->directory);
    if (status == SB_OK && cas && !kernel) status = check_tables(cas, stage->directory);
    if (status == SB_OK && cas && !kernel) status = sb_shown_choose(cas, stage->look, &shown);
    if (status == SB_OK) status = sb_draft_open(&variables);
    if (status != SB_OK) goto done;
    if (kernel)
        status = write_kernel_variables(config, stage->directory, variables.stream);
    else if (cas)
        write_variables(cas, &shown, stage->directory, variables.stream);
    else
        write_study_variables(config, stage->directory, variables.stream);
    sb_look_write(stage->look, variables.stream);
    fputc('\n', variables.stream);
    status = sb_draft_close(&variables, status);
    if (status == SB_OK)
        status = sb_figures_draw(stage->directory,
                                 kernel ? "kernel"
                                 : cas  ? "train"
                                        : config->experiment_kind,
                                 variables.text,
                                 &(sb_drawing){stage->redraw, stage->edited, stage->look, stage->monitor}, drawn);
    free(variables.text);
done:
    sb_shown_clear(&shown);
    return status;
}

sb_status sb_plot_stage(const sb_case *cas, const sb_stage *stage, bool *drawn)
{
    sb_case left;
    sb_status status = sb_uncovered_load(cas, stage->directory, &left, NULL);
    if (status == SB_OK) status = draw(cas->config, &left, stage, drawn);
    sb_left_clear(&left);
    return status;
}

sb_status sb_study_plot(const sb_config *config, const sb_stage *stage, bool *drawn)
{
    return draw(config, NULL, stage, drawn);
}
