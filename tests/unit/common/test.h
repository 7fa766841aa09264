/* What every unit test includes: cmocka, and checks that say which number was wrong and by how much. */
#ifndef SPECBIAS_TEST_H
#define SPECBIAS_TEST_H

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <specbias/status.h>

/* The call succeeds; prints its error text otherwise. */
#define assert_ok(call) check_status((call), SB_OK, NULL, #call, __FILE__, __LINE__)
/* The call fails with this code, and its text contains `words`. */
#define assert_fails(call, code, words) check_status((call), code, words, #call, __FILE__, __LINE__)
/* |value - wanted| <= tolerance; like all of these false for nan. */
#define assert_near(value, wanted, tolerance)                                                                          \
    check_near(value, wanted, tolerance, false, #value " is " #wanted, __FILE__, __LINE__)
/* The same, relative to the wanted number. */
#define assert_close(value, wanted, relative)                                                                          \
    check_near(value, wanted, relative, true, #value " is " #wanted, __FILE__, __LINE__)
#define assert_at_most(value, bound) check_bound(value, bound, 1, #value " <= " #bound, __FILE__, __LINE__)
#define assert_at_least(value, bound) check_bound(value, bound, -1, #value " >= " #bound, __FILE__, __LINE__)

void check_status(sb_status status, sb_status wanted, const char *words, const char *call, const char *file, int line);
void check_near(double value, double wanted, double tolerance, bool relative, const char *claim, const char *file,
                int line);
/* sign * value <= sign * bound */
void check_bound(double value, double bound, double sign, const char *claim, const char *file, int line);

/* max |a - b|, nan when there is one */
double max_difference(size_t n, const double *a, const double *b);
double max_abs(size_t n, const double *a);

/* n doubles; the test fails when there is no memory. */
double *new_doubles(size_t n);

/* A number in (low, high) that depends on nothing but `key` and how many were asked for since seed_numbers. */
void seed_numbers(uint64_t key);
double number_in(double low, double high);

/* Whether this is a build with sanitizers, in which long runs are shortened. */
bool sanitized(void);

#endif
