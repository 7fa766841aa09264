/* experiments/reproduce.cfg -> sb_plan. */
#include <stdlib.h>
#include <string.h>

#include "core/text.h"
#include "study/reproduce/reproduce.h"

static sb_status no_memory(void)
{
    return sb_fail(SB_ERR_NOMEM, "no memory for what is to be reproduced");
}

sb_status sb_plan_at(const sb_plan *plan, const config_setting_t *at, sb_status status)
{
    unsigned line;
    if (status == SB_OK || status == SB_ERR_INTERRUPTED) return status;
    const char *file = sb_parsed_at(&plan->parsed, at, &line);
    return sb_fail(status, "%s:%u: %s", file, line, sb_error_text());
}

static sb_status wrong(const sb_plan *plan, const config_setting_t *at, const char *format, ...) SB_PRINTF(3, 4);
static sb_status wrong(const sb_plan *plan, const config_setting_t *at, const char *format, ...)
{
    char why[512];
    va_list arguments;
    va_start(arguments, format);
    sb_format_list(why, sizeof why, format, arguments);
    va_end(arguments);
    return sb_plan_at(plan, at, sb_fail(SB_ERR_INPUT, "%s", why));
}

/* ---- members of a group ---- */

/* No member but these, with blanks around each. */
static sb_status check_members(const sb_plan *plan, const config_setting_t *group, const char *known)
{
    char word[80];
    if (!config_setting_is_group(group)) return wrong(plan, group, "expected a group, { .. }, of%s", known);
    for (int i = 0; i < config_setting_length(group); i++) {
        const config_setting_t *member = config_setting_get_elem(group, (unsigned)i);
        sb_format(word, sizeof word, " %s ", config_setting_name(member));
        if (!strstr(known, word))
            return wrong(plan, member, "nothing is called '%.60s' here; there are%s", config_setting_name(member),
                         known);
    }
    return SB_OK;
}

static sb_status take_text(const sb_plan *plan, const config_setting_t *group, const char *name, const char **text)
{
    const config_setting_t *member = config_setting_get_member(group, name);
    if (!member) return wrong(plan, group, "%s is missing", name);
    *text = config_setting_get_string(member);
    if (!*text || !**text) return wrong(plan, member, "%s must be a text", name);
    for (const char *c = *text; *c; c++)
        if (sb_is_control(*c)) return wrong(plan, member, "%s: a control character", name);
    return SB_OK;
}

/* A list, which may be missing. */
static sb_status take_words(const sb_plan *plan, const config_setting_t *group, const char *name, sb_words *words)
{
    const config_setting_t *list = config_setting_get_member(group, name);
    size_t n = list && config_setting_is_aggregate(list) ? (size_t)config_setting_length(list) : 0;
    *words = (sb_words){0};
    if (!list) return SB_OK;
    if (!config_setting_is_aggregate(list)) return wrong(plan, list, "%s must be a list of texts", name);
    words->v = calloc(n + 1, sizeof *words->v);
    if (!words->v) return no_memory();
    for (; words->n < n; words->n++) {
        words->v[words->n] = config_setting_get_string_elem(list, (int)words->n);
        if (!words->v[words->n]) return wrong(plan, list, "%s must be a list of texts", name);
    }
    return SB_OK;
}

/* A list of groups with one at least. */
static sb_status open_list(const sb_plan *plan, const config_setting_t *group, const char *name,
                           const config_setting_t **list, size_t *count)
{
    *list = config_setting_get_member(group, name);
    if (!*list) return wrong(plan, group, "%s is missing", name);
    *count = config_setting_is_list(*list) ? (size_t)config_setting_length(*list) : 0;
    return *count > 0 ? SB_OK : wrong(plan, *list, "%s must be a list of groups, ( { .. }, .. )", name);
}

/* Names become folders and words of a command. */
static sb_status check_name(const sb_plan *plan, const config_setting_t *at, const char *name)
{
    bool plain = sb_is_alnum(*name) && strlen(name) < 60;
    for (const char *c = name; *c; c++) plain = plain && (sb_is_alnum(*c) || strchr("-_.", *c));
    bool taken = strcmp(name, "list") == 0 || strcmp(name, "all") == 0 || strcmp(name, "check") == 0;
    if (taken) return wrong(plan, at, "\"%s\" is a word of the command", name);
    return plain ? SB_OK : wrong(plan, at, "\"%.60s\" is no name: letters, digits, - _ . are", name);
}

/* ---- runs ---- */

static sb_status take_run(const sb_plan *plan, const config_setting_t *group, sb_planned_run *run)
{
    sb_status status = SB_OK;
    run->at = group;
    SB_TRY(check_members(plan, group, " name file set fast full figures "));
    SB_TRY(take_text(plan, group, "name", &run->name));
    SB_TRY(check_name(plan, group, run->name));
    SB_TRY(take_text(plan, group, "file", &run->file));
    SB_TRY(take_words(plan, group, "set", &run->set));
    SB_TRY(take_words(plan, group, "fast", &run->fast));
    SB_TRY(take_words(plan, group, "full", &run->full));
    SB_TRY(take_words(plan, group, "figures", &run->figures));
done:
    return status;
}

static bool same_words(const sb_words *a, const sb_words *b)
{
    bool same = a->n == b->n;
    for (size_t i = 0; same && i < a->n; i++) same = strcmp(a->v[i], b->v[i]) == 0;
    return same;
}

/* Runs of one name share a directory. */
static sb_status check_shared(const sb_plan *plan, const sb_planned_run *run)
{
    for (size_t e = 0; e < plan->entries; e++)
        for (size_t i = 0; i < plan->entry[e].runs; i++) {
            const sb_planned_run *other = &plan->entry[e].run[i];
            bool named = other->name && other != run && strcmp(other->name, run->name) == 0;
            bool same = named && strcmp(other->file, run->file) == 0 && same_words(&other->set, &run->set) &&
                        same_words(&other->fast, &run->fast) && same_words(&other->full, &run->full);
            if (named && !same)
                return wrong(plan, run->at, "another run is called \"%s\" and is not the same", run->name);
        }
    return SB_OK;
}

/* ---- claims ---- */

/* "RUN: CLAIM"; of an entry with one run the name may be left out. */
static sb_status take_check(const sb_plan *plan, const sb_planned_entry *entry, const sb_planned_claim *claim,
                            const char *text, sb_planned_check *check)
{
    const char *colon = strchr(text, ':');
    check->run = colon || entry->runs > 1 ? NULL : &entry->run[0];
    for (size_t i = 0; colon && i < entry->runs; i++)
        if (strlen(entry->run[i].name) == (size_t)(colon - text) &&
            strncmp(entry->run[i].name, text, (size_t)(colon - text)) == 0)
            check->run = &entry->run[i];
    if (!check->run) return wrong(plan, claim->at, "\"%.200s\" begins with no run of this figure", text);
    sb_status status = sb_claim_parse_judged(colon ? colon + 1 : text, &check->claim);
    if (status == SB_OK && *check->claim.of)
        status = sb_fail(SB_ERR_INPUT, "exponents stand in cell(exponents.tsv; ..), and in claims of the sweep itself");
    return sb_plan_at(plan, claim->at, status);
}

static sb_status take_claim(const sb_plan *plan, const sb_planned_entry *entry, const config_setting_t *group,
                            sb_planned_claim *claim)
{
    sb_status status = SB_OK;
    sb_words holds = {0}, fails = {0};
    claim->at = group;
    SB_TRY(check_members(plan, group, " claim expected holds fails "));
    SB_TRY(take_text(plan, group, "claim", &claim->claim));
    SB_TRY(take_text(plan, group, "expected", &claim->expected));
    SB_TRY(take_words(plan, group, "holds", &holds));
    SB_TRY(take_words(plan, group, "fails", &fails));
    if (holds.n + fails.n == 0) SB_TRY(wrong(plan, group, "nothing is checked: neither holds nor fails"));
    claim->check = calloc(holds.n + fails.n, sizeof *claim->check);
    if (!claim->check) SB_TRY(no_memory());
    for (; claim->checks < holds.n + fails.n; claim->checks++) {
        sb_planned_check *check = &claim->check[claim->checks];
        check->fails = claim->checks >= holds.n;
        SB_TRY(take_check(plan, entry, claim, check->fails ? fails.v[claim->checks - holds.n] : holds.v[claim->checks],
                          check));
    }
done:
    free(holds.v);
    free(fails.v);
    return status;
}

/* ---- entries ---- */

static sb_status take_minutes(const sb_plan *plan, const config_setting_t *group, double *minutes)
{
    const config_setting_t *member = config_setting_get_member(group, "minutes");
    if (!member) return wrong(plan, group, "minutes is missing");
    *minutes = config_setting_type(member) == CONFIG_TYPE_INT ? config_setting_get_int(member)
                                                              : config_setting_get_float(member);
    return *minutes > 0 ? SB_OK : wrong(plan, member, "minutes must be a number above 0");
}

static sb_status take_entry(const sb_plan *plan, const config_setting_t *group, sb_planned_entry *entry)
{
    sb_status status = SB_OK;
    size_t count;
    const config_setting_t *list;
    entry->at = group;
    SB_TRY(check_members(plan, group, " id paper figure equation minutes runs claims "));
    SB_TRY(take_text(plan, group, "id", &entry->id));
    SB_TRY(check_name(plan, group, entry->id));
    SB_TRY(take_text(plan, group, "paper", &entry->paper));
    SB_TRY(take_text(plan, group, "figure", &entry->figure));
    SB_TRY(take_text(plan, group, "equation", &entry->equation));
    SB_TRY(take_minutes(plan, group, &entry->minutes));
    SB_TRY(open_list(plan, group, "runs", &list, &count));
    entry->run = calloc(count, sizeof *entry->run);
    if (!entry->run) SB_TRY(no_memory());
    entry->runs = count;
    for (size_t i = 0; i < count; i++) {
        SB_TRY(take_run(plan, config_setting_get_elem(list, (unsigned)i), &entry->run[i]));
        SB_TRY(check_shared(plan, &entry->run[i]));
    }
    SB_TRY(open_list(plan, group, "claims", &list, &count));
    entry->claim = calloc(count, sizeof *entry->claim);
    if (!entry->claim) SB_TRY(no_memory());
    entry->claims = count;
    for (size_t i = 0; i < count; i++)
        SB_TRY(take_claim(plan, entry, config_setting_get_elem(list, (unsigned)i), &entry->claim[i]));
done:
    return status;
}

static sb_status take_all(sb_plan *plan)
{
    sb_status status = SB_OK;
    size_t count;
    const config_setting_t *list, *root = config_root_setting(&plan->parsed.config);
    SB_TRY(check_members(plan, root, " entries "));
    SB_TRY(open_list(plan, root, "entries", &list, &count));
    plan->entry = calloc(count, sizeof *plan->entry);
    if (!plan->entry) SB_TRY(no_memory());
    plan->entries = count;
    for (size_t i = 0; i < count; i++) {
        SB_TRY(take_entry(plan, config_setting_get_elem(list, (unsigned)i), &plan->entry[i]));
        for (size_t k = 0; k < i; k++)
            if (strcmp(plan->entry[k].id, plan->entry[i].id) == 0)
                SB_TRY(wrong(plan, plan->entry[i].at, "\"%s\" is there already", plan->entry[i].id));
    }
done:
    return status;
}

sb_status sb_plan_read(const char *path, sb_plan *plan)
{
    sb_status status = SB_OK;
    const char *slash = strrchr(path, '/');
    if (strlen(path) >= sizeof plan->folder) return sb_fail(SB_ERR_IO, "%.40s..: path too long", path);
    sb_format(plan->folder, sizeof plan->folder, "%.*s", slash ? (int)(slash - path) + 1 : 0, path);
    SB_TRY(sb_parse_file(&plan->parsed, path));
    SB_TRY(take_all(plan));
done:
    if (status != SB_OK) sb_plan_clear(plan);
    return status;
}

void sb_plan_clear(sb_plan *plan)
{
    for (size_t e = 0; e < plan->entries; e++) {
        sb_planned_entry *entry = &plan->entry[e];
        for (size_t i = 0; i < entry->runs; i++) {
            free(entry->run[i].set.v);
            free(entry->run[i].fast.v);
            free(entry->run[i].full.v);
            free(entry->run[i].figures.v);
        }
        for (size_t i = 0; i < entry->claims; i++) free(entry->claim[i].check);
        free(entry->run);
        free(entry->claim);
    }
    free(plan->entry);
    sb_parsed_clear(&plan->parsed);
    *plan = (sb_plan){0};
}

sb_status sb_plan_find(const sb_plan *plan, const char *id, const sb_planned_entry **entry)
{
    const char *nearest = "";
    size_t least = SIZE_MAX;
    *entry = NULL;
    for (size_t e = 0; e < plan->entries; e++) {
        size_t distance = sb_edit_distance(id, plan->entry[e].id);
        if (distance < least) nearest = plan->entry[e].id, least = distance;
        if (distance == 0) *entry = &plan->entry[e];
    }
    if (*entry) return SB_OK;
    if (2 * least > strlen(id))
        return sb_fail(SB_ERR_INPUT, "there is no '%.60s' to reproduce; `specbias reproduce list` names what there is",
                       id);
    return sb_fail(SB_ERR_INPUT, "there is no '%.60s' to reproduce; did you mean '%s'? (`specbias reproduce list`)", id,
                   nearest);
}
