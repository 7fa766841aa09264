#include <specbias/report.h>

#include <errno.h>
#include <fcntl.h>
#include <spawn.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "core/file.h"
#include "core/text.h"
#include "report/embedded.h"
#include "report/look.h"

extern char **environ;

/* ---- scripts: the last line is the sha256 of those above, so that it shows when a person edits them ---- */

static const char record[] = "# as written, sha256 ";

static sb_status write_script(const char *path, const char *variables, const char *script)
{
    char hex[65];
    sb_writer writer;
    size_t first = strlen(variables), second = strlen(script);
    char *text = malloc(first + second + 1);
    if (!text) return sb_fail(SB_ERR_NOMEM, "no memory for %s", path);
    memcpy(text, variables, first);
    memcpy(text + first, script, second + 1);
    sb_sha256(text, first + second, hex);
    sb_status status = sb_writer_open(&writer, path);
    if (status == SB_OK) {
        sb_print(writer.stream, "%s%s%s\n", text, record, hex);
        status = sb_writer_close(&writer, SB_OK);
    }
    free(text);
    return status;
}

bool sb_script_edited(const char *path)
{
    char hex[65], *text = NULL;
    size_t length = 0, tail = sizeof record - 1 + 64 + 1;
    if (access(path, F_OK) != 0) return false;
    if (sb_read_file(path, &text, &length) != SB_OK) return true;
    bool edited = length < tail || strncmp(text + length - tail, record, sizeof record - 1) != 0;
    if (!edited) sb_sha256(text, length - tail, hex);
    edited = edited || strncmp(text + length - 65, hex, 64) != 0 || text[length - 1] != '\n';
    free(text);
    return edited;
}

/* Our environment in a UTF-8 locale, for the Greek letters. */
static char **utf8_environment(void)
{
    size_t n = 0, kept = 0;
    while (environ[n]) n++;
    char **list = calloc(n + 2, sizeof *list);
    for (size_t i = 0; list && i < n; i++)
        if (strncmp(environ[i], "LC_ALL=", 7) != 0) list[kept++] = environ[i];
    if (list) list[kept] = "LC_ALL=C.UTF-8";
    return list;
}

/* Returns 0, or an errno. */
static int spawn(int folder, int log, char **arguments, pid_t *child)
{
    posix_spawn_file_actions_t actions;
    char **environment = utf8_environment();
    int failed = environment ? posix_spawn_file_actions_init(&actions) : ENOMEM;
    if (!failed) {
        bool lost = posix_spawn_file_actions_addfchdir_np(&actions, folder) != 0 ||
                    posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0) != 0 ||
                    posix_spawn_file_actions_adddup2(&actions, log, 1) != 0 ||
                    posix_spawn_file_actions_adddup2(&actions, log, 2) != 0;
        failed = lost ? ENOMEM : 0;
        if (!failed) failed = posix_spawnp(child, "gnuplot", &actions, NULL, arguments, environment);
        posix_spawn_file_actions_destroy(&actions);
    }
    free(environment);
    return failed;
}

/* Runs `gnuplot NAME.gp` in the folder, without start-up files; what it says goes to gnuplot.log there, a new file.
 * *code: its exit status, 127 when there is no gnuplot. */
static sb_status run_gnuplot(const char *folder, const char *script, int *code)
{
    static const int absent[] = {ENOENT, ENOTDIR, EACCES, ENOEXEC, ELOOP};
    pid_t child;
    int state = 0, log = -1;
    char *arguments[] = {"gnuplot", "-d", (char *)(uintptr_t)script, NULL};
    *code = 127;
    int file = open(folder, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    if (file >= 0 && (unlinkat(file, "gnuplot.log", 0) == 0 || errno == ENOENT))
        log = openat(file, "gnuplot.log", O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0666);
    if (log < 0) {
        sb_status status = sb_fail(SB_ERR_IO, "cannot write %s/gnuplot.log: %s", folder, sb_system_error(errno));
        if (file >= 0) close(file);
        return status;
    }
    int failed = spawn(file, log, arguments, &child);
    close(log);
    close(file);
    for (size_t i = 0; i < sizeof absent / sizeof absent[0]; i++)
        if (failed == absent[i]) return SB_OK;
    if (failed) return sb_fail(SB_ERR_IO, "cannot start gnuplot: %s", sb_system_error(failed));
    while (waitpid(child, &state, 0) < 0)
        if (errno != EINTR) return sb_fail(SB_ERR_IO, "cannot wait for gnuplot: %s", sb_system_error(errno));
    *code = WIFEXITED(state) ? WEXITSTATUS(state) : 128;
    return SB_OK;
}

/* Files of a figure, and how each ends when it is whole. */
static const struct {
    const char *end, *last;
} picture[] = {{".pdf", "%%EOF"}, {".svg", "</svg>"},    {".png", "IEND"},
               {".tex", "\\end"}, {"-inc.pdf", "%%EOF"}, {"-inc.eps", "%%Trailer"}};
enum { PICTURES = sizeof picture / sizeof picture[0] };

/* A figure that gnuplot did not finish is no figure. */
static sb_status remove_pictures(const char *folder, const char *name)
{
    sb_status status = SB_OK;
    char file[256];
    for (size_t i = 0; i < PICTURES && status == SB_OK; i++) {
        sb_format(file, sizeof file, "%s%s", name, picture[i].end);
        status = sb_rundir_remove(folder, file);
    }
    return status;
}

/* Whether a pdf has a font: its dictionary may be compressed, that of the stream that holds its shapes never is. */
static bool has_font(const char *pdf, size_t length)
{
    static const char *const word[] = {"/Font", "/Length1", "/CIDFontType0C"};
    for (size_t i = 0; i < sizeof word / sizeof word[0]; i++)
        if (memmem(pdf, length, word[i], strlen(word[i]))) return true;
    return false;
}

/* What pictures are like. */
typedef struct appearance {
    bool found;    /* there is any, as a figure may have nothing to show */
    bool fontless; /* a pdf without text */
} appearance;

/* gnuplot does not notice a full disk: a whole picture ends as its format says. Nor does it say that there are no
 * fonts: each of its figures has text. */
static sb_status check_pictures(const char *folder, const char *name, appearance *seen)
{
    char path[SB_PATH], *text = NULL;
    seen->found = false;
    for (size_t i = 0; i < PICTURES; i++) {
        size_t length = 0;
        sb_status status = sb_rundir_path(path, folder, "%s%s", name, picture[i].end);
        if (status != SB_OK) return status;
        if (access(path, F_OK) != 0 && errno == ENOENT) continue;
        seen->found = true;
        status = sb_read_file(path, &text, &length);
        if (status != SB_OK) return status;
        size_t tail = length < 32 ? length : 32;
        bool whole = memmem(text + length - tail, tail, picture[i].last, strlen(picture[i].last));
        if (i == 0) seen->fontless |= !has_font(text, length);
        free(text);
        if (!whole) return sb_fail(SB_ERR_IO, "%s is cut off: is the disk full?", path);
    }
    return SB_OK;
}

/* The status of a script that says why it cannot be drawn as it is asked for; others can. */
enum { NO_ROOM = 3 };

static void tell_failure(const char *folder, const char *name, int code, const sb_monitor *monitor)
{
    char path[SB_PATH], *text = NULL;
    if (code == 127) {
        sb_monitor_warn(monitor, "no gnuplot here: the tables and %s/%s.gp are written, the picture is not", folder,
                        name);
        return;
    }
    if (sb_rundir_path(path, folder, "gnuplot.log") == SB_OK && sb_read_file(path, &text, NULL) == SB_OK)
        text[strcspn(text, "\n") < 200 ? strcspn(text, "\n") : 200] = '\0';
    if (code == NO_ROOM)
        sb_monitor_warn(monitor, "%s/%s.gp is not drawn: %s", folder, name, text ? text : "");
    else
        sb_monitor_warn(monitor, "gnuplot could not draw %s/%s.gp (status %d) %s", folder, name, code,
                        text ? text : "");
    free(text);
}

static void remove_empty_log(const char *folder)
{
    char path[SB_PATH];
    struct stat info;
    if (sb_rundir_path(path, folder, "gnuplot.log") == SB_OK && stat(path, &info) == 0 && info.st_size == 0)
        unlink(path);
}

/* A script of a stranger's directory can do anything: what is not ours is run when that is asked for alone. */
static sb_status prepare_script(const char *folder, const char *name, const char *variables, const char *text,
                                const sb_drawing *how, bool *run)
{
    char path[SB_PATH];
    sb_status status = sb_rundir_path(path, folder, "%s.gp", name);
    bool edited = status == SB_OK && !how->redraw && sb_script_edited(path);
    if (status != SB_OK) return status;
    if (!edited) return write_script(path, variables, text);
    sb_monitor_warn(how->monitor, "%s was edited: it is kept%s; --redraw replaces it", path,
                    how->edited ? "" : ", and nothing is drawn with it unless by gnuplot itself, or with --edited");
    *run = *run && how->edited;
    return SB_OK;
}

/* Runs a script; *drawn = false after a failure, of which the user is told. */
static sb_status draw_figure(const char *folder, const char *name, const sb_monitor *monitor, bool *drawn,
                             appearance *seen)
{
    char script[256], path[SB_PATH];
    sb_format(script, sizeof script, "%s.gp", name);
    int code = 127;
    sb_status status = remove_pictures(folder, name); /* of an earlier time, when there was something to show */
    if (status == SB_OK && *drawn) status = run_gnuplot(folder, script, &code);
    if (status != SB_OK) return status;
    if (code == 0) status = check_pictures(folder, name, seen);
    if (code == 0 && status == SB_OK) {
        if (!seen->found) status = sb_rundir_path(path, folder, "%s", script);
        return seen->found || status != SB_OK || sb_script_edited(path) ? status : sb_rundir_remove(folder, script);
    }
    if (status == SB_OK) status = sb_monitor_progress(monitor, "plot", 0, 1); /* Ctrl-C ends gnuplot, too */
    remove_pictures(folder, name);
    if (status == SB_OK && *drawn) tell_failure(folder, name, code, monitor);
    *drawn = *drawn && code == NO_ROOM;
    return status;
}

static bool is_of_kind(const sb_figure *figure, const char *kind)
{
    return sb_look_is_word(figure->kinds, kind, strlen(kind));
}

/* Of the figures of the kind: "decay, rates". */
static void list_figures(const char *kind, char *text, size_t size)
{
    int used = 0;
    for (size_t i = 0; sb_figure_at(i); i++)
        if (is_of_kind(sb_figure_at(i), kind) && (size_t)used < size)
            used += sb_format(text + used, size - (size_t)used, "%s%s", used ? ", " : "", sb_figure_at(i)->name);
}

/* Each figure that is named is one of the kind, and follows what is said. */
static sb_status check_named(const char *kind, const sb_look *look)
{
    sb_parts part;
    char all[512] = "";
    sb_status status = sb_look_parts("figure", look->value[SB_LOOK_figure], &part);
    list_figures(kind, all, sizeof all);
    if (status == SB_OK && part.n == 0) status = sb_fail(SB_ERR_INPUT, "--figure names none of: %s", all);
    for (size_t p = 0; p < part.n && status == SB_OK; p++) {
        const sb_figure *figure = NULL;
        for (size_t i = 0; sb_figure_at(i) && !figure; i++) {
            const char *name = sb_figure_at(i)->name;
            bool named = strlen(name) == part.length[p] && strncmp(name, part.at[p], part.length[p]) == 0;
            if (named && is_of_kind(sb_figure_at(i), kind)) figure = sb_figure_at(i);
        }
        if (!figure)
            status = sb_fail(SB_ERR_INPUT, "--figure: \"%.*s\" is none of: %s", (int)part.length[p], part.at[p], all);
        else if (sb_look_not_followed(look, figure))
            status = sb_fail(SB_ERR_INPUT, "the figure %s does not follow --%s", figure->name,
                             sb_look_not_followed(look, figure));
    }
    return status;
}

static bool is_named(const sb_figure *figure, const char *list)
{
    sb_parts part;
    if (sb_look_parts("figure", list, &part) != SB_OK) return false;
    for (size_t p = 0; p < part.n; p++)
        if (strlen(figure->name) == part.length[p] && strncmp(figure->name, part.at[p], part.length[p]) == 0)
            return true;
    return false;
}

/* chosen[i]: figure i is drawn. Those that do not follow what is said are told of, once. */
static sb_status choose(const char *kind, const sb_drawing *how, bool *chosen)
{
    static const sb_look nothing;
    const sb_look *look = how->look ? how->look : &nothing;
    const char *named = look->value[SB_LOOK_figure], *reason = NULL;
    char left[512] = "";
    int used = 0;
    bool any = false;
    sb_status status = named ? check_named(kind, look) : SB_OK;
    for (size_t i = 0; sb_figure_at(i) && status == SB_OK; i++) {
        const sb_figure *figure = sb_figure_at(i);
        const char *option = sb_look_not_followed(look, figure);
        bool meant = is_of_kind(figure, kind) && (!named || is_named(figure, named));
        chosen[i] = meant && !option;
        any = any || chosen[i];
        if (!meant || !option || (size_t)used >= sizeof left) continue;
        used += sb_format(left + used, sizeof left - (size_t)used, "%s%s", used ? ", " : "", figure->name);
        reason = option;
    }
    if (status != SB_OK || !reason) return status;
    if (!any) return sb_fail(SB_ERR_INPUT, "none of the figures %s follows --%s", left, reason);
    sb_monitor_warn(how->monitor, "figures that do not follow what is said, such as --%s, are left as they are: %s",
                    reason, left);
    return SB_OK;
}

sb_status sb_figures_check(const char *kind, const sb_look *look)
{
    bool chosen[64];
    return choose(kind, &(sb_drawing){.look = look}, chosen);
}

sb_status sb_figures_draw(const char *directory, const char *kind, const char *variables, const sb_drawing *how,
                          bool *drawn)
{
    sb_status status = SB_OK;
    char folder[SB_PATH] = "";
    bool style = true, chosen[64] = {false};
    appearance seen = {false, false};
    *drawn = true;
    SB_TRY(choose(kind, how, chosen));
    SB_TRY(sb_rundir_tidy(directory)); /* the last that is done in any directory */
    SB_TRY(sb_rundir_make(directory, "figures"));
    SB_TRY(sb_rundir_folder(folder, directory, "figures"));
    SB_TRY(prepare_script(folder, "style", "", sb_plot_style_text(), how, &style));
    for (size_t i = 0; sb_figure_at(i); i++) {
        const sb_figure *figure = sb_figure_at(i);
        bool run = style;
        if (!chosen[i]) continue;
        SB_TRY(prepare_script(folder, figure->name, variables, figure->script, how, &run));
        if (run) SB_TRY(draw_figure(folder, figure->name, how->monitor, drawn, &seen));
    }
    if (seen.fontless)
        sb_monitor_warn(how->monitor,
                        "no fonts here: the pdf figures in %s have no text; install one, say fonts-dejavu-core",
                        folder);
done:
    if (*folder) remove_empty_log(folder);
    return status;
}

bool sb_figure_holds(const char *directory, const sb_figure *figure, bool drawn, char *name, size_t size)
{
    for (size_t i = 0; i < (drawn ? PICTURES : 1); i++) {
        sb_format(name, size, "figures/%s%s", figure->name, drawn ? picture[i].end : ".gp");
        if (sb_rundir_holds(directory, name)) return true;
    }
    return false;
}
