/* The H^s norm of the residual, frequency by frequency: L = (1/2) u^T P u with
 *
 *     P = C Y^T diag(w_l) Y C,   w_l = (1 + l^2)^s or (1 + l)^(2s),   l <= degree
 *
 * Y orthonormal functions at the examples, C their weights of integration (Yu, Yang, Townsend 2023). On a uniform grid
 * of the line and on images Y is a Fourier transform; an image is one example, and its pixels are the points. */
#include <complex.h>
#include <math.h>
#include <stdint.h>
#include <stdlib.h>

#include <specbias/zonal.h>

#include "core/linalg.h"
#include "watch/fft.h"
#include "watch/harmonics.h"
#include "train/loss/loss.h"

typedef struct sobolev {
    size_t n, modes;     /* points; functions or bins */
    double *function;    /* [modes][n] Y of scattered points, else NULL */
    sb_fft *fft;         /* of a grid [height][width], else NULL */
    size_t width;        /* of the grid */
    double *weight;      /* [modes] w */
    double *integration; /* [n] diagonal of C; images: NULL */
} sobolev;

/* ---- z becomes Y^T w Y z ---- */

/* Returns sum w |Y z|^2; work[modes]. Without `back` z stays as it is. */
static double apply_functions(const sobolev *s, double *z, double *work, bool back)
{
    double sum = 0;
    sb_gemv(s->modes, s->n, 1, s->function, z, 0, work);
    for (size_t k = 0; k < s->modes; k++) {
        double weighted = s->weight[k] * work[k];
        sum += weighted * work[k];
        work[k] = weighted;
    }
    if (back) sb_gemv_t(s->modes, s->n, 1, s->function, work, 0, z);
    return sum;
}

/* Bins of the whole transform that one of this column stands for: itself, and its conjugate if that is another. */
static double copies(size_t column, size_t width)
{
    return column == 0 || 2 * column == width ? 1 : 2;
}

/* The same on a grid. */
static double apply_fft(const sobolev *s, double *z, double complex *bin, bool back)
{
    size_t columns = s->width / 2 + 1;
    double sum = 0;
    sb_fft_forward(s->fft, z, bin);
    for (size_t k = 0; k < s->modes; k++) {
        double re = creal(bin[k]), im = cimag(bin[k]);
        sum += copies(k % columns, s->width) * s->weight[k] * (re * re + im * im);
        bin[k] *= s->weight[k];
    }
    if (back) sb_fft_backward(s->fft, bin, z);
    return sum;
}

/* Work space: z[n] and what the transforms need, aligned alike. */
static double *new_work(const sobolev *s, double **transform)
{
    size_t room = (s->n + 7) / 8 * 8;
    double *work = malloc((room + (s->fft ? 2 : 1) * s->modes) * sizeof *work);
    *transform = work ? work + room : NULL;
    return work;
}

static double apply(const sobolev *s, double *z, double *transform, bool back)
{
    return s->fft ? apply_fft(s, z, (double complex *)transform, back) : apply_functions(s, z, transform, back);
}

/* ---- value ---- */

/* The examples are the points: all of them at once, one output after the other. */
static double value_of_points(const sb_loss *loss, size_t n, const size_t *index, const double *h, double *g)
{
    const sobolev *s = loss->state;
    size_t outputs = loss->outputs;
    double *transform, *z = new_work(s, &transform), sum = 0;
    if (!z) return NAN;
    for (size_t o = 0; o < outputs; o++) {
        for (size_t i = 0; i < n; i++) {
            size_t at = sb_loss_example(index, i);
            z[at] = s->integration[at] * (h[i * outputs + o] - loss->set->y[at * outputs + o]);
        }
        sum += apply(s, z, transform, g != NULL);
        for (size_t i = 0; g && i < n; i++) {
            size_t at = sb_loss_example(index, i);
            g[i * outputs + o] = s->integration[at] * z[at];
        }
    }
    free(z);
    return sum / 2;
}

/* Each example is an image, channel by channel: mean over images, channels and pixels, L = MSE / 2 for s = 0. */
static double value_of_images(const sb_loss *loss, size_t n, const size_t *index, size_t batch, const double *h,
                              double *g)
{
    const sobolev *s = loss->state;
    size_t channels = loss->outputs / s->n;
    double pixels = (double)s->n, scale = 1 / (pixels * pixels * (double)channels * (double)batch), sum = 0;
    double *transform, *z = new_work(s, &transform);
    if (!z) return NAN;
    for (size_t i = 0; i < n * channels; i++) {
        size_t image = i / channels, first = image * loss->outputs + i % channels;
        const double *y = loss->set->y + sb_loss_example(index, image) * loss->outputs + i % channels;
        for (size_t j = 0; j < s->n; j++) z[j] = h[first + j * channels] - y[j * channels];
        sum += apply(s, z, transform, g != NULL);
        for (size_t j = 0; g && j < s->n; j++) g[first + j * channels] = scale * z[j];
    }
    free(z);
    return scale * sum / 2;
}

static double value(const sb_loss *loss, size_t n, const size_t *index, size_t batch, const double *h, double *g)
{
    return loss->separable ? value_of_images(loss, n, index, batch, h, g) : value_of_points(loss, n, index, h, g);
}

/* ---- creation ---- */

static sb_status check_degree(size_t degree, size_t most, size_t n)
{
    if (degree <= most) return SB_OK;
    return sb_fail(SB_ERR_INPUT, "loss.degree = %zu: %zu points resolve frequencies up to %zu", degree, n, most);
}

static sb_status no_memory(const sobolev *s)
{
    return sb_fail(SB_ERR_NOMEM, "no memory for %zu frequencies of %zu points", s->modes, s->n);
}

/* C = q, or volume / n */
static sb_status set_integration(const sb_loss *loss, double volume)
{
    sobolev *s = loss->state;
    s->n = loss->set->n;
    s->integration = malloc(s->n * sizeof *s->integration);
    if (!s->integration) return no_memory(s);
    for (size_t i = 0; i < s->n; i++) s->integration[i] = loss->quadrature ? loss->set->q[i] : volume / (double)s->n;
    return SB_OK;
}

static sb_status new_functions(sobolev *s, size_t modes)
{
    s->modes = modes;
    s->weight = malloc(modes * sizeof *s->weight);
    s->function = modes <= SIZE_MAX / sizeof(double) / s->n ? malloc(modes * s->n * sizeof(double)) : NULL;
    return s->weight && s->function ? SB_OK : no_memory(s);
}

/* Plans for a grid and makes room for the weights. */
static sb_status new_grid(sobolev *s, size_t height, size_t width)
{
    s->n = height * width;
    s->width = width;
    sb_status status = sb_fft_create(height, width, &s->fft);
    if (status != SB_OK) return status;
    s->modes = sb_fft_bins(s->fft);
    s->weight = malloc(s->modes * sizeof *s->weight);
    return s->weight ? SB_OK : no_memory(s);
}

/* Unit vectors of `dim` numbers, one for each example: its place, or else its input; NULL: it has none. */
static const double *directions(const sb_dataset *set, size_t dim)
{
    const double *x = set->place_dim == dim ? set->place : sb_shape_size(set->input) == dim ? set->x : NULL;
    for (size_t i = 0; x && i < set->n; i++) {
        double square = 0;
        for (size_t d = 0; d < dim; d++) square += x[i * dim + d] * x[i * dim + d];
        if (!(fabs(square - 1) <= 1e-9)) return NULL;
    }
    return x;
}

/* Periodic with the domain of the places, or on the unit circle. */
static sb_status create_circle(const sb_loss_spec *spec, sb_sobolev convention, sb_loss *loss)
{
    const sb_dataset *set = loss->set;
    sobolev *s = loss->state;
    const double *x = set->place_dim == 1 ? NULL : directions(set, 2);
    if (set->place_dim != 1 && !x)
        return sb_fail(SB_ERR_INPUT, "loss.domain = \"circle\" needs places of one dimension or unit vectors of two");
    /* fewer functions than points */
    size_t most = set->n > 2 ? (set->n - 2) / 2 : 0, degree = spec->degree ? spec->degree : most;
    double length = x ? 2 * M_PI : set->b - set->a;
    if (!(length > 0)) return sb_fail(SB_ERR_INPUT, "loss.domain = \"circle\": the domain of the places is empty");
    sb_status status = set_integration(loss, length);
    if (status == SB_OK) status = check_degree(degree, most, set->n);
    if (status == SB_OK) status = new_functions(s, 2 * degree + 1);
    if (status != SB_OK) return status;
    for (size_t i = 0; i < set->n; i++)
        sb_circle_harmonics(degree, length, x ? atan2(x[2 * i + 1], x[2 * i]) : set->place[i] - set->a, set->n,
                            s->function + i);
    for (size_t k = 0; k < s->modes; k++) s->weight[k] = sb_sobolev_weight(convention, (double)((k + 1) / 2), spec->s);
    return SB_OK;
}

static sb_status create_sphere(const sb_loss_spec *spec, sb_sobolev convention, sb_loss *loss)
{
    const double *x = directions(loss->set, 3);
    sobolev *s = loss->state;
    if (!x) return sb_fail(SB_ERR_INPUT, "loss.domain = \"sphere\" needs unit vectors of three dimensions");
    size_t most = 0;
    while ((most + 2) * (most + 2) < loss->set->n) most++; /* fewer functions than points */
    size_t degree = spec->degree ? spec->degree : most;
    sb_status status = set_integration(loss, 4 * M_PI);
    if (status == SB_OK) status = check_degree(degree, most, s->n);
    if (status == SB_OK) status = new_functions(s, (degree + 1) * (degree + 1));
    if (status != SB_OK) return status;
    for (size_t i = 0; i < s->n; i++) sb_sphere_harmonics(degree, x + 3 * i, s->n, s->function + i);
    for (size_t l = 0; l <= degree; l++)
        for (size_t k = l * l; k < (l + 1) * (l + 1); k++)
            s->weight[k] = sb_sobolev_weight(convention, (double)l, spec->s);
    return SB_OK;
}

static bool uniform(const sb_dataset *set)
{
    double h = set->spacing;
    if (set->place_dim != 1 || !(h > 0)) return false;
    for (size_t i = 0; i < set->n; i++)
        if (!(fabs(set->place[i] - set->place[0] - (double)i * h) <= 1e-9 * h * (double)set->n)) return false;
    return true;
}

/* Y_k = D^-1/2 exp(2 pi i k x / D), D = n spacing, |k| <= n / 2 */
static sb_status create_line(const sb_loss_spec *spec, sb_sobolev convention, sb_loss *loss)
{
    sobolev *s = loss->state;
    size_t n = loss->set->n, degree = spec->degree ? spec->degree : n / 2;
    if (!uniform(loss->set)) return sb_fail(SB_ERR_INPUT, "loss.domain = \"line\" needs places on a uniform grid");
    double length = (double)n * loss->set->spacing;
    sb_status status = set_integration(loss, length);
    if (status == SB_OK) status = check_degree(degree, n / 2, n);
    if (status == SB_OK) status = new_grid(s, 1, n);
    for (size_t k = 0; status == SB_OK && k < s->modes; k++)
        s->weight[k] = k <= degree ? sb_sobolev_weight(convention, (double)k, spec->s) / length : 0;
    return status;
}

/* W of |k|, k the two signed indices of a bin, and its mean over all bins */
static double set_image_weights(sobolev *s, sb_shape shape, double degree, double order, sb_sobolev convention)
{
    size_t columns = shape.width / 2 + 1;
    double sum = 0;
    for (size_t k = 0; k < s->modes; k++) {
        size_t row = k / columns, column = k % columns;
        double size = hypot((double)(row <= shape.height / 2 ? row : shape.height - row), (double)column);
        s->weight[k] = size <= degree ? sb_sobolev_weight(convention, size, order) : 0;
        sum += copies(column, shape.width) * s->weight[k];
    }
    return sum / (double)s->n;
}

static sb_status create_image(const sb_loss_spec *spec, sb_sobolev convention, sb_loss *loss)
{
    sobolev *s = loss->state;
    sb_shape shape = loss->set->output;
    double highest = hypot((double)(shape.height / 2), (double)(shape.width / 2));
    if (shape.height < 2 || shape.width < 2)
        return sb_fail(SB_ERR_INPUT, "loss.domain = \"image\" needs outputs of some height and width, not %zu x %zu",
                       shape.height, shape.width);
    if (loss->quadrature) return sb_fail(SB_ERR_INPUT, "loss.weights = \"quadrature\" is not for images");
    sb_status status = check_degree(spec->degree, (size_t)highest, shape.height * shape.width);
    if (status == SB_OK) status = new_grid(s, shape.height, shape.width);
    if (status != SB_OK) return status;
    double mean = set_image_weights(s, shape, spec->degree ? (double)spec->degree : highest, spec->s, convention);
    for (size_t k = 0; spec->normalise && k < s->modes; k++) s->weight[k] /= mean;
    loss->separable = true;
    return SB_OK;
}

enum { AUTO, CIRCLE, LINE, SPHERE, IMAGE, DOMAINS };

/* Where the data are, when nobody says. */
static size_t domain_of(const sb_dataset *set)
{
    if (set->place_dim == 1) return uniform(set) ? LINE : CIRCLE;
    if (directions(set, 3)) return SPHERE;
    if (directions(set, 2)) return CIRCLE;
    return set->output.height > 1 && set->output.width > 1 ? IMAGE : AUTO;
}

static sb_status create(const sb_loss_spec *spec, sb_loss *loss)
{
    static const char *const domains[] = {"auto", "circle", "line", "sphere", "image"};
    static const char *const conventions[] = {"b", "a"};
    size_t domain, letter;
    sb_status status = sb_loss_choice("domain", spec->domain, DOMAINS, domains, &domain);
    if (status == SB_OK) status = sb_loss_choice("convention", spec->convention, 2, conventions, &letter);
    if (status != SB_OK) return status;
    if (!(loss->state = calloc(1, sizeof(sobolev)))) return sb_fail(SB_ERR_NOMEM, "no memory for a loss");
    sb_sobolev convention = letter == 1 ? SB_SOBOLEV_A : SB_SOBOLEV_B;
    loss->separable = false;
    loss->form = SB_LOSS_QUADRATIC;
    switch (domain == AUTO ? domain_of(loss->set) : domain) {
    case CIRCLE: return create_circle(spec, convention, loss);
    case LINE: return create_line(spec, convention, loss);
    case SPHERE: return create_sphere(spec, convention, loss);
    case IMAGE: return create_image(spec, convention, loss);
    default:
        return sb_fail(SB_ERR_INPUT, "sobolev: the data are neither on a line, circle or sphere nor images: set "
                                     "loss.domain");
    }
}

static void destroy(sb_loss *loss)
{
    sobolev *s = loss->state;
    if (!s) return;
    free(s->function);
    free(s->weight);
    free(s->integration);
    sb_fft_destroy(&s->fft);
}

const sb_loss_kind sb_loss_kind_sobolev = {
    "sobolev", "H^s norm of the residual on a line, circle, sphere or images (loss.s, loss.domain)",
    0,         create,
    destroy,   value,
    NULL};
