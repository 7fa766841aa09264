/* The seals: sha256 of the configuration and of every forecast, written before the first training step; and of what was
 * observed, written when it is whole, together with the seal of the forecast it belongs to; and of what was concluded
 * from both, the last that a run writes. */
#include <specbias/report.h>

#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include <nettle/sha2.h>

#include "core/file.h"
#include "core/text.h"

static void hex_of(const uint8_t digest[SHA256_DIGEST_SIZE], char hex[65])
{
    for (size_t i = 0; i < SHA256_DIGEST_SIZE; i++) sb_format(hex + 2 * i, 3, "%02x", (unsigned)digest[i]);
}

void sb_sha256(const char *text, size_t length, char hex[65])
{
    uint8_t digest[SHA256_DIGEST_SIZE];
    struct sha256_ctx context;
    sha256_init(&context);
    sha256_update(&context, length, (const uint8_t *)text);
    sha256_digest(&context, sizeof digest, digest);
    hex_of(digest, hex);
}

sb_status sb_sha256_file(const char *path, char hex[65])
{
    unsigned char block[65536];
    uint8_t digest[SHA256_DIGEST_SIZE];
    struct sha256_ctx context;
    sb_status status;
    FILE *stream = sb_open_file(path, &status);
    if (!stream) return status;
    sha256_init(&context);
    for (size_t got; (got = fread(block, 1, sizeof block, stream)) > 0;) sha256_update(&context, got, block);
    if (ferror(stream)) status = sb_cannot_read(path);
    fclose(stream);
    sha256_digest(&context, sizeof digest, digest);
    hex_of(digest, hex);
    return status;
}

/* ---- what is under which seal ---- */

static bool starts(const char *name, const char *start)
{
    return strncmp(name, start, strlen(start)) == 0;
}

static int is_forecast(const struct dirent *entry)
{
    return *entry->d_name != '.' && !starts(entry->d_name, "observed");
}

/* What the forecast stage writes for the user. */
static int is_forecast_array(const struct dirent *entry)
{
    const sb_file *file = sb_file_find("arrays", entry->d_name);
    return file && file->stage == SB_FILE_FORECAST;
}

static int is_observed(const struct dirent *entry)
{
    return starts(entry->d_name, "observed") || strcmp(entry->d_name, "start.npy") == 0; /* of kernels, too */
}

static bool ends(const char *name, const char *end)
{
    size_t length = strlen(name), n = strlen(end);
    return *name != '.' && length > n && strcmp(name + length - n, end) == 0;
}

static int is_kernel(const struct dirent *entry)
{
    return sb_file_find("kernel", entry->d_name) != NULL;
}

static int is_snapshot(const struct dirent *entry)
{
    return sb_file_find("snapshots", entry->d_name) != NULL;
}

static int is_array(const struct dirent *entry)
{
    return ends(entry->d_name, ".npy");
}

/* Results beside the folders, but for seals. */
static bool is_of(const struct dirent *entry, sb_file_stage stage)
{
    const sb_file *file = sb_file_find("", entry->d_name);
    return file && file->stage == stage && !ends(entry->d_name, ".sha256");
}

static int is_result(const struct dirent *entry)
{
    return is_of(entry, SB_FILE_OBSERVED);
}

static int is_conclusion(const struct dirent *entry)
{
    return is_of(entry, SB_FILE_VERDICT);
}

/* Folders of experiments inside: of a design, of the members of an overlay. */
static int may_be_member(const struct dirent *entry)
{
    return strcmp(entry->d_name, "verify") == 0 || strstr(entry->d_name, ".sa");
}

/* Points of a sweep. */
static int is_point(const struct dirent *entry)
{
    return sb_point_is_name(entry->d_name);
}

typedef struct part {
    const char *folder, *below; /* below: the file of each entry that is meant */
    int (*covers)(const struct dirent *entry);
} part;

typedef struct kind_of_seal {
    const char *file, *what;
    const char *always[3]; /* files that are there in any case, or not at all */
    part part[8];
} kind_of_seal;

static const kind_of_seal forecasts = {"forecast.sha256",
                                       "a sealed forecast",
                                       {"config.cfg"},
                                       {{"decay", "", is_forecast}, {"arrays", "", is_forecast_array}}};
static const kind_of_seal observations = {
    "observed.sha256",
    "sealed observations",
    {"config.cfg", "forecast.sha256", "summary.json"},
    {{"", "", is_result},
     {"decay", "", is_observed},
     {"kernel", "", is_kernel},
     {"arrays", "", is_array},
     {"snapshots", "", is_snapshot},
     {"", "/observed.sha256", may_be_member},
     {"points", "/observed.sha256", is_point}},
};
/* The manifest has the time of day, which a seal that is the same for the same numbers cannot cover. */
static const kind_of_seal verdicts = {
    "verdict.sha256", "a sealed verdict", {"config.cfg", "manifest.cfg", "observed.sha256"}, {{"", "", is_conclusion}}};

static int by_name(const struct dirent **a, const struct dirent **b)
{
    return strcmp((*a)->d_name, (*b)->d_name);
}

static sb_status list_folder(const char *directory, const part *of, struct dirent ***list, int *count)
{
    char path[SB_PATH];
    *list = NULL;
    sb_status status = sb_rundir_folder(path, directory, of->folder);
    *count = status == SB_OK ? scandir(path, list, of->covers, by_name) : 0;
    if (*count >= 0) return status;
    *count = 0;
    if (errno == ENOENT) return SB_OK;
    return sb_fail(errno == ENOMEM ? SB_ERR_NOMEM : SB_ERR_IO, "cannot list %s: %s", path, sb_system_error(errno));
}

/* Calls visit for each file under such a seal that is there. */
static sb_status each_file(const kind_of_seal *seal, const char *directory,
                           sb_status (*visit)(void *context, const char *directory, const char *relative),
                           void *context)
{
    sb_status status = SB_OK;
    char relative[SB_PATH];
    for (size_t i = 0; i < 3 && seal->always[i] && status == SB_OK; i++)
        if (sb_rundir_holds(directory, seal->always[i])) status = visit(context, directory, seal->always[i]);
    for (const part *p = seal->part; p->covers && status == SB_OK; p++) {
        struct dirent **list;
        int count;
        status = list_folder(directory, p, &list, &count);
        for (int i = 0; i < count; i++) {
            sb_format(relative, sizeof relative, "%s%s%s%s", p->folder, *p->folder ? "/" : "", list[i]->d_name,
                      p->below);
            if (status == SB_OK && (!*p->below || sb_rundir_holds(directory, relative)))
                status = visit(context, directory, relative);
            free(list[i]);
        }
        free(list);
    }
    return status;
}

/* ---- writing ---- */

static sb_status write_line(void *context, const char *directory, const char *relative)
{
    char path[SB_PATH], hex[65];
    sb_status status = sb_rundir_path(path, directory, "%s", relative);
    if (status == SB_OK) status = sb_sha256_file(path, hex);
    if (status == SB_OK) sb_print(context, "%s  %s\n", hex, relative);
    return status;
}

static sb_status write_seal(const kind_of_seal *seal, const char *directory, char hex[65])
{
    char path[SB_PATH];
    sb_writer writer = {0};
    sb_status status = sb_rundir_path(path, directory, "%s", seal->file);
    if (status == SB_OK) status = sb_writer_open(&writer, path);
    if (status != SB_OK) return status;
    status = sb_writer_close(&writer, each_file(seal, directory, write_line, writer.stream));
    return status == SB_OK ? sb_sha256_file(path, hex) : status;
}

sb_status sb_seal_write(const char *directory, char seal[65])
{
    return write_seal(&forecasts, directory, seal);
}

sb_status sb_seal_observations(const char *directory, char seal[65])
{
    sb_status status = sb_rundir_remove(directory, verdicts.file);
    return status == SB_OK ? write_seal(&observations, directory, seal) : status;
}

sb_status sb_seal_verdict(const char *directory)
{
    char seal[65];
    return write_seal(&verdicts, directory, seal);
}

sb_status sb_seals_lift(const char *directory)
{
    sb_status status = sb_rundir_remove(directory, verdicts.file);
    return status == SB_OK ? sb_rundir_remove(directory, observations.file) : status;
}

/* ---- checking ---- */

typedef struct check {
    const kind_of_seal *seal;
    const char *text;
} check;

/* A file that was slipped in later; arrays are for people, who may have more of them. */
static sb_status find_line(void *context, const char *directory, const char *relative)
{
    const check *c = context;
    char line[SB_PATH + 8];
    sb_format(line, sizeof line, "  %s\n", relative);
    if (strstr(c->text, line) || strcmp(relative, "summary.json") == 0 || strcmp(relative, "config.cfg") == 0 ||
        starts(relative, "arrays/"))
        return SB_OK;
    return sb_fail(SB_ERR_SEAL, "broken seal: %s/%s is not under seal in %s", directory, relative, c->seal->file);
}

enum { DEEPEST = 8 }; /* experiments inside of one another; the points of a sweep of designs are two deep */

static sb_status check_all(const char *directory, const sb_monitor *monitor, int depth);

/* One line of the seal against the file it names. */
static sb_status verify_line(const kind_of_seal *seal, const char *directory, const char *line, int depth)
{
    char path[SB_PATH], hex[65];
    struct stat info;
    const char *relative = strlen(line) > 66 ? line + 66 : "";
    if (!*relative || strncmp(line + 64, "  ", 2) != 0 || strstr(relative, ".."))
        return sb_fail(SB_ERR_SEAL, "broken seal: %s of %s has a malformed line", seal->file, directory);
    sb_status status = sb_rundir_path(path, directory, "%s", relative);
    if (status != SB_OK) return status;
    if (lstat(path, &info) != 0 && (errno == ENOENT || errno == ENOTDIR))
        return sb_fail(SB_ERR_SEAL, "broken seal: %s/%s is missing", directory, relative);
    status = sb_sha256_file(path, hex);
    if (status != SB_OK) return status; /* which says nothing about the seal */
    if (strncmp(line, hex, 64) != 0)
        return sb_fail(SB_ERR_SEAL, "broken seal: %s/%s was changed after it was sealed", directory, relative);
    const char *slash = strrchr(relative, '/'); /* of an experiment inside */
    if (!slash || strcmp(slash + 1, observations.file) != 0) return SB_OK;
    path[strlen(path) - strlen(slash)] = '\0';
    if (depth == DEEPEST) return sb_fail(SB_ERR_SEAL, "broken seal: %.100s..: too many folders deep", path);
    return check_all(path, NULL, depth + 1);
}

/* The manifest, which can be run again, begins with the sealed keys. */
static sb_status verify_manifest(const char *directory)
{
    sb_status status = SB_OK;
    char path[SB_PATH], *keys = NULL, *text = NULL;
    size_t length = 0, more = 0;
    if (!sb_rundir_holds(directory, "manifest.cfg")) return SB_OK;
    SB_TRY(sb_rundir_path(path, directory, "config.cfg"));
    SB_TRY(sb_read_file(path, &keys, &length));
    SB_TRY(sb_rundir_path(path, directory, "manifest.cfg"));
    SB_TRY(sb_read_file(path, &text, &more));
    if (more < length || memcmp(text, keys, length) != 0)
        status = sb_fail(SB_ERR_SEAL, "broken seal: %s was changed: its keys are not those of config.cfg", path);
done:
    free(keys);
    free(text);
    return status;
}

static sb_status verify(const kind_of_seal *seal, const char *directory, char hex[65], int depth)
{
    sb_status status = SB_OK;
    char path[SB_PATH], *text = NULL;
    size_t length = 0;
    SB_TRY(sb_rundir_path(path, directory, "%s", seal->file));
    SB_TRY(sb_read_file(path, &text, &length));
    SB_TRY(sb_sha256_file(path, hex));
    if (strlen(text) != length) SB_TRY(sb_fail(SB_ERR_SEAL, "broken seal: %s holds a byte 0", path));
    SB_TRY(each_file(seal, directory, find_line, &(check){seal, text}));
    if (!strstr(text, "  config.cfg\n"))
        SB_TRY(sb_fail(SB_ERR_SEAL, "broken seal: config.cfg of %s is not under seal", directory));
    for (char *rest = text, *next; (next = strsep(&rest, "\n"));)
        if (*next) SB_TRY(verify_line(seal, directory, next, depth));
    SB_TRY(verify_manifest(directory));
done:
    free(text);
    return status;
}

sb_status sb_seal_verify(const char *directory, char seal[65])
{
    if (!sb_rundir_holds(directory, "forecast.sha256"))
        return sb_fail(SB_ERR_SEAL, "%s holds no sealed forecast (forecast.sha256); run `specbias forecast` first",
                       directory);
    return verify(&forecasts, directory, seal, 0);
}

/* What was written before its seal was, by a run that was killed or of an earlier version. */
static void warn_of_missing(const char *directory, const sb_monitor *monitor, const kind_of_seal *seal,
                            const char *const *told)
{
    for (; *told; told++)
        if (sb_rundir_holds(directory, *told)) {
            sb_monitor_warn(monitor,
                            "%s has no %s, as runs that were interrupted or of earlier versions: nothing tells whether "
                            "%s and what belongs to it were changed",
                            directory, seal->file, *told);
            return;
        }
}

static sb_status check_all(const char *directory, const sb_monitor *monitor, int depth)
{
    static const kind_of_seal *const all[] = {&forecasts, &observations, &verdicts};
    static const char *const told[][5] = {
        {NULL}, {"train.tsv", "history.tsv", "study.tsv", "kernel/summary.json"}, {"summary.json"}};
    char seal[65];
    sb_status status = SB_OK;
    for (size_t i = 0; i < 3 && status == SB_OK; i++)
        if (sb_rundir_holds(directory, all[i]->file))
            status = verify(all[i], directory, seal, depth);
        else
            warn_of_missing(directory, monitor, all[i], told[i]);
    return status;
}

sb_status sb_seals_check(const char *directory, const sb_monitor *monitor)
{
    return check_all(directory, monitor, 0);
}
