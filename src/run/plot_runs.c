/* Figures of several runs: what they have in common on one axis, from tables that are copied beside the figures. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include <specbias/report.h>

#include "case/keys.h"
#include "core/file.h"
#include "core/text.h"
#include "forecast/forecast.h"
#include "report/look.h"
#include "run/shown.h"
#include "run/stage.h"
#include "run/table.h"
#include "run/uncovered.h"

/* The runs, as far as their forecasts came about, and what is shown of each: the same items, one forecast. */
typedef struct several {
    size_t n;
    const sb_plotted *run;
    sb_case *cas;
    sb_shown *shown;
    int *trained;       /* 1; 2: and compared with forecasts */
    const char *source; /* NULL: none */
} several;

static sb_status open_all(const sb_stage *stage, several *all)
{
    sb_status status = SB_OK;
    for (size_t r = 0; r < all->n; r++) {
        const char *directory = all->run[r].directory;
        SB_TRY(sb_seals_check(directory, stage->monitor));
        SB_TRY(sb_check_keys(all->run[r].cas->config, directory));
        SB_TRY(sb_uncovered_load(all->run[r].cas, directory, &all->cas[r], NULL));
        all->trained[r] = sb_rundir_holds(directory, "decay/observed.tsv");
        all->trained[r] += all->trained[r] && sb_rundir_holds(directory, "agreement.tsv");
    }
done:
    return status;
}

/* ---- what they have in common ---- */

static sb_status differ(const several *all, size_t r, const char *what, const char *first, const char *other)
{
    return sb_fail(SB_ERR_INPUT, "%s and %s cannot share an axis: %s, %s and %s", all->run[0].directory,
                   all->run[r].directory, what, first, other);
}

static sb_status compare(const several *all, size_t r)
{
    const sb_case *a = &all->cas[0], *b = &all->cas[r];
    const sb_items *one = &a->watch.items, *two = &b->watch.items;
    char x[64], y[64];
    if (strcmp(sb_shown_unit(a), sb_shown_unit(b)) != 0)
        return differ(all, r, "items differ in their unit", sb_shown_unit(a), sb_shown_unit(b));
    if (strcmp(a->terms.time_unit, b->terms.time_unit) != 0)
        return differ(all, r, "times differ in their unit", a->terms.time_unit, b->terms.time_unit);
    if (strcmp(a->terms.parametrisation, b->terms.parametrisation) != 0)
        return differ(all, r, "times differ in net.parametrisation", a->terms.parametrisation,
                      b->terms.parametrisation);
    sb_format(x, sizeof x, "%g", a->terms.loss_factor);
    sb_format(y, sizeof y, "%g", b->terms.loss_factor);
    if (a->terms.loss_factor != b->terms.loss_factor)
        return differ(all, r, "times differ in the factor of the loss", x, y);
    sb_format(x, sizeof x, "%g %g", one->level[0], one->level[1]);
    sb_format(y, sizeof y, "%g %g", two->level[0], two->level[1]);
    bool same = one->level[0] == two->level[0] && one->level[1] == two->level[1];
    return same ? SB_OK : differ(all, r, "levels differ", x, y);
}

/* The item of a case that has the label; its number of items: none has. */
static size_t find_item(const sb_case *cas, const char *label)
{
    char other[32];
    size_t k = 0;
    for (; k < cas->watch.items.n; k++) {
        sb_shown_label(cas, k, other);
        if (strcmp(label, other) == 0) break;
    }
    return k;
}

/* Keeps of what the first shows the items that all have; of items that were asked for all are to be there. */
static sb_status share_items(several *all, bool asked)
{
    sb_shown *first = &all->shown[0];
    size_t kept = 0;
    char label[32] = "";
    for (size_t i = 0; i < first->n; i++) {
        bool common = true;
        sb_shown_label(&all->cas[0], first->item[i], label);
        for (size_t r = 1; r < all->n && common; r++) {
            size_t k = find_item(&all->cas[r], label);
            common = k < all->cas[r].watch.items.n;
            if (!common && asked)
                return sb_fail(SB_ERR_INPUT, "--items: %s watches no \"%s\"", all->run[r].directory, label);
            if (common) all->shown[r].item[kept] = k;
        }
        if (common) first->item[kept++] = first->item[i];
    }
    for (size_t r = 0; r < all->n; r++) all->shown[r].n = kept;
    return kept ? SB_OK : sb_fail(SB_ERR_INPUT, "the runs have no watched item in common; the first has %s", label);
}

static bool has_source(const sb_case *cas, const sb_source *source)
{
    for (size_t s = 0; s < cas->sources; s++)
        if (strcmp(cas->source[s]->name, source->name) == 0) return true;
    return false;
}

/* The first that all have; one that was asked for is to be. */
static sb_status share_source(several *all, const char *asked, const sb_monitor *monitor)
{
    const sb_shown *first = &all->shown[0];
    if (asked && first->sources > 1)
        return sb_fail(SB_ERR_INPUT, "--sources \"%s\": figures of several runs show one forecast", asked);
    for (size_t s = 0; s < first->sources && !all->source; s++) {
        size_t r = 1;
        while (r < all->n && has_source(&all->cas[r], first->source[s])) r++;
        if (r < all->n && asked)
            return sb_fail(SB_ERR_INPUT, "--sources: %s has no forecast \"%s\"", all->run[r].directory,
                           first->source[s]->name);
        if (r == all->n) all->source = first->source[s]->name;
        if (r == all->n) all->shown[0].source[0] = first->source[s];
    }
    if (!all->source && !asked) sb_monitor_warn(monitor, "no forecast is common to all runs: none is drawn");
    all->shown[0].sources = all->source != NULL;
    return SB_OK;
}

static sb_status share(several *all, const sb_stage *stage)
{
    sb_status status = SB_OK;
    const char *items = stage->look->value[SB_LOOK_items], *sources = stage->look->value[SB_LOOK_sources];
    for (size_t r = 1; r < all->n; r++) SB_TRY(compare(all, r));
    for (size_t r = 0; r < all->n; r++) {
        static const sb_look nothing;
        SB_TRY(sb_shown_choose(&all->cas[r], r ? &nothing : stage->look, &all->shown[r]));
        size_t *more = realloc(all->shown[r].item, (all->cas[0].watch.items.n + 1) * sizeof *more);
        if (!more) SB_TRY(sb_fail(SB_ERR_NOMEM, "no memory for what is shown"));
        all->shown[r].item = more;
    }
    SB_TRY(share_items(all, items != NULL));
    SB_TRY(share_source(all, sources, stage->monitor));
done:
    return status;
}

/* ---- what they are called ---- */

/* By the keys in which they differ. */
static sb_status name_by_keys(const several *all, size_t r, char name[256])
{
    const sb_config *config[SB_PLOTTED_MOST];
    sb_draft text;
    for (size_t i = 0; i < all->n; i++) config[i] = all->run[i].cas->config;
    sb_status status = sb_draft_open(&text);
    if (status != SB_OK) return status;
    sb_key_write_differing(config[r], all->n, config, text.stream);
    status = sb_draft_close(&text, status);
    if (status == SB_OK) sb_format(name, 256, "%s", text.text);
    free(text.text);
    return status;
}

static void name_by_path(const several *all, size_t r, bool whole, char name[256])
{
    const char *path = all->run[r].directory, *slash = strrchr(path, '/');
    sb_format(name, 256, "%s", slash && slash[1] && !whole ? slash + 1 : path);
}

/* All are short, and no two the same. */
static bool tell_apart(size_t n, char (*name)[256])
{
    bool good = true;
    for (size_t r = 0; r < n; r++) {
        good = good && *name[r] && strlen(name[r]) <= 40;
        for (size_t i = 0; i < r; i++) good = good && strcmp(name[i], name[r]) != 0;
    }
    return good;
}

static sb_status name_all(const several *all, const char *asked, char (*name)[256])
{
    sb_parts parts;
    sb_status status = sb_look_parts("names", asked ? asked : "", &parts);
    if (status == SB_OK && asked && parts.n != all->n)
        status = sb_fail(SB_ERR_INPUT, "--names has %zu names for %zu runs", parts.n, all->n);
    for (size_t r = 0; r < all->n && status == SB_OK; r++)
        if (asked)
            sb_format(name[r], 256, "%.*s", (int)parts.length[r], parts.at[r]);
        else
            status = name_by_keys(all, r, name[r]);
    if (status != SB_OK || asked || tell_apart(all->n, name)) return status;
    for (size_t r = 0; r < all->n; r++) sb_format(name[r], 256, "%s", all->run[r].cas->config->experiment_name);
    for (int whole = 0; whole < 2 && !tell_apart(all->n, name); whole++)
        for (size_t r = 0; r < all->n; r++) name_by_path(all, r, whole == 1, name[r]);
    return SB_OK;
}

/* ---- tables and variables ---- */

static sb_status copy_table(const several *all, size_t r, const char *base, const char *source, sb_form form,
                            const char *directory)
{
    char path[SB_PATH];
    sb_decay decay = {0};
    sb_status status = sb_table_load(&all->cas[r], all->run[r].directory, base, source, form, &decay);
    if (status == SB_OK) status = sb_rundir_path(path, directory, "tables/run%zu.%s.tsv", r + 1, base);
    if (status == SB_OK) status = sb_decay_write_tsv(&decay, path);
    sb_decay_clear(&decay);
    return status;
}

static sb_status copy_agreement(const several *all, size_t r, const char *directory)
{
    char from[SB_PATH], to[SB_PATH], *text = NULL;
    size_t length = 0;
    sb_writer writer;
    sb_status status = sb_rundir_path(from, all->run[r].directory, "agreement.tsv");
    if (status == SB_OK) status = sb_rundir_path(to, directory, "tables/run%zu.agreement.tsv", r + 1);
    if (status == SB_OK) status = sb_read_file(from, &text, &length);
    if (status == SB_OK) status = sb_writer_open(&writer, to);
    if (status == SB_OK) {
        fwrite(text, 1, length, writer.stream);
        status = sb_writer_close(&writer, SB_OK);
    }
    free(text);
    return status;
}

static sb_status copy_tables(const several *all, const char *directory)
{
    sb_status status = SB_OK;
    char base[128];
    for (size_t r = 0; r < all->n; r++) {
        if (all->source) {
            sb_table_base(base, all->source, -1, SB_FORM_GD);
            SB_TRY(copy_table(all, r, base, all->source, SB_FORM_GD, directory));
        }
        if (all->trained[r] == 2) SB_TRY(copy_agreement(all, r, directory));
        if (all->trained[r]) SB_TRY(copy_table(all, r, "observed", "observed", SB_FORM_OBSERVED, directory));
    }
done:
    return status;
}

static void write_each(const several *all, const char *name, void (*write)(const several *, size_t, FILE *),
                       FILE *stream)
{
    sb_print(stream, "%s = '", name);
    for (size_t r = 0; r < all->n; r++) {
        if (r) fputc(' ', stream);
        write(all, r, stream);
    }
    fputs("'\n", stream);
}

static void write_items(const several *all, size_t r, FILE *stream)
{
    sb_shown_items(&all->cas[r], &all->shown[r], stream);
}

static void write_floors(const several *all, size_t r, FILE *stream)
{
    sb_shown_floors(&all->cas[r], &all->shown[r], stream);
}

static void write_trained(const several *all, size_t r, FILE *stream)
{
    sb_print(stream, "%d", all->trained[r]);
}

static sb_status write_variables(const several *all, const sb_look *look, FILE *stream)
{
    const sb_case *first = &all->cas[0];
    int64_t seeds = 1;
    char(*name)[256] = calloc(all->n, sizeof *name);
    sb_status status = name ? name_all(all, look->value[SB_LOOK_members], name) : sb_fail(SB_ERR_NOMEM, "no memory");
    for (size_t r = 0; r < all->n; r++)
        if (all->cas[r].config->seeds_count > seeds) seeds = all->cas[r].config->seeds_count;
    fputs("# Written by `specbias plot`; edit at will and run `gnuplot` on this file again.\n", stream);
    sb_script_text(stream, "title_text", "");
    sb_script_text(stream, "unit_text", sb_shown_unit(first));
    sb_script_text(stream, "time_text", strcmp(first->terms.time_unit, "step") == 0 ? "step" : "gradient-flow time t");
    sb_shown_write(first, &all->shown[0], stream);
    write_each(all, "items", write_items, stream);
    write_each(all, "floors", write_floors, stream);
    write_each(all, "trained", write_trained, stream);
    fputs("members = '", stream);
    for (size_t r = 0; status == SB_OK && r < all->n; r++) {
        if (r) fputc(' ', stream);
        sb_script_word(stream, name[r], strlen(name[r]));
    }
    sb_print(stream, "'\nseeds = %lld\n", (long long)seeds);
    sb_look_write(look, stream);
    fputc('\n', stream);
    free(name);
    return status;
}

sb_status sb_plot_runs(size_t n, const sb_plotted *run, const sb_stage *stage, bool *drawn)
{
    sb_status status = SB_OK;
    sb_draft variables = {0};
    several all = {n,   run, calloc(n, sizeof *all.cas), calloc(n, sizeof *all.shown), calloc(n, sizeof *all.trained),
                   NULL};
    if (!all.cas || !all.shown || !all.trained) SB_TRY(sb_fail(SB_ERR_NOMEM, "no memory for %zu runs", n));
    if (n > SB_PLOTTED_MOST)
        SB_TRY(sb_fail(SB_ERR_INPUT, "%zu runs are more than %d, which is most on one axis", n, SB_PLOTTED_MOST));
    SB_TRY(sb_figures_check("runs", stage->look));
    SB_TRY(open_all(stage, &all));
    SB_TRY(share(&all, stage));
    SB_TRY(sb_draft_open(&variables));
    status = write_variables(&all, stage->look, variables.stream);
    SB_TRY(sb_draft_close(&variables, status));
    SB_TRY(sb_rundir_prepare_figures(stage->directory));
    SB_TRY(copy_tables(&all, stage->directory));
    SB_TRY(sb_figures_draw(stage->directory, "runs", variables.text,
                           &(sb_drawing){stage->redraw, stage->edited, stage->look, stage->monitor}, drawn));
done:
    for (size_t r = 0; r < n; r++) {
        if (all.cas) sb_left_clear(&all.cas[r]);
        if (all.shown) sb_shown_clear(&all.shown[r]);
    }
    free(variables.text);
    free(all.cas);
    free(all.shown);
    free(all.trained);
    return status;
}
