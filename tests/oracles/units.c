#include "tests/oracles/units.h"

#include "tests/unit/common/test.h"

static unit_sum make(const unit_spec *spec)
{
    bool features = !spec->activation;
    unit_sum net = {.spec = *spec, .width = spec->width, .per_unit = features ? 2 + spec->dim : 3};
    net.trained = spec->frozen ? 2 : net.per_unit;
    net.scale = spec->gain * (spec->standard ? 1 : 1 / sqrt((double)spec->width));
    net.activation = features ? NULL : sb_activation_find(spec->activation);
    assert_true(features || net.activation);
    net.theta = new_doubles(net.per_unit * net.width);
    net.out = net.theta;
    net.in = net.theta + net.width;
    net.shift = net.theta + 2 * net.width;
    return net;
}

/* Unit i of one copy: shifts on the midpoints of [-range, range], each with all four sign pairs. */
static void start_quietly(unit_sum *net, size_t i, size_t base)
{
    size_t points = base / 4, pair = i / points, place = i % points;
    net->out[i] = net->spec.out_scale * (pair < 2 ? 1 : -1);
    net->in[i] = net->spec.in_scale * (pair % 2 == 0 ? 1 : -1);
    net->shift[i] = net->spec.shift_range * (2 * ((double)place + 0.5) / (double)points - 1);
}

static void start_neuron(unit_sum *net, size_t i, sb_rng rng)
{
    net->shift[i] = net->spec.shift_range * (2 * sb_rng_uniform(&rng) - 1);
    net->in[i] = net->spec.in_scale * net->spec.in->sample(&rng);
    net->out[i] = net->spec.out_scale * net->spec.out->sample(&rng);
}

static void start_feature(unit_sum *net, size_t i, sb_rng rng)
{
    for (size_t d = 0; d < net->spec.dim; d++)
        net->freq[d * net->width + i] = sb_density_sample(&net->spec.density[d], &rng);
    net->cosine[i] = net->spec.out_scale * net->spec.out->sample(&rng);
    net->sine[i] = net->spec.out_scale * net->spec.out->sample(&rng);
}

/* A unit and its copy stand side by side. */
static void copy_antisymmetric(unit_sum *net, size_t base)
{
    size_t outputs = net->activation ? 1 : 2;
    for (size_t p = 0; p < net->per_unit; p++) {
        double *part = net->theta + p * net->width, sign = p < outputs ? -1 : 1;
        for (size_t i = base; i-- > 0;) {
            part[2 * i + 1] = sign * part[i];
            part[2 * i] = part[i];
        }
    }
}

unit_sum units_start(const unit_spec *spec, uint64_t seed, sb_stream stream)
{
    unit_sum net = make(spec);
    size_t base = spec->antisymmetric ? spec->width / 2 : spec->width;
    for (size_t i = 0; i < base; i++) {
        if (spec->quiet)
            start_quietly(&net, i, base);
        else if (net.activation)
            start_neuron(&net, i, sb_rng_at(seed, stream, i));
        else
            start_feature(&net, i, sb_rng_at(seed, stream, i));
    }
    if (spec->antisymmetric) copy_antisymmetric(&net, base);
    return net;
}

unit_sum units_copy(const unit_sum *net)
{
    unit_sum copy = make(&net->spec);
    memcpy(copy.theta, net->theta, net->per_unit * net->width * sizeof *copy.theta);
    return copy;
}

void units_clear(unit_sum *net)
{
    free(net->theta);
    *net = (unit_sum){0};
}

/* w_j . x */
static double phase(const unit_sum *net, size_t j, const double *x)
{
    double sum = 0;
    for (size_t d = 0; d < net->spec.dim; d++) sum += net->freq[d * net->width + j] * x[d];
    return sum;
}

double units_output(const unit_sum *net, const double *x)
{
    double sum = 0, s, ds;
    for (size_t j = 0; j < net->width; j++) {
        if (!net->activation) {
            sum += net->cosine[j] * cos(phase(net, j, x)) + net->sine[j] * sin(phase(net, j, x));
            continue;
        }
        sb_activation_value(net->activation, net->in[j] * (*x + net->shift[j]), &s, &ds);
        sum += net->out[j] * s;
    }
    return net->scale * sum;
}

void units_jacobian(const unit_sum *net, const double *x, double *jacobian)
{
    size_t m = net->width;
    for (size_t j = 0; j < m; j++) {
        double s, ds;
        if (!net->activation) {
            double c = cos(phase(net, j, x)), slope = net->sine[j] * c;
            s = sin(phase(net, j, x));
            slope -= net->cosine[j] * s;
            jacobian[j] = net->scale * c;
            jacobian[m + j] = net->scale * s;
            for (size_t p = 2; p < net->trained; p++) jacobian[p * m + j] = net->scale * slope * x[p - 2];
            continue;
        }
        sb_activation_value(net->activation, net->in[j] * (*x + net->shift[j]), &s, &ds);
        jacobian[j] = net->scale * s;
        jacobian[m + j] = net->scale * net->out[j] * ds * (*x + net->shift[j]);
        jacobian[2 * m + j] = net->scale * net->out[j] * ds * net->in[j];
    }
}

void units_gradient(const unit_sum *net, size_t n, const double *x, const double *g, double *gradient)
{
    size_t count = net->trained * net->width;
    double *row = new_doubles(count);
    memset(gradient, 0, count * sizeof *gradient);
    for (size_t i = 0; i < n; i++) {
        units_jacobian(net, x + i * net->spec.dim, row);
        for (size_t j = 0; j < count; j++) gradient[j] += g[i] * row[j];
    }
    free(row);
}

void units_gram(const unit_sum *net, size_t first, size_t count, size_t n, const double *x, double *gram)
{
    size_t columns = net->trained * net->width;
    double *jacobian = new_doubles(n * columns);
    for (size_t i = 0; i < n; i++) units_jacobian(net, x + i * net->spec.dim, jacobian + i * columns);
    for (size_t i = 0; i < n; i++)
        for (size_t k = 0; k < n; k++) {
            double sum = 0;
            for (size_t p = 0; p < net->trained; p++)
                for (size_t j = p * net->width + first; j < p * net->width + first + count; j++)
                    sum += jacobian[i * columns + j] * jacobian[k * columns + j];
            gram[i * n + k] = sum;
        }
    free(jacobian);
}

double units_step(unit_sum *net, const sb_problem *problem, double *u)
{
    size_t count = net->trained * net->width;
    double *g = new_doubles(problem->n), *gradient = new_doubles(count), loss = 0;
    for (size_t i = 0; i < problem->n; i++) {
        u[i] = units_output(net, problem->x + i * net->spec.dim) - problem->y[i];
        g[i] = problem->c[i] * u[i];
        loss += 0.5 * problem->c[i] * u[i] * u[i];
    }
    units_gradient(net, problem->n, problem->x, g, gradient);
    for (size_t j = 0; j < count; j++) net->theta[j] -= problem->eta * gradient[j];
    free(g);
    free(gradient);
    return loss;
}
