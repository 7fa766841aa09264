#include "examples.h"

#include "test.h"

void random_outputs(size_t n, double *h)
{
    for (size_t i = 0; i < n; i++) h[i] = number_in(-1, 1);
}

void make_examples(sb_dataset *set, size_t n, sb_shape input, sb_shape output, size_t place_dim)
{
    *set = (sb_dataset){0};
    assert_ok(sb_dataset_init(set, "train", n, input, output, 0, place_dim));
    seed_numbers(n);
    random_outputs(n * sb_shape_size(output), set->y);
}

void make_grid(sb_dataset *set, size_t n, double a, double b, double shift)
{
    make_examples(set, n, VECTOR(1), VECTOR(1), 1);
    set->a = a;
    set->b = b;
    set->spacing = (b - a) / (double)n;
    for (size_t i = 0; i < n; i++) {
        set->x[i] = set->place[i] = a + (b - a) * ((double)i + shift) / (double)n;
        set->q[i] = set->spacing;
    }
}

void make_scattered(sb_dataset *set, size_t n, size_t outputs, double a, double b)
{
    make_examples(set, n, VECTOR(1), VECTOR(outputs), 1);
    set->a = a;
    set->b = b;
    for (size_t i = 0; i < n; i++) {
        set->x[i] = set->place[i] = number_in(a, b);
        set->q[i] = number_in(0.5, 1.5) * (b - a) / (double)n;
    }
}

void make_directions(sb_dataset *set, size_t n, size_t dim)
{
    make_examples(set, n, VECTOR(dim), VECTOR(1), 0);
    for (size_t i = 0; i < n; i++) {
        double *x = set->x + i * dim, square = 0;
        do {
            square = 0;
            for (size_t d = 0; d < dim; d++) {
                x[d] = number_in(-1, 1);
                square += x[d] * x[d];
            }
        } while (square > 1 || square < 0.01);
        for (size_t d = 0; d < dim; d++) x[d] /= sqrt(square);
    }
}

double loss_of(const sb_loss_spec *spec, const sb_dataset *set, const double *h, double *g)
{
    sb_loss *loss = NULL;
    assert_ok(sb_loss_create(spec, set, &loss));
    double value = sb_loss_value(loss, set->n, NULL, set->n, h, g);
    sb_loss_destroy(&loss);
    assert_null(loss);
    return value;
}
