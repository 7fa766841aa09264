#include "case/given.h"

#include <stdlib.h>
#include <string.h>

#include <specbias/report.h>

#include "case/keys.h"
#include "core/decode.h"
#include "core/file.h"
#include "core/text.h"
#include "report/write.h"

#define LONGEST 40 /* of a file's name */

/* ---- names ---- */

static bool is_good(char c)
{
    return sb_is_alnum(c) || c == '_' || c == '-' || c == '.';
}

sb_status sb_given_name(const char *element, char name[64])
{
    const char *colon = strchr(element, ':'), *end = colon ? colon + strcspn(colon, ",") : NULL;
    *name = '\0';
    if (!colon) return SB_OK;
    const char *base = colon + 1;
    for (const char *c = base; c < end; c++)
        if (*c == '/') base = c + 1;
    size_t length = (size_t)(end - base);
    for (size_t i = length; i-- > 1;)
        if (base[i] == '.') {
            length = i;
            break;
        }
    bool good = length > 0 && length <= LONGEST && *base != '.' && *base != '-';
    for (size_t i = 0; i < length; i++) good = good && is_good(base[i]);
    if (!good)
        return sb_fail(SB_ERR_INPUT,
                       "\"%s\": tables are called after the file, whose name must be 1 to %d letters, digits, '.', '_' "
                       "and '-' before its ending",
                       element, LONGEST);
    sb_format(name, 64, "%.*s.%.*s", (int)(colon - element), element, (int)length, base);
    return SB_OK;
}

/* Paths with commas between. */
static sb_status take_paths(const char *paths, sb_given *given)
{
    size_t most = 1;
    for (const char *c = paths; *c; c++) most += *c == ',';
    given->file = calloc(most, sizeof *given->file);
    if (!given->file) return sb_fail(SB_ERR_NOMEM, "no memory for %s", paths);
    if (!given->kernels && most > 1) return sb_fail(SB_ERR_INPUT, "\"%s\": a table is one file", paths);
    for (const char *at = paths; given->files < most; at += strcspn(at, ",") + 1) {
        char *path = sb_text_copy_trimmed(at, strcspn(at, ","));
        if (!path) return sb_fail(SB_ERR_NOMEM, "no memory for %s", paths);
        given->file[given->files++].path = path;
        if (!*path) return sb_fail(SB_ERR_INPUT, "\"%s\": a path is empty", paths);
    }
    return SB_OK;
}

sb_status sb_given_add(sb_case *cas, const sb_source *kind, const char *element, const sb_source **own)
{
    if (!cas->given) cas->given = calloc(cas->config->forecast_sources.n, sizeof *cas->given);
    if (!cas->given) return sb_fail(SB_ERR_NOMEM, "no memory for %s", element);
    sb_given *given = &cas->given[cas->givens++];
    *given = (sb_given){.source = *kind, .kernels = kind->gives_kernels};
    sb_status status = sb_given_name(element, given->name);
    if (status == SB_OK) status = take_paths(strchr(element, ':') + 1, given);
    for (size_t i = 0; status == SB_OK && i + 1 < cas->givens; i++) {
        bool both = cas->given[i].files > 1 && given->files > 1;
        if (strcmp(cas->given[i].name, given->name) == 0)
            status =
                sb_fail(SB_ERR_INPUT, "\"%s\": the tables of another one are called %s, too", element, given->name);
        else if (both)
            status = sb_fail(SB_ERR_INPUT, "\"%s\": another one has several kernels, which are the draws", element);
    }
    given->source.name = given->name;
    given->source.given = given;
    *own = &given->source;
    return status;
}

static void forget(sb_given *given)
{
    for (size_t i = 0; i < given->files; i++) {
        free(given->file[i].text);
        given->file[i].text = NULL;
    }
    free(given->at);
    free(given->err);
    free(given->amp);
    free(given->gram);
    given->at = given->err = given->gram = NULL;
    given->amp = NULL;
    given->rates = false;
}

void sb_givens_clear(sb_case *cas)
{
    for (size_t i = 0; i < cas->givens; i++) {
        forget(&cas->given[i]);
        for (size_t f = 0; f < cas->given[i].files; f++) free(cas->given[i].file[f].path);
        free(cas->given[i].file);
    }
    free(cas->given);
    cas->given = NULL;
    cas->givens = 0;
}

/* ---- files ---- */

static void copy_of(const sb_given *given, size_t index, char relative[128])
{
    if (given->kernels)
        sb_format(relative, 128, "decay/%s.given%zu.npy", given->name, index + 1);
    else
        sb_format(relative, 128, "decay/%s.given.tsv", given->name);
}

/* The folder of the configuration in which the key stands; ".": it came from somewhere else. */
static void folder_of(const sb_config *config, const char *key, char folder[SB_PATH])
{
    const char *origin = sb_key_origin(config, sb_key_lookup(key));
    bool file = origin && strncmp(origin, "--set ", 6) != 0;
    const char *slash = file ? strrchr(origin, '/') : NULL;
    sb_format(folder, SB_PATH, "%.*s", slash ? (int)(slash - origin) : 1, slash ? origin : ".");
}

sb_status sb_given_path(const sb_config *config, const char *key, const char *wanted, const char *copy,
                        char path[SB_PATH])
{
    char folder[SB_PATH];
    folder_of(config, key, folder);
    if (sb_rundir_holds(folder, copy)) return sb_rundir_path(path, folder, "%s", copy);
    bool relative = *wanted != '/' && strcmp(folder, ".") != 0;
    int length = sb_format(path, SB_PATH, "%s%s%s", relative ? folder : "", relative ? "/" : "", wanted);
    return length < SB_PATH ? SB_OK : sb_fail(SB_ERR_IO, "%.40s..: path too long", wanted);
}

static sb_status find(const sb_config *config, const char *directory, const sb_given *given, size_t index,
                      char path[SB_PATH])
{
    char copy[128];
    copy_of(given, index, copy);
    if (directory) return sb_rundir_path(path, directory, "%s", copy);
    return sb_given_path(config, "forecast.sources", given->file[index].path, copy, path);
}

static sb_status read_one(const sb_case *cas, const char *directory, sb_given *given)
{
    sb_status status = SB_OK;
    char path[SB_PATH];
    forget(given);
    for (size_t i = 0; i < given->files; i++) {
        sb_given_file *file = &given->file[i];
        SB_TRY(find(cas->config, directory, given, i, path));
        SB_TRY(given->kernels ? sb_read_file(path, &file->text, &file->length)
                              : sb_read_text(path, &file->text, &file->length));
        SB_TRY(given->kernels ? sb_given_take_kernel(cas, path, given, i) : sb_given_parse(cas, path, given));
    }
done:
    return status;
}

sb_status sb_givens_read(const sb_case *cas, const char *directory)
{
    sb_status status = SB_OK;
    const char *origin = sb_key_origin(cas->config, sb_key_lookup("forecast.sources"));
    for (size_t i = 0; status == SB_OK && i < cas->givens; i++) status = read_one(cas, directory, &cas->given[i]);
    if (status == SB_OK || !origin) return status;
    return sb_fail(status, "%s: forecast.sources: %s", origin, sb_error_text());
}

static sb_status save_file(const sb_given *given, size_t index, const char *directory)
{
    char copy[128];
    sb_writer writer = {0};
    copy_of(given, index, copy);
    sb_status status = sb_rundir_write(&writer, directory, "%s", copy);
    if (status != SB_OK) return status;
    fwrite(given->file[index].text, 1, given->file[index].length, writer.stream);
    return sb_writer_close(&writer, SB_OK);
}

sb_status sb_givens_save(const sb_case *cas, const char *directory)
{
    sb_status status = SB_OK;
    for (size_t i = 0; i < cas->givens; i++)
        for (size_t f = 0; f < cas->given[i].files && status == SB_OK; f++)
            status = save_file(&cas->given[i], f, directory);
    return status;
}
