/* The list of all files that a run writes (files.def), and which of them a name in a folder is. */
#include <specbias/report.h>

#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "core/text.h"

static const sb_file file[] = {
#define FILE(folder, names, stage, variable, help) {folder, names, SB_FILE_##stage, variable, help},
#include "report/files.def"
#undef FILE
};

const sb_file *sb_file_at(size_t index)
{
    return index < sizeof file / sizeof file[0] ? &file[index] : NULL;
}

static bool fits(const char *pattern, const char *name)
{
    if (*pattern != '#' && *pattern != '*') return *pattern == *name && (!*name || fits(pattern + 1, name + 1));
    for (size_t n = 1;; n++) {
        char c = name[n - 1];
        bool good = sb_is_digit(c) || (*pattern == '*' && (sb_is_letter(c) || c == '.' || c == '-' || c == '_'));
        if (!good) return false;
        if (fits(pattern + 1, name + n)) return true;
    }
}

const sb_file *sb_file_find(const char *folder, const char *name)
{
    for (size_t i = 0; sb_file_at(i); i++)
        if (strcmp(file[i].folder, folder) == 0 && fits(file[i].names, name)) return &file[i];
    return NULL;
}

sb_status sb_file_there(const char *directory, const sb_file *one, bool *there)
{
    char path[SB_PATH];
    *there = false;
    sb_status status = sb_rundir_folder(path, directory, one->folder);
    DIR *folder = status == SB_OK ? opendir(path) : NULL;
    if (status == SB_OK && !folder && errno != ENOENT && errno != ENOTDIR)
        status =
            sb_fail(errno == ENOMEM ? SB_ERR_NOMEM : SB_ERR_IO, "cannot list %s: %s", path, sb_system_error(errno));
    for (struct dirent *entry; folder && !*there && (entry = readdir(folder));)
        *there = sb_file_find(one->folder, entry->d_name) == one;
    if (folder) closedir(folder);
    return status;
}
