#include "cli/cli.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <gsl/gsl_version.h>

#include "core/linalg.h"
#include "core/parallel.h"
#include "core/version.h"

int cmd_info(const cli_options *options)
{
    char cpu[128];
    (void)options;
    sb_cpu_name(cpu, sizeof cpu);
    printf("specbias      %s (%s)\n", sb_version(), sb_version_git());
    printf("compiler      %s\n", sb_version_flags());
    printf("gsl           %s\n", gsl_version);
    printf("fftw          %s\n", sb_fftw_version());
    printf("blas          %s\n", sb_blas_name());
    printf("blas core     %s\n", sb_blas_core());
    printf("cpu           %s, %zu core%s\n", cpu, sb_cores(), sb_cores() == 1 ? "" : "s");
    printf("instructions  %s\n", sb_isa_name());
    const char *forced = getenv("OPENBLAS_CORETYPE");
    bool wide = strcmp(sb_isa_name(), "avx512") == 0, wide_blas = !strstr("Haswell Zen Sandybridge", sb_blas_core());
    if (forced) printf("note: OPENBLAS_CORETYPE=%s chooses the BLAS kernels; unset it for the best ones\n", forced);
    if (wide && !wide_blas)
        printf("note: BLAS uses %s kernels on a machine with AVX-512: half the speed\n", sb_blas_core());
    return EXIT_AGREES;
}
