#include "core/gsl.h"

#include <pthread.h>

#include <gsl/gsl_errno.h>

/* GSL has one error handler for the process; threads that do without share its absence by counting. */
static struct {
    pthread_mutex_t lock;
    int users;
    gsl_error_handler_t *before;
} quiet = {.lock = PTHREAD_MUTEX_INITIALIZER};

void sb_gsl_begin(void)
{
    pthread_mutex_lock(&quiet.lock);
    if (quiet.users++ == 0) quiet.before = gsl_set_error_handler_off();
    pthread_mutex_unlock(&quiet.lock);
}

void sb_gsl_end(void)
{
    pthread_mutex_lock(&quiet.lock);
    if (--quiet.users == 0) gsl_set_error_handler(quiet.before);
    pthread_mutex_unlock(&quiet.lock);
}

gsl_integration_glfixed_table *sb_gauss_table(size_t n)
{
    sb_gsl_begin();
    gsl_integration_glfixed_table *table = gsl_integration_glfixed_table_alloc(n);
    sb_gsl_end();
    return table;
}
