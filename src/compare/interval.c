/* What several seeds tell of a mean. */
#include <specbias/measure.h>

#include <math.h>

#include <gsl/gsl_cdf.h>

sb_estimate sb_estimate_mean(size_t n, const double *values)
{
    sb_estimate e = {.n = n, .mean = NAN, .deviation = NAN, .lo = NAN, .hi = NAN};
    double sum = 0, square = 0;
    for (size_t i = 0; i < n; i++) {
        e.known += !isnan(values[i]);
        sum += values[i];
    }
    if (n == 0 || e.known < n) return e;
    e.mean = sum / (double)n;
    for (size_t i = 0; i < n; i++) square += (values[i] - e.mean) * (values[i] - e.mean);
    if (n == 1) return e;
    e.deviation = sqrt(square / (double)(n - 1));
    double half = gsl_cdf_tdist_Pinv(0.975, (double)(n - 1)) * e.deviation / sqrt((double)n);
    e.lo = e.mean - half;
    e.hi = e.mean + half;
    return e;
}
