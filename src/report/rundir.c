#include <specbias/report.h>

#include <dirent.h>
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/text.h"

sb_status sb_rundir_path(char path[SB_PATH], const char *directory, const char *relative, ...)
{
    va_list arguments;
    int used = sb_format(path, SB_PATH, "%s/", directory), more = SB_PATH;
    if (used < SB_PATH) {
        va_start(arguments, relative);
        more = sb_format_list(path + used, (size_t)(SB_PATH - used), relative, arguments);
        va_end(arguments);
    }
    return used + more < SB_PATH ? SB_OK : sb_fail(SB_ERR_IO, "path too long below %.100s", directory);
}

bool sb_rundir_holds(const char *directory, const char *name)
{
    char path[SB_PATH];
    return sb_rundir_path(path, directory, "%s", name) == SB_OK && access(path, F_OK) == 0;
}

static bool is_empty(const char *directory, bool (*ignore)(const char *directory, const char *name))
{
    DIR *folder = opendir(directory);
    bool empty = folder != NULL;
    for (struct dirent *entry; folder && (entry = readdir(folder));) {
        const char *name = entry->d_name;
        if (strcmp(name, ".") != 0 && strcmp(name, "..") != 0 && !(ignore && ignore(directory, name))) empty = false;
    }
    if (folder) closedir(folder);
    return empty;
}

/* What a run leaves that could not write its first file: empty folders. */
static bool is_left_over(const char *directory, const char *name)
{
    char path[SB_PATH];
    if (strcmp(name, "decay") != 0 && strcmp(name, "figures") != 0) return false;
    return sb_rundir_path(path, directory, "%s", name) == SB_OK && is_empty(path, NULL);
}

/* Our config.cfg begins with the name; other programs have files of that name, too. */
static bool is_our_config(const char *directory)
{
    static const char start[] = "name = \"";
    char path[SB_PATH], text[sizeof start] = "";
    FILE *stream = sb_rundir_path(path, directory, "config.cfg") == SB_OK ? fopen(path, "r") : NULL;
    if (!stream) return false;
    size_t used = fread(text, 1, sizeof start - 1, stream);
    fclose(stream);
    return used == sizeof start - 1 && strcmp(text, start) == 0;
}

sb_rundir_state sb_rundir_inspect(const char *directory)
{
    struct stat info;
    if (stat(directory, &info) != 0) return SB_RUNDIR_ABSENT;
    if (!S_ISDIR(info.st_mode)) return SB_RUNDIR_FOREIGN;
    if (sb_rundir_holds(directory, "config.cfg") && sb_rundir_holds(directory, "decay")) {
        if (!sb_rundir_holds(directory, "forecast.sha256")) {
            bool results = sb_rundir_holds(directory, "train.tsv") || sb_rundir_holds(directory, "summary.json") ||
                           sb_rundir_holds(directory, "kernel/summary.json");
            if (!is_our_config(directory)) return SB_RUNDIR_FOREIGN;
            return results ? SB_RUNDIR_FINISHED : SB_RUNDIR_STARTED; /* of what needs no seal, or it was lost */
        }
        return sb_rundir_holds(directory, "summary.json") ? SB_RUNDIR_FINISHED : SB_RUNDIR_SEALED;
    }
    return is_empty(directory, is_left_over) ? SB_RUNDIR_EMPTY : SB_RUNDIR_FOREIGN;
}

sb_status sb_rundir_check(const char *directory, bool force)
{
    switch (sb_rundir_inspect(directory)) {
    case SB_RUNDIR_FOREIGN:
        return sb_fail(SB_ERR_INPUT, "%s exists and is not a run directory; nothing was touched", directory);
    case SB_RUNDIR_SEALED:
        if (force) return SB_OK;
        return sb_fail(SB_ERR_INPUT,
                       "%s holds a sealed forecast; `specbias train %s` goes on with it, --force starts over",
                       directory, directory);
    case SB_RUNDIR_FINISHED:
        if (force) return SB_OK;
        return sb_fail(SB_ERR_INPUT, "%s holds a finished run; --force replaces it, -o DIR puts the new one elsewhere",
                       directory);
    default: return SB_OK;
    }
}

static sb_status make_directory(const char *path)
{
    char part[SB_PATH];
    for (size_t i = 1;; i++) {
        if (path[i] != '/' && path[i] != '\0') continue;
        sb_format(part, sizeof part, "%.*s", (int)i, path);
        if (mkdir(part, 0777) != 0 && errno != EEXIST)
            return sb_fail(SB_ERR_IO, "cannot make the directory %s: %s", part, sb_system_error(errno));
        if (path[i] == '\0') return SB_OK;
    }
}

static bool is_result(const char *name)
{
    static const char *const ending[] = {".tsv", ".cfg", ".gp",  ".pdf", ".svg",
                                         ".tex", ".npy", ".log", ".tmp", ".json"};
    size_t length = strlen(name);
    for (size_t i = 0; i < sizeof ending / sizeof ending[0]; i++) {
        size_t n = strlen(ending[i]);
        if (length > n && strcmp(name + length - n, ending[i]) == 0) return true;
    }
    return false;
}

static void remove_results(const char *directory, const char *name)
{
    char path[SB_PATH];
    if (sb_rundir_path(path, directory, "%s", name) != SB_OK) return;
    DIR *folder = opendir(path);
    for (struct dirent *entry; folder && (entry = readdir(folder));)
        if (is_result(entry->d_name) && sb_rundir_path(path, directory, "%s/%s", name, entry->d_name) == SB_OK)
            unlink(path);
    if (folder) closedir(folder);
}

/* Tables of each seed, of which there may be others than the new run will write. */
static void remove_seeds(const char *directory)
{
    char path[SB_PATH];
    DIR *folder = opendir(directory);
    for (struct dirent *entry; folder && (entry = readdir(folder));)
        if ((strncmp(entry->d_name, "history.seed", 12) == 0 || strncmp(entry->d_name, "drift.seed", 10) == 0) &&
            is_result(entry->d_name) && sb_rundir_path(path, directory, "%s", entry->d_name) == SB_OK)
            unlink(path);
    if (folder) closedir(folder);
}

sb_status sb_rundir_prepare(const char *directory, bool force)
{
    /* the seal goes first, so that no half-emptied directory looks sealed */
    static const char *const file[] = {"forecast.sha256", "summary.json", "agreement.tsv",   "budget.tsv",
                                       "bias.tsv",        "study.tsv",    "design.cfg",      "train.tsv",
                                       "drift.tsv",       "history.tsv",  "frequencies.tsv", "projection.tsv",
                                       "filter.tsv",      "heat.tsv",     "manifest.cfg",    "config.cfg"};
    static const char *const folder[] = {"decay", "figures", "arrays", "kernel"};
    char path[SB_PATH];
    sb_status status = SB_OK;
    SB_TRY(sb_rundir_check(directory, force));
    for (size_t i = 0; i < sizeof file / sizeof file[0]; i++) {
        SB_TRY(sb_rundir_path(path, directory, "%s", file[i]));
        unlink(path);
    }
    remove_seeds(directory);
    for (size_t i = 0; i < sizeof folder / sizeof folder[0]; i++) {
        remove_results(directory, folder[i]);
        SB_TRY(sb_rundir_path(path, directory, "%s", folder[i]));
        if (i < 2)
            SB_TRY(make_directory(path));
        else
            rmdir(path); /* made when asked for */
    }
done:
    return status;
}
