/* With R = C^(1/2) and the eigenpairs R K R = V diag(lambda) V^T,
 *
 *   R u(t) = V s(lambda, t) a,   a = V^T R u0,   s = exp(-lambda t) or (1 - eta lambda)^(t / eta).
 *
 * A point that weighs nothing only follows the others: u(t) = u0 - K R V psi(lambda, t) a, psi = (1 - s) / lambda. */
#include "theory/modes.h"

#include <specbias/rule.h>

#include <math.h>
#include <stdlib.h>

#include "core/linalg.h"

typedef struct modes {
    size_t n;
    double *root, *ru, *share, *lambda; /* [n] R, R u0, a, lambda */
    double *seen;                       /* [n] what a point sees of the modes */
    double *vector;                     /* [n][n] row k is v_k */
    double *left;                       /* [nt][n] s a */
} modes;

static sb_status create(size_t n, size_t nt, modes *m)
{
    *m = (modes){.n = n, .root = malloc((5 * n + n * n + nt * n) * sizeof(double))};
    if (!m->root) return sb_fail(SB_ERR_NOMEM, "no memory for the modes of %zu points", n);
    m->ru = m->root + n;
    m->share = m->ru + n;
    m->lambda = m->share + n;
    m->seen = m->lambda + n;
    m->vector = m->seen + n;
    m->left = m->vector + n * n;
    return SB_OK;
}

static double time_of(const sb_problem *problem, const sb_rule *rule, size_t i)
{
    return rule->kind->update ? problem->step[i] : problem->t[i];
}

static void set_factors(const sb_problem *problem, const sb_rule *rule, modes *m)
{
    for (size_t i = 0; i < problem->nt; i++)
        for (size_t k = 0; k < m->n; k++)
            m->left[i * m->n + k] = sb_rule_shrink(rule, m->lambda[k], time_of(problem, rule, i)) * m->share[k];
}

static sb_status find_pairs(const sb_problem *problem, const double *gram, const double *u0, modes *m)
{
    size_t n = m->n;
    for (size_t i = 0; i < n; i++) {
        m->root[i] = sqrt(problem->c[i]);
        m->ru[i] = m->root[i] * u0[i];
    }
    for (size_t i = 0; i < n; i++)
        for (size_t k = 0; k < n; k++) m->vector[i * n + k] = m->root[i] * gram[i * n + k] * m->root[k];
    sb_status status = sb_syevd(n, m->vector, m->lambda);
    if (status == SB_OK) sb_gemv(n, n, 1, m->vector, m->ru, 0, m->share);
    return status;
}

/* Of a point that weighs nothing */
static void follow(const sb_problem *problem, const sb_rule *rule, const double *gram, double u0, size_t j, modes *m,
                   double *u)
{
    size_t n = m->n;
    for (size_t k = 0; k < n; k++) m->ru[k] = m->root[k] * gram[j * n + k];
    sb_gemv(n, n, 1, m->vector, m->ru, 0, m->seen); /* V^T R K_j */
    for (size_t i = 0; i < problem->nt; i++) {
        double change = 0, t = time_of(problem, rule, i);
        for (size_t k = 0; k < n; k++) change += sb_rule_progress(rule, m->lambda[k], t) * m->share[k] * m->seen[k];
        u[i * n + j] = u0 - change;
    }
}

sb_status theory_modes(const sb_problem *problem, sb_form form, const double *gram, const double *u0, double *u)
{
    size_t n = problem->n, nt = problem->nt;
    sb_rule rule = sb_rule_of(form == SB_FORM_FLOW ? "flow" : "gd", problem->eta, 0);
    modes m = {0};
    sb_status status = SB_OK;
    SB_TRY(create(n, nt, &m));
    SB_TRY(find_pairs(problem, gram, u0, &m));
    set_factors(problem, &rule, &m);
    sb_gemm(nt, n, n, m.left, m.vector, u);
    for (size_t j = 0; j < n; j++)
        if (m.root[j] > 0)
            for (size_t i = 0; i < nt; i++) u[i * n + j] /= m.root[j];
        else
            follow(problem, &rule, gram, u0[j], j, &m, u);
done:
    free(m.root);
    return status;
}
