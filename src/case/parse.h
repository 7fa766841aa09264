/* Texts in the format of libconfig: files with all that they include, in any locale, each line knowing its file. */
#ifndef SPECBIAS_EXPERIMENT_PARSE_H
#define SPECBIAS_EXPERIMENT_PARSE_H

#include <stddef.h>

#include <libconfig.h>

#include <specbias/status.h>

typedef struct sb_parsed {
    config_t config;
    size_t lines, files;
    struct sb_line *line; /* [lines] of the text with all that it includes */
    char **file;          /* [files] */
} sb_parsed;

/* A configuration; what it includes stands in the folder of `path`, or has a path of its own. SB_ERR_INPUT with
 * file:line, also for whole numbers beyond 31 bits. `parsed` is to be cleared also then. */
sb_status sb_parse_file(sb_parsed *parsed, const char *path);
/* A text that nobody named, such as --set; reasons begin with `what`. */
sb_status sb_parse_text(sb_parsed *parsed, const char *what, const char *text);
void sb_parsed_clear(sb_parsed *parsed);

/* config_init and config_read_string in the C locale (libconfig 1.5 would leave the thread with that of the program).
 * SB_ERR_INPUT: libconfig says where and why. What is read is whole: every member has its name and every text its
 * characters. `config` is to be zero before and destroyed in any case. */
sb_status sb_parse(config_t *config, const char *text);

/* Where a setting stands: *line of the file that is returned. */
const char *sb_parsed_at(const sb_parsed *parsed, const config_setting_t *setting, unsigned *line);

#endif
