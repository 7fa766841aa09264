#include "case/given.h"

#include <stdlib.h>
#include <string.h>

#include <specbias/report.h>

#include "case/keys.h"
#include "core/decode.h"
#include "core/file.h"
#include "core/text.h"

#define LONGEST 40 /* of a file's name */

/* ---- names ---- */

static bool is_good(char c)
{
    return sb_is_alnum(c) || c == '_' || c == '-' || c == '.';
}

sb_status sb_given_name(const char *element, char name[64])
{
    const char *colon = strchr(element, ':'), *slash = colon ? strrchr(colon, '/') : NULL;
    *name = '\0';
    if (!colon) return SB_OK;
    const char *base = slash ? slash + 1 : colon + 1, *dot = strrchr(base, '.');
    size_t length = dot && dot > base ? (size_t)(dot - base) : strlen(base);
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

sb_status sb_given_add(sb_case *cas, const sb_source *kind, const char *element, const sb_source **own)
{
    if (!cas->given) cas->given = calloc(cas->config->forecast_sources.n, sizeof *cas->given);
    if (!cas->given) return sb_fail(SB_ERR_NOMEM, "no memory for %s", element);
    sb_given *given = &cas->given[cas->givens++];
    *given = (sb_given){.source = *kind, .path = strchr(element, ':') + 1};
    sb_status status = sb_given_name(element, given->name);
    for (size_t i = 0; status == SB_OK && i + 1 < cas->givens; i++)
        if (strcmp(cas->given[i].name, given->name) == 0)
            status =
                sb_fail(SB_ERR_INPUT, "\"%s\": the tables of another one are called %s, too", element, given->name);
    given->source.name = given->name;
    given->source.given = given;
    *own = &given->source;
    return status;
}

static void forget(sb_given *given)
{
    free(given->text);
    free(given->at);
    free(given->err);
    free(given->amp);
    given->text = NULL;
    given->at = given->err = NULL;
    given->amp = NULL;
}

void sb_givens_clear(sb_case *cas)
{
    for (size_t i = 0; i < cas->givens; i++) forget(&cas->given[i]);
    free(cas->given);
    cas->given = NULL;
    cas->givens = 0;
}

/* ---- files ---- */

static void copy_of(const sb_given *given, char relative[128])
{
    sb_format(relative, 128, "decay/%s.given.tsv", given->name);
}

/* The folder of the configuration in which forecast.sources stands; ".": it came from somewhere else. */
static void folder_of(const sb_config *config, char folder[SB_PATH])
{
    const char *origin = sb_key_origin(config, sb_key_lookup("forecast.sources"));
    bool file = origin && strncmp(origin, "--set ", 6) != 0;
    const char *slash = file ? strrchr(origin, '/') : NULL;
    sb_format(folder, SB_PATH, "%.*s", slash ? (int)(slash - origin) : 1, slash ? origin : ".");
}

static sb_status find(const sb_config *config, const sb_given *given, char path[SB_PATH])
{
    char folder[SB_PATH], copy[128];
    folder_of(config, folder);
    copy_of(given, copy);
    if (sb_rundir_holds(folder, copy)) return sb_rundir_path(path, folder, "%s", copy);
    bool relative = given->path[0] != '/' && strcmp(folder, ".") != 0;
    int length = sb_format(path, SB_PATH, "%s%s%s", relative ? folder : "", relative ? "/" : "", given->path);
    return length < SB_PATH ? SB_OK : sb_fail(SB_ERR_IO, "%.40s..: path too long", given->path);
}

static sb_status read_one(const sb_case *cas, sb_given *given)
{
    char path[SB_PATH];
    forget(given);
    sb_status status = find(cas->config, given, path);
    if (status == SB_OK) status = sb_read_text(path, &given->text, &given->length);
    return status == SB_OK ? sb_given_parse(cas, path, given) : status;
}

sb_status sb_givens_read(const sb_case *cas)
{
    sb_status status = SB_OK;
    const char *origin = sb_key_origin(cas->config, sb_key_lookup("forecast.sources"));
    for (size_t i = 0; status == SB_OK && i < cas->givens; i++) status = read_one(cas, &cas->given[i]);
    if (status == SB_OK || !origin) return status;
    return sb_fail(status, "%s: forecast.sources: %s", origin, sb_error_text());
}

sb_status sb_givens_save(const sb_case *cas, const char *directory)
{
    char path[SB_PATH], copy[128];
    sb_writer writer = {0};
    sb_status status = SB_OK;
    for (size_t i = 0; i < cas->givens; i++) {
        copy_of(&cas->given[i], copy);
        SB_TRY(sb_rundir_path(path, directory, "%s", copy));
        SB_TRY(sb_writer_open(&writer, path));
        fwrite(cas->given[i].text, 1, cas->given[i].length, writer.stream);
        SB_TRY(sb_writer_close(&writer, SB_OK));
    }
done:
    return status;
}
