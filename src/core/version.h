#ifndef SPECBIAS_CORE_VERSION_H
#define SPECBIAS_CORE_VERSION_H

const char *sb_version(void);       /* "0.1.0" */
const char *sb_version_git(void);   /* git describe of the source, or "unknown" */
const char *sb_version_flags(void); /* compiler and flags */

#endif
