/* Forecast beside observation: verdict, power, error budget. Knows nothing but decays.
 *
 * For each line, i.e. frequency and threshold q, with S observed runs and B draws behind the forecast's band,
 *     z = | mean_s ln T_obs - (ln T_pred + shift) | / s,
 *     s^2 = s_random^2 + s_batch^2 (1/S + 1/R) + (effect / 2)^2 + (floor / q)^2,
 *     s_random^2 = s_band^2 (1/S + 1/B) + s_shift^2 / B,
 * s_band the standard deviation of ln T over the draws, shift the mean of their jackknife estimates of the finite-width
 * shift, s_shift the standard deviation of these. Where quadrature over the law of a neuron tells both, B is infinite.
 * Neither knows anything of the forecast. A forecast that is paired
 * with the runs (each seed's own kernel) or belongs to a start without randomness has no sampling noise: s_random = 0.
 * Instead of half the largest effect of the moving kernel its s has the mean over runs, with its sign but no less than
 * its standard error, and for a start without randomness the error of a finite network as a quadrature. A time that is
 * not reached lies beyond the end of the record, and z is the least it can be.
 *
 * Of training by mini-batches, ln T_pred of a forecast that does not know their order is that of the mean over batches
 * plus what R simulated runs, of the draws' kernels where there are draws, are later in the mean, and s_batch their
 * standard deviation; where one of them does not get there within the record, s is infinite. A paired forecast knows
 * the order, too, and s_batch = 0.
 *
 * A forecast whose networks move (the law) is judged by rehearsals in the place of draws: S and B then count networks
 * that were trained, s_band is the standard deviation of their ln T, whose mean goes nowhere, or it would make every
 * forecast right; shift is the mean of ln T(half the width, as rich) - ln T without an eighth from either end, as one
 * of them may be caught just above q for long, and s_shift / B^1/2 the error of that (Yuen 1974). No movement of a
 * kernel is in s, and none makes a line `not lazy`; what doubling the nodes did to ln T is there in the place of effect
 * / 2: s^2 = s_random^2 + doubled^2 + (floor / q)^2,    s_random^2 = s_band^2 / S + s_shift^2 / B, and B - 1 below is
 * 3/4 B - 1.
 *
 * Only s_random is estimated, from B draws: z is Student's t with Welch's degrees of freedom (B - 1)(s / s_random)^4,
 * normal where s_random = 0. A forecast differs where z is above the line's limit, and the limits are Holm's: whatever
 * the numbers of draws, runs and lines, and however the lines depend on each other, a true forecast differs in at most
 * SB_FALSE_ALARM of all comparisons. */
#ifndef SPECBIAS_COMPARE_H
#define SPECBIAS_COMPARE_H

#include <specbias/decay.h>

#define SB_FALSE_ALARM 0.01        /* of all comparisons with a true forecast, at most these differ */
#define SB_RATE_ERROR 1.2          /* undecided when a rate off by this factor would pass: limit * s >= ln 1.2 */
#define SB_LAZY 0.1823215567939546 /* ln 1.2: limit of the effect, on ln T, of a kernel that moves */

/* From better to worse; SB_NONE: nothing was judged. Of several the worst is that of all. */
typedef enum sb_verdict { SB_NONE, SB_AGREES, SB_UNDECIDED, SB_DIFFERS, SB_NOT_LAZY } sb_verdict;
const char *sb_verdict_name(sb_verdict verdict); /* "none", "agrees", "undecided", "differs", "not lazy" */
bool sb_verdict_find(const char *name, sb_verdict *verdict);

/* One line of the verdict: a forecast at one frequency and one level. */
typedef struct sb_judgement {
    double xi, label, q;
    double t_pred, pred_lo, pred_hi; /* forecast, and its 1 % and 99 % band (of seeds when paired); nan: no band */
    double t_obs, obs_lo, obs_hi;    /* geometric mean over runs, minimum and maximum */
    double shift;                    /* expected finite-width shift of ln T, part of the forecast */
    double floor;                    /* error of err by rounding; infinite: rounding keeps the weights where they are */
    double s, z;                     /* in ln T */
    double dof;                      /* degrees of freedom of z; infinite: normal */
    double limit;                    /* of z, beyond which the line differs; nan where s is infinite */
    double effect;                   /* of the moving kernel, on ln T */
    sb_verdict verdict;
} sb_judgement;

/* What the draws, networks of the same law that are never trained, say of T; [count][nxi][SB_LEVELS], nan: not reached,
 * 0: below q from the start, which says nothing of T.
 * `shift` is what halving the network does to ln T, with the noise of the draw itself cancelled (jackknife): for the
 * kernels K1, K2 of the two halves of a draw with kernel K = (K1 + K2) / 2 it is (ln T1 + ln T2) / 2 - ln T. As finite
 * width shifts ln T by b / width to leading order, its mean estimates the shift b / width of the trained networks. */
typedef struct sb_draws {
    size_t count, nxi;
    double *times, *shift;
} sb_draws;

/* What the order of mini-batches does to T, over simulated runs: T, exp of the mean of ln T, and the standard deviation
 * of ln T, [nxi][SB_LEVELS]; that of the table (nan: not reached) and infinite when one of them does not get there
 * within the record. */
typedef struct sb_noise {
    size_t runs;
    double *times, *s;
} sb_noise;

/* All nan, infinite. `noise` must be zeroed or cleared. */
sb_status sb_noise_init(sb_noise *noise, size_t nxi);
void sb_noise_clear(sb_noise *noise);

/* The same of one line without sampling (finite_width.h): ln T of infinite width, of its own times, is shifted by
 * `shift` and scatters by s; both have no error of their own. */
typedef struct sb_width_line {
    double time, shift, s; /* nan: T is not known */
} sb_width_line;

#define SB_DRAWS_NEEDED 16 /* fewer do not tell a spread */

sb_status sb_draws_init(sb_draws *draws, size_t count, size_t nxi);
void sb_draws_clear(sb_draws *draws);

/* Sorts and interpolates; nan for no values. */
double sb_quantile(double *values, size_t count, double p);

/* What one forecast is judged by. */
typedef struct sb_evidence {
    const sb_decay *forecast; /* [runs] when paired, else one */
    bool paired;
    const sb_noise *noise;      /* of mini-batches whose order the forecast does not know; NULL: none */
    const sb_draws *draws;      /* NULL for forecasts of each seed's kernel and starts without randomness */
    const sb_width_line *width; /* [nxi][SB_LEVELS] instead of what the draws say of s_random and shift; NULL: draws */
    const sb_decay *observed;   /* [runs] */
    size_t runs;
    /* [nxi][SB_LEVELS] what the movement of the runs' own kernels does to ln T (path.h), the largest of all runs
     * (mini-batches: the median); a line where it exceeds the limit, and which could be judged, is `not lazy` */
    const double *effect; /* nan: not known; NULL: of forecasts whose networks move */
    const double *moved;  /* [nxi][SB_LEVELS] the mean of all runs with its sign, but no less than its standard error */
    double limit;
    /* [nxi][SB_LEVELS] error of the forecast's ln T as a quadrature, NULL: none. Of infinite width and a start without
     * randomness: what half the width does; of the law: what half the nodes do */
    const double *error;
    /* [forecasts][nxi][SB_LEVELS] T in the place of the forecasts', nan: not reached, 0: below q from the start, which
     * tells nothing; NULL: their own */
    const double *times;
    const double *floor;    /* [nxi] floor of err by rounding of the target */
    const double *rounding; /* [nxi] the same by rounding of the weights in one step; it grows like (steps)^1/2 */
    const double *lost;     /* [nxi][SB_LEVELS] |ln| of what that makes of a rate; infinite: no weight moves */
    double steps;           /* of training in a unit of time */
} sb_evidence;

/* judgement[nxi][SB_LEVELS]; the verdict is the worst of all, but of lines that neither the forecast nor a run reaches
 * within the record only when there is no other. SB_ERR_INPUT when tables may not be overlaid. */
sb_status sb_judge(const sb_evidence *evidence, sb_judgement *judgement, sb_verdict *verdict);

/* Two-sided quantile of Student's t at 1 - SB_FALSE_ALARM / lines; dof infinite: of the normal law. */
double sb_limit(double dof, size_t lines);

/* The factor by which all rates, up or down, can be off and be noticed by the best single line of judgement[count] in
 * 95 % of new experiments: ln factor = (limit + 1.645) s / slope, limit that of a line which deviates alone and
 * slope[count] what the forecast's ln T falls by as the logarithm of all rates rises (infinite: not known). Times must
 * stay within the record, which ends at `end`. nan: above 2. */
double sb_noticed_factor(const sb_judgement *judgement, size_t count, const double *slope, double end);

/* The wrong theories that a trustworthy comparison rejects: all rates times a factor; rates in another order; and of
 * forecasts whose networks move, targets of another amplitude, and the same law with its gradients frozen; of stacks of
 * convolutions, taps twice as far apart, masks by the sign of the input alone, and half the power in the upper half of
 * the band, which under Adam is not rejected, as it does not see the scale of gradients. */
typedef enum sb_wrong_kind { SB_RATES, SB_PERMUTED, SB_LAW } sb_wrong_kind;
typedef struct sb_wrong {
    const char *name; /* "x0.5", .., "permuted" */
    sb_wrong_kind kind;
    double factor; /* of rates; SB_LAW: 0, 1, .., which of the wrong laws whose times came with the forecast */
} sb_wrong;
#define SB_WRONGS 8
/* Of forecasts from kernels or frozen gradients, of moving laws, of moving stacks of convolutions. */
typedef enum sb_wrong_set { SB_WRONG_KERNELS, SB_WRONG_LAWS, SB_WRONG_STACKS } sb_wrong_set;
const sb_wrong *sb_wrong_at(sb_wrong_set set, size_t index); /* NULL past the last */

/* ---- bias index: how much earlier low frequencies are learned ---- */

typedef struct sb_bias {
    double fbi;     /* least-squares slope of log10 T against (xi - xi_min) / (xi_max - xi_min), in decades per band:
                       > 0 low frequencies first, 0 none, < 0 high ones first */
    double spread;  /* S = log10(max T / min T) >= 0; fbi = 0 does not imply S = 0 */
    size_t learned; /* frequencies whose T is known, of nxi; both numbers are nan unless all are */
} sb_bias;

/* Of the times T[nxi], usually T(1/2); nan also for fewer than two frequencies or equal ones. */
sb_bias sb_bias_index(size_t nxi, const double *xi, const double *times);

/* Over runs or draws: mean, standard error of the mean, and an interval. */
typedef struct sb_spread {
    double mean, error, lo, hi;
} sb_spread;

typedef struct sb_bias_result {
    char source[64];
    sb_form form;
    long long seed;        /* of one seed; -1: all together */
    size_t count;          /* runs or draws behind the intervals; 0: none */
    sb_bias bias;          /* of the forecast's T; of several runs, of their geometric mean T */
    sb_spread fbi, spread; /* runs: mean, error, minimum and maximum; draws: mean, error, 1 % and 99 % */
} sb_bias_result;

/* Of one table. */
sb_status sb_bias_of(const sb_decay *decay, sb_bias_result *result);
/* Of several runs of the same kind. */
sb_status sb_bias_of_runs(const sb_decay *runs, size_t count, sb_bias_result *result);
/* Adds the interval that the draws give to the bias of a forecast. */
sb_status sb_bias_add_draws(const sb_draws *draws, const sb_decay *forecast, sb_bias_result *result);

#endif
