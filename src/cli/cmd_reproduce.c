#include "cli/cli.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/clock.h"
#include "core/text.h"
#include "study/reproduce/reproduce.h"

typedef struct reproducing {
    const cli_options *options;
    sb_plan plan;
    char directory[SB_PATH];
    size_t lines, room, failed, odd; /* odd: claims that do not come out as expected */
    sb_claim_line *line;
} reproducing;

static bool is_file(const char *operand)
{
    size_t length = strlen(operand);
    return length > 4 && strcmp(operand + length - 4, ".cfg") == 0;
}

/* Operand number i, from 0; NULL past the last. */
static const char *operand(const cli_options *options, size_t i)
{
    return i == 0 ? options->operand : i <= options->mores ? options->more[i - 1] : NULL;
}

static const char *size_of(const reproducing *r)
{
    return r->options->fast ? "fast" : "full";
}

/* ---- what is printed ---- */

static void print_plan(const sb_plan *plan)
{
    double minutes = 0;
    size_t figures = 0;
    printf("%-16s %7s  %s\n", "id", "minutes", "paper, figure");
    for (size_t e = 0; e < plan->entries; e++) {
        const sb_planned_entry *entry = &plan->entry[e];
        printf("%-16s %7.1f  %.54s\n", entry->id, entry->minutes, entry->paper);
        size_t at = (size_t)printf("%25s", "") - 1;
        print_words(&at, 25, entry->figure);
        printf("\n");
        minutes += entry->minutes;
        for (size_t i = 0; i < entry->runs; i++) figures += entry->run[i].figures.n;
    }
    printf("%zu in all, %zu figures, about %.0f minutes with --fast\n", plan->entries, figures, minutes);
}

static void print_indented(const char *what, const char *text)
{
    size_t at = (size_t)printf("  %-10s", what);
    print_words(&at, 12, text);
    printf("\n");
}

static void print_line(const sb_claim_line *line)
{
    sb_outcome wanted = sb_planned_outcome(line->claim);
    printf("%-16s %s%s%s%s; forecast: %s\n", line->entry->id, sb_outcome_name(line->outcome),
           line->outcome == wanted ? "" : " (NOT as expected: ", line->outcome == wanted ? "" : sb_outcome_name(wanted),
           line->outcome == wanted ? "" : ")", sb_verdict_name(line->verdict));
    print_indented("claim", line->claim->claim);
    print_indented("measured", line->measured);
    print_indented("expected", line->claim->expected);
    for (size_t i = 0; line->outcome != wanted && i < line->claim->checks; i++) {
        char text[SB_CLAIM + 80];
        sb_format(text, sizeof text, "%s, %s: %s", sb_finding_word(&line->finding[i]), line->claim->check[i].run->name,
                  line->claim->check[i].claim.text);
        print_indented("", text);
    }
}

static void print_heading(const sb_planned_entry *entry)
{
    char text[512];
    sb_format(text, sizeof text, "%s: %s", entry->paper, entry->figure);
    size_t at = (size_t)printf("\n%-16s", entry->id) - 1;
    print_words(&at, 16, text);
    printf("\n");
    fflush(stdout);
}

static void print_figures(const reproducing *r, const sb_planned_run *run)
{
    for (size_t i = 0; i < run->figures.n; i++) {
        char path[SB_PATH];
        sb_format(path, sizeof path, "%s/figures/%s.svg", run->name, run->figures.v[i]);
        bool there = sb_rundir_holds(r->directory, path);
        printf("  figure    %s/%s%s\n", r->directory, path, there ? "" : " was not drawn");
    }
}

/* ---- one figure ---- */

static sb_status do_run(reproducing *r, const sb_planned_run *run)
{
    sb_status status = SB_OK;
    char path[SB_PATH];
    bool before;
    double began = sb_seconds();
    sb_verdict verdict = SB_NONE;
    sb_config config = {0};
    sb_stage stage = {.directory = path, .jobs = r->options->jobs, .monitor = cli_monitor(r->options)};
    SB_TRY(sb_plan_config(&r->plan, run, r->options->fast, &config));
    SB_TRY(sb_rundir_folder(path, r->directory, run->name));
    SB_TRY(sb_planned_train(&config, &stage, &before, &verdict));
    cli_clear_bar();
    if (!r->options->quiet) printf("  run       %-24s ", run->name);
    if (!r->options->quiet && before) printf("done before; %s\n", sb_verdict_name(verdict));
    if (!r->options->quiet && !before) printf("%.1f s; %s\n", sb_seconds() - began, sb_verdict_name(verdict));
    if (!r->options->quiet) print_figures(r, run);
done:
    sb_config_clear(&config);
    return status;
}

static sb_status judge_all(reproducing *r, const sb_planned_entry *entry)
{
    sb_status status = SB_OK;
    for (size_t i = 0; i < entry->claims && status == SB_OK; i++) {
        sb_claim_line *line = &r->line[r->lines];
        status = sb_claim_line_judge(entry, &entry->claim[i], r->directory, line);
        if (status != SB_OK) {
            sb_claim_line_clear(line);
            return sb_plan_at(&r->plan, entry->claim[i].at, status);
        }
        r->odd += line->outcome != sb_planned_outcome(line->claim);
        if (!r->options->quiet) print_line(line);
        r->lines++;
    }
    return status;
}

/* What fails is told, and the next figure begins; an interruption ends all. */
static sb_status do_entry(reproducing *r, const sb_planned_entry *entry)
{
    sb_status status = SB_OK;
    if (!r->options->quiet) print_heading(entry);
    for (size_t i = 0; i < entry->runs && status == SB_OK; i++) status = do_run(r, &entry->run[i]);
    if (status == SB_OK) status = judge_all(r, entry);
    fflush(stdout);
    if (status == SB_OK || status == SB_ERR_INTERRUPTED) return status;
    cli_fail(status);
    r->failed++;
    return SB_OK;
}

/* ---- all that are asked for ---- */

static sb_status find_plan(const cli_options *options, sb_plan *plan)
{
    const char *path = "experiments/reproduce.cfg";
    for (size_t i = 0; operand(options, i); i++)
        if (is_file(operand(options, i))) path = operand(options, i);
    if (access(path, F_OK) != 0)
        return sb_fail(SB_ERR_INPUT,
                       "cannot read %s: %s; start in the source tree, or name the file "
                       "(PREFIX/share/specbias/experiments/reproduce.cfg)",
                       path, sb_system_error(errno));
    return sb_plan_read(path, plan);
}

static sb_status make_room(reproducing *r)
{
    for (size_t e = 0; e < r->plan.entries; e++) r->room += r->plan.entry[e].claims;
    r->line = calloc(r->room + 1, sizeof *r->line);
    if (!r->line) return sb_fail(SB_ERR_NOMEM, "no memory for %zu claims", r->room);
    int length = sb_format(r->directory, SB_PATH, "%s",
                           r->options->directory ? r->options->directory
                           : r->options->fast    ? "build/runs/reproduce-fast"
                                                 : "build/runs/reproduce");
    if (length >= SB_PATH) return sb_fail(SB_ERR_INPUT, "the path of the directory is too long");
    return sb_make_directory(r->directory);
}

/* Those that are named, each once; all with "all", or "check" alone. */
static sb_status choose(const reproducing *r, bool *chosen)
{
    size_t named = 0;
    for (size_t i = 0; operand(r->options, i); i++) named += !is_file(operand(r->options, i));
    for (size_t i = 0; operand(r->options, i); i++) {
        const sb_planned_entry *entry;
        const char *id = operand(r->options, i);
        bool check = strcmp(id, "check") == 0, all = strcmp(id, "all") == 0 || (check && named == 1);
        if (is_file(id) || (check && !all)) continue;
        sb_status status = all ? SB_OK : sb_plan_find(&r->plan, id, &entry);
        if (status != SB_OK) return status;
        for (size_t e = 0; e < r->plan.entries; e++) chosen[e] = chosen[e] || all || &r->plan.entry[e] == entry;
    }
    return SB_OK;
}

static sb_status end(reproducing *r)
{
    sb_status status = sb_claim_lines_save(r->lines, r->line, size_of(r), r->directory);
    if (status != SB_OK) return status;
    if (!r->options->quiet) printf("\n");
    for (size_t i = 0; i < r->lines && (r->lines > r->line[0].entry->claims || r->options->quiet); i++)
        print_line(&r->line[i]);
    printf("%zu of %zu claims come out as expected, %zu figures failed; %s/claims.md\n", r->lines - r->odd, r->lines,
           r->failed, r->directory);
    return SB_OK;
}

static sb_status reproduce(reproducing *r, const bool *chosen)
{
    sb_status status = SB_OK;
    SB_TRY(make_room(r));
    for (size_t e = 0; e < r->plan.entries; e++)
        if (chosen[e]) SB_TRY(do_entry(r, &r->plan.entry[e]));
    SB_TRY(end(r));
done:
    return status;
}

static sb_status check_all(const reproducing *r, const bool *chosen)
{
    sb_status status = SB_OK;
    size_t checked = 0;
    for (size_t e = 0; e < r->plan.entries && status == SB_OK; e++)
        if (chosen[e]) status = sb_plan_check(&r->plan, &r->plan.entry[e]), checked++;
    if (status == SB_OK) printf("%zu can be reproduced\n", checked);
    return status;
}

static bool asks_for(const cli_options *options, const char *word)
{
    for (size_t i = 0; operand(options, i); i++)
        if (strcmp(operand(options, i), word) == 0) return true;
    return false;
}

int cmd_reproduce(const cli_options *options)
{
    sb_status status = SB_OK;
    bool *chosen = NULL;
    reproducing r = {.options = options};
    SB_TRY(find_plan(options, &r.plan));
    if (asks_for(options, "list")) {
        print_plan(&r.plan);
        goto done;
    }
    chosen = calloc(r.plan.entries, sizeof *chosen);
    if (!chosen) SB_TRY(sb_fail(SB_ERR_NOMEM, "no memory for %zu figures", r.plan.entries));
    SB_TRY(choose(&r, chosen));
    SB_TRY(asks_for(options, "check") ? check_all(&r, chosen) : reproduce(&r, chosen));
done:;
    int code = status != SB_OK ? cli_fail(status)
               : r.failed > 0  ? EXIT_FAILED
               : r.odd > 0     ? EXIT_DISAGREES
                               : EXIT_AGREES;
    for (size_t i = 0; i < r.lines; i++) sb_claim_line_clear(&r.line[i]);
    free(r.line);
    free(chosen);
    sb_plan_clear(&r.plan);
    return code;
}
