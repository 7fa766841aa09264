/* The source `file:`, a law of the user's own as a table (case/given.h), and which cases that and kernels of the user's
 * cover. What is judged of a table is when errors fall, by the scatter of networks of this width as draws tell it, or
 * rehearsals where draws do not. */
#include "forecast/given_file.h"

#include <string.h>

#include "case/case.h"
#include "case/given.h"
#include "forecast/linearised.h"

/* Kernels have modes, and are of a start with zero output. */
static sb_status cover_kernels(const sb_case *cas, const sb_given *given, sb_way way[2])
{
    way[SB_FORM_FLOW] = way[SB_FORM_GD] = SB_WAY_MODES;
    if (*cas->silent) return sb_fail(SB_ERR_UNSUPPORTED, "%s: %s", given->name, cas->silent);
    if (given->files > 1 && (cas->random_output || cas->deterministic))
        return sb_fail(SB_ERR_UNSUPPORTED, "%s: several kernels are draws of a random start with zero output",
                       given->name);
    return SB_OK;
}

sb_status sb_given_cover(const sb_case *cas, const sb_source *source, sb_way way[2])
{
    if (source->given->kernels) return cover_kernels(cas, source->given, way);
    bool flow = strcmp(cas->config->forecast_form, "flow") == 0, batches = sb_case_batch(cas) < cas->n;
    way[SB_FORM_FLOW] = flow ? SB_WAY_GIVEN : SB_WAY_NONE;
    way[SB_FORM_GD] = SB_WAY_GIVEN;
    if (flow && !cas->rule.kind->time)
        return sb_fail(SB_ERR_UNSUPPORTED, "forecast.form = \"flow\": steps of %s have no flow", cas->rule.kind->name);
    if (cas->lawless && (*cas->silent || batches))
        return sb_fail(SB_ERR_UNSUPPORTED, "nothing tells how much T scatters here: no law of the start is known");
    if (batches && cas->deterministic)
        return sb_fail(SB_ERR_UNSUPPORTED, "nothing tells how much mini-batches scatter T after a quiet start");
    return *cas->silent ? sb_linearised_check(cas) : SB_OK; /* which tells what the movement of the kernel did */
}

const sb_source sb_source_given_file = {
    .name = "file:",
    .title = "a table of err or rates of the user's own, file:PATH",
    .citation = "",
    .rung = 60,
};
