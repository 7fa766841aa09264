#include "run/results.h"

#include <stdlib.h>
#include <string.h>

#include "core/text.h"
#include "run/table.h"

sb_status sb_results_read(const char *directory, sb_results **results)
{
    sb_status status = SB_OK;
    char path[SB_PATH];
    sb_results *fresh = calloc(1, sizeof *fresh);
    *results = fresh;
    if (!fresh) return sb_fail(SB_ERR_NOMEM, "no memory for the results of %s", directory);
    if (strlen(directory) >= sizeof fresh->directory) SB_TRY(sb_fail(SB_ERR_IO, "%.40s..: path too long", directory));
    sb_format(fresh->directory, sizeof fresh->directory, "%s", directory);
    SB_TRY(sb_config_init(&fresh->config));
    SB_TRY(sb_rundir_path(path, directory, "config.cfg"));
    SB_TRY(sb_config_read(&fresh->config, path));
    if (strcmp(fresh->config.experiment_kind, "train") == 0) fresh->seeds = (size_t)fresh->config.seeds_count;
done:
    if (status != SB_OK) sb_results_close(results);
    return status;
}

sb_status sb_results_open(const char *directory, sb_results **results)
{
    *results = NULL;
    if (!sb_rundir_holds(directory, "train.tsv") && !sb_rundir_holds(directory, "summary.json"))
        return sb_fail(SB_ERR_INPUT, "%s holds no trained networks, and no study", directory);
    sb_status status = sb_seals_check(directory, NULL);
    return status == SB_OK ? sb_results_read(directory, results) : status;
}

void sb_results_close(sb_results **results)
{
    sb_results *r = *results;
    if (!r) return;
    for (size_t i = 0; i < r->sheets; i++) {
        sb_sheet_clear(&r->sheet[i]->sheet);
        free(r->sheet[i]);
    }
    for (size_t i = 0; r->observed && i < r->seeds; i++) sb_decay_clear(&r->observed[i]);
    free(r->sheet);
    free(r->observed);
    sb_config_clear(&r->config);
    free(r);
    *results = NULL;
}

size_t sb_results_seeds(const sb_results *results)
{
    return results->seeds;
}

uint64_t sb_results_seed(const sb_results *results, size_t run)
{
    return (uint64_t)results->config.seeds_first + run;
}

/* ---- tables ---- */

static sb_kept *find(const sb_results *results, const char *name)
{
    for (size_t i = 0; i < results->sheets; i++)
        if (strcmp(results->sheet[i]->name, name) == 0) return results->sheet[i];
    return NULL;
}

/* From the file, or `text`. */
static sb_status keep(sb_results *results, const char *name, const char *text, sb_kept **kept)
{
    sb_status status = SB_OK;
    char path[SB_PATH];
    sb_kept **more = realloc(results->sheet, (results->sheets + 1) * sizeof *more);
    if (more) results->sheet = more;
    *kept = more ? calloc(1, sizeof **kept) : NULL;
    if (!*kept) return sb_fail(SB_ERR_NOMEM, "no memory for %s", name);
    sb_format((*kept)->name, sizeof(*kept)->name, "%s", name);
    SB_TRY(sb_rundir_path(path, results->directory, "%s", name));
    SB_TRY(text ? sb_sheet_parse(path, text, &(*kept)->sheet) : sb_sheet_read(path, &(*kept)->sheet));
    results->sheet[results->sheets++] = *kept;
done:
    if (status != SB_OK) free(*kept);
    return status;
}

sb_status sb_results_put(sb_results *results, const char *name, const char *text)
{
    sb_kept *kept;
    return keep(results, name, text, &kept);
}

sb_status sb_results_sheet(sb_results *results, const char *name, const sb_sheet **sheet)
{
    sb_kept *kept = find(results, name);
    sb_status status = kept ? SB_OK : keep(results, name, NULL, &kept);
    if (status == SB_OK) *sheet = &kept->sheet;
    return status;
}

sb_status sb_results_observed(sb_results *results, const sb_decay **observed)
{
    sb_status status = SB_OK;
    char base[128];
    if (!results->observed) {
        results->observed = calloc(results->seeds, sizeof *results->observed);
        if (!results->observed) return sb_fail(SB_ERR_NOMEM, "no memory for %zu runs", results->seeds);
        for (size_t r = 0; status == SB_OK && r < results->seeds; r++) {
            sb_table_base(base, "observed", (int64_t)sb_results_seed(results, r), SB_FORM_OBSERVED);
            status = sb_table_read(results->directory, base, &results->observed[r], &results->pass);
        }
    }
    for (size_t r = 0; status != SB_OK && r < results->seeds; r++) sb_decay_clear(&results->observed[r]);
    if (status != SB_OK) free(results->observed);
    if (status != SB_OK) results->observed = NULL;
    *observed = results->observed;
    return status;
}
