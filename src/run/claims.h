/* observe.claim: in which order frequencies were learned, of what was observed alone. */
#ifndef SPECBIAS_EXPERIMENT_CLAIMS_H
#define SPECBIAS_EXPERIMENT_CLAIMS_H

#include <specbias/experiment.h>

#include "core/json.h"

/* `claims` must be zeroed or cleared. */
sb_status sb_claims_judge(const sb_case *cas, size_t runs, const sb_decay *observed, sb_claims *claims);
void sb_claims_clear(sb_claims *claims);
/* In words to `say`: losses at the end, when items stayed below observe.level, what became of the claim. */
void sb_claims_say(const sb_case *cas, const sb_summary *summary, FILE *say);
/* Members of summary.json. */
void sb_claims_json(const sb_case *cas, const sb_summary *summary, sb_json json);

#endif
