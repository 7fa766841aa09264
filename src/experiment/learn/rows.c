/* Which examples of a data set are used. */
#include <stdlib.h>
#include <string.h>

#include "core/text.h"
#include "experiment/learn/learn.h"
#include "experiment/stage.h"

static void say_left_out(const sb_dataset *set, FILE *say)
{
    if (set->dropped > 0)
        sb_print(say, "; %zu row%s of the %s left out, a number is missing", set->dropped, set->dropped == 1 ? "" : "s",
                 strcmp(set->name, "test") == 0 ? "test file" : "file");
}

void sb_learn_say_data(const sb_learn *learn, FILE *say)
{
    if (!learn->train.row) return;
    sb_print(say, "data      %zu training examples", learn->train.n);
    for (size_t i = 0; i < learn->tests; i++) sb_print(say, ", %zu %s", learn->test[i].n, learn->test[i].name);
    say_left_out(&learn->train, say);
    for (size_t i = 0; i < learn->tests; i++) say_left_out(&learn->test[i], say);
    sb_print(say, "%s%s\n", *learn->train.about ? "; " : "", learn->train.about);
}

void sb_learn_json_data(const sb_learn *learn, sb_json json)
{
    char name[64];
    for (size_t i = 0; learn->train.row && i <= learn->tests; i++) {
        const sb_dataset *set = i == 0 ? &learn->train : &learn->test[i - 1];
        sb_format(name, sizeof name, "%s_examples", set->name);
        sb_json_whole(json, name, set->n);
        sb_format(name, sizeof name, "%s_rows_missing", set->name);
        sb_json_whole(json, name, set->dropped);
    }
}

static sb_status save_rows(const sb_dataset *set, const char *directory)
{
    char base[64];
    double *row = malloc(set->n * sizeof *row);
    if (!row) return sb_fail(SB_ERR_NOMEM, "no memory for %zu row numbers", set->n);
    for (size_t i = 0; i < set->n; i++) row[i] = (double)set->row[i];
    sb_format(base, sizeof base, "rows.%s", set->name);
    sb_status status = sb_save_array(directory, base, row, set->n, 0);
    free(row);
    return status;
}

sb_status sb_learn_save_rows(const sb_learn *learn, const char *directory)
{
    sb_status status = learn->train.row ? save_rows(&learn->train, directory) : SB_OK;
    for (size_t i = 0; status == SB_OK && i < learn->tests; i++)
        if (learn->test[i].row) status = save_rows(&learn->test[i], directory);
    return status;
}
