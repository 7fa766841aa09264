#include "core/parallel.h"
#include "core/text.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#ifdef SB_HAVE_X86_ISAS
#include <cpuid.h>
#endif

#include <specbias/isa.h>

/* CPUID 0x80000002 .. 4: 48 characters. */
static bool cpu_says(char text[49])
{
#ifdef SB_HAVE_X86_ISAS
    unsigned part[13] = {0};
    for (unsigned i = 0; i < 3; i++) {
        unsigned *r = part + 4 * i;
        if (!__get_cpuid(0x80000002 + i, r, r + 1, r + 2, r + 3)) return false;
    }
    memcpy(text, part, 49);
    return *text != '\0';
#else
    (void)text;
    return false;
#endif
}

void sb_cpu_name(char *name, size_t size)
{
    char line[256], text[49];
    if (cpu_says(text)) {
        sb_format(name, size, "%s", text + strspn(text, " "));
        return;
    }
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

sb_status sb_memory_check(size_t bytes)
{
    char *volatile reserve = malloc(bytes);
    bool there = reserve != NULL;
    free(reserve);
    return there ? SB_OK : sb_fail(SB_ERR_NOMEM, "no memory for %zu bytes", bytes);
}

void *sb_pages(size_t bytes)
{
#ifdef MADV_HUGEPAGE
    size_t page = (size_t)2 << 20;
    void *room = bytes < 8 * page ? malloc(bytes) : aligned_alloc(page, (bytes + page - 1) / page * page);
    if (room && bytes >= 8 * page) madvise(room, bytes, MADV_HUGEPAGE); /* advice: it may be ignored */
    return room;
#else
    return malloc(bytes);
#endif
}

double sb_memory(void)
{
    char line[256];
    double kilobytes = 0;
    FILE *stream = fopen("/proc/meminfo", "r");
    while (stream && kilobytes == 0 && fgets(line, sizeof line, stream))
        if (strncmp(line, "MemAvailable:", 13) == 0) kilobytes = (double)strtoull(line + 13, NULL, 10);
    if (stream) fclose(stream);
    return kilobytes > 0 ? 1024 * kilobytes : (double)sysconf(_SC_PHYS_PAGES) * (double)sysconf(_SC_PAGESIZE);
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
