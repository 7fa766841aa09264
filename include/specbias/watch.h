/* What is watched of a residual u[n][outputs]: linear maps to numbers with a name. An item is a frequency, a degree or
 * a frequency along the principal direction, whose components are its functions times the outputs, or one part of a
 * filtered residual, of which only the norm is kept; err is the norm of an item over that of the wanted function. */
#ifndef SPECBIAS_WATCH_H
#define SPECBIAS_WATCH_H

#include <specbias/decay.h>
#include <specbias/observe.h>
#include <specbias/problem.h>

typedef struct sb_watch {
    size_t n, outputs;
    size_t functions;      /* scalar functions behind the linear items; frequencies have two */
    sb_modes modes, along; /* frequencies or degrees; along the principal direction. count 0: none */
    sb_filter filter;      /* count 0: none */
    sb_response response;  /* count 0: none; else there is nothing but it, and u is of its functions */
    sb_items items;        /* of modes, along, then low and high of each filter; or of the response, then "rms" */
} sb_watch;

/* Makes the items of the parts that are there. label[modes.count], xi[modes.count] and unit are those of `modes`;
 * variance[filter.count] as the user wrote them; single: residuals are computed in float. */
sb_status sb_watch_finish(sb_watch *watch, const double *label, const double *xi, const char *unit, const double *along,
                          const double *variance, bool single);
/* The same of frequency[response.count]; err below 1/2 whose times are told, too: `until`. */
sb_status sb_watch_finish_response(sb_watch *watch, const double *frequency, double until, bool single);
/* The frequencies of a problem, which must be observed (spectrum.h). `watch` must be zeroed or cleared. */
sb_status sb_watch_problem(const sb_problem *problem, sb_watch *watch);
void sb_watch_clear(sb_watch *watch);

/* The item that function f of the linear ones belongs to. */
size_t sb_watch_item(const sb_watch *watch, size_t f);
/* amp[items.parts] and err[items.n] of u[n][outputs]. The same bits for any number of threads. SB_ERR_NUMERIC when u
 * is not finite. */
sb_status sb_watch_apply(const sb_watch *watch, const double *u, size_t threads, double complex *amp, double *err);
/* The two steps of the linear items: sums[functions][columns] of v[n][columns], any number of columns; components
 * amp[items.parts] of sums[functions][outputs]. */
void sb_watch_sums(const sb_watch *watch, size_t columns, const double *v, double *sums);
void sb_watch_components(const sb_watch *watch, const double *sums, double complex *amp);
/* v[n][outputs] with sum v u = d |e| / du where the residual is a positive multiple of target[items.parts], the
 * components of the wanted function: what |e^| of item k sees of a change. Only of linear items with wanted > 0. */
void sb_watch_slope(const sb_watch *watch, size_t k, const double complex *target, double *v);

#endif
