/* What the studies of both theorems share (theorem1.c). */
#ifndef SPECBIAS_STUDY_THEOREM_H
#define SPECBIAS_STUDY_THEOREM_H

#include <specbias/dominance.h>

#include "study/study.h"

sb_status sb_theorem_check(const sb_config *config);
sb_dominance_task sb_theorem_task(const sb_config *config);
/* Draws of network size theorem.m[index] in balls of radius delta[n]. */
sb_dominance_spec sb_theorem_spec(const sb_config *config, size_t index, size_t n, const double *delta);

#endif
