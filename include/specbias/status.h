/* Status codes and the per-thread error text.
 *
 * Every fallible function returns an sb_status. When it is not SB_OK, sb_error_text() says why, in one line,
 * with the file and line of the configuration where there is one. The library never prints and never exits.
 * What it writes and reads is that of the C locale whatever the host or the thread has set, and it sets none. */
#ifndef SPECBIAS_STATUS_H
#define SPECBIAS_STATUS_H

#define SB_STATUS_LIST(X)                                                                                              \
    X(OK, "ok")                                                                                                        \
    X(ERR_INPUT, "bad input")                                                                                          \
    X(ERR_SEAL, "broken seal")                                                                                         \
    X(ERR_UNSUPPORTED, "not supported")                                                                                \
    X(ERR_NUMERIC, "numerical failure")                                                                                \
    X(ERR_IO, "input/output error")                                                                                    \
    X(ERR_NOMEM, "out of memory")                                                                                      \
    X(ERR_INTERRUPTED, "interrupted")

typedef enum sb_status {
#define SB_STATUS_ENUM(code, text) SB_##code,
    SB_STATUS_LIST(SB_STATUS_ENUM)
#undef SB_STATUS_ENUM
} sb_status;

/* The short text of a code, e.g. "bad input". */
const char *sb_status_text(sb_status status);

/* Why the last call of this thread failed; "" when none did. Valid until the thread's next failing call. */
const char *sb_error_text(void);

/* Records the reason (printf format) for this thread and returns status. */
#if defined(__GNUC__)
__attribute__((format(printf, 2, 3)))
#endif
sb_status
sb_fail(sb_status status, const char *format, ...);

/* Inside a function with `sb_status status = SB_OK;` and one `done:` label. */
#define SB_TRY(call)                                                                                                   \
    do {                                                                                                               \
        status = (call);                                                                                               \
        if (status != SB_OK) goto done;                                                                                \
    } while (0)

#endif
