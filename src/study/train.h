/* The stages of an ordinary experiment as part of a study. */
#ifndef SPECBIAS_EXPERIMENT_STUDY_TRAIN_H
#define SPECBIAS_EXPERIMENT_STUDY_TRAIN_H

#include "study/study.h"

/* Forecast, seal, train, compare, and draw if asked to, in a directory of the study's. When the study resumes, what is
 * sealed and what is trained there stays, and training goes on from its checkpoints. `summary` is the caller's to
 * clear. */
sb_status sb_study_train(const sb_config *config, const sb_stage *study, const char *directory, bool draw,
                         sb_summary *summary);

/* The configuration as an ordinary experiment of this name with another density and scale of the output weights. */
sb_status sb_study_variant(const sb_config *config, const char *name, const char *density, double sigma_a,
                           sb_config *variant);
/* Whether the configuration makes an ordinary experiment; and whether such a variant of it does. */
sb_status sb_study_check(const sb_config *config);
sb_status sb_study_check_variant(const sb_config *config, const char *density, double sigma_a);

#endif
