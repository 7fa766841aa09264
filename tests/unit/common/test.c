#include "test.h"

#include <specbias/rng.h>

void check_status(sb_status status, sb_status wanted, const char *words, const char *call, const char *file, int line)
{
    const char *text = status == SB_OK ? "" : sb_error_text();
    if (status != wanted)
        print_error("%s: %s (%s) instead of %s\n", call, sb_status_text(status), text, sb_status_text(wanted));
    else if (words && !strstr(text, words))
        print_error("%s: '%s' does not say '%s'\n", call, text, words);
    else
        return;
    _fail(file, line);
}

void check_near(double value, double wanted, double tolerance, bool relative, const char *claim, const char *file,
                int line)
{
    double off = fabs(value - wanted), allowed = relative ? tolerance * fabs(wanted) : tolerance;
    if (off <= allowed) return;
    print_error("not so: %s\n%.17g, %.17g wanted: %g apart, %g allowed\n", claim, value, wanted, off, allowed);
    _fail(file, line);
}

void check_bound(double value, double bound, double sign, const char *claim, const char *file, int line)
{
    if (sign * value <= sign * bound) return;
    print_error("not so: %s\n%.17g against %.17g\n", claim, value, bound);
    _fail(file, line);
}

double max_difference(size_t n, const double *a, const double *b)
{
    double largest = 0;
    for (size_t i = 0; i < n; i++) {
        double difference = fabs(a[i] - b[i]);
        if (isnan(difference)) return NAN;
        largest = fmax(largest, difference);
    }
    return largest;
}

double max_abs(size_t n, const double *a)
{
    double largest = 0;
    for (size_t i = 0; i < n; i++) {
        if (isnan(a[i])) return NAN;
        largest = fmax(largest, fabs(a[i]));
    }
    return largest;
}

double *new_doubles(size_t n)
{
    double *numbers = calloc(n, sizeof *numbers);
    assert_non_null(numbers);
    return numbers;
}

static sb_rng numbers;

void seed_numbers(uint64_t key)
{
    numbers = sb_rng_at(key, SB_STREAM_DATA, 0);
}

double number_in(double low, double high)
{
    return low + (high - low) * sb_rng_uniform(&numbers);
}

bool sanitized(void)
{
    const char *san = getenv("SPECBIAS_SAN");
    return san && *san;
}
