#include "core/parallel.h"
#include "core/text.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <specbias/isa.h>

void sb_cpu_name(char *name, size_t size)
{
    char line[256];
    sb_format(name, size, "unknown");
    FILE *stream = fopen("/proc/cpuinfo", "r");
    while (stream && fgets(line, sizeof line, stream)) {
        const char *colon = strchr(line, ':');
        if (strncmp(line, "model name", 10) != 0 || !colon) continue;
        sb_format(name, size, "%.*s", (int)strcspn(colon + 2, "\n"), colon + 2);
        break;
    }
    if (stream) fclose(stream);
}

double sb_memory(void)
{
    return (double)sysconf(_SC_PHYS_PAGES) * (double)sysconf(_SC_PAGESIZE);
}

const char *sb_isa_name(void)
{
#ifdef SB_HAVE_X86_ISAS
    const char *wish = getenv("SPECBIAS_ISA");
    bool v3 = __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma") && __builtin_cpu_supports("bmi2");
    bool v4 = v3 && __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512dq") &&
              __builtin_cpu_supports("avx512vl") && __builtin_cpu_supports("avx512bw") &&
              __builtin_cpu_supports("avx512cd");
    if (wish && strcmp(wish, "baseline") == 0) return "baseline";
    if (v4 && !(wish && strcmp(wish, "avx2") == 0)) return "avx512";
    if (v3) return "avx2";
#endif
    return "baseline";
}
