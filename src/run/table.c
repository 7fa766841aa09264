#include "run/table.h"

#include <complex.h>
#include <math.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "case/parse.h"
#include "core/records.h"
#include "run/stage.h"
#include "report/write.h"

void sb_table_base(char base[128], const char *source, int64_t seed, sb_form form)
{
    if (form == SB_FORM_OBSERVED && seed < 0)
        sb_format(base, 128, "%s", source);
    else if (form == SB_FORM_OBSERVED)
        sb_format(base, 128, "%s.seed%lld", source, (long long)seed);
    else if (seed < 0)
        sb_format(base, 128, "%s.%s", source, sb_form_name(form));
    else
        sb_format(base, 128, "%s.seed%lld.%s", source, (long long)seed, sb_form_name(form));
}

/* name = [..]; of one number of each item */
static void write_list(FILE *stream, const char *name, const sb_items *items, size_t offset)
{
    sb_print(stream, "%s = [", name);
    for (size_t k = 0; k < items->n; k++) {
        if (k) fputs(", ", stream);
        sb_write_real(stream, *(const double *)((const char *)&items->item[k] + offset));
    }
    fputs("];\n", stream);
}

static void write_items(FILE *stream, const sb_items *items)
{
    fputs("item = [", stream);
    for (size_t k = 0; k < items->n; k++) {
        if (k) fputs(", ", stream);
        sb_write_quoted(stream, items->item[k].name);
    }
    fputs("];\n", stream);
    write_list(stream, "xi", items, offsetof(sb_item, xi));
    write_list(stream, "label", items, offsetof(sb_item, label));
    write_list(stream, "wanted", items, offsetof(sb_item, wanted));
    fputs("parts = [", stream);
    for (size_t k = 0; k < items->n; k++) sb_print(stream, k ? ", %zu" : "%zu", items->item[k].parts);
    fputs("];\n", stream);
}

static sb_status save_meaning(const sb_case *cas, const char *path, const sb_decay *decay)
{
    sb_writer writer;
    sb_status status = sb_writer_open(&writer, path);
    if (status != SB_OK) return status;
    FILE *stream = writer.stream;
    sb_print(stream, "source = ");
    sb_write_quoted(stream, decay->source);
    sb_print(stream, ";\nform = \"%s\";\n", sb_form_name(decay->form));
    sb_print(stream, "// of each item: xi in cycles per unit length, label in the user's unit, |f^|, components\n");
    write_items(stream, &decay->items);
    sb_print(stream, "unit = \"%s\";\n", decay->items.unit);
    sb_print(stream, "// loss = loss_factor / (2 n) sum u^2; t is the sum of the learning rates\nloss_factor = ");
    sb_write_real(stream, decay->terms.loss_factor);
    sb_print(stream, ";\nparametrisation = \"%s\";\ntime_unit = \"%s\";\n", decay->terms.parametrisation,
             decay->terms.time_unit);
    sb_print(stream, "seeds = { first = %lld; count = %lld; };\n", (long long)cas->config->seeds_first,
             (long long)cas->config->seeds_count);
    sb_print(stream, "pass = %.0f; // steps of a pass through the data\n", sb_case_epoch(cas));
    return sb_writer_close(&writer, SB_OK);
}

sb_status sb_table_save(const sb_case *cas, const char *directory, const char *base, const sb_decay *decay)
{
    char path[SB_PATH];
    sb_status status = sb_rundir_path(path, directory, "decay/%s.tsv", base);
    if (status == SB_OK) status = sb_decay_write_tsv(decay, path);
    if (status == SB_OK) status = sb_rundir_path(path, directory, "decay/%s.cfg", base);
    if (status == SB_OK) status = save_meaning(cas, path, decay);
    return status;
}

static const char *lookup_text(const config_t *parsed, const char *name)
{
    const char *text = "";
    config_lookup_string(parsed, name, &text);
    return text;
}

/* The list of that name holds one number of each item, to the last bit. */
static bool same_list(const config_t *parsed, const char *name, const sb_items *items, size_t offset)
{
    const config_setting_t *list = config_lookup(parsed, name);
    bool same = list && (size_t)config_setting_length(list) == items->n;
    for (size_t k = 0; same && k < items->n; k++)
        same = config_setting_get_float_elem(list, (int)k) == *(const double *)((const char *)&items->item[k] + offset);
    return same;
}

/* The names of the items, as they are written. */
static bool same_names(const config_t *parsed, const sb_items *items)
{
    const config_setting_t *list = config_lookup(parsed, "item");
    bool same = list && (size_t)config_setting_length(list) == items->n;
    for (size_t k = 0; same && k < items->n; k++) {
        const char *name = config_setting_get_string_elem(list, (int)k);
        same = name && strcmp(name, items->item[k].name) == 0;
    }
    return same;
}

/* The meaning of the numbers, from the .cfg beside them. */
static sb_status read_meaning(const char *path, const config_t *parsed, sb_decay *decay)
{
    const char *form = lookup_text(parsed, "form");
    sb_format(decay->source, sizeof decay->source, "%s", lookup_text(parsed, "source"));
    sb_format(decay->terms.parametrisation, sizeof decay->terms.parametrisation, "%s",
              lookup_text(parsed, "parametrisation"));
    sb_format(decay->terms.time_unit, sizeof decay->terms.time_unit, "%s", lookup_text(parsed, "time_unit"));
    config_lookup_float(parsed, "loss_factor", &decay->terms.loss_factor);
    for (decay->form = SB_FORM_FLOW; decay->form <= SB_FORM_OBSERVED; decay->form++)
        if (strcmp(form, sb_form_name(decay->form)) == 0) return SB_OK;
    return sb_fail(SB_ERR_INPUT, "%s: \"%s\" is no form of a table", path, form);
}

static bool is_band(double value)
{
    return isnan(value) || (value >= 0 && value < INFINITY);
}

/* amp and err are numbers where something is wanted; lo and hi may be missing. */
static bool holds_numbers(const sb_decay *decay)
{
    for (size_t j = 0; j < decay->nt * decay->nxi; j++) {
        const sb_item *item = &decay->items.item[j % decay->nxi];
        double complex amp = item->parts == 1 ? decay->amp[j / decay->nxi * decay->items.parts + item->first] : 0;
        bool known = item->wanted == 0 || (decay->err[j] >= 0 && decay->err[j] < INFINITY);
        if (!isfinite(creal(amp)) || !isfinite(cimag(amp)) || !known) return false;
        if (!is_band(decay->lo[j]) || !is_band(decay->hi[j])) return false;
    }
    return true;
}

/* What the configuration says that the table must be; nothing is computed from one that is another. */
static sb_status check_table(const sb_case *cas, const char *path, const config_t *parsed, const sb_decay *wanted,
                             const sb_decay *decay)
{
    int first = -1, count = -1;
    const char *differs = NULL;
    config_lookup_int(parsed, "seeds.first", &first);
    config_lookup_int(parsed, "seeds.count", &count);
    if (strcmp(decay->source, wanted->source) != 0)
        differs = "source";
    else if (decay->form != wanted->form)
        differs = "form";
    else if (strcmp(lookup_text(parsed, "unit"), wanted->items.unit) != 0)
        differs = "unit";
    else if (first != cas->config->seeds_first || count != cas->config->seeds_count)
        differs = "seeds";
    else if (!same_list(parsed, "label", &wanted->items, offsetof(sb_item, label)) ||
             !same_list(parsed, "xi", &wanted->items, offsetof(sb_item, xi)) || !same_names(parsed, &wanted->items))
        differs = "labels of frequencies";
    if (differs) return sb_fail(SB_ERR_INPUT, "%s does not belong to config.cfg: other %s", path, differs);
    if (sb_decay_comparable(wanted, decay) != SB_OK)
        return sb_fail(SB_ERR_INPUT, "%s does not belong to config.cfg: %s", path, sb_error_text());
    if (!holds_numbers(decay)) return sb_fail(SB_ERR_INPUT, "%s: the table beside it holds what is no number", path);
    return SB_OK;
}

static sb_status parse_meaning(const char *path, config_t *parsed)
{
    char *text = NULL;
    sb_status status = sb_read_file(path, &text, NULL);
    if (status != SB_OK) return status;
    if (strstr(text, "@include"))
        status = sb_fail(SB_ERR_INPUT, "%s: @include", path);
    else
        status = sb_parse(parsed, text);
    if (status == SB_ERR_INPUT && config_error_text(parsed))
        status = sb_fail(status, "%s:%d: %s", path, config_error_line(parsed), config_error_text(parsed));
    free(text);
    return status;
}

sb_status sb_table_load(const sb_case *cas, const char *directory, const char *base, const char *source, sb_form form,
                        sb_decay *decay)
{
    sb_status status = SB_OK;
    char cfg[SB_PATH], tsv[SB_PATH];
    config_t parsed = {0};
    sb_decay wanted = {0};
    SB_TRY(sb_rundir_path(cfg, directory, "decay/%s.cfg", base));
    SB_TRY(sb_rundir_path(tsv, directory, "decay/%s.tsv", base));
    SB_TRY(parse_meaning(cfg, &parsed));
    SB_TRY(sb_case_table(cas, source, form, &wanted));
    SB_TRY(sb_decay_read_tsv(tsv, &wanted.items, decay));
    SB_TRY(read_meaning(cfg, &parsed, decay));
    SB_TRY(check_table(cas, cfg, &parsed, &wanted, decay));
done:
    if (status != SB_OK) sb_decay_clear(decay);
    sb_decay_clear(&wanted);
    config_destroy(&parsed);
    return status;
}

/* ---- without a case: by what stands in the .cfg ---- */

/* One number of each item, from the list of that name. */
static bool read_list(const config_t *parsed, const char *name, const sb_items *items, size_t offset)
{
    const config_setting_t *list = config_lookup(parsed, name);
    bool there = list && (size_t)config_setting_length(list) == items->n;
    for (size_t k = 0; there && k < items->n; k++)
        *(double *)((char *)&items->item[k] + offset) = config_setting_get_float_elem(list, (int)k);
    return there;
}

static sb_status read_items(const char *path, const config_t *parsed, sb_items *items)
{
    const config_setting_t *names = config_lookup(parsed, "item"), *parts = config_lookup(parsed, "parts");
    size_t count = names ? (size_t)config_setting_length(names) : 0;
    sb_status status = sb_items_init(items, count);
    if (status != SB_OK) return status;
    bool there = names && read_list(parsed, "xi", items, offsetof(sb_item, xi)) &&
                 read_list(parsed, "label", items, offsetof(sb_item, label)) &&
                 read_list(parsed, "wanted", items, offsetof(sb_item, wanted)) && parts &&
                 (size_t)config_setting_length(parts) == count;
    items->parts = 0;
    for (size_t k = 0; there && k < count; k++) {
        sb_item *item = &items->item[k];
        const char *name = config_setting_get_string_elem(names, (int)k);
        int own = config_setting_get_int_elem(parts, (int)k);
        there = name && own >= 0 && own <= 1000000;
        sb_format(item->name, sizeof item->name, "%s", name ? name : "");
        item->first = items->parts;
        item->parts = there ? (size_t)own : 0;
        items->parts += item->parts;
    }
    sb_format(items->unit, sizeof items->unit, "%s", lookup_text(parsed, "unit"));
    items->axis = strcmp(items->unit, "mixed") != 0 && strcmp(items->unit, "variance") != 0;
    return there ? SB_OK : sb_fail(SB_ERR_INPUT, "%s: not what the items of a table are", path);
}

sb_status sb_table_read(const char *directory, const char *base, sb_decay *decay, double *pass)
{
    sb_status status = SB_OK;
    char cfg[SB_PATH], tsv[SB_PATH];
    config_t parsed = {0};
    sb_items items = {0};
    int steps = 0;
    SB_TRY(sb_rundir_path(cfg, directory, "decay/%s.cfg", base));
    SB_TRY(sb_rundir_path(tsv, directory, "decay/%s.tsv", base));
    SB_TRY(parse_meaning(cfg, &parsed));
    SB_TRY(read_items(cfg, &parsed, &items));
    SB_TRY(sb_decay_read_tsv(tsv, &items, decay));
    SB_TRY(read_meaning(cfg, &parsed, decay));
    *pass = config_lookup_int(&parsed, "pass", &steps) ? steps : NAN;
done:
    if (status != SB_OK) sb_decay_clear(decay);
    sb_items_clear(&items);
    config_destroy(&parsed);
    return status;
}

/* ---- draws ---- */

/* The first line, to be freed: draw, then T(ITEM,q) and shift(ITEM,q). */
static sb_status draws_head(const sb_items *items, char **head)
{
    sb_draft draft;
    sb_status status = sb_draft_open(&draft);
    if (status != SB_OK) return status;
    fputs("draw", draft.stream);
    for (size_t j = 0; j < items->n * SB_LEVELS; j++) {
        const char *name = items->item[j / SB_LEVELS].name;
        double q = items->level[j % SB_LEVELS];
        sb_print(draft.stream, "\tT(%s,%g)\tshift(%s,%g)", name, q, name, q);
    }
    status = sb_draft_close(&draft, SB_OK);
    *head = draft.text;
    return status;
}

sb_status sb_draws_save(const sb_case *cas, const char *directory, const char *name, const sb_draws *draws)
{
    sb_writer writer = {0};
    char *head = NULL;
    size_t cells = draws->nxi * SB_LEVELS;
    sb_status status = draws_head(&cas->watch.items, &head);
    if (status == SB_OK) status = sb_rundir_write(&writer, directory, "decay/%s.tsv", name);
    if (status == SB_OK) sb_print(writer.stream, "%s\n", head);
    free(head);
    if (status != SB_OK) return status;
    for (size_t b = 0; b < draws->count; b++) {
        sb_print(writer.stream, "%zu", b + 1);
        for (size_t j = b * cells; j < (b + 1) * cells; j++) {
            fputc('\t', writer.stream);
            sb_write_real(writer.stream, draws->times[j]);
            fputc('\t', writer.stream);
            sb_write_real(writer.stream, draws->shift[j]);
        }
        fputc('\n', writer.stream);
    }
    return sb_writer_close(&writer, SB_OK);
}

/* A line of draws.tsv, from behind the end of the line before: its number, times and shifts. */
static bool read_draw(char **cursor, size_t number, size_t cells, double *times, double *shift)
{
    if (**cursor != '\n' || !sb_is_digit((*cursor)[1]) || strtoul(*cursor + 1, cursor, 10) != number) return false;
    for (size_t j = 0; j < 2 * cells; j++) {
        char *start = *cursor;
        double value = sb_text_real(start, cursor);
        if (*start != '\t' || sb_is_space(start[1]) || *cursor == start || isinf(value) || (j % 2 == 0 && value < 0))
            return false;
        (j % 2 ? shift : times)[j / 2] = value; /* nan: not reached, 0: no time to tell */
    }
    return **cursor == '\n';
}

sb_status sb_draws_load(const sb_case *cas, const char *directory, const char *name, size_t count, sb_draws *draws)
{
    sb_status status = SB_OK;
    char path[SB_PATH], *text = NULL, *head = NULL;
    size_t nxi = cas->watch.items.n, cells = nxi * SB_LEVELS;
    SB_TRY(sb_rundir_path(path, directory, "decay/%s.tsv", name));
    SB_TRY(sb_read_file(path, &text, NULL));
    SB_TRY(draws_head(&cas->watch.items, &head));
    SB_TRY(sb_records_head(path, text, head));
    SB_TRY(sb_draws_init(draws, count, nxi));
    char *cursor = text + strcspn(text, "\n");
    for (size_t b = 0; b < count; b++)
        if (!read_draw(&cursor, b + 1, cells, draws->times + b * cells, draws->shift + b * cells))
            SB_TRY(sb_fail(SB_ERR_INPUT, "%s:%zu: expected draw %zu of %zu: %zu numbers", path, b + 2, b + 1, count,
                           2 * cells + 1));
    if (strcmp(cursor, "\n") != 0) SB_TRY(sb_fail(SB_ERR_INPUT, "%s: more than %zu draws", path, count));
done:
    if (status != SB_OK) sb_draws_clear(draws);
    free(text);
    free(head);
    return status;
}

/* A line of law.tsv, from behind the end of the line before; values[SB_LAW_COLUMNS] lie `stride` apart. */
static bool read_law(char **cursor, const char *item, double level, size_t stride, double *values)
{
    size_t length = strlen(item);
    if (**cursor != '\n' || strncmp(*cursor + 1, item, length) != 0) return false;
    *cursor += 1 + length;
    for (size_t c = 0; c <= SB_LAW_COLUMNS; c++) {
        char *start = *cursor;
        double value = sb_text_real(start, cursor);
        if (*start != '\t' || sb_is_space(start[1]) || *cursor == start || value < 0) return false;
        if (c == 0 && value != level) return false;
        if (c > 0) values[(c - 1) * stride] = value; /* nan: not within the record */
    }
    return **cursor == '\n';
}

sb_status sb_law_load(const sb_case *cas, const char *directory, const char *source, int64_t seed, size_t stride,
                      double *law)
{
    char path[SB_PATH], base[96], *text = NULL;
    const sb_items *items = &cas->watch.items;
    size_t lines = items->n * SB_LEVELS;
    sb_format(base, sizeof base, seed < 0 ? "%s" : "%s.seed%lld", source, (long long)seed);
    sb_status status = sb_rundir_path(path, directory, "decay/%s.tsv", base);
    if (status == SB_OK) status = sb_read_file(path, &text, NULL);
    if (status != SB_OK) return status;
    char *cursor = text + strcspn(text, "\n"); /* of how it was made */
    if (*cursor) cursor += 1 + strcspn(cursor + 1, "\n");
    for (size_t j = 0; j < lines && status == SB_OK; j++)
        if (!read_law(&cursor, items->item[j / SB_LEVELS].name, items->level[j % SB_LEVELS], stride, law + j))
            status = sb_fail(SB_ERR_INPUT, "%s:%zu: expected item %s, its level and %d numbers", path, j + 3,
                             items->item[j / SB_LEVELS].name, SB_LAW_COLUMNS);
    if (status == SB_OK && strcmp(cursor, "\n") != 0)
        status = sb_fail(SB_ERR_INPUT, "%s: more than %zu lines", path, lines);
    free(text);
    return status;
}

/* ---- mini-batches ---- */

sb_status sb_noise_save(const sb_case *cas, const char *directory, const sb_noise *noise)
{
    sb_writer table = {0};
    bool any = false;
    for (size_t s = 0; s < cas->sources; s++) any = any || noise[s].times;
    if (!any) return SB_OK;
    sb_status status = sb_rundir_write(&table, directory, "decay/batches.tsv");
    if (status != SB_OK) return status;
    fputs("source\tlabel\tq\tT\ts\truns\n", table.stream);
    for (size_t s = 0; s < cas->sources; s++)
        for (size_t j = 0; noise[s].times && j < cas->watch.items.n * SB_LEVELS; j++) {
            double s_known = isfinite(noise[s].s[j]) ? noise[s].s[j] : NAN;
            double cells[] = {cas->watch.items.item[j / SB_LEVELS].label, cas->watch.items.level[j % SB_LEVELS],
                              noise[s].times[j], s_known, (double)noise[s].runs};
            sb_print(table.stream, "%s", cas->source[s]->name);
            for (size_t i = 0; i < sizeof cells / sizeof cells[0]; i++) sb_write_cell(table.stream, cells[i]);
            fputc('\n', table.stream);
        }
    return sb_writer_close(&table, SB_OK);
}

/* Line j of a source, from its line feed on. */
static bool read_noise(const sb_case *cas, const char *line, size_t source, size_t j, sb_noise *noise)
{
    char name[64];
    double label, q, t, s, runs;
    if (!line || sb_scan(line, "%63s %lf %lf %lf %lf %lf", name, &label, &q, &t, &s, &runs) != 6) return false;
    bool right = strcmp(name, cas->source[source]->name) == 0 && q == cas->watch.items.level[j % SB_LEVELS];
    right = right && label == cas->watch.items.item[j / SB_LEVELS].label && runs >= 2 && runs <= 1e6;
    right = right && !(t <= 0 || isinf(t) || s < 0 || isinf(s)) && (isnan(s) || !isnan(t));
    noise->runs = right ? (size_t)runs : 0;
    noise->times[j] = t;
    noise->s[j] = isnan(s) ? INFINITY : s;
    return right;
}

sb_status sb_noise_load(const sb_case *cas, const char *directory, sb_noise *noise)
{
    sb_status status = SB_OK;
    char path[SB_PATH], *text = NULL;
    size_t number = 2;
    bool any = false;
    for (size_t s = 0; s < cas->sources; s++) any = any || noise[s].times;
    if (!any) return SB_OK;
    SB_TRY(sb_rundir_path(path, directory, "decay/batches.tsv"));
    SB_TRY(sb_read_file(path, &text, NULL));
    const char *line = strchr(text, '\n');
    for (size_t s = 0; s < cas->sources; s++)
        for (size_t j = 0; noise[s].times && j < cas->watch.items.n * SB_LEVELS; j++, number++) {
            if (!read_noise(cas, line, s, j, &noise[s]))
                SB_TRY(sb_fail(SB_ERR_INPUT, "%s:%zu: no T and its deviation of this forecast", path, number));
            line = strchr(line + 1, '\n');
        }
done:
    free(text);
    return status;
}
