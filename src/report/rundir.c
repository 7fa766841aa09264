#include "report/write.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

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

static sb_status path_of(char path[SB_PATH], const char *directory, const char *relative, va_list arguments)
{
    int used = sb_format(path, SB_PATH, "%s/", directory), more = SB_PATH;
    if (used < SB_PATH) more = sb_format_list(path + used, (size_t)(SB_PATH - used), relative, arguments);
    if (used + more >= SB_PATH) return sb_fail(SB_ERR_IO, "path too long below %.100s", directory);
    sb_status status = SB_OK;
    for (char *slash = strchr(path + used, '/'); slash && status == SB_OK; slash = strchr(slash + 1, '/'))
        status = refuse_link(path, (size_t)(slash - path));
    return status;
}

sb_status sb_rundir_path(char path[SB_PATH], const char *directory, const char *relative, ...)
{
    va_list arguments;
    va_start(arguments, relative);
    sb_status status = path_of(path, directory, relative, arguments);
    va_end(arguments);
    return status;
}

sb_status sb_rundir_write(sb_writer *writer, const char *directory, const char *relative, ...)
{
    char path[SB_PATH];
    va_list arguments;
    va_start(arguments, relative);
    sb_status status = path_of(path, directory, relative, arguments);
    va_end(arguments);
    return status == SB_OK ? sb_writer_open(writer, path) : status;
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

static bool is_lock(const char *name)
{
    const sb_file *file = sb_file_find("points", name);
    return file && file->stage == SB_FILE_CHECKPOINT;
}

/* Whether there is no more than a run leaves that could not write its first file: at the top empty folders, locks of a
 * sweep, and temporary files. */
static sb_rundir_state look_for_others(const char *directory, bool top)
{
    char path[SB_PATH];
    sb_rundir_state state = SB_RUNDIR_EMPTY;
    DIR *folder = opendir(directory);
    if (!folder) return unreadable(directory);
    for (struct dirent *entry; state == SB_RUNDIR_EMPTY && (entry = readdir(folder));) {
        const char *name = entry->d_name;
        if (strcmp(name, ".") == 0 || strcmp(name, "..") == 0 || sb_writer_leftover(dirfd(folder), name)) continue;
        if (!top && is_lock(name)) continue;
        bool made = strcmp(name, "decay") == 0 || strcmp(name, "figures") == 0 || strcmp(name, "points") == 0;
        bool ours = top && made && sb_rundir_path(path, directory, "%s", name) == SB_OK;
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

sb_status sb_make_directory(const char *path)
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

/* The folders, "" the directory itself; those from the third on are made when asked for. */
static const char *const folders[] = {"", "decay", "figures", "arrays", "kernel", "checkpoints", "snapshots", "tables"};
enum { FOLDERS = sizeof folders / sizeof folders[0], ON_REQUEST = 3 };

static bool is_figure(const char *name)
{
    static const char *const end[] = {".gp", ".pdf", ".svg", ".png", ".tex", "-inc.pdf", "-inc.eps"};
    for (size_t i = 0; sb_figure_at(i); i++) {
        size_t length = strlen(sb_figure_at(i)->name);
        if (strncmp(name, sb_figure_at(i)->name, length) != 0) continue;
        for (size_t e = 0; e < sizeof end / sizeof end[0]; e++)
            if (strcmp(name + length, end[e]) == 0) return true;
    }
    return false;
}

/* Of the stages from, .., to. */
static bool is_result(const char *folder, const char *name, sb_file_stage from, sb_file_stage to)
{
    const sb_file *file = sb_file_find(folder, name);
    if (file) return file->stage >= from && file->stage <= to;
    return from <= SB_FILE_FIGURE && to >= SB_FILE_FIGURE && strcmp(folder, "figures") == 0 && is_figure(name);
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
static bool is_edited(const char *directory, const char *folder, const char *name)
{
    char path[SB_PATH];
    return strstr(name, ".gp") && sb_rundir_path(path, directory, "%s/%s", folder, name) == SB_OK &&
           sb_script_edited(path);
}

#define NO_STAGE ((sb_file_stage)(SB_FILE_CHECKPOINT + 1))

/* Removes what killed runs left half written, and results of the stages from, .., to but for edited scripts. */
static sb_status clear_folder(const char *directory, const char *name, sb_file_stage from, sb_file_stage to)
{
    sb_status status = SB_OK;
    DIR *folder = open_folder(directory, name);
    if (!folder && is_missing(errno)) return SB_OK;
    if (!folder) return sb_fail(SB_ERR_IO, "cannot look into %s/%s: %s", directory, name, sb_system_error(errno));
    for (struct dirent *entry; status == SB_OK && (entry = readdir(folder));) {
        const char *file = entry->d_name;
        bool result = is_result(name, file, from, to) && !is_edited(directory, name, file);
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
    for (size_t i = 1; i < FOLDERS; i++) SB_TRY(sb_rundir_folder(path, directory, folders[i]));
    for (size_t i = 0; i < FOLDERS; i++) SB_TRY(clear_folder(directory, folders[i], NO_STAGE, NO_STAGE));
done:
    return status;
}

sb_status sb_rundir_forget(const char *directory)
{
    sb_status status = sb_seals_lift(directory);
    return status == SB_OK ? clear_folder(directory, "", SB_FILE_OBSERVED, SB_FILE_VERDICT) : status;
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
    SB_TRY(sb_seals_lift(directory));
    SB_TRY(sb_rundir_remove(directory, "forecast.sha256"));
    for (size_t i = 0; i < FOLDERS; i++) {
        SB_TRY(clear_folder(directory, folders[i], SB_FILE_KEYS, SB_FILE_CHECKPOINT));
        if (i >= ON_REQUEST && sb_rundir_folder(path, directory, folders[i]) == SB_OK) rmdir(path);
    }
    SB_TRY(sb_make_directory(directory));
    SB_TRY(sb_rundir_make(directory, "decay"));
    SB_TRY(sb_rundir_make(directory, "figures"));
done:
    return status;
}

/* ---- figures of several runs ---- */

/* Whether a folder holds nothing, or a table of such figures and nothing else that is no figure. */
static bool holds_figures(const char *directory)
{
    bool ours = true, any = false, table = false;
    DIR *top = opendir(directory), *folder = open_folder(directory, "tables");
    for (struct dirent *entry; top && ours && (entry = readdir(top));) {
        const char *name = entry->d_name;
        if (strcmp(name, ".") == 0 || strcmp(name, "..") == 0) continue;
        any = true;
        ours = strcmp(name, "tables") == 0 || strcmp(name, "figures") == 0;
    }
    for (struct dirent *entry; folder && !table && (entry = readdir(folder));)
        table = sb_file_find("tables", entry->d_name) != NULL;
    if (top) closedir(top);
    if (folder) closedir(folder);
    return ours && (!any || table);
}

sb_status sb_rundir_prepare_figures(const char *directory)
{
    sb_status status = SB_OK;
    struct stat info;
    bool there = stat(directory, &info) == 0;
    if (!there && !is_missing(errno)) return unreadable(directory), SB_ERR_IO;
    if (there && (!S_ISDIR(info.st_mode) || !holds_figures(directory)))
        return sb_fail(SB_ERR_INPUT,
                       "%s holds what is no figure of several runs; nothing was touched, -o DIR puts them elsewhere",
                       directory);
    SB_TRY(sb_make_directory(directory));
    SB_TRY(sb_rundir_tidy(directory)); /* refuses links */
    SB_TRY(sb_rundir_make(directory, "tables"));
    SB_TRY(clear_folder(directory, "tables", SB_FILE_FIGURE, SB_FILE_FIGURE));
done:
    return status;
}
