/* The key `claims` of a run: judged by what lies in its directory, told, written. */
#ifndef SPECBIAS_RUN_CLAIMS_H
#define SPECBIAS_RUN_CLAIMS_H

#include <specbias/experiment.h>

#include "core/json.h"

/* One claim, of any directory that was opened. */
sb_status sb_claim_of_results(const sb_claim *claim, sb_results *results, sb_finding *finding);
/* summary->claim[claims], of a directory whose seals hold; agreement.tsv is that of the summary, wherever it stands. */
sb_status sb_claims_judge(const sb_case *cas, const char *directory, sb_summary *summary);
/* The worst of them; SB_NONE: nothing is claimed. */
sb_verdict sb_claims_verdict(const sb_summary *summary);
/* In words, lines of 80 columns. */
void sb_claims_say(const sb_summary *summary, FILE *say);
/* The member `claims` of summary.json. */
void sb_claims_json(const sb_summary *summary, sb_json json);

#endif
