/* Tables of a density, from a file. */
#include "density/density.h"

#include <math.h>
#include <stdbool.h>
#include <stdlib.h>

#include "core/decode.h"
#include "core/records.h"

/* "w rho" and nothing else */
static bool read_pair(const sb_records *r, double *w, double *rho)
{
    double *value[] = {w, rho};
    if (r->count != 2) return false;
    for (size_t i = 0; i < 2; i++) {
        sb_cell_kind kind = sb_cell_number(&r->cells[i], value[i]);
        if (kind == SB_CELL_WORD || r->cells[i].length == 0) return false;
        if (kind == SB_CELL_MISSING) *value[i] = NAN; /* which is no node */
    }
    return true;
}

/* No number among the cells. */
static bool is_header(const sb_records *r)
{
    double value;
    for (size_t i = 0; i < r->count; i++)
        if (sb_cell_number(&r->cells[i], &value) != SB_CELL_WORD) return false;
    return true;
}

/* The nodes of a table, with room for one in each line. */
typedef struct nodes {
    size_t n;
    double *w, *rho;
} nodes;

static sb_status read_node(const sb_records *r, sb_marks *marks, nodes *table)
{
    if (!read_pair(r, &table->w[table->n], &table->rho[table->n]))
        return sb_fail(SB_ERR_INPUT, "%s:%zu: two numbers are wanted, w and rho", r->path, r->cells->line);
    for (size_t i = 0; i < 2; i++) sb_marks_see(marks, &r->cells[i]);
    if (sb_density_check_node(table->w, table->rho, table->n++) == SB_OK) return SB_OK;
    return sb_fail(SB_ERR_INPUT, "%s:%zu: %s", r->path, r->cells->line, sb_error_text());
}

static sb_status read_lines(sb_records *r, nodes *table)
{
    sb_status status = SB_OK;
    sb_marks marks = {0};
    SB_TRY(sb_records_next(r));
    if (is_header(r)) SB_TRY(sb_records_next(r));
    while (r->count > 0) {
        SB_TRY(read_node(r, &marks, table));
        SB_TRY(sb_records_next(r));
    }
    SB_TRY(sb_marks_check(&marks, r));
    if (sb_density_check_table(&(sb_density_table){table->n, table->w, table->rho}) != SB_OK)
        status = sb_fail(SB_ERR_INPUT, "%s:%zu: %s", r->path, r->line, sb_error_text());
done:
    return status;
}

sb_status sb_density_read_table(const char *path, size_t *n, double **w, double **rho)
{
    sb_status status = SB_OK;
    char *text = NULL;
    size_t length, lines = 1;
    nodes table = {0};
    sb_records records = {0};
    SB_TRY(sb_read_text(path, &text, &length));
    for (const char *c = text; *c; c++) lines += *c == '\n';
    table.w = malloc(lines * sizeof *table.w);
    table.rho = malloc(lines * sizeof *table.rho);
    if (!table.w || !table.rho) SB_TRY(sb_fail(SB_ERR_NOMEM, "no memory for %s", path));
    sb_records_open(&records, path, text, length);
    SB_TRY(read_lines(&records, &table));
    *n = table.n;
    *w = table.w;
    *rho = table.rho;
    table = (nodes){0};
done:
    free(records.cells);
    free(text);
    free(table.w);
    free(table.rho);
    return status;
}
