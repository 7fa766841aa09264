#include "files.h"

#include <dirent.h>
#include <stdio.h>
#include <unistd.h>

#include "test.h"

#include "core/file.h"

static char folder[512];

/* In memory, where files are flushed in no time, if there is such a place. */
int make_folder(void **state)
{
    const char *build = getenv("SPECBIAS_BUILD"), *places[] = {"/dev/shm", build ? build : P_tmpdir};
    (void)state;
    for (size_t i = 0; i < 2; i++) {
        snprintf(folder, sizeof folder, "%s/unit.XXXXXX", places[i]);
        if (mkdtemp(folder)) return 0;
    }
    return -1;
}

/* Calls `visit` on each file; returns their number. */
static size_t each_file(int (*visit)(const char *path))
{
    size_t count = 0;
    DIR *open = opendir(folder);
    assert_non_null(open);
    for (struct dirent *entry; (entry = readdir(open));) {
        if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0) continue;
        count++;
        if (visit) visit(in_folder(entry->d_name));
    }
    closedir(open);
    return count;
}

int remove_folder(void **state)
{
    (void)state;
    each_file(remove);
    return rmdir(folder);
}

const char *in_folder(const char *name)
{
    static char path[4][1024];
    static size_t next;
    next = (next + 1) % 4;
    snprintf(path[next], sizeof path[next], "%s/%s", folder, name);
    return path[next];
}

size_t files_in_folder(void)
{
    return each_file(NULL);
}

bool file_exists(const char *path)
{
    return access(path, F_OK) == 0;
}

void write_text(const char *path, const char *text)
{
    FILE *stream = fopen(path, "w");
    assert_non_null(stream);
    assert_true(fputs(text, stream) >= 0);
    assert_int_equal(fclose(stream), 0);
}

char *read_text(const char *path)
{
    char *text = NULL;
    assert_ok(sb_read_file(path, &text, NULL));
    return text;
}
