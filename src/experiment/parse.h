/* libconfig, which reads numbers by the locale of the host and sets that of the thread. */
#ifndef SPECBIAS_EXPERIMENT_PARSE_H
#define SPECBIAS_EXPERIMENT_PARSE_H

#include <stdbool.h>

#include <libconfig.h>

/* config_read_string in the C locale; false: libconfig says where and why. */
bool sb_parse(config_t *parsed, const char *text);

#endif
