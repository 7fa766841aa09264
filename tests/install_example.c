/* The smallest program that uses the library; tests/install.sh builds it against an installed one. */
#include <math.h>
#include <stdio.h>

#include <specbias/specbias.h>

int main(void)
{
    double s, ds;
    sb_activation_value(sb_activation_find("tanh"), 0.5, &s, &ds);
    printf("tanh(0.5) = %.16f, its derivative %.16f (%s)\n", s, ds, sb_isa_name());
    return fabs(s - 0.46211715726000976) < 1e-15 && fabs(ds - 0.78644773296592741) < 1e-15 ? 0 : 1;
}
