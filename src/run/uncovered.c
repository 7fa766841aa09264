#include "run/uncovered.h"

#include <stdlib.h>
#include <string.h>

#include <specbias/report.h>

#include "core/file.h"
#include "core/text.h"

static void add_reason(char text[1024], const char *name, const char *reason)
{
    size_t used = strlen(text);
    sb_format(text + used, 1024 - used, "%s%s: not covered: %s", used ? "; " : "", name, reason);
}

sb_status sb_left_of(const sb_case *cas, char *const *reason, sb_case *left)
{
    *left = *cas;
    left->sources = 0;
    left->source = calloc(cas->sources + 1, sizeof *left->source);
    left->way = calloc(cas->sources + 1, sizeof *left->way);
    if (!left->source || !left->way) return sb_fail(SB_ERR_NOMEM, "no memory for %zu sources", cas->sources);
    for (size_t s = 0; s < cas->sources; s++) {
        if (reason[s]) continue;
        memcpy(left->way[left->sources], cas->way[s], sizeof *left->way);
        left->source[left->sources++] = cas->source[s];
    }
    return SB_OK;
}

void sb_left_clear(sb_case *left)
{
    free(left->source);
    free(left->way);
    memset(left, 0, sizeof *left);
}

/* ---- on disk ---- */

static sb_status path_of(char path[SB_PATH], const char *directory)
{
    return sb_rundir_path(path, directory, "decay/uncovered.tsv");
}

sb_status sb_uncovered_save(const sb_case *cas, const char *directory, char *const *reason)
{
    char path[SB_PATH];
    sb_writer writer = {0};
    bool any = false;
    for (size_t s = 0; s < cas->sources; s++) any = any || reason[s];
    if (!any) return SB_OK;
    sb_status status = path_of(path, directory);
    if (status == SB_OK) status = sb_writer_open(&writer, path);
    if (status != SB_OK) return status;
    fputs("source\treason\n", writer.stream);
    for (size_t s = 0; s < cas->sources; s++)
        if (reason[s]) sb_print(writer.stream, "%s\t%s\n", cas->source[s]->name, reason[s]);
    return sb_writer_close(&writer, SB_OK);
}

/* Of a line "source, tab, reason", whose reason is put where it belongs; false: it is none. */
static bool read_line(const sb_case *cas, char *line, char **reason)
{
    char *tab = strchr(line, '\t');
    if (!tab) return false;
    *tab = '\0';
    for (const char *c = tab + 1; *c; c++)
        if (sb_is_control(*c)) return false;
    for (size_t s = 0; s < cas->sources; s++) {
        if (strcmp(cas->source[s]->name, line) != 0 || reason[s]) continue;
        reason[s] = tab + 1;
        return true;
    }
    return false;
}

static sb_status read_lines(const sb_case *cas, const char *path, char *text, char **reason)
{
    size_t number = 1;
    char *rest = strchr(text, '\n');
    for (char *line; rest && *++rest; number++) {
        line = rest;
        rest = strchr(line, '\n');
        if (rest) *rest = '\0';
        if (!read_line(cas, line, reason))
            return sb_fail(SB_ERR_INPUT, "%s:%zu: no source of this case with a reason", path, number + 1);
    }
    return SB_OK;
}

sb_status sb_uncovered_load(const sb_case *cas, const char *directory, sb_case *left, char *text)
{
    sb_status status = SB_OK;
    char path[SB_PATH], *file = NULL, **reason = calloc(cas->sources + 1, sizeof *reason);
    memset(left, 0, sizeof *left);
    if (text) *text = '\0';
    if (!reason) return sb_fail(SB_ERR_NOMEM, "no memory for %zu sources", cas->sources);
    if (sb_rundir_holds(directory, "decay/uncovered.tsv")) {
        SB_TRY(path_of(path, directory));
        SB_TRY(sb_read_file(path, &file, NULL));
        SB_TRY(read_lines(cas, path, file, reason));
    }
    SB_TRY(sb_left_of(cas, reason, left));
    for (size_t s = 0; text && s < cas->sources; s++)
        if (reason[s]) add_reason(text, cas->source[s]->name, reason[s]);
done:
    free(reason);
    free(file);
    return status;
}
