/* FFTs against the sums they stand for; harmonics of the circle and the sphere against quadrature and GSL. */
#include "common/test.h"

#include <complex.h>
#include <float.h>

#include <gsl/gsl_integration.h>
#include <gsl/gsl_sf_legendre.h>

#include "watch/fft.h"
#include "watch/harmonics.h"

/* ---- FFT ---- */

static void random_numbers(size_t n, double *x)
{
    seed_numbers(n);
    for (size_t i = 0; i < n; i++) x[i] = number_in(-1, 1);
}

static double complex naive_bin(size_t height, size_t width, const double *x, size_t row, size_t column)
{
    double complex sum = 0;
    for (size_t i = 0; i < height; i++)
        for (size_t j = 0; j < width; j++)
            sum += x[i * width + j] *
                   cexp(-2 * M_PI * I *
                        ((double)(row * i % height) / (double)height + (double)(column * j % width) / (double)width));
    return sum;
}

static const size_t fft_sizes[][2] = {{1, 1}, {1, 2}, {1, 7}, {1, 16}, {2, 2}, {6, 4}, {5, 3}, {4, 9}, {8, 8}};

/* Also off the alignment that FFTW would like best. */
static void fft_is_its_sum(void **state)
{
    (void)state;
    for (size_t s = 0; s < 2 * sizeof fft_sizes / sizeof fft_sizes[0]; s++) {
        size_t height = fft_sizes[s / 2][0], width = fft_sizes[s / 2][1], points = height * width;
        size_t columns = width / 2 + 1;
        sb_fft *fft = NULL;
        assert_ok(sb_fft_create(height, width, &fft));
        assert_int_equal(sb_fft_bins(fft), height * columns);
        double *memory = new_doubles(2 * points + 1), *x = memory + s % 2, *kept = x + points;
        double *numbers = new_doubles(2 * height * columns + 1);
        double complex *amp = (double complex *)(numbers + s % 2);
        random_numbers(points, x);
        memcpy(kept, x, points * sizeof *x);
        sb_fft_forward(fft, x, amp);
        assert_memory_equal(x, kept, points * sizeof *x);
        for (size_t k = 0; k < height * columns; k++)
            assert_at_most(cabs(amp[k] - naive_bin(height, width, x, k / columns, k % columns)), 1e-13);
        sb_fft_backward(fft, amp, x);
        for (size_t i = 0; i < points; i++) assert_near(x[i], (double)points * kept[i], 1e-13);
        free(memory);
        free(numbers);
        sb_fft_destroy(&fft);
        assert_null(fft);
    }
}

static void fft_of_nothing_is_refused(void **state)
{
    sb_fft *fft = NULL;
    (void)state;
    assert_fails(sb_fft_create(0, 4, &fft), SB_ERR_INPUT, "0 x 4");
    assert_fails(sb_fft_create(4, 0, &fft), SB_ERR_INPUT, "4 x 0");
    assert_fails(sb_fft_create(100000, 100000, &fft), SB_ERR_INPUT, "no FFT");
    assert_null(fft);
    sb_fft_destroy(&fft);
}

/* ---- harmonics ---- */

/* gram += weight y y^T */
static void add_products(size_t modes, double weight, const double *y, double *gram)
{
    for (size_t k = 0; k < modes; k++)
        for (size_t j = 0; j <= k; j++) gram[k * modes + j] += weight * y[k] * y[j];
}

static void assert_identity(size_t modes, const double *gram)
{
    double worst = 0;
    for (size_t k = 0; k < modes; k++)
        for (size_t j = 0; j <= k; j++) worst = fmax(worst, fabs(gram[k * modes + j] - (k == j)));
    assert_at_most(worst, 1e-13);
}

static void circle_harmonics_are_orthonormal(void **state)
{
    enum { DEGREE = 12, MODES = 2 * DEGREE + 1, N = 2 * DEGREE + 2 };
    double y[2 * MODES], gram[MODES * MODES] = {0}, length = 3.7, last[MODES];
    (void)state;
    for (size_t i = 0; i < N; i++) {
        sb_circle_harmonics(DEGREE, length, 0.2 + length * (double)i / N, 2, y);
        for (size_t k = 0; k < MODES; k++) last[k] = y[2 * k];
        add_products(MODES, length / N, last, gram);
    }
    assert_identity(MODES, gram);
    sb_circle_harmonics(DEGREE, 2 * M_PI, 0.3, 1, y);
    assert_close(y[5], cos(0.9) / sqrt(M_PI), 1e-15);
    assert_close(y[6], sin(0.9) / sqrt(M_PI), 1e-15);
}

static void unit_vector(double z, double phi, double x[3])
{
    double across = sqrt((1 - z) * (1 + z));
    x[0] = across * cos(phi);
    x[1] = across * sin(phi);
    x[2] = z;
}

/* Gauss-Legendre in z times uniform angles integrates products of two harmonics exactly. */
static void sphere_harmonics_are_orthonormal(void **state)
{
    enum { DEGREE = 30, MODES = (DEGREE + 1) * (DEGREE + 1), TURNS = 2 * DEGREE + 1 };
    double *gram = new_doubles(MODES * MODES), y[MODES], x[3], z, weight;
    gsl_integration_glfixed_table *rule = gsl_integration_glfixed_table_alloc(DEGREE + 1);
    (void)state;
    for (size_t i = 0; i <= DEGREE; i++)
        for (size_t j = 0; j < TURNS; j++) {
            gsl_integration_glfixed_point(-1, 1, i, &z, &weight, rule);
            unit_vector(z, 2 * M_PI * (double)j / TURNS, x);
            sb_sphere_harmonics(DEGREE, x, 1, y);
            add_products(MODES, weight * 2 * M_PI / TURNS, y, gram);
        }
    assert_identity(MODES, gram);
    gsl_integration_glfixed_table_free(rule);
    free(gram);
}

/* GSL's harmonics have the Condon-Shortley sign; that of each order is a convention. */
static void sphere_harmonics_are_those_of_gsl(void **state)
{
    enum { DEGREE = 100, MODES = (DEGREE + 1) * (DEGREE + 1) };
    static const double heights[] = {-0.97, -0.3, 0, 0.41, 0.999};
    double *y = new_doubles(MODES), x[3], phi = 0.7;
    (void)state;
    for (size_t i = 0; i < 5; i++) {
        unit_vector(heights[i], phi, x);
        sb_sphere_harmonics(DEGREE, x, 1, y);
        for (int l = 0; l <= DEGREE; l += l < 4 ? 1 : 7)
            for (int m = 0; m <= l; m++) {
                double p = gsl_sf_legendre_sphPlm(l, m, heights[i]) * (m ? M_SQRT2 : 1) * (m % 2 ? -1 : 1);
                assert_near(y[l * (l + 1) + m], p * cos(m * phi), 3e-12);
                if (m) assert_near(y[l * (l + 1) - m], p * sin(m * phi), 3e-12);
            }
    }
    free(y);
}

/* sum_m Y_lm(x)^2 = (2 l + 1) / 4 pi everywhere, also at the poles and as near them as numbers go. There Y_l0 changes
 * by l (l + 1) / 2 of itself with z, so the rounding of the point costs l (l + 1) units. */
static void sphere_harmonics_are_exact_at_the_poles(void **state)
{
    enum { DEGREE = 40, MODES = (DEGREE + 1) * (DEGREE + 1) };
    static const double off[] = {0, 1e-170, 1e-12, 1e-8, 1e-3};
    double y[MODES];
    (void)state;
    for (size_t i = 0; i < 5; i++) {
        double x[3] = {0.6 * off[i], 0.8 * off[i], -sqrt(1 - off[i] * off[i])};
        sb_sphere_harmonics(DEGREE, x, 1, y);
        assert_close(y[3], sqrt(3 / (4 * M_PI)) * x[0], 1e-15);
        assert_close(y[1], sqrt(3 / (4 * M_PI)) * x[1], 1e-15);
        for (size_t l = 0; l <= DEGREE; l++) {
            double sum = 0;
            for (size_t k = l * l; k < (l + 1) * (l + 1); k++) sum += y[k] * y[k];
            assert_close(sum, (2 * (double)l + 1) / (4 * M_PI), (double)(2 + l * (l + 1)) * DBL_EPSILON);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(fft_is_its_sum),
        cmocka_unit_test(fft_of_nothing_is_refused),
        cmocka_unit_test(circle_harmonics_are_orthonormal),
        cmocka_unit_test(sphere_harmonics_are_orthonormal),
        cmocka_unit_test(sphere_harmonics_are_those_of_gsl),
        cmocka_unit_test(sphere_harmonics_are_exact_at_the_poles),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
