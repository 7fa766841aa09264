/* Ways through time for M y' = -S y with symmetric tridiagonal M and S: one file each and one line in list.def. */
#ifndef SPECBIAS_THEORY_HEAT_METHOD_H
#define SPECBIAS_THEORY_HEAT_METHOD_H

#include "theory/heat/parts.h"

typedef struct heat_system {
    size_t n;
    const double *mass, *mass_off;   /* [n], [n - 1] */
    const double *stiff, *stiff_off; /* [n], [n - 1] */
    const double *start;             /* [n] y at t = 0 */
    double top;                      /* the eigenvalues of M^-1 S are in [0, top] */
    size_t max_steps;                /* between two records, of methods that take steps */
} heat_system;

struct sb_heat_method {
    const char *name, *title;
    bool flow, gd;    /* the forms it has */
    size_t largest;   /* system; 0: any */
    double tolerance; /* of the GSL methods, relative to the largest |y| of the start */
    sb_status (*run)(const sb_heat_method *method, const heat_system *system, const sb_heat_query *query,
                     const sb_monitor *monitor, const heat_probes *probes);
};

const sb_heat_method *sb_heat_method_at(size_t index); /* NULL past the last */
const sb_heat_method *sb_heat_method_find(const char *name);
/* SB_ERR_UNSUPPORTED when that is more than the method is for. */
sb_status sb_heat_method_fits(const sb_heat_method *method, size_t unknowns);
/* The named one, or for NULL the one that costs least. SB_ERR_UNSUPPORTED: it has not this form, or not this size. */
sb_status sb_heat_method_choose(const char *name, const heat_system *system, const sb_heat_query *query,
                                const sb_heat_method **method);

/* The flow by the method of core/ode.h of the same name. */
sb_status sb_heat_integrate(const sb_heat_method *method, const heat_system *system, const sb_heat_query *query,
                            const sb_monitor *monitor, const heat_probes *probes);

#endif
