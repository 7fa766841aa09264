#include "core/version.h"

#ifndef SB_VERSION
#define SB_VERSION "0.0.0"
#endif
#ifndef SB_GIT
#define SB_GIT "unknown"
#endif
#ifndef SB_CFLAGS
#define SB_CFLAGS ""
#endif

const char *sb_version(void)
{
    return SB_VERSION;
}

const char *sb_version_git(void)
{
    return SB_GIT;
}

const char *sb_version_flags(void)
{
    return "gcc " __VERSION__ " " SB_CFLAGS;
}
