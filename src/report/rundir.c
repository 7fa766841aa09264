#include <specbias/report.h>

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/file.h"
#include "core/text.h"

/* Folders below the directory are its own: one that is a link leads to what is somebody else's. */
static sb_status refuse_link(char *path, size_t end)
{
    struct stat info;
    char after = path[end];
    path[end] = '\0';
    bool link = lstat(path, &info) == 0 && S_ISLNK(info.st_mode);
    sb_status status =
        link ? sb_fail(SB_ERR_INPUT, "%s is a link; nothing is read or written through it", path) : SB_OK;
    path[end] = after;
    return status;
}

sb_status sb_rundir_path(char path[SB_PATH], const char *directory, const char *relative, ...)
{
    va_list arguments;
    int used = sb_format(path, SB_PATH, "%s/", directory), more = SB_PATH;
    if (used < SB_PATH) {
        va_start(arguments, relative);
        more = sb_format_list(path + used, (size_t)(SB_PATH - used), relative, arguments);
        va_end(arguments);
    }
    if (used + more >= SB_PATH) return sb_fail(SB_ERR_IO, "path too long below %.100s", directory);
    sb_status status = SB_OK;
    for (char *slash = strchr(path + used, '/'); slash && status == SB_OK; slash = strchr(slash + 1, '/'))
        status = refuse_link(path, (size_t)(slash - path));
    return status;
}

sb_status sb_rundir_folder(char path[SB_PATH], const char *directory, const char *name)
{
    sb_status status = sb_rundir_path(path, directory, "%s", name);
    return status == SB_OK ? refuse_link(path, strlen(path)) : status;
}

sb_status sb_rundir_make(const char *directory, const char *name)
{
    char path[SB_PATH];
    sb_status status = sb_rundir_folder(path, directory, name);
    if (status == SB_OK && mkdir(path, 0777) != 0 && errno != EEXIST)
        return sb_fail(SB_ERR_IO, "cannot make the directory %s: %s", path, sb_system_error(errno));
    return status;
}

static bool is_missing(int error)
{
    return error == ENOENT || error == ENOTDIR;
}

bool sb_rundir_holds(const char *directory, const char *name)
{
    char path[SB_PATH];
    return sb_rundir_path(path, directory, "%s", name) == SB_OK && (access(path, F_OK) == 0 || !is_missing(errno));
}

static sb_rundir_state unreadable(const char *path)
{
    sb_fail(SB_ERR_IO, "cannot look into %s: %s", path, sb_system_error(errno));
    return SB_RUNDIR_UNREADABLE;
}

/* Whether there is no more than a run leaves that could not write its first file: at the top empty folders, and
 * temporary files. */
static sb_rundir_state look_for_others(const char *directory, bool top)
{
    char path[SB_PATH];
    sb_rundir_state state = SB_RUNDIR_EMPTY;
    DIR *folder = opendir(directory);
    if (!folder) return unreadable(directory);
    for (struct dirent *entry; state == SB_RUNDIR_EMPTY && (entry = readdir(folder));) {
        const char *name = entry->d_name;
        if (strcmp(name, ".") == 0 || strcmp(name, "..") == 0 || sb_writer_leftover(dirfd(folder), name)) continue;
        bool ours = top && (strcmp(name, "decay") == 0 || strcmp(name, "figures") == 0) &&
                    sb_rundir_path(path, directory, "%s", name) == SB_OK;
        state = ours ? look_for_others(path, false) : SB_RUNDIR_FOREIGN;
    }
    closedir(folder);
    return state;
}

/* Our config.cfg begins with the name; other programs have files of that name, too. What is then there: a finished run
 * that needs no seal, or lost it, or one that has only begun. */
static sb_rundir_state inspect_unsealed(const char *directory)
{
    static const char start[] = "name = \"";
    static const char *const result[] = {"train.tsv", "summary.json", "kernel/summary.json"};
    char path[SB_PATH], *text = NULL;
    size_t length;
    sb_status status = sb_rundir_path(path, directory, "config.cfg");
    if (status == SB_OK) status = sb_read_config(path, &text, &length);
    if (status == SB_ERR_IO || status == SB_ERR_NOMEM) return SB_RUNDIR_UNREADABLE;
    bool ours = status == SB_OK && strncmp(text, start, sizeof start - 1) == 0;
    free(text);
    if (!ours) return SB_RUNDIR_FOREIGN;
    for (size_t i = 0; i < sizeof result / sizeof result[0]; i++)
        if (sb_rundir_holds(directory, result[i])) return SB_RUNDIR_FINISHED;
    return SB_RUNDIR_STARTED;
}

sb_rundir_state sb_rundir_inspect(const char *directory)
{
    struct stat info;
    if (stat(directory, &info) != 0) return is_missing(errno) ? SB_RUNDIR_ABSENT : unreadable(directory);
    if (!S_ISDIR(info.st_mode)) return SB_RUNDIR_FOREIGN;
    if (sb_rundir_holds(directory, "config.cfg") && sb_rundir_holds(directory, "decay")) {
        if (!sb_rundir_holds(directory, "forecast.sha256")) return inspect_unsealed(directory);
        return sb_rundir_holds(directory, "summary.json") ? SB_RUNDIR_FINISHED : SB_RUNDIR_SEALED;
    }
    return look_for_others(directory, true);
}

sb_status sb_rundir_check(const char *directory, bool force)
{
    switch (sb_rundir_inspect(directory)) {
    case SB_RUNDIR_FOREIGN:
        return sb_fail(SB_ERR_INPUT, "%s exists and is not a run directory; nothing was touched", directory);
    case SB_RUNDIR_UNREADABLE: return sb_fail(SB_ERR_IO, "%s", sb_error_text());
    case SB_RUNDIR_SEALED:
        if (force) return SB_OK;
        return sb_fail(SB_ERR_INPUT, "%s holds a sealed forecast; --resume goes on with it, --force starts over",
                       directory);
    case SB_RUNDIR_FINISHED:
        if (force) return SB_OK;
        return sb_fail(SB_ERR_INPUT, "%s holds %s; --force replaces it, -o DIR puts the new one elsewhere", directory,
                       sb_rundir_holds(directory, "kernel/summary.json") ? "kernels, a finished run"
                                                                         : "a finished run");
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

/* ---- what runs write, and therefore may remove ---- */

/* The files of each folder, "" the directory itself; '#' stands for digits, '*' for a part of a name. The seals go
 * first, so that no half-emptied directory looks sealed. */
static const struct {
    const char *folder, *files;
} results[] = {
    {"",
     "observed.sha256 forecast.sha256 summary.json agreement.tsv budget.tsv bias.tsv study.tsv design.cfg train.tsv "
     "drift.tsv drift.seed#.tsv effect.tsv history.tsv history.seed#.tsv frequencies.tsv projection.tsv filter.tsv "
     "heat.tsv "
     "manifest.cfg config.cfg"},
    {"decay", "*.flow.tsv *.flow.cfg *.gd.tsv *.gd.cfg *.gd.field.tsv observed.tsv observed.cfg observed.seed#.tsv "
              "observed.seed#.cfg observed.flow.seed#.tsv observed.flow.seed#.cfg observed.field.tsv draws.tsv "
              "density.tsv design.tsv jacobi.tsv theorem1.tsv splines.tsv data.tsv cases.tsv"},
    {"figures", "gnuplot.log style.gp"}, /* and those of plots/list.def */
    {"arrays", "*.gram.npy *.lambda.npy *.vectors.npy weights.seed#.npy weights.npy rows.*.npy x.npy y.npy"},
    {"kernel", "summary.json spectrum.tsv modes.*.tsv alignment.*.tsv eigenvectors.tsv slice.tsv transform.tsv "
               "forecast.*.tsv degrees.tsv widths.tsv"},
    {"checkpoints", "seed#"},
};

/* Whether the name is of the pattern, which ends with a blank or its text. */
static bool fits(const char *pattern, const char *name)
{
    if (*pattern == '\0' || *pattern == ' ') return *name == '\0';
    if (*pattern != '#' && *pattern != '*') return *pattern == *name && fits(pattern + 1, name + 1);
    for (size_t n = 1;; n++) {
        char c = name[n - 1];
        bool good = sb_is_digit(c) || (*pattern == '*' && ((c >= 'a' && c <= 'z') || c == '.'));
        if (!good) return false;
        if (fits(pattern + 1, name + n)) return true;
    }
}

static bool fits_one(const char *patterns, const char *name)
{
    for (const char *p = patterns; p; p = strchr(p, ' ') ? strchr(p, ' ') + 1 : NULL)
        if (fits(p, name)) return true;
    return false;
}

static bool is_figure(const char *name)
{
    for (size_t i = 0; sb_figure_at(i); i++) {
        size_t length = strlen(sb_figure_at(i)->name);
        if (strncmp(name, sb_figure_at(i)->name, length) == 0 && fits_one(".gp .pdf .svg .tex -inc.pdf", name + length))
            return true;
    }
    return false;
}

static bool is_result(size_t folder, const char *name)
{
    return fits_one(results[folder].files, name) || (strcmp(results[folder].folder, "figures") == 0 && is_figure(name));
}

/* The folder, through no link; NULL: errno says why not. */
static DIR *open_folder(const char *directory, const char *name)
{
    int top = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    int file = top < 0 || !*name ? top : openat(top, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    if (top >= 0 && top != file) close(top);
    DIR *folder = file >= 0 ? fdopendir(file) : NULL;
    if (file >= 0 && !folder) close(file);
    return folder;
}

/* Whether it is a figure's script that a person edited. */
static bool is_edited(const char *directory, size_t folder, const char *name)
{
    char path[SB_PATH];
    return strstr(name, ".gp") && sb_rundir_path(path, directory, "%s/%s", results[folder].folder, name) == SB_OK &&
           sb_script_edited(path);
}

/* Removes what killed runs left half written and, if asked, results but for edited scripts. */
static sb_status clear_folder(const char *directory, size_t index, bool all)
{
    sb_status status = SB_OK;
    const char *name = results[index].folder;
    DIR *folder = open_folder(directory, name);
    if (!folder && is_missing(errno)) return SB_OK;
    if (!folder) return sb_fail(SB_ERR_IO, "cannot look into %s/%s: %s", directory, name, sb_system_error(errno));
    for (struct dirent *entry; status == SB_OK && (entry = readdir(folder));) {
        const char *file = entry->d_name;
        bool result = all && is_result(index, file) && !is_edited(directory, index, file);
        if (!sb_writer_leftover(dirfd(folder), file) && !result) continue;
        if (unlinkat(dirfd(folder), file, 0) != 0 && errno != ENOENT)
            status = sb_fail(SB_ERR_IO, "cannot remove %s/%s%s%s: %s", directory, name, *name ? "/" : "", file,
                             sb_system_error(errno));
    }
    closedir(folder);
    return status;
}

sb_status sb_rundir_tidy(const char *directory)
{
    char path[SB_PATH];
    sb_status status = SB_OK;
    for (size_t i = 0; i < sizeof results / sizeof results[0]; i++)
        if (*results[i].folder) SB_TRY(sb_rundir_folder(path, directory, results[i].folder));
    for (size_t i = 0; i < sizeof results / sizeof results[0]; i++) SB_TRY(clear_folder(directory, i, false));
done:
    return status;
}

sb_status sb_rundir_remove(const char *directory, const char *name)
{
    char path[SB_PATH];
    sb_status status = sb_rundir_path(path, directory, "%s", name);
    if (status != SB_OK || unlink(path) == 0 || is_missing(errno)) return status;
    int error = errno;
    if (rmdir(path) == 0 || errno == ENOTEMPTY) return SB_OK;
    return sb_fail(SB_ERR_IO, "cannot remove %s: %s", path, sb_system_error(error));
}

sb_status sb_rundir_prepare(const char *directory, bool force)
{
    char path[SB_PATH];
    sb_status status = SB_OK;
    SB_TRY(sb_rundir_check(directory, force));
    SB_TRY(sb_rundir_tidy(directory)); /* refuses links before anything goes */
    SB_TRY(sb_rundir_remove(directory, "observed.sha256"));
    SB_TRY(sb_rundir_remove(directory, "forecast.sha256"));
    for (size_t i = 0; i < sizeof results / sizeof results[0]; i++) {
        SB_TRY(clear_folder(directory, i, true));
        if (i > 2 && sb_rundir_folder(path, directory, results[i].folder) == SB_OK)
            rmdir(path); /* made when asked for */
    }
    SB_TRY(make_directory(directory));
    SB_TRY(sb_rundir_make(directory, "decay"));
    SB_TRY(sb_rundir_make(directory, "figures"));
done:
    return status;
}
