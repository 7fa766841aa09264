#include "cli/cli.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <gsl/gsl_version.h>

#include "core/linalg.h"
#include "core/parallel.h"
#include "core/version.h"

static void print_field(const char *name, const char *text)
{
    size_t at = (size_t)printf("%-13s", name);
    print_words(&at, 13, text);
    printf("\n");
}

int cmd_info(const cli_options *options)
{
    char cpu[128];
    (void)options;
    sb_cpu_name(cpu, sizeof cpu);
    printf("specbias      %s (%s)\n", sb_version(), sb_version_git());
    print_field("compiler", sb_version_flags());
    print_field("gsl", gsl_version);
    print_field("fftw", sb_fftw_version());
    print_field("blas", sb_blas_name());
    print_field("blas core", sb_blas_core());
    printf("cpu           %s, %zu core%s\n", cpu, sb_cores(), sb_cores() == 1 ? "" : "s");
    print_field("instructions", sb_isa_name());
    const char *forced = getenv("OPENBLAS_CORETYPE");
    bool wide = strcmp(sb_isa_name(), "avx512") == 0, wide_blas = !strstr("Haswell Zen Sandybridge", sb_blas_core());
    if (forced) printf("note: OPENBLAS_CORETYPE=%s chooses the BLAS kernels; best unset\n", forced);
    if (wide && !wide_blas)
        printf("note: BLAS uses %s kernels on a machine with AVX-512: half the speed\n", sb_blas_core());
    return EXIT_AGREES;
}
