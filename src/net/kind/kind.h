/* What a kind of network is to the rest of src/net: a table of functions over units. */
#ifndef SPECBIAS_NET_KIND_H
#define SPECBIAS_NET_KIND_H

#include <specbias/net.h>

struct sb_net_kind {
    const char *name, *title;
    bool features;  /* units have frequencies of a density; else laws of in and shift and an activation */
    size_t outputs; /* leading parameters of a unit that are output weights */
    sb_status (*check)(const sb_net_spec *spec);
    /* Parameters of a unit, and how many of them are trained, the first. */
    size_t (*per_unit)(const sb_net_spec *spec);
    size_t (*trained)(const sb_net_spec *spec);
    /* Names the parts of theta. */
    void (*name_parts)(sb_net *net);
    /* Initial weights of the first `base` units. */
    void (*start)(sb_net *net, size_t base, uint64_t seed, sb_stream stream);
    /* As sb_net_sweep without the scale, on `units` units from `first`; rate = eta * scale. The padding is to be zeroed
     * between step and output. */
    void (*sweep)(sb_net *net, size_t first, size_t units, size_t n, const double *x, const double *g, double rate,
                  double *scratch, double *partial);
    /* Of `units` units from `first`: their columns of gradient[trained][padded], without the scale. */
    void (*gradient)(const sb_net *net, size_t first, size_t units, size_t n, const double *x, const double *g,
                     double *gradient);
    void (*columns)(const sb_net *net, size_t n, const double *x, size_t first, size_t count, double *columns);
    /* Smallest distance of a kink of a unit to a data point; NULL: not known. */
    double (*kinks)(const sb_net *net, size_t n, const double *x);
};

/* Units beyond the width, of those from `first`, are zero again: a feature of them need not be, and so not its
 * gradient.
 */
void sb_net_zero_padding(sb_net *net, size_t first, size_t units);

#endif
