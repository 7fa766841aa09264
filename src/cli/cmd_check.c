#include "cli/cli.h"

#include <math.h>
#include <stdio.h>

#include <specbias/linear.h>

#include "experiment/effect.h"

static sb_status print_laziness(const sb_setup *setup)
{
    double effect;
    char shift[SB_SHIFT];
    sb_status status = sb_expected_effect(setup, &effect);
    if (status != SB_OK) return status;
    if (isnan(effect))
        printf("laziness      measured in training; not foretold here\n");
    else
        printf("laziness      the moving kernel may shift T by about %s (not lazy above %.0f %%)%s\n",
               sb_shift_text(effect, shift), 100 * expm1(SB_LAZY),
               effect > SB_LAZY ? ":\n              reduce target.amplitude or widen the network" : "");
    return SB_OK;
}

static sb_status print_check(const cli_session *session)
{
    const sb_problem *problem = &session->setup.problem;
    const sb_config *config = &session->config;
    double largest = session->setup.largest_step;
    printf("data          %zu points on [%g, %g], smallest gap %.4g\n", problem->n, problem->a, problem->b,
           problem->min_gap);
    if (problem->uniform) printf("Nyquist       %g cycles per unit length\n", 0.5 / problem->spacing);
    printf("frequencies  ");
    for (size_t k = 0; k < problem->grid.n; k++) printf(" %g", problem->grid.label[k]);
    printf(" (%s)\n", problem->grid.unit);
    printf("training      %lld seed%s x %.0f steps of %g, %zu records\n", (long long)config->seeds_count,
           config->seeds_count == 1 ? "" : "s", problem->step[problem->nt - 1], problem->eta, problem->nt);
    printf("stable step   up to %.4g (2/lambda_max); eta lambda_max = %.3g\n", sb_rule_printed_step(largest),
           2 * problem->eta / largest);
    sb_status status = print_laziness(&session->setup);
    printf("memory        about %.0f MB for each of the forecasts or seeds that run at the same time\n",
           1 + 1e-6 * sb_memory_estimate(&session->setup));
    printf("directory     %s\n", session->directory);
    return status;
}

int cmd_check(const cli_options *options)
{
    cli_session session;
    sb_status status = session_open(options, ANY_OF_ANY_KIND, &session);
    if (status == SB_OK && session.study && session.study->check)
        status = session.study->check(&session.config, options->quiet ? NULL : stdout);
    if (status == SB_OK && session.study && !options->quiet)
        printf("kind          %s: %s\ndirectory     %s\n", session.study->name, session.study->title,
               session.directory);
    else if (status == SB_OK && !options->quiet)
        status = print_check(&session);
    int code = status == SB_OK ? EXIT_AGREES : cli_fail(status);
    session_close(&session);
    return code;
}
