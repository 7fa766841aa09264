/* A stack of circular convolutions and ReLU that learns the derivative of random functions, trained without a function:
 * it knows the weights and the spectrum S_F = E|u_F|^2 alone.
 *
 * Masks of ReLU are constant in pieces, so the stack is there a linear filter of its window; and a window of a Gaussian
 * u is Gaussian. Which piece it is in is told by the phase phi of (u, u' / F_rms) = sigma R (cos phi, sin phi),
 * F_rms^2 = sum S F^2 / sum S, R^2 / 2 of the exponential law: masks are those of the stack on the wave
 * sigma R cos(phi - F_rms s o), o the offset in the window, s the spacing of points. Given phi and R the window is
 *
 *   R (cos phi p_0 + sin phi p_1) + rest,   p_0 = Cov(window, u) / sigma,   p_1 = Cov(window, u') / sigma',
 *
 * and the rest, of which u and u' know nothing, has a covariance of low rank. Its factors are rows that go through the
 * layers linearly, with the masks of phi and without biases, and want 0; the mean is one more row, has the biases, and
 * wants sigma' R sin phi. The loss E (h - u')^2 is the mean over phases and radii of the sum over rows of squares.
 * Without biases all is proportional to R, and one radius does; with biases three nodes of Gauss and Laguerre. */
#ifndef SPECBIAS_FORECAST_ANGLES_H
#define SPECBIAS_FORECAST_ANGLES_H

#include <specbias/model.h>

typedef struct sb_angles_spec {
    size_t layers;
    const sb_conv_part *part; /* [layers] of one channel at both ends */
    double output_scale;
    double spacing;      /* of the points that taps see .. */
    double mask_spacing; /* .. and of those that decide on masks: 0: the sign of u alone (two filters) */
    size_t modes;
    const double *frequency, *power; /* [modes] F, S_F */
    size_t phases;
} sb_angles_spec;

typedef struct sb_angles sb_angles;

/* `*angles` must be NULL. */
sb_status sb_angles_create(const sb_angles_spec *spec, sb_angles **angles);
void sb_angles_destroy(sb_angles **angles);
/* E (h - u')^2 at theta; gradient += unless NULL. */
double sb_angles_loss(sb_angles *angles, const double *theta, double *gradient);

/* rate[2 modes]: eigenvalues, from the largest on, of the stack frozen at infinite width under gradient flow of
 * E (h - u')^2, masks by the sign of u alone; square[layers]: mean squares of the weights at the start. One start's
 * scatter by 40 % (16 channels). */
sb_status sb_angles_frozen(const sb_angles_spec *spec, const double *square, double *rate);
/* Late, once a few odd moments are learned, the next is all that is left, R(F) ~ F (1 - F^2 / F*^2) with
 * F*^2 = sum S F^4 / sum S F^2: its share in the power of u' from frequency `low` to `high`, up to a factor. */
double sb_angles_late(const sb_angles_spec *spec, double low, double high);

#endif
