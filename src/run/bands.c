#include "run/bands.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include <specbias/report.h>

#include "core/file.h"
#include "core/text.h"
#include "forecast/angles/closed.h"

bool sb_bands_told(const sb_case *cas)
{
    bool told = false;
    for (size_t s = 0; s < cas->sources; s++) told = told || strcmp(cas->source[s]->name, "law.conv") == 0;
    return told;
}

void sb_closed_say(const sb_closed *closed, FILE *say)
{
    fputs("closed forms  rates frozen at infinite width", say);
    for (size_t i = 0; i < SB_CLOSED_RATES && !isnan(closed->rate[i]); i++) sb_print(say, " %.3g", closed->rate[i]);
    fputc('\n', say);
    if (!isnan(closed->late))
        sb_print(say, "              late, relative square error low / high %.3g\n", closed->late);
}

/* The last line of a seed's table of bands: step, then loss[tests]. */
static sb_status read_last(const sb_case *cas, const char *directory, int64_t seed, double *loss)
{
    char path[SB_PATH], *text = NULL;
    size_t length = 0;
    sb_status status = sb_rundir_path(path, directory, "decay/law.conv.bands.seed%lld.tsv", (long long)seed);
    if (status == SB_OK) status = sb_read_file(path, &text, &length);
    if (status != SB_OK) return status;
    while (length > 0 && text[length - 1] == '\n') text[--length] = '\0';
    char *at = strrchr(text, '\n'), *end;
    bool right = at && sb_text_real(at + 1, &end) == cas->step[cas->nt - 1] && end != at + 1;
    for (size_t t = 0; right && t < cas->tests; t++) {
        at = end;
        loss[t] = sb_text_real(at, &end);
        right = *at == '\t' && end != at && loss[t] >= 0;
    }
    if (!right || *end) status = sb_fail(SB_ERR_INPUT, "%s: expected the last step and %zu losses", path, cas->tests);
    free(text);
    return status;
}

static void say_line(const sb_case *cas, const char *name, const double *loss, size_t low, size_t high, FILE *say)
{
    sb_print(say, "  %-12s", name);
    for (size_t t = 0; t < cas->tests; t++) sb_print(say, "  %-9.3g", loss[t]);
    if (low < cas->tests && high < cas->tests) sb_print(say, "  %.3g", loss[low] / loss[high]);
    fputc('\n', say);
}

static size_t find_set(const sb_case *cas, const char *name)
{
    size_t t = 0;
    while (t < cas->tests && strcmp(cas->test[t].name, name) != 0) t++;
    return t;
}

sb_status sb_bands_load(const sb_case *cas, const char *directory, sb_summary *summary)
{
    sb_status status = SB_OK;
    double loss[SB_TEST_SETS];
    sb_bands *bands = &summary->bands;
    if (!sb_bands_told(cas)) return SB_OK;
    for (size_t r = 0; r < summary->runs; r++) {
        SB_TRY(read_last(cas, directory, cas->config->seeds_first + (int64_t)r, loss));
        for (size_t t = 0; t < cas->tests; t++) {
            bands->told[t] += loss[t] / (double)summary->runs;
            bands->seen[t] += summary->run[r].test_loss[t] / (double)summary->runs;
        }
    }
    SB_TRY(sb_closed_forms(cas, &bands->closed));
done:
    return status;
}

void sb_bands_say(const sb_case *cas, const sb_summary *summary, FILE *say)
{
    size_t low = find_set(cas, "low"), high = find_set(cas, "high");
    if (!sb_bands_told(cas)) return;
    fputs("\ntest loss at the end, mean of seeds (steps of Adam scatter)\n              ", say);
    for (size_t t = 0; t < cas->tests; t++) sb_print(say, "  %-9s", cas->test[t].name);
    fputs(low < cas->tests && high < cas->tests ? "  low / high\n" : "\n", say);
    say_line(cas, "law.conv", summary->bands.told, low, high, say);
    say_line(cas, "observed", summary->bands.seen, low, high, say);
    sb_closed_say(&summary->bands.closed, say);
}

void sb_bands_json(const sb_case *cas, const sb_summary *summary, sb_json top)
{
    const sb_bands *bands = &summary->bands;
    if (!sb_bands_told(cas)) return;
    sb_json all = sb_json_object(top, "bands"), sets = sb_json_array(all, "sets"), rates = sb_json_array(all, "rates");
    for (size_t t = 0; t < cas->tests; t++) {
        sb_json set = sb_json_object(sets, NULL);
        sb_json_text(set, "name", cas->test[t].name);
        sb_json_real(set, "forecast", bands->told[t]);
        sb_json_real(set, "observed", bands->seen[t]);
    }
    for (size_t i = 0; i < SB_CLOSED_RATES; i++) sb_json_real(rates, NULL, bands->closed.rate[i]);
    sb_json_real(all, "late_low_over_high", bands->closed.late);
}
