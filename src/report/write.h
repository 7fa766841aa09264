/* A result of a run directory, written whole or not at all. */
#ifndef SPECBIAS_REPORT_WRITE_H
#define SPECBIAS_REPORT_WRITE_H

#include <specbias/report.h>

#include "core/file.h"
#include "core/text.h"

/* Opens DIR/RELATIVE, a format: what sb_rundir_path makes of it. */
sb_status sb_rundir_write(sb_writer *writer, const char *directory, const char *relative, ...) SB_PRINTF(3, 4);

#endif
