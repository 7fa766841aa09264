#include "watch/harmonics.h"

#include <math.h>

void sb_circle_harmonics(size_t degree, double length, double x, size_t stride, double *y)
{
    double size = sqrt(2 / length), angle = 2 * M_PI * x / length;
    y[0] = 1 / sqrt(length);
    for (size_t l = 1; l <= degree; l++) {
        y[(2 * l - 1) * stride] = size * cos((double)l * angle);
        y[2 * l * stride] = size * sin((double)l * angle);
    }
}

/* From Y_mm = (re, im) of the orders m and -m to all l > m:
 * Y_lm = A_l (z Y_{l-1,m} - Y_{l-2,m} / A_{l-1}), A_l^2 = (4 l^2 - 1) / (l^2 - m^2) */
static void climb(size_t degree, size_t m, double z, double re, double im, size_t stride, double *y)
{
    double below[2] = {0, 0}, here[2] = {re, im}, inverse = 0; /* 1 / A_l */
    for (size_t l = m; l <= degree; l++) {
        y[(l * (l + 1) + m) * stride] = here[0];
        if (m > 0) y[(l * (l + 1) - m) * stride] = here[1];
        double next = (double)(l + 1), order = (double)m;
        double a = sqrt((4 * next * next - 1) / (next * next - order * order));
        for (size_t part = 0; part < 2; part++) {
            double above = a * (z * here[part] - inverse * below[part]);
            below[part] = here[part];
            here[part] = above;
        }
        inverse = 1 / a;
    }
}

/* Y_mm is proportional to (x + i y)^m: no angle is needed, and nothing is lost near the poles. */
void sb_sphere_harmonics(size_t degree, const double x[3], size_t stride, double *y)
{
    double re = 1 / sqrt(4 * M_PI), im = 0;
    climb(degree, 0, x[2], re, im, stride, y);
    re *= M_SQRT2;
    for (size_t m = 1; m <= degree; m++) {
        double ratio = sqrt((2 * (double)m + 1) / (2 * (double)m)), turned = ratio * (re * x[0] - im * x[1]);
        im = ratio * (re * x[1] + im * x[0]);
        re = turned;
        climb(degree, m, x[2], re, im, stride, y);
    }
}
