#include "study/sweep/column.h"

#include <math.h>
#include <string.h>

#include <gsl/gsl_cdf.h>

#include "core/text.h"

/* Behind the word and its blanks, if the text begins with it. */
static const char *skip_word(const char *text, const char *word, bool *found)
{
    size_t length = strlen(word), blanks = strspn(text + (strncmp(text, word, length) == 0 ? length : 0), " ");
    *found = strncmp(text, word, length) == 0 && blanks > 0;
    return *found ? text + length + blanks : text;
}

sb_status sb_column_parse(const char *text, sb_column *column)
{
    *column = (sb_column){.text = text};
    const char *rest = skip_word(text + strspn(text, " "), "sd", &column->deviation);
    rest = skip_word(rest, "ln", &column->logarithm);
    sb_status status = sb_measure_parse(rest, &column->measure);
    if (status != SB_OK) return status;
    const sb_measure *m = &column->measure;
    if (strcmp(m->quantity->name, "run") == 0 && strcmp(m->item, "seconds") == 0)
        return sb_fail(SB_ERR_INPUT, "seconds stand in seconds.tsv, apart from what is measured");
    if (column->deviation && !sb_measure_per_seed(m))
        return sb_fail(SB_ERR_INPUT, "%s has one value for all seeds, and no deviation", m->text);
    return SB_OK;
}

static double scaled(const sb_column *column, double value)
{
    return !column->logarithm ? value : value > 0 ? log(value) : NAN;
}

/* A band from 1 to 99 % of a normal law, as a deviation. */
static double deviation_of_band(double lo, double hi)
{
    return (hi - lo) / (2 * gsl_cdf_ugaussian_Pinv(0.99));
}

static void add_forecast(const sb_column *column, const sb_foretold *foretold, sb_cell *cell)
{
    double lo = scaled(column, foretold->lo), hi = scaled(column, foretold->hi);
    if (column->deviation) {
        cell->forecast = deviation_of_band(lo, hi);
        return;
    }
    cell->forecast = scaled(column, foretold->value);
    cell->forecast_lo = lo;
    cell->forecast_hi = hi;
}

sb_cell sb_column_cell(const sb_column *column, size_t n, double *values, const sb_foretold *foretold)
{
    sb_cell cell = {NAN, NAN, NAN, NAN, NAN, NAN, NAN};
    for (size_t i = 0; i < n; i++) values[i] = scaled(column, values[i]);
    sb_estimate mean = sb_estimate_mean(n, values);
    cell.deviation = mean.deviation;
    if (foretold) add_forecast(column, foretold, &cell);
    if (!column->deviation) {
        cell.value = mean.mean;
        cell.lo = mean.lo;
        cell.hi = mean.hi;
        return cell;
    }
    cell.value = mean.deviation;
    if (isnan(mean.deviation)) return cell;
    double dof = (double)(n - 1); /* (n - 1) s^2 / sigma^2 is chi-square */
    cell.lo = mean.deviation * sqrt(dof / gsl_cdf_chisq_Pinv(0.975, dof));
    cell.hi = mean.deviation * sqrt(dof / gsl_cdf_chisq_Pinv(0.025, dof));
    return cell;
}

/* slope = Sxy / Sxx, s^2 = (Syy - slope Sxy) / (n - 2), its error s / sqrt(Sxx) */
sb_exponent sb_exponent_fit(size_t n, const double *x, const double *y, bool logarithm)
{
    sb_exponent e = {NAN, NAN, NAN};
    double mx = 0, my = 0, sxx = 0, sxy = 0, rest = 0;
    for (size_t i = 0; i < n; i++) {
        if (!(x[i] > 0) || !(logarithm || y[i] > 0) || !isfinite(y[i])) return e;
        mx += log(x[i]) / (double)n;
        my += (logarithm ? y[i] : log(y[i])) / (double)n;
    }
    for (size_t i = 0; i < n; i++) {
        double dx = log(x[i]) - mx, dy = (logarithm ? y[i] : log(y[i])) - my;
        sxx += dx * dx;
        sxy += dx * dy;
    }
    if (!(n > 1 && sxx > 0)) return e;
    e.exponent = sxy / sxx;
    for (size_t i = 0; i < n; i++) {
        double dx = log(x[i]) - mx, dy = (logarithm ? y[i] : log(y[i])) - my;
        rest += (dy - e.exponent * dx) * (dy - e.exponent * dx);
    }
    if (n < 3) return e;
    double half = gsl_cdf_tdist_Pinv(0.975, (double)(n - 2)) * sqrt(rest / (double)(n - 2) / sxx);
    e.lo = e.exponent - half;
    e.hi = e.exponent + half;
    return e;
}
