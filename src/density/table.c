#include "density/density.h"

#include <math.h>
#include <stdbool.h>
#include <stdlib.h>

sb_status sb_density_check_node(const double *w, const double *rho, size_t i)
{
    if (!isfinite(w[i])) return sb_fail(SB_ERR_INPUT, "w = %g is not finite", w[i]);
    if (w[i] < 0) return sb_fail(SB_ERR_INPUT, "w = %g is negative; a density is symmetric about 0", w[i]);
    if (i > 0 && w[i] <= w[i - 1])
        return sb_fail(SB_ERR_INPUT, "w = %.17g is not above the one before, %.17g", w[i], w[i - 1]);
    if (!isfinite(rho[i])) return sb_fail(SB_ERR_INPUT, "rho = %g: not integrable", rho[i]);
    if (rho[i] < 0) return sb_fail(SB_ERR_INPUT, "rho = %g is negative", rho[i]);
    return SB_OK;
}

/* Of both signs of w up to each node, for values times `scale`: mass[n] unless NULL; returns the total. */
static double masses(size_t n, const double *w, const double *rho, double scale, double *mass)
{
    double total = 0;
    for (size_t i = 0; i < n; i++) {
        if (i > 0) total += (w[i] - w[i - 1]) * (scale * rho[i - 1] + scale * rho[i]);
        if (mass) mass[i] = total;
    }
    return total;
}

/* 1 / max rho, so that tables in any unit keep clear of overflow; infinite for a table of zeros */
static double unit(size_t n, const double *rho)
{
    double most = 0;
    for (size_t i = 0; i < n; i++) most = fmax(most, rho[i]);
    return 1 / most;
}

sb_status sb_density_check_table(const sb_density_table *table)
{
    if (table->n < 2) return sb_fail(SB_ERR_INPUT, "a table needs two nodes or more, this has %zu", table->n);
    for (size_t i = 0; i < table->n; i++)
        if (sb_density_check_node(table->w, table->rho, i) != SB_OK)
            return sb_fail(SB_ERR_INPUT, "node %zu: %s", i + 1, sb_error_text());
    double scale = unit(table->n, table->rho), mass = 0;
    if (isfinite(scale)) mass = masses(table->n, table->w, table->rho, scale, NULL);
    if (!(mass > 0)) return sb_fail(SB_ERR_INPUT, "the table has no mass: rho is zero everywhere");
    if (table->w[table->n - 1] > SB_DENSITY_LARGEST || !isfinite(mass))
        return sb_fail(SB_ERR_INPUT, "the table is not integrable: w reaches %g", table->w[table->n - 1]);
    return SB_OK;
}

static sb_status fill(sb_density_part *part, const sb_density_table *table)
{
    if (!table) return sb_fail(SB_ERR_INPUT, "there is no table");
    if (sb_density_check_table(table) != SB_OK) return SB_ERR_INPUT;
    size_t n = part->n = table->n;
    part->w = malloc(n * sizeof *part->w);
    part->rho = malloc(n * sizeof *part->rho);
    part->mass = malloc(n * sizeof *part->mass);
    if (!part->w || !part->rho || !part->mass) return sb_fail(SB_ERR_NOMEM, "no memory for a table of %zu nodes", n);
    double scale = unit(n, table->rho), total = masses(n, table->w, table->rho, scale, part->mass);
    for (size_t i = 0; i < n; i++) {
        part->w[i] = table->w[i];
        part->rho[i] = scale * table->rho[i] / total;
        part->mass[i] /= total;
    }
    return SB_OK;
}

/* The last node with x[node] <= value, at most n - 2; x[0] <= value. */
static size_t node_below(size_t n, const double *x, double value)
{
    size_t low = 0, high = n - 1;
    while (high - low > 1) {
        size_t middle = (low + high) / 2;
        if (x[middle] <= value)
            low = middle;
        else
            high = middle;
    }
    return low;
}

static double value(const sb_density_part *part, double w)
{
    double size = fabs(w);
    if (!(size >= part->w[0] && size <= part->w[part->n - 1])) return 0;
    size_t i = node_below(part->n, part->w, size);
    double t = (size - part->w[i]) / (part->w[i + 1] - part->w[i]);
    return (1 - t) * part->rho[i] + t * part->rho[i + 1];
}

/* A piece of middle m, half length l, mean value v and half rise d contributes, x = l z,
 *     2 int rho cos(w z) dw = 2 l int_-1^1 (v + d t) cos(m z + x t) dt = 4 l [v cos(m z) j0(x) - d sin(m z) j1(x)],
 * j0 = sin x / x and j1 = (sin x - x cos x) / x^2, none of which cancels for small z; in lack 1 - cos(m z) j0(x). */
static double sum_pieces(const sb_density_part *part, double z, bool lack)
{
    double sum = 0;
    for (size_t i = 0; i + 1 < part->n; i++) {
        double m = (part->w[i] + part->w[i + 1]) / 2, l = (part->w[i + 1] - part->w[i]) / 2, x = l * z;
        double v = (part->rho[i] + part->rho[i + 1]) / 2, d = (part->rho[i + 1] - part->rho[i]) / 2;
        double rise = d * sin(m * z) * x * sb_sphere(x) / 3;
        sum += 4 * l *
               (lack ? v * sb_lack_of_both(sb_lack_of_cosine(m * z), sb_lack_of_sinc(x)) + rise
                     : v * cos(m * z) * sb_sinc(x) - rise);
    }
    return sum;
}

static double characteristic(const sb_density_part *part, double z)
{
    return sum_pieces(part, z, false);
}

static double lack(const sb_density_part *part, double z)
{
    return sum_pieces(part, z, true);
}

/* Behind zeros at the end of the table there is nothing. */
static size_t last_node(const sb_density_part *part)
{
    size_t last = part->n - 1;
    while (part->rho[last] == 0 && part->rho[last - 1] == 0) last--;
    return last;
}

static double edge(const sb_density_part *part)
{
    return part->w[last_node(part)];
}

/* Inverts the mass of |w|, quadratic on each piece: with r of half the mass left, f the value and k the slope there,
 *     f s + k s^2 / 2 = r,  s = 2 r / (f + sqrt(f^2 + 2 k r)). */
static double sample(const sb_density_part *part, sb_rng *rng)
{
    double u = sb_rng_uniform(rng);
    size_t i = node_below(part->n, part->mass, u);
    double length = part->w[i + 1] - part->w[i], f = part->rho[i], k = (part->rho[i + 1] - f) / length;
    double r = (u - part->mass[i]) / 2, root = f + sqrt(fmax(0, f * f + 2 * k * r));
    double s = root > 0 ? 2 * r / root : 0;
    return sb_rng_sign(rng) * (part->w[i] + fmin(s, length));
}

/* All nodes up to the edge; that rho' jumps there is what tables are for. */
static size_t breaks(const sb_density_part *part, double *at)
{
    size_t count = 0;
    for (size_t i = 0; i <= last_node(part); i++) {
        if (part->w[i] == 0) continue;
        if (at) at[count] = part->w[i];
        count++;
    }
    return count;
}

const sb_density_kind sb_density_kind_table = {
    .name = "table",
    .title = "table: straight lines between the nodes of a table",
    .usage = "table",
    .fill = fill,
    .value = value,
    .characteristic = characteristic,
    .lack = lack,
    .sample = sample,
    .edge = edge,
    .breaks = breaks,
};
