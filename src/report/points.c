/* The folder of a sweep's points, and the locks in it. */
#include <specbias/report.h>

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/text.h"

bool sb_point_is_name(const char *name)
{
    return *name == 'p' && strlen(name) == 17 && strspn(name + 1, "0123456789abcdef") == 16;
}

sb_status sb_rundir_make_points(const char *directory)
{
    sb_status status = sb_make_directory(directory);
    return status == SB_OK ? sb_rundir_make(directory, "points") : status;
}

static void let_go(sb_lock *lock)
{
    if (lock->file >= 0) close(lock->file);
    if (lock->folder >= 0) close(lock->folder);
    *lock = (sb_lock){.file = -1, .folder = -1};
}

/* With flags O_CREAT a file that is not there is made; *there = false: it is not there. */
static sb_status take(const char *directory, const char *name, int flags, bool wait, sb_lock *lock, bool *held,
                      bool *there)
{
    char path[SB_PATH];
    *lock = (sb_lock){.file = -1, .folder = -1};
    *held = false;
    sb_status status = sb_rundir_folder(path, directory, "points");
    if (status != SB_OK) return status;
    sb_format(lock->name, sizeof lock->name, "%s.lock", name);
    lock->folder = open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    if (lock->folder >= 0)
        lock->file = openat(lock->folder, lock->name, O_RDWR | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC | flags, 0666);
    *there = lock->file >= 0 || errno != ENOENT;
    bool open = lock->file >= 0;
    while (open && !*held) {
        *held = flock(lock->file, LOCK_EX | (wait ? 0 : LOCK_NB)) == 0;
        if (!*held && errno != EINTR) break;
    }
    if (*there && !*held && !(open && errno == EWOULDBLOCK))
        status = sb_fail(SB_ERR_IO, "cannot lock %s/%s: %s", path, lock->name, sb_system_error(errno));
    if (!*held) let_go(lock);
    return status;
}

/* Whether the file was removed by who held it before. */
static bool has_gone(const sb_lock *lock)
{
    struct stat info;
    return fstat(lock->file, &info) == 0 && info.st_nlink == 0;
}

sb_status sb_lock_take(const char *directory, const char *name, bool wait, sb_lock *lock, bool *held)
{
    bool there;
    for (;;) {
        sb_status status = take(directory, name, O_CREAT, wait, lock, held, &there);
        if (status == SB_OK && !there) return sb_fail(SB_ERR_IO, "%s/points has gone", directory);
        if (status != SB_OK || !*held || !has_gone(lock)) return status;
        let_go(lock);
    }
}

sb_status sb_lock_held(const char *directory, const char *name, bool *held)
{
    sb_lock lock;
    bool mine, there;
    sb_status status = take(directory, name, 0, false, &lock, &mine, &there);
    *held = status == SB_OK && there && !mine;
    if (mine) let_go(&lock);
    return status;
}

void sb_lock_release(sb_lock *lock)
{
    if (lock->folder >= 0) unlinkat(lock->folder, lock->name, 0);
    let_go(lock);
}
