/* sweep.vary -> points. */
#include <stdlib.h>
#include <string.h>

#include "case/keys.h"
#include "case/let.h"
#include "core/file.h"
#include "core/text.h"
#include "study/sweep/sweep.h"
#include "study/train.h"

enum { MOST_POINTS = 100000, LONGEST = 4000 };

static sb_status no_memory(void)
{
    return sb_fail(SB_ERR_NOMEM, "no memory for the points of a sweep");
}

/* ---- "net.width = 256, 512" ---- */

/* Up to a comma outside brackets and quotes. */
static size_t value_length(const char *text)
{
    size_t n = 0;
    bool quoted = false;
    for (int depth = 0; text[n] && (quoted || depth > 0 || text[n] != ','); n++) {
        if (text[n] == '"') quoted = !quoted;
        if (!quoted) depth += (strchr("([", text[n]) != NULL) - (strchr(")]", text[n]) != NULL);
    }
    return n;
}

static sb_status add_value(sb_varied *varied, const char *text, size_t length)
{
    sb_texts *values = &varied->value;
    sb_status status = sb_texts_add(values, sb_text_copy_trimmed(text, length));
    if (status != SB_OK) return status;
    if (!*values->v[values->n - 1]) return sb_fail(SB_ERR_INPUT, "a value of %s is empty", varied->key);
    return values->n < MOST_POINTS ? SB_OK : sb_fail(SB_ERR_INPUT, "more than %d values", MOST_POINTS);
}

static sb_status read_varied(const char *text, sb_varied *varied)
{
    const char *equals = strchr(text, '=');
    if (!equals || strlen(text) > LONGEST) return sb_fail(SB_ERR_INPUT, "expected \"KEY = VALUE, VALUE, ..\"");
    varied->key = sb_text_copy_trimmed(text, (size_t)(equals - text));
    if (!varied->key) return no_memory();
    bool own = strcmp(varied->key, "name") == 0 || strcmp(varied->key, "kind") == 0 || strcmp(varied->key, "let") == 0;
    if (own || strncmp(varied->key, "sweep.", 6) == 0)
        return sb_fail(SB_ERR_INPUT, "%s belongs to the sweep, it cannot be varied", varied->key);
    for (const char *p = equals + 1;; p++) {
        size_t length = value_length(p);
        sb_status status = add_value(varied, p, length);
        if (status != SB_OK) return status;
        p += length;
        if (!*p) return SB_OK;
    }
}

static sb_status read_all(sb_sweep *sweep)
{
    const sb_texts *vary = &sweep->config->sweep_vary;
    if (vary->n == 0)
        return sb_fail(SB_ERR_INPUT, "a sweep needs keys to vary, sweep.vary = [\"net.width = 256, 512\"]");
    sweep->varied = calloc(vary->n, sizeof *sweep->varied);
    if (!sweep->varied) return no_memory();
    for (size_t k = 0; k < vary->n; k++) {
        sweep->keys = k + 1;
        sb_status status = read_varied(vary->v[k], &sweep->varied[k]);
        for (size_t i = 0; status == SB_OK && i < k; i++)
            if (strcmp(sweep->varied[i].key, sweep->varied[k].key) == 0)
                status = sb_fail(SB_ERR_INPUT, "%s is varied twice", sweep->varied[k].key);
        if (status != SB_OK) return sb_fail(status, "\"%s\": %s", vary->v[k], sb_error_text());
    }
    return SB_OK;
}

static bool is_list(const sb_sweep *sweep)
{
    return strcmp(sweep->config->sweep_points, "list") == 0;
}

static sb_status count_points(sb_sweep *sweep)
{
    const sb_varied *first = &sweep->varied[0];
    sweep->points = first->value.n;
    for (size_t k = 1; k < sweep->keys; k++) {
        size_t n = sweep->varied[k].value.n;
        if (is_list(sweep) && n != sweep->points)
            return sb_fail(SB_ERR_INPUT,
                           "%s has %zu values and %s has %zu: sweep.points = \"list\" takes them together", first->key,
                           sweep->points, sweep->varied[k].key, n);
        if (!is_list(sweep)) sweep->points *= n;
        if (sweep->points > MOST_POINTS) return sb_fail(SB_ERR_INPUT, "more than %d points", MOST_POINTS);
    }
    return SB_OK;
}

/* ---- points: of a grid the last key varies fastest ---- */

const char *sb_sweep_value(const sb_sweep *sweep, size_t point, size_t key)
{
    size_t inner = 1;
    const sb_texts *values = &sweep->varied[key].value;
    if (is_list(sweep)) return values->v[point];
    for (size_t k = key + 1; k < sweep->keys; k++) inner *= sweep->varied[k].value.n;
    return values->v[point / inner % values->n];
}

void sb_sweep_describe(const sb_sweep *sweep, size_t point, char *text, size_t size)
{
    size_t used = 0;
    *text = '\0';
    for (size_t k = 0; k < sweep->keys && used + 1 < size; k++, used = strlen(text))
        sb_format(text + used, size - used, "%s%s = %s", k ? ", " : "", sweep->varied[k].key,
                  sb_sweep_value(sweep, point, k));
}

static sb_status set_text(char **text, const char *value)
{
    char *copy = strdup(value);
    if (!copy) return no_memory();
    free(*text);
    *text = copy;
    return SB_OK;
}

/* Sets one key; the reason names neither --set, which nobody gave, nor the value twice. */
static sb_status assign(const char *key, const char *value, sb_config *one)
{
    char *text = malloc(strlen(key) + strlen(value) + 2);
    if (!text) return no_memory();
    strcpy(stpcpy(stpcpy(text, key), "="), value);
    sb_status status = sb_config_set(one, text);
    free(text);
    if (status == SB_OK) return SB_OK;
    const char *reason = strstr(sb_error_text(), ": ");
    return sb_fail(status, "%s", reason ? reason + 2 : sb_error_text());
}

/* Those that are not of the sweep as a whole. */
static void keep_own_claims(sb_texts *claims)
{
    size_t kept = 0;
    for (size_t i = 0; i < claims->n; i++) {
        sb_claim claim;
        if (sb_claim_parse(claims->v[i], &claim) == SB_OK && *claim.of)
            free(claims->v[i]);
        else
            claims->v[kept++] = claims->v[i];
    }
    claims->n = kept;
}

/* `variables` has those set that the point uses; NULL: nobody asks. */
static sb_status make_config(const sb_sweep *sweep, size_t point, bool *variables, sb_config *one)
{
    sb_status status = SB_OK;
    SB_TRY(sb_config_copy(sweep->config, one));
    SB_TRY(set_text(&one->experiment_name, *sweep->name[point] ? sweep->name[point] : "point"));
    SB_TRY(set_text(&one->experiment_kind, "train"));
    for (size_t k = 0; k < sweep->keys; k++) {
        const char *key = sweep->varied[k].key;
        if (strncmp(key, "let.", 4) == 0 && !sb_let_holds(one, key + 4))
            SB_TRY(sb_fail(SB_ERR_INPUT, "%s: there is no such variable in let", key));
        SB_TRY(assign(key, sb_sweep_value(sweep, point, k), one));
    }
    SB_TRY(sb_let_resolve(one, variables));
    keep_own_claims(&one->experiment_claims);
done:
    if (status != SB_OK) sb_config_clear(one);
    return status;
}

static sb_status with_place(const sb_sweep *sweep, size_t point, sb_status status)
{
    char text[300];
    if (status == SB_OK) return status;
    sb_sweep_describe(sweep, point, text, sizeof text);
    return sb_fail(status, "at %s: %s", text, sb_error_text());
}

sb_status sb_sweep_config(const sb_sweep *sweep, size_t point, sb_config *one)
{
    return with_place(sweep, point, make_config(sweep, point, NULL, one));
}

/* The address: what a run of these keys and seeds is, whatever the sweep is called, whatever keys there will be. */
static sb_status make_name(const sb_config *one, sb_config *standard, char name[20])
{
    char hex[65];
    sb_draft text;
    sb_status status = sb_draft_open(&text);
    if (status != SB_OK) return status;
    sb_print(text.stream, "specbias point %d\n", SB_SWEEP_FORMAT);
    sb_key_write_set(one, standard, text.stream);
    status = sb_draft_close(&text, SB_OK);
    if (status == SB_OK) sb_sha256(text.text, text.length, hex);
    if (status == SB_OK) sb_format(name, 20, "p%.16s", hex);
    free(text.text);
    return status;
}

/* ---- all of them ---- */

typedef struct named {
    const char *name;
    size_t point;
} named;

static int by_name(const void *a, const void *b)
{
    const named *x = a, *y = b;
    int order = strcmp(x->name, y->name);
    return order ? order : (x->point > y->point) - (x->point < y->point);
}

static sb_status check_distinct(const sb_sweep *sweep)
{
    sb_status status = SB_OK;
    char one[200], other[200];
    named *all = calloc(sweep->points, sizeof *all);
    if (!all) return no_memory();
    for (size_t i = 0; i < sweep->points; i++) all[i] = (named){sweep->name[i], i};
    qsort(all, sweep->points, sizeof *all, by_name);
    for (size_t i = 1; i < sweep->points && status == SB_OK; i++) {
        if (strcmp(all[i - 1].name, all[i].name) != 0) continue;
        sb_sweep_describe(sweep, all[i - 1].point, one, sizeof one);
        sb_sweep_describe(sweep, all[i].point, other, sizeof other);
        status = sb_fail(SB_ERR_INPUT, "two points are the same run, %s and %s: a key has no effect there", one, other);
    }
    free(all);
    return status;
}

/* Names, and which keys and variables have an effect somewhere. */
static sb_status visit_all(sb_sweep *sweep)
{
    sb_status status = SB_OK;
    size_t variables = sweep->config->experiment_let.n;
    sb_config first = {0}, standard = {0};
    bool *used = calloc(sb_key_count(), sizeof *used), *let = calloc(variables + 1, sizeof *let);
    sweep->name = calloc(sweep->points, sizeof *sweep->name);
    if (!used || !let || !sweep->name) SB_TRY(no_memory());
    SB_TRY(sb_config_init(&standard));
    for (size_t i = 0; i < sb_key_count(); i++)
        used[i] = strncmp(sb_key_entry(i)->shown.where, "sweep", strlen("sweep")) == 0;
    for (size_t i = 0; i < sweep->points; i++) {
        sb_config one = {0};
        SB_TRY(with_place(sweep, i, make_config(sweep, i, let, &one)));
        status = make_name(&one, &standard, sweep->name[i]);
        if (status == SB_OK) sb_key_note_used(&one, used);
        sb_config_clear(&one);
        SB_TRY(status);
    }
    SB_TRY(check_distinct(sweep));
    SB_TRY(sb_let_unused(sweep->config, let));
    SB_TRY(make_config(sweep, 0, NULL, &first));
    SB_TRY(sb_key_check_used(&first, used));
done:
    sb_config_clear(&first);
    sb_config_clear(&standard);
    free(used);
    free(let);
    return status;
}

sb_status sb_sweep_open(const sb_config *config, sb_sweep *sweep)
{
    sb_status status = SB_OK;
    const char *origin = sb_key_origin(config, sb_key_lookup("sweep.vary"));
    sweep->config = config;
    SB_TRY(read_all(sweep));
    SB_TRY(count_points(sweep));
    SB_TRY(visit_all(sweep));
done:
    if (status == SB_OK) return SB_OK;
    sb_sweep_close(sweep);
    return sb_fail(status, "%s%ssweep: %s", origin ? origin : "", origin ? ": " : "", sb_error_text());
}

void sb_sweep_close(sb_sweep *sweep)
{
    for (size_t k = 0; sweep->varied && k < sweep->keys; k++) {
        sb_texts_clear(&sweep->varied[k].value);
        free(sweep->varied[k].key);
    }
    free(sweep->varied);
    free(sweep->name);
    *sweep = (sb_sweep){0};
}
