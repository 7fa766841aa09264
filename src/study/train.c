#include "study/train.h"

#include <stdlib.h>
#include <string.h>

#include "case/given.h"

sb_status sb_study_train(const sb_config *config, const sb_stage *study, const char *directory, bool draw,
                         sb_summary *summary)
{
    sb_stage stage = *study;
    sb_status status = SB_OK;
    sb_case cas;
    char seal[65];
    bool drawn;
    stage.directory = directory;
    stage.force = !study->resume; /* what an earlier study left there */
    memset(&cas, 0, sizeof cas);
    SB_TRY(sb_case_create(config, stage.monitor, &cas));
    if (!stage.resume || !sb_rundir_holds(directory, "forecast.sha256")) SB_TRY(sb_forecast_stage(&cas, &stage, seal));
    SB_TRY(sb_train_stage(&cas, &stage, NULL));
    SB_TRY(sb_compare_stage(&cas, &stage, summary));
    if (draw) SB_TRY(sb_plot_stage(&cas, &stage, &drawn));
done:
    sb_case_clear(&cas);
    return status;
}

static sb_status replace(char **text, const char *with)
{
    free(*text);
    *text = strdup(with);
    return *text ? SB_OK : sb_fail(SB_ERR_NOMEM, "no memory for the configuration");
}

sb_status sb_study_variant(const sb_config *config, const char *name, const char *density, double sigma_a,
                           sb_config *variant)
{
    sb_status status = SB_OK;
    SB_TRY(sb_config_copy(config, variant));
    SB_TRY(replace(&variant->experiment_name, name));
    SB_TRY(replace(&variant->experiment_kind, "train"));
    SB_TRY(replace(&variant->init_density, density));
    variant->init_out_scale = sigma_a;
done:
    if (status != SB_OK) sb_config_clear(variant);
    return status;
}

sb_status sb_study_check(const sb_config *config)
{
    sb_case cas;
    memset(&cas, 0, sizeof cas);
    sb_status status = sb_case_create(config, NULL, &cas); /* warnings come with the run */
    if (status == SB_OK) status = sb_case_check_keys(&cas);
    if (status == SB_OK) status = sb_givens_read(&cas, NULL);
    sb_case_clear(&cas);
    return status;
}

sb_status sb_study_check_variant(const sb_config *config, const char *density, double sigma_a)
{
    sb_config variant = {0};
    sb_status status = sb_study_variant(config, "variant", density, sigma_a, &variant);
    if (status == SB_OK) status = sb_study_check(&variant);
    if (status != SB_OK) status = sb_fail(status, "%s, sigma_a = %g: %s", density, sigma_a, sb_error_text());
    sb_config_clear(&variant);
    return status;
}
