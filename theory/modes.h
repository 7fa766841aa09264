/* du/dt = -K C u by the eigenpairs of its matrix, where an equation has one. */
#ifndef SPECBIAS_THEORY_MODES_H
#define SPECBIAS_THEORY_MODES_H

#include <specbias/decay.h>
#include <specbias/problem.h>

/* u[nt][n] at the problem's times from u0[n], as the flow or in steps of eta. gram[n][n] is symmetric. */
sb_status theory_modes(const sb_problem *problem, sb_form form, const double *gram, const double *u0, double *u);

#endif
