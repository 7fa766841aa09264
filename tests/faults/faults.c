/* Makes one allocation or one call of the system fail: a library to be preloaded (LD_PRELOAD) into the program.
 *
 *   FAULT=alloc           the malloc, calloc, realloc, aligned_alloc, posix_memalign that counts; also inside strdup,
 *                         getline, open_memstream, fopen, opendir, scandir and whatever else of the C library asks
 *   FAULT=io              fopen, fdopen, open, openat, read, write, fsync, fclose, close, rename, mkdir, unlink, rmdir,
 *                         opendir, fdopendir, scandir, stat, lstat, fstat and their *at forms; read, write and fclose
 *                         also of streams (which become streams of ours, fopencookie, for that). Not access: a file
 *                         of which nothing can be known counts as one that may be there (src/report/rundir.c)
 *   FAULT=kill            the same calls; the process is killed (SIGKILL) instead of the one that counts
 *   FAULT_AT=K            the K-th call fails, and no other; 0: none
 *   FAULT_ERRNO=N         with this number (default: ENOMEM, EIO)
 *   FAULT_LOG=FILE        at the end: how many calls counted, which one failed, and who had called it
 *                         or, when the process dies of a signal, where
 *   FAULT_SITES=FILE      at the end, for each way that led to a call (its whole stack): the numbers of the first and
 * of the last call that came so, a name of the place (the innermost frames) and one of the way, the same in all runs;
 * of FAULT=kill only calls that change what is on disk
 *
 * A call counts when the program made it, or one of the libraries below that can report a failure to it. What these
 * ask of the C library counts, too. The rest is left out, as it may end the process, or wait for ever, when it gets no
 * memory: OpenBLAS (spins in its allocator), FFTW (exit), libgomp and libgfortran (abort), ARPACK, and the loader's and
 * the C library's own work at the start of threads and of the process. libconfig 1.5 and its scanner read through the
 * null pointer or exit when their own allocations fail (src/case/parse.c makes sure of memory before); what it
 * copies by strdup counts, as it hands on that NULL. GSL 2.7 frees what it never set when its driver of differential
 * equations gets no memory (src/core/ode.c makes sure of it, too). */
#include <dlfcn.h>
#include <errno.h>
#include <execinfo.h>
#include <fcntl.h>
#include <link.h>
#include <signal.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <dirent.h>

void *__libc_malloc(size_t size);
void *__libc_calloc(size_t count, size_t size);
void *__libc_realloc(void *old, size_t size);
void *__libc_memalign(size_t alignment, size_t size);

/* Beside the program, the first of the list of loaded objects. */
static const char *const copying[] = {"libconfig."};
static const char *const reporting[] = {"libjansson.", "libpng", "libz.", "libnettle.", "libgsl.", "liblapacke."};
static const char *const transparent[] = {"libc.", "libm.", "ld-linux", "faults.so"};

enum owner { OTHER, OURS, COPIES, LIBC };
typedef struct range {
    uintptr_t base, from, to;
    enum owner owner;
    char name[32];
} range;

enum { FRAMES = 24, PLACE = 4, RANGES = 64, SITES = 16384 };
static range object[RANGES];
static size_t objects;
static enum { OFF, ALLOC, IO } mode;
static long target;
static atomic_long counted;
static int error_number;
static bool deadly;
static _Thread_local int excused;
static const char *sites; /* one thread only */
static struct {
    uint64_t way, place;
    long first, last;
} site[SITES];
static struct {
    const char *call;
    int depth;
    void *frame[FRAMES];
} hit;

static bool is_among(const char *path, const char *const *list, size_t n)
{
    const char *slash = strrchr(path, '/'), *name = slash ? slash + 1 : path;
    for (size_t i = 0; i < n; i++)
        if (strncmp(name, list[i], strlen(list[i])) == 0) return true;
    return false;
}

static int note_object(struct dl_phdr_info *info, size_t size, void *first)
{
    (void)size;
    enum owner owner = *(bool *)first                                                                     ? OURS
                       : is_among(info->dlpi_name, reporting, sizeof reporting / sizeof *reporting)       ? OURS
                       : is_among(info->dlpi_name, copying, 1)                                            ? COPIES
                       : is_among(info->dlpi_name, transparent, sizeof transparent / sizeof *transparent) ? LIBC
                                                                                                          : OTHER;
    const char *slash = strrchr(info->dlpi_name, '/');
    *(bool *)first = false;
    for (int i = 0; i < info->dlpi_phnum && objects < RANGES; i++) {
        const ElfW(Phdr) *part = &info->dlpi_phdr[i];
        if (part->p_type != PT_LOAD || !(part->p_flags & PF_X)) continue;
        range *r = &object[objects++];
        *r = (range){info->dlpi_addr, info->dlpi_addr + part->p_vaddr, info->dlpi_addr + part->p_vaddr + part->p_memsz,
                     owner, ""};
        snprintf(r->name, sizeof r->name, "%s", slash ? slash + 1 : "program");
    }
    return 0;
}

static const range *range_of(void *address)
{
    for (size_t i = 0; i < objects; i++)
        if ((uintptr_t)address >= object[i].from && (uintptr_t)address < object[i].to) return &object[i];
    return NULL;
}

static enum owner owner_of(void *address)
{
    const range *r = range_of(address);
    return r ? r->owner : OTHER;
}

/* On whose behalf: what the C library does, it does for the first frame outside of it. */
static bool counts(void *caller)
{
    enum owner owner = owner_of(caller);
    if (owner != LIBC) return owner == OURS || (owner == COPIES && mode == IO);
    void *frame[FRAMES];
    int depth = backtrace(frame, FRAMES), i = 0;
    while (i < depth && owner_of(frame[i]) == LIBC) i++;
    return i < depth && owner_of(frame[i]) <= COPIES && owner_of(frame[i]) >= OURS;
}

/* FNV-1a of return addresses, as they are in their files */
static uint64_t name_of(void *const *frame, int count)
{
    uint64_t name = 14695981039346656037u;
    for (int i = 0; i < count; i++) {
        const range *r = range_of(frame[i]);
        uint64_t offset = r ? (uintptr_t)frame[i] - r->base : 0, file = r ? (uint64_t)(r - object) : RANGES;
        name = (name ^ file ^ offset << 8) * 1099511628211u;
    }
    return name;
}

static void note_site(long number)
{
    void *frame[FRAMES];
    int depth = backtrace(frame, FRAMES), inner = 0;
    while (inner < depth && owner_of(frame[inner]) == LIBC) inner++;
    while (depth > inner && !range_of(frame[depth - 1])) depth--;
    uint64_t way = name_of(frame, depth), place = name_of(frame, inner + PLACE < depth ? inner + PLACE : depth);
    for (size_t i = way % SITES, tries = 0; tries < SITES; i = (i + 1) % SITES, tries++) {
        if (site[i].way != way && site[i].way != 0) continue;
        if (site[i].way == 0) site[i].first = number;
        site[i].way = way;
        site[i].place = place;
        site[i].last = number;
        return;
    }
}

/* Whether what is on disk may be another behind the call. */
static bool changes(const char *call)
{
    static const char *const name[] = {"write", "fwrite", "rename", "mkdir", "unlink", "rmdir", "to write"};
    for (size_t i = 0; i < sizeof name / sizeof *name; i++)
        if (strstr(call, name[i])) return true;
    return false;
}

/* Whether this call is the one to fail. */
static bool fails(int kind, const char *call, void *caller)
{
    if ((int)mode != kind || excused || !counts(caller)) return false;
    long number = atomic_fetch_add(&counted, 1) + 1;
    if (sites && (!deadly || changes(call))) note_site(number);
    if (number != target) return false;
    if (deadly) kill(getpid(), SIGKILL);
    hit.call = call;
    hit.depth = backtrace(hit.frame, FRAMES);
    errno = error_number;
    return true;
}

static void write_log(const char *path);

/* Where it dies is more telling than what failed. */
static void on_death(int signal)
{
    const char *path = getenv("FAULT_LOG");
    hit.call = "died after";
    hit.depth = backtrace(hit.frame, FRAMES);
    if (path) write_log(path);
    _exit(128 + signal);
}

__attribute__((constructor)) static void begin(void)
{
    const char *what = getenv("FAULT"), *at = getenv("FAULT_AT"), *number = getenv("FAULT_ERRNO");
    void *frame[2];
    bool first = true;
    if (!what || strcmp(program_invocation_short_name, "specbias") != 0) return; /* not in the programs it starts */
    backtrace(frame, 2);                                                         /* loads what it needs now */
    dl_iterate_phdr(note_object, &first);
    target = at ? atol(at) : 0;
    sites = getenv("FAULT_SITES");
    error_number = number ? atoi(number) : strcmp(what, "alloc") == 0 ? ENOMEM : EIO;
    signal(SIGSEGV, on_death);
    signal(SIGABRT, on_death);
    signal(SIGFPE, on_death);
    deadly = strcmp(what, "kill") == 0;
    mode = strcmp(what, "alloc") == 0 ? ALLOC : IO;
}

static void write_log(const char *path)
{
    char text[4096];
    int used = snprintf(text, sizeof text, "%ld %s", (long)counted, hit.call ? hit.call : "-");
    for (int i = 0; i < hit.depth && used < (int)sizeof text - 64; i++) {
        const range *r = range_of(hit.frame[i]);
        if (r && r->owner != LIBC)
            used += snprintf(text + used, sizeof text - (size_t)used, " %s+0x%lx", r->name,
                             (unsigned long)((uintptr_t)hit.frame[i] - r->base));
    }
    text[used++] = '\n';
    int file = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0666);
    if (file < 0 || write(file, text, (size_t)used) < 0) _exit(99);
    close(file);
}

static void write_sites(void)
{
    int file = open(sites, O_WRONLY | O_CREAT | O_TRUNC, 0666);
    if (file < 0) _exit(99);
    for (size_t i = 0; i < SITES; i++)
        if (site[i].way)
            dprintf(file, "%ld %ld %llx %llx\n", site[i].first, site[i].last, (unsigned long long)site[i].place,
                    (unsigned long long)site[i].way);
    close(file);
}

__attribute__((destructor)) static void end(void)
{
    const char *path = getenv("FAULT_LOG");
    if (mode == OFF) return;
    mode = OFF;
    if (path) write_log(path);
    if (sites) write_sites();
}

/* ---- memory ---- */

#define CALLER __builtin_return_address(0)
/* The function that ours stands in front of. */
#define REAL(name) ((__typeof__(&name))(uintptr_t)dlsym(RTLD_NEXT, #name))

void *malloc(size_t size)
{
    return fails(ALLOC, "malloc", CALLER) ? NULL : __libc_malloc(size);
}

void *calloc(size_t count, size_t size)
{
    return fails(ALLOC, "calloc", CALLER) ? NULL : __libc_calloc(count, size);
}

void *realloc(void *old, size_t size)
{
    return fails(ALLOC, "realloc", CALLER) ? NULL : __libc_realloc(old, size);
}

void *aligned_alloc(size_t alignment, size_t size)
{
    return fails(ALLOC, "aligned_alloc", CALLER) ? NULL : __libc_memalign(alignment, size);
}

int posix_memalign(void **place, size_t alignment, size_t size)
{
    if (fails(ALLOC, "posix_memalign", CALLER)) return ENOMEM;
    *place = __libc_memalign(alignment, size);
    return *place ? 0 : ENOMEM;
}

struct gsl_odeiv2_driver *gsl_odeiv2_driver_alloc_y_new(const void *system, const void *type, double step,
                                                        double absolute, double relative);
struct gsl_odeiv2_driver *gsl_odeiv2_driver_alloc_y_new(const void *system, const void *type, double step,
                                                        double absolute, double relative)
{
    excused++;
    void *driver = REAL(gsl_odeiv2_driver_alloc_y_new)(system, type, step, absolute, relative);
    excused--;
    return driver;
}

/* ---- the system ---- */

#define FAILS(name) fails(IO, #name, CALLER)
#define CALL(result, name, parameters, arguments, failure)                                                             \
    result name parameters                                                                                             \
    {                                                                                                                  \
        return FAILS(name) ? failure : REAL(name) arguments;                                                           \
    }

CALL(ssize_t, read, (int file, void *data, size_t size), (file, data, size), -1)
CALL(ssize_t, write, (int file, const void *data, size_t size), (file, data, size), -1)
CALL(int, fsync, (int file), (file), -1)
CALL(int, rename, (const char *from, const char *to), (from, to), -1)
CALL(int, renameat, (int a, const char *from, int b, const char *to), (a, from, b, to), -1)
CALL(int, mkdir, (const char *path, mode_t bits), (path, bits), -1)
CALL(int, mkdirat, (int folder, const char *path, mode_t bits), (folder, path, bits), -1)
CALL(int, unlink, (const char *path), (path), -1)
CALL(int, unlinkat, (int folder, const char *path, int flags), (folder, path, flags), -1)
CALL(int, rmdir, (const char *path), (path), -1)
CALL(DIR *, opendir, (const char *path), (path), NULL)
CALL(DIR *, fdopendir, (int file), (file), NULL)
CALL(int, stat, (const char *path, struct stat *about), (path, about), -1)
CALL(int, lstat, (const char *path, struct stat *about), (path, about), -1)
CALL(int, fstat, (int file, struct stat *about), (file, about), -1)
CALL(int, fstatat, (int folder, const char *path, struct stat *about, int flags), (folder, path, about, flags), -1)
CALL(int, scandir,
     (const char *path, struct dirent ***list, int (*choose)(const struct dirent *),
      int (*order)(const struct dirent **, const struct dirent **)),
     (path, list, choose, order), -1)

static mode_t bits_of(int flags, va_list arguments)
{
    return flags & O_CREAT ? va_arg(arguments, mode_t) : 0;
}

#define OPEN(name, parameters, arguments)                                                                              \
    int name parameters                                                                                                \
    {                                                                                                                  \
        va_list rest;                                                                                                  \
        va_start(rest, flags);                                                                                         \
        mode_t bits = bits_of(flags, rest);                                                                            \
        va_end(rest);                                                                                                  \
        return fails(IO, flags & O_ACCMODE ? #name " to write" : #name, CALLER) ? -1 : REAL(name) arguments;           \
    }

OPEN(open, (const char *path, int flags, ...), (path, flags, bits))
OPEN(open64, (const char *path, int flags, ...), (path, flags, bits))
OPEN(openat, (int folder, const char *path, int flags, ...), (folder, path, flags, bits))
OPEN(openat64, (int folder, const char *path, int flags, ...), (folder, path, flags, bits))

/* Closed all the same, as Linux does. */
int close(int file)
{
    bool bad = FAILS(close);
    int result = REAL(close)(file);
    if (bad) errno = error_number;
    return bad ? -1 : result;
}

/* ---- streams whose every read, write and close can fail ---- */

typedef struct cookie {
    FILE *stream;
    int file;
} cookie;

enum { STREAMS = 64 };
static cookie opened[STREAMS];

static ssize_t cookie_read(void *context, char *data, size_t size)
{
    const cookie *c = context;
    return fails(IO, "fread", (void *)(uintptr_t)object[0].from) ? -1 : REAL(read)(c->file, data, size);
}

/* Half of it is written before it fails. */
static ssize_t cookie_write(void *context, const char *data, size_t size)
{
    const cookie *c = context;
    bool bad = fails(IO, "fwrite", (void *)(uintptr_t)object[0].from);
    ssize_t done = REAL(write)(c->file, data, bad ? size / 2 : size);
    if (bad) errno = error_number;
    return bad || done < 0 ? 0 : done;
}

static int cookie_seek(void *context, off64_t *offset, int whence)
{
    const cookie *c = context;
    *offset = lseek64(c->file, *offset, whence);
    return *offset < 0 ? -1 : 0;
}

static int cookie_close(void *context)
{
    cookie *c = context;
    bool bad = fails(IO, "fclose", (void *)(uintptr_t)object[0].from);
    int result = REAL(close)(c->file);
    c->stream = NULL;
    if (bad) errno = error_number;
    return bad ? -1 : result;
}

static FILE *cookie_open(int file, const char *how)
{
    static const cookie_io_functions_t functions = {cookie_read, cookie_write, cookie_seek, cookie_close};
    for (size_t i = 0; i < STREAMS; i++) {
        cookie *c = &opened[i];
        FILE *none = NULL;
        if (!__atomic_compare_exchange_n(&c->stream, &none, (FILE *)c, false, __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST))
            continue;
        c->file = file;
        c->stream = fopencookie(c, how, functions);
        return c->stream;
    }
    errno = EMFILE;
    return NULL;
}

static FILE *open_stream(const char *path, const char *how)
{
    int flags = *how == 'r' ? O_RDONLY : O_WRONLY | O_CREAT | (*how == 'a' ? O_APPEND : O_TRUNC);
    if (strchr(how, '+')) flags = (flags & ~O_ACCMODE) | O_RDWR;
    if (strchr(how, 'x')) flags |= O_EXCL;
    int file = REAL(open)(path, flags, 0666);
    return file < 0 ? NULL : cookie_open(file, how);
}

FILE *fopen(const char *path, const char *how)
{
    if (mode != IO) return REAL(fopen)(path, how);
    return fails(IO, *how == 'r' ? "fopen" : "fopen to write", CALLER) ? NULL
           : counts(CALLER)                                            ? open_stream(path, how)
                                                                       : REAL(fopen)(path, how);
}

FILE *fdopen(int file, const char *how)
{
    if (mode != IO) return REAL(fdopen)(file, how);
    return FAILS(fdopen) ? NULL : cookie_open(file, how);
}

int fileno(FILE *stream)
{
    for (size_t i = 0; i < STREAMS; i++)
        if (opened[i].stream == stream) return opened[i].file;
    return REAL(fileno)(stream);
}
