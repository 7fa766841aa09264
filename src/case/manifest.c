/* config.cfg, which is sealed, and manifest.cfg, which tells besides how the numbers came about. Both can be run. */
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <gsl/gsl_version.h>

#include "case/case.h"
#include "core/linalg.h"
#include "core/parallel.h"
#include "core/version.h"
#include "report/write.h"

sb_status sb_config_text(const sb_config *config, char **text)
{
    sb_draft written;
    sb_status status = sb_draft_open(&written);
    if (status != SB_OK) return status;
    sb_config_write(config, written.stream);
    status = sb_draft_close(&written, SB_OK);
    *text = written.text;
    return status;
}

sb_status sb_write_config(const sb_config *config, const char *directory)
{
    sb_writer writer = {0};
    sb_status status = sb_rundir_write(&writer, directory, "config.cfg");
    if (status != SB_OK) return status;
    sb_config_write(config, writer.stream);
    return sb_writer_close(&writer, SB_OK);
}

/* The sealed keys as this version writes them: one that an earlier version did not know has its default. */
static sb_status sealed_text(const char *directory, char **text)
{
    sb_status status = SB_OK;
    char path[SB_PATH];
    sb_config sealed = {0};
    SB_TRY(sb_rundir_path(path, directory, "config.cfg"));
    SB_TRY(sb_config_init(&sealed));
    SB_TRY(sb_config_read(&sealed, path));
    SB_TRY(sb_config_text(&sealed, text));
done:
    sb_config_clear(&sealed);
    return status;
}

sb_status sb_check_keys(const sb_config *config, const char *directory)
{
    sb_status status = SB_OK;
    char *mine = NULL, *sealed = NULL;
    SB_TRY(sb_config_text(config, &mine));
    SB_TRY(sealed_text(directory, &sealed));
    if (strcmp(mine, sealed) != 0)
        status =
            sb_fail(SB_ERR_SEAL, "the keys differ from those under seal in %s/config.cfg; forecast anew to change them",
                    directory);
done:
    free(mine);
    free(sealed);
    return status;
}

static void write_entry(FILE *stream, const char *name, const char *value)
{
    sb_print(stream, "    %s = ", name);
    sb_write_quoted(stream, value);
    fputs(";\n", stream);
}

sb_status sb_write_manifest(const sb_config *config, const char *directory)
{
    char now[32], cpu[128], number[32];
    time_t seconds = time(NULL);
    struct tm utc;
    sb_writer writer = {0};
    sb_status status = sb_rundir_write(&writer, directory, "manifest.cfg");
    if (status != SB_OK) return status;
    FILE *stream = writer.stream;
    sb_config_write(config, stream);
    strftime(now, sizeof now, "%Y-%m-%dT%H:%M:%SZ", gmtime_r(&seconds, &utc));
    sb_cpu_name(cpu, sizeof cpu);
    fputs("provenance = {\n", stream);
    write_entry(stream, "specbias", sb_version());
    write_entry(stream, "git", sb_version_git());
    write_entry(stream, "compiler", sb_version_flags());
    write_entry(stream, "gsl", gsl_version);
    write_entry(stream, "fftw", sb_fftw_version());
    write_entry(stream, "blas", sb_blas_name());
    write_entry(stream, "blas_core", sb_blas_core());
    write_entry(stream, "instructions", sb_isa_name());
    write_entry(stream, "cpu", cpu);
    sb_format(number, sizeof number, "%zu", sb_cores());
    write_entry(stream, "cores", number);
    write_entry(stream, "forecast_at", now);
    fputs("};\n", stream);
    return sb_writer_close(&writer, SB_OK);
}

sb_status sb_save_array(const char *directory, const char *base, const double *values, size_t rows, size_t columns)
{
    char path[SB_PATH];
    sb_status status = sb_rundir_make(directory, "arrays");
    if (status == SB_OK) status = sb_rundir_path(path, directory, "arrays/%s.npy", base);
    return status == SB_OK ? sb_npy_write(path, values, rows, columns) : status;
}
