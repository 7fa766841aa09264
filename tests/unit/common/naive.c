#include "naive.h"

#include "test.h"

double naive_output(const sb_net *net, double x)
{
    double sum = 0;
    for (size_t j = 0; j < net->width; j++) {
        double s, ds;
        sb_activation_value(net->spec.activation, net->in[j] * (x + net->shift[j]), &s, &ds);
        sum += net->out[j] * s;
    }
    return net->scale * sum;
}

void naive_jacobian(const sb_net *net, double x, double *jacobian)
{
    for (size_t j = 0; j < net->width; j++) {
        double s, ds;
        sb_activation_value(net->spec.activation, net->in[j] * (x + net->shift[j]), &s, &ds);
        jacobian[j] = net->scale * s;
        jacobian[net->width + j] = net->scale * net->out[j] * ds * (x + net->shift[j]);
        jacobian[2 * net->width + j] = net->scale * net->out[j] * ds * net->in[j];
    }
}

void naive_gradient(const sb_net *net, size_t n, const double *x, const double *g, double *gradient)
{
    double *row = new_doubles(3 * net->width);
    memset(gradient, 0, 3 * net->width * sizeof *gradient);
    for (size_t i = 0; i < n; i++) {
        naive_jacobian(net, x[i], row);
        for (size_t j = 0; j < 3 * net->width; j++) gradient[j] += g[i] * row[j];
    }
    free(row);
}

double naive_step(sb_net *net, const sb_problem *problem, double *u)
{
    double *g = new_doubles(problem->n), *gradient = new_doubles(3 * net->width), loss = 0;
    for (size_t i = 0; i < problem->n; i++) {
        u[i] = naive_output(net, problem->x[i]) - problem->y[i];
        g[i] = problem->c[i] * u[i];
        loss += 0.5 * problem->c[i] * u[i] * u[i];
    }
    naive_gradient(net, problem->n, problem->x, g, gradient);
    for (size_t j = 0; j < net->width; j++) {
        net->out[j] -= problem->eta * gradient[j];
        net->in[j] -= problem->eta * gradient[net->width + j];
        net->shift[j] -= problem->eta * gradient[2 * net->width + j];
    }
    free(g);
    free(gradient);
    return loss;
}
