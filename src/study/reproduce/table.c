/* Claims of a plan: judged by what lies in the directories of its runs, as tables. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/json.h"
#include "report/write.h"
#include "run/claims.h"
#include "run/stage.h"
#include "study/reproduce/reproduce.h"

const char *sb_outcome_name(sb_outcome outcome)
{
    static const char *const names[SB_OUTCOMES] = {"holds", "with a condition", "does not hold", "undecided"};
    return names[outcome];
}

/* Of so many checks that are to hold, and to fail, of which so many do as they are to. */
static sb_outcome outcome_of(size_t holds, size_t fails, size_t failing)
{
    if (failing == 0) return SB_HOLDS;
    if (failing < fails) return SB_OPEN;
    return holds > 0 ? SB_CONDITION : SB_HOLDS_NOT;
}

sb_outcome sb_planned_outcome(const sb_planned_claim *claim)
{
    size_t fails = 0;
    for (size_t i = 0; i < claim->checks; i++) fails += claim->check[i].fails;
    return outcome_of(claim->checks - fails, fails, fails);
}

static sb_outcome found_outcome(const sb_planned_claim *claim, const sb_finding *finding)
{
    size_t fails = 0, failing = 0, broken = 0, open = 0;
    for (size_t i = 0; i < claim->checks; i++) {
        bool fell = finding[i].verdict == SB_DIFFERS;
        open += finding[i].verdict == SB_UNDECIDED;
        fails += claim->check[i].fails;
        failing += claim->check[i].fails && fell;
        broken += !claim->check[i].fails && fell;
    }
    return broken > 0 ? SB_HOLDS_NOT : open > 0 ? SB_OPEN : outcome_of(claim->checks - fails, fails, failing);
}

/* "0.0435", "3 of 3 seeds", "0.11 and 0.044" of two sides */
static void tell_value(const sb_finding *f, char *text, size_t size)
{
    if (f->kind == SB_INTERVAL_COUNT)
        sb_format(text, size, "%zu of %zu seeds", f->in_order, f->n);
    else if (f->known < f->n)
        sb_format(text, size, "not known");
    else if (f->claim.factor[1] != 0)
        sb_format(text, size, "%.3g and %.3g", f->sides[0], f->sides[1]);
    else
        sb_format(text, size, "%.4g", f->value);
}

static void tell_all(sb_claim_line *line)
{
    size_t used = 0;
    for (size_t i = 0; i < line->claim->checks; i++) {
        char one[80];
        tell_value(&line->finding[i], one, sizeof one);
        if (used + strlen(one) + 6 > sizeof line->measured) {
            sb_format(line->measured + used, sizeof line->measured - used, "..");
            return;
        }
        used += (size_t)sb_format(line->measured + used, sizeof line->measured - used, "%s%s", i ? "; " : "", one);
    }
}

/* The worst of the forecasts of a run, `not lazy` ones aside where another was judged; of a study its verdict. SB_NONE:
 * nothing was forecast, or judged. */
static sb_status forecast_verdict(const char *directory, sb_verdict *verdict)
{
    char path[SB_PATH], member[80];
    const char *text;
    double number;
    sb_verdict one;
    bool study, rich = false;
    sb_document summary = {0};
    sb_status status = sb_rundir_path(path, directory, "summary.json");
    if (status == SB_OK) status = sb_json_read(&summary, path);
    if (status != SB_OK) return status;
    const char *kind = sb_json_get_text(&summary, "kind");
    study = kind && strcmp(kind, "train") != 0;
    if (study && sb_json_find(&summary, "verdict", &number, &text) && text) sb_verdict_find(text, verdict);
    for (size_t i = 0; !study; i++) {
        sb_format(member, sizeof member, "sources.%zu.verdict", i);
        if (!sb_json_find(&summary, member, &number, &text)) break;
        bool there = text && sb_verdict_find(text, &one);
        rich = rich || (there && one == SB_NOT_LAZY);
        if (there && one != SB_NOT_LAZY && one > *verdict) *verdict = one;
    }
    if (*verdict == SB_NONE && rich) *verdict = SB_NOT_LAZY;
    sb_json_close(&summary);
    return SB_OK;
}

static sb_status judge(const sb_planned_check *check, const char *directory, sb_finding *finding, sb_verdict *verdict)
{
    sb_status status = SB_OK;
    char path[SB_PATH];
    sb_results *results = NULL;
    SB_TRY(sb_rundir_folder(path, directory, check->run->name));
    SB_TRY(sb_results_open(path, &results));
    SB_TRY(sb_claim_of_results(&check->claim, results, finding));
    SB_TRY(forecast_verdict(path, verdict));
done:
    sb_results_close(&results);
    return status;
}

sb_status sb_claim_line_judge(const sb_planned_entry *entry, const sb_planned_claim *claim, const char *directory,
                              sb_claim_line *line)
{
    sb_status status = SB_OK;
    line->entry = entry;
    line->claim = claim;
    line->finding = calloc(claim->checks, sizeof *line->finding);
    if (!line->finding) return sb_fail(SB_ERR_NOMEM, "no memory for %zu checks", claim->checks);
    for (size_t i = 0; i < claim->checks; i++) {
        sb_verdict verdict = SB_NONE;
        SB_TRY(judge(&claim->check[i], directory, &line->finding[i], &verdict));
        if (verdict > line->verdict) line->verdict = verdict;
    }
    line->outcome = found_outcome(claim, line->finding);
    tell_all(line);
done:
    return status;
}

void sb_claim_line_clear(sb_claim_line *line)
{
    free(line->finding);
    *line = (sb_claim_line){0};
}

/* ---- files ---- */

static void write_tsv(size_t lines, const sb_claim_line *line, const char *size, FILE *stream)
{
    fputs("id\tpaper\tfigure\tclaim\toutcome\texpected_outcome\tmeasured\texpected\tforecast\tsize\n", stream);
    for (size_t i = 0; i < lines; i++)
        sb_print(stream, "%s\t%s\t%s\t%s\t%s\t%s\t%s\t%s\t%s\t%s\n", line[i].entry->id, line[i].entry->paper,
                 line[i].entry->figure, line[i].claim->claim, sb_outcome_name(line[i].outcome),
                 sb_outcome_name(sb_planned_outcome(line[i].claim)), line[i].measured, line[i].claim->expected,
                 sb_verdict_name(line[i].verdict), size);
}

/* A cell of a table in Markdown. */
static void write_cell(FILE *stream, const char *text)
{
    fputs(" ", stream);
    for (; *text; text++) {
        if (strchr("|*_<\\", *text)) fputc('\\', stream);
        fputc(*text, stream);
    }
    fputs(" |", stream);
}

static void write_markdown(size_t lines, const sb_claim_line *line, const char *size, FILE *stream)
{
    sb_print(stream,
             "# Claims of the papers\n\nMade by `make claims-table` (`specbias reproduce all`) in %s size.\n\n"
             "| id | paper | claim | outcome | measured | expected | forecast |\n|---|---|---|---|---|---|---|\n",
             size);
    for (size_t i = 0; i < lines; i++) {
        char paper[400];
        sb_format(paper, sizeof paper, "%s, %s", line[i].entry->paper, line[i].entry->figure);
        const char *cell[] = {line[i].entry->id,
                              paper,
                              line[i].claim->claim,
                              sb_outcome_name(line[i].outcome),
                              line[i].measured,
                              line[i].claim->expected,
                              sb_verdict_name(line[i].verdict)};
        fputs("|", stream);
        for (size_t c = 0; c < sizeof cell / sizeof cell[0]; c++) write_cell(stream, cell[c]);
        fputc('\n', stream);
    }
}

sb_status sb_claim_lines_save(size_t lines, const sb_claim_line *line, const char *size, const char *directory)
{
    static const struct {
        const char *name;
        void (*write)(size_t lines, const sb_claim_line *line, const char *size, FILE *stream);
    } table[] = {{"claims.tsv", write_tsv}, {"claims.md", write_markdown}};
    for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
        sb_writer writer = {0};
        sb_status status = sb_rundir_write(&writer, directory, "%s", table[i].name);
        if (status != SB_OK) return status;
        table[i].write(lines, line, size, writer.stream);
        status = sb_writer_close(&writer, SB_OK);
        if (status != SB_OK) return status;
    }
    return SB_OK;
}
