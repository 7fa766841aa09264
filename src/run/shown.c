#include "run/shown.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/text.h"
#include "forecast/noise.h"
#include "report/look.h"

/* ---- what items are called ---- */

/* Number k of a frequency of the DFT over the n points of a Ritz problem, xi = k / (n dx); below 0: it is none. */
static double number_of(const sb_case *cas, size_t item)
{
    double k = cas->watch.items.item[item].xi * (double)cas->n * cas->data.spacing;
    return fabs(k - round(k)) < 1e-9 * k ? round(k) : -1;
}

bool sb_shown_degrees(const sb_config *config)
{
    return strcmp(config->data_kind, "sphere") == 0 ||
           (strcmp(config->data_map, "circle") == 0 && strcmp(config->target_unit, "index") == 0);
}

static bool is_ritz(const sb_case *cas)
{
    const sb_items *items = &cas->watch.items;
    bool ritz = strcmp(cas->config->loss_kind, "ritz") == 0 && cas->data.spacing > 0 && items->axis;
    for (size_t k = 0; k < items->n; k++) ritz = ritz && number_of(cas, k) >= 0;
    return ritz;
}

const char *sb_shown_unit(const sb_case *cas)
{
    const char *unit = cas->watch.items.unit;
    return is_ritz(cas) ? "k" : strcmp(unit, "index") == 0 && sb_shown_degrees(cas->config) ? "degree" : unit;
}

void sb_shown_label(const sb_case *cas, size_t item, char label[32])
{
    if (is_ritz(cas))
        sb_format(label, 32, "%g", number_of(cas, item));
    else
        sb_format(label, 32, "%s", cas->watch.items.item[item].name);
}

/* ---- choice ---- */

static bool is_part(const sb_parts *parts, size_t p, const char *name)
{
    return strlen(name) == parts->length[p] && strncmp(name, parts->at[p], parts->length[p]) == 0;
}

static sb_status refuse(const char *option, const sb_parts *parts, size_t p, const char *all)
{
    return sb_fail(SB_ERR_INPUT, "--%s: \"%.*s\" is none of: %s", option, (int)parts->length[p], parts->at[p], all);
}

/* In the order of the case. */
static sb_status choose_items(const sb_case *cas, const char *list, sb_shown *shown)
{
    sb_parts parts;
    char label[32], all[512] = "";
    bool found[64] = {false};
    sb_status status = sb_look_parts("items", list, &parts);
    if (status == SB_OK && parts.n == 0) return sb_fail(SB_ERR_INPUT, "--items names none");
    for (size_t k = 0; k < cas->watch.items.n && status == SB_OK; k++) {
        bool wanted = false;
        size_t used = strlen(all);
        sb_shown_label(cas, k, label);
        sb_format(all + used, sizeof all - used, "%s%s", k ? ", " : "", label);
        for (size_t p = 0; p < parts.n; p++)
            if (is_part(&parts, p, label)) wanted = found[p] = true;
        if (wanted) shown->item[shown->n++] = k;
    }
    for (size_t p = 0; p < parts.n && status == SB_OK; p++)
        if (!found[p]) status = refuse("items", &parts, p, all);
    return status;
}

/* Those of moving kernels first. */
static void order_sources(const sb_case *cas, sb_shown *shown)
{
    for (int pass = 0; pass < 2; pass++)
        for (size_t s = 0; s < cas->sources; s++)
            if (cas->source[s]->moving == (pass == 0)) shown->source[shown->sources++] = cas->source[s];
}

static sb_status choose_sources(const sb_case *cas, const char *list, sb_shown *shown)
{
    sb_parts parts;
    char all[512] = "";
    sb_status status = sb_look_parts("sources", list, &parts);
    for (size_t s = 0; s < cas->sources; s++) {
        size_t used = strlen(all);
        sb_format(all + used, sizeof all - used, "%s%s", s ? ", " : "", cas->source[s]->name);
    }
    for (size_t p = 0; p < parts.n && status == SB_OK; p++) {
        const sb_source *found = NULL;
        for (size_t s = 0; s < cas->sources; s++)
            if (is_part(&parts, p, cas->source[s]->name)) found = cas->source[s];
        for (size_t s = 0; s < shown->sources; s++)
            if (found == shown->source[s]) return sb_fail(SB_ERR_INPUT, "--sources names %s twice", found->name);
        if (found)
            shown->source[shown->sources++] = found;
        else
            status = refuse("sources", &parts, p, cas->sources ? all : "(the run has no forecast)");
    }
    return status;
}

sb_status sb_shown_choose(const sb_case *cas, const sb_look *look, sb_shown *shown)
{
    const char *items = look ? look->value[SB_LOOK_items] : NULL;
    const char *sources = look ? look->value[SB_LOOK_sources] : NULL;
    *shown = (sb_shown){.item = malloc((cas->watch.items.n + 1) * sizeof *shown->item),
                        .source = malloc((cas->sources + 1) * sizeof *shown->source)};
    if (!shown->item || !shown->source) return sb_fail(SB_ERR_NOMEM, "no memory for what is shown");
    for (; !items && shown->n < cas->watch.items.n; shown->n++) shown->item[shown->n] = shown->n;
    if (!sources) order_sources(cas, shown);
    sb_status status = items ? choose_items(cas, items, shown) : SB_OK;
    return status == SB_OK && sources ? choose_sources(cas, sources, shown) : status;
}

void sb_shown_clear(sb_shown *shown)
{
    free(shown->item);
    free(shown->source);
    *shown = (sb_shown){0};
}

/* ---- variables ---- */

void sb_shown_labels(const sb_case *cas, const sb_shown *shown, FILE *stream)
{
    char label[32];
    for (size_t k = 0; k < shown->n; k++) {
        sb_shown_label(cas, shown->item[k], label);
        if (k) fputc(' ', stream);
        sb_script_word(stream, label, strlen(label));
    }
}

void sb_shown_items(const sb_case *cas, const sb_shown *shown, FILE *stream)
{
    for (size_t k = 0; k < shown->n; k++) {
        const char *name = cas->watch.items.item[shown->item[k]].name;
        if (k) fputc(' ', stream);
        sb_script_word(stream, name, strlen(name));
    }
}

void sb_shown_floors(const sb_case *cas, const sb_shown *shown, FILE *stream)
{
    for (size_t k = 0; k < shown->n; k++)
        sb_print(stream, "%s%g", k ? " " : "", cas->watch.items.item[shown->item[k]].floor);
}

const char *sb_shown_band(const sb_case *cas, const sb_source *source)
{
    return sb_source_rehearsed(cas, source) ? "1 to 99 % of rehearsals"
           : sb_source_paired(cas, source)  ? "range of seeds"
           : sb_noise_matters(cas, source)  ? "95 % of runs"
                                            : "1 to 99 % of draws";
}

void sb_shown_write(const sb_case *cas, const sb_shown *shown, FILE *stream)
{
    sb_print(stream, "nxi = %zu\naxis = %d\nlabels = '", shown->n, cas->watch.items.axis);
    sb_shown_labels(cas, shown, stream);
    fputs("'\nitem_names = '", stream);
    sb_shown_items(cas, shown, stream);
    fputs("'\nsources = '", stream);
    for (size_t s = 0; s < shown->sources; s++) sb_print(stream, "%s%s.gd", s ? " " : "", shown->source[s]->name);
    fputs("'\n", stream);
    sb_script_text(stream, "band_text", shown->sources ? sb_shown_band(cas, shown->source[0]) : "");
}
