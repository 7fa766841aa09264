/* Tables of a density, from a file. */
#include "density/density.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "core/file.h"
#include "core/text.h"

static const char *skip_blanks(const char *at)
{
    while (*at == ' ' || *at == '\t' || *at == '\r') at++;
    return at;
}

/* "w rho" or "w, rho" and nothing else */
static bool read_pair(const char *line, double *w, double *rho)
{
    char *end;
    *w = sb_text_real(line, &end);
    const char *at = skip_blanks(end);
    if (end == line) return false;
    if (*at == ',') at = skip_blanks(at + 1);
    *rho = sb_text_real(at, &end);
    return at != end && at > line && strchr(" \t\r,", at[-1]) && *skip_blanks(end) == '\0';
}

static bool is_header(const char *line)
{
    double w, rho;
    return (sb_is_letter(*line) || *line == '"') && !read_pair(line, &w, &rho);
}

static size_t count_lines(const char *text)
{
    size_t lines = 1;
    for (; *text; text++) lines += *text == '\n';
    return lines;
}

/* Reads the lines of `text`, which it cuts up, into w[] and rho[] with room for all. */
static sb_status read_lines(const char *path, char *text, sb_density_table *table, double *w, double *rho)
{
    size_t number = 0, n = 0;
    bool first = true; /* of the lines that say anything, the first may be a header */
    for (char *next = text; next;) {
        const char *line = skip_blanks(next);
        next = strchr(next, '\n');
        if (next) *next++ = '\0';
        number++;
        if (*line == '\0' || *line == '#') continue;
        bool skip = first && is_header(line);
        first = false;
        if (skip) continue;
        if (!read_pair(line, &w[n], &rho[n]))
            return sb_fail(SB_ERR_INPUT, "%s:%zu: two numbers are wanted, w and rho", path, number);
        if (sb_density_check_node(w, rho, n++) != SB_OK)
            return sb_fail(SB_ERR_INPUT, "%s:%zu: %s", path, number, sb_error_text());
    }
    *table = (sb_density_table){n, w, rho};
    if (sb_density_check_table(table) == SB_OK) return SB_OK;
    return sb_fail(SB_ERR_INPUT, "%s:%zu: %s", path, number, sb_error_text());
}

sb_status sb_density_read_table(const char *path, size_t *n, double **w, double **rho)
{
    sb_status status = SB_OK;
    sb_density_table table = {0};
    char *text = NULL;
    double *ws = NULL, *rhos = NULL;
    size_t length;
    SB_TRY(sb_read_file(path, &text, &length));
    if (strlen(text) != length) {
        status = sb_fail(SB_ERR_INPUT, "%s:%zu: a zero byte; this is no table", path, count_lines(text));
        goto done;
    }
    size_t lines = count_lines(text);
    ws = malloc(lines * sizeof *ws);
    rhos = malloc(lines * sizeof *rhos);
    if (!ws || !rhos) {
        status = sb_fail(SB_ERR_NOMEM, "no memory for %s", path);
        goto done;
    }
    SB_TRY(read_lines(path, text, &table, ws, rhos));
    *n = table.n;
    *w = ws;
    *rho = rhos;
    ws = rhos = NULL;
done:
    free(text);
    free(ws);
    free(rhos);
    return status;
}
