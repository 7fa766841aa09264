/* A folder for the files of a test program, with fixtures that make and remove it. */
#ifndef SPECBIAS_TEST_FILES_H
#define SPECBIAS_TEST_FILES_H

#include <stdbool.h>
#include <stddef.h>

int make_folder(void **state);
int remove_folder(void **state);

/* Path of a file in it; valid until the next call but three. */
const char *in_folder(const char *name);
size_t files_in_folder(void);
bool file_exists(const char *path);
void write_text(const char *path, const char *text);
/* The whole file, to be freed. */
char *read_text(const char *path);

#endif
