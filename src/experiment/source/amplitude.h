/* A forecast by a theory whose unknown is the amplitude: it gets the law and the data, never the network. */
#ifndef SPECBIAS_EXPERIMENT_SOURCE_AMPLITUDE_H
#define SPECBIAS_EXPERIMENT_SOURCE_AMPLITUDE_H

#include "experiment/source/source.h"

#define AMPLITUDE_SOURCE(ID, NAME, TITLE, CITATION)                                                                    \
    static sb_status check(const sb_case *cas)                                                                         \
    {                                                                                                                  \
        return sb_theory_find(NAME)->check(&cas->theory, &cas->problem);                                               \
    }                                                                                                                  \
                                                                                                                       \
    static sb_status gram(const sb_case *cas, uint64_t seed, double *matrix)                                           \
    {                                                                                                                  \
        (void)seed;                                                                                                    \
        return sb_theory_find(NAME)->gram(&cas->theory, &cas->problem, matrix);                                        \
    }                                                                                                                  \
                                                                                                                       \
    static sb_status amplitude(const sb_case *cas, const sb_problem *problem, sb_form form, const double *u0,          \
                               const sb_monitor *monitor, double complex *amp)                                         \
    {                                                                                                                  \
        return sb_theory_find(NAME)->amplitude(&cas->theory, problem, form, u0, monitor, amp);                         \
    }                                                                                                                  \
                                                                                                                       \
    const sb_source sb_source_##ID = {                                                                                 \
        .name = NAME, .title = TITLE, .citation = CITATION, .check = check, .gram = gram, .amplitude = amplitude}

#endif
