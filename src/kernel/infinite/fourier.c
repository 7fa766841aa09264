/* Fourier features: K = gain (1 + <a^2> x.x') phi(x - x'), phi(z) = E cos(w.z); without the second term when the
 * frequencies are not trained. E[cos cos + sin sin] = phi, and the frequencies' part is
 * E[x.x' (b cos - a sin)(b cos' - a sin')] = <a^2> x.x' phi. */
#include <specbias/kernel.h>

static bool covers(const sb_net_law *law)
{
    return law->density != NULL;
}

static sb_average average(const sb_net_law *law, const double *x1, const double *x2)
{
    double phi = 1, product = 0;
    for (size_t d = 0; d < law->dim; d++) {
        phi *= sb_density_characteristic(&law->density[d], x1[d] - x2[d]);
        product += x1[d] * x2[d];
    }
    return (sb_average){phi, law->frozen ? 0 : product * phi};
}

const sb_kernel sb_kernel_fourier = {
    .name = "fourier",
    .title = "Fourier features, closed form",
    .citation = "Rahimi, Recht: Random features for large-scale kernel machines (2007); Molina et al. (2024)",
    .net = "fourier",
    .covers = covers,
    .average = average,
};
