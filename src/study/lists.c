/* The lists that users choose from. */
#include <specbias/experiment.h>
#include <specbias/fit.h>
#include <specbias/heat.h>

#include <string.h>

#include "core/text.h"

/* NAME_list_name and NAME_list_title from PREFIX_at(index) of the registry. */
#define LIST(prefix)                                                                                                   \
    static const char *prefix##_name(size_t index)                                                                     \
    {                                                                                                                  \
        return prefix##_at(index) ? prefix##_at(index)->name : NULL;                                                   \
    }                                                                                                                  \
    static const char *prefix##_title(size_t index)                                                                    \
    {                                                                                                                  \
        return prefix##_at(index) ? prefix##_at(index)->title : NULL;                                                  \
    }

/* Networks: the last is all that layers can make, the others are lists of layers with keys of their own. */
static const char *const nets[][2] = {
    {"two_layer", "h(x) = scale * sum out s(in (x + shift)), one dimension"},
    {"fourier", "h(x) = scale * sum a cos(w.x) + b sin(w.x), any dimension"},
    {"layers", "a list of layers (net.layers)"},
    {"external", "the user's own, trained outside: forecast by gram: and file:, seen by `specbias observe`"},
};

static const char *net_name(size_t index)
{
    return index < sizeof nets / sizeof nets[0] ? nets[index][0] : NULL;
}

static const char *net_title(size_t index)
{
    return nets[index][1];
}

/* What is no study, then studies. */
static const char *kind_name(size_t index)
{
    if (index == 0) return "train";
    return sb_study_at(index - 1) ? sb_study_at(index - 1)->name : NULL;
}

static const char *kind_title(size_t index)
{
    return index == 0 ? "forecast, seal, train, compare one network" : sb_study_at(index - 1)->title;
}

static const char *method_name(size_t index)
{
    return index == 0 ? "exact" : sb_heat_method_name(index - 1);
}

static const char *method_title(size_t index)
{
    return index == 0 ? "to rounding: of lfp all eigenpairs, of the heat equation the cheapest below"
                      : sb_heat_method_title(index - 1);
}

/* Points, then data sets. */
static const char *data_name(size_t index)
{
    size_t points = 0;
    while (sb_points_at(points)) points++;
    if (index < points) return sb_points_at(index)->name;
    return sb_dataset_kind_at(index - points) ? sb_dataset_kind_at(index - points)->name : NULL;
}

static const char *data_title(size_t index)
{
    const sb_points *points = sb_points_find(data_name(index));
    return points ? points->title : sb_dataset_kind_find(data_name(index))->title;
}

/* Of the rules of training those that make steps. */
static const sb_rule_kind *stepping_at(size_t index)
{
    for (size_t i = 0; sb_rule_at(i); i++)
        if (sb_rule_at(i)->update && index-- == 0) return sb_rule_at(i);
    return NULL;
}

/* tau and order, then quantities. */
static const char *measure_name(size_t index)
{
    if (index < 2) return index == 0 ? "tau" : "order";
    return sb_quantity_at(index - 2) ? sb_quantity_at(index - 2)->name : NULL;
}

static const char *measure_title(size_t index)
{
    static _Thread_local char text[160];
    if (index == 0) return "tau(T), tau(err@last): rank correlation with the frequency";
    if (index == 1) return "order(T): 1 where it increases with the frequency, -1 where it decreases, 0";
    sb_format(text, sizeof text, "%s: %s", sb_quantity_at(index - 2)->form, sb_quantity_at(index - 2)->help);
    return text;
}

LIST(stepping)
LIST(sb_target)
LIST(sb_schedule)
LIST(sb_activation)
LIST(sb_law)
LIST(sb_density_kind)
LIST(sb_theory)
LIST(sb_kernel)
LIST(sb_source)

static const sb_list all[] = {
    {"kind", "experiments (the key kind)", kind_name, kind_title},
    {"data", "where data points lie, and data sets (data.kind)", data_name, data_title},
    {"target", "functions to be learned (target.kind)", sb_target_name, sb_target_title},
    {"loss", "what is minimised (loss.kind)", sb_loss_name, sb_loss_title},
    {"optimizer", "optimisers (train.optimizer)", stepping_name, stepping_title},
    {"schedule", "schedules of the learning rate (train.schedule)", sb_schedule_name, sb_schedule_title},
    {"net", "networks (net.kind)", net_name, net_title},
    {"activation", "activations (net.activation)", sb_activation_name, sb_activation_title},
    {"layer", "layers of net.layers; any activation is one, too", sb_layer_name, sb_layer_title},
    {"init", "laws of the initial weights of layers (init.weights, init.biases)", sb_init_name, sb_init_title},
    {"route", "ways to evaluate networks of layers in training (train.route)", sb_fit_route_name, sb_fit_route_title},
    {"law", "laws of initial weights (init.in, init.out)", sb_law_name, sb_law_title},
    {"density", "densities of feature frequencies (init.density)", sb_density_kind_name, sb_density_kind_title},
    {"theory", "frequency equations (theory/)", sb_theory_name, sb_theory_title},
    {"method", "ways of frequency equations through time (forecast.method); lfp: exact, rk8pd, rkf45", method_name,
     method_title},
    {"kernel", "infinite-width kernels of shifted neurons, the first that fits is used", sb_kernel_name,
     sb_kernel_title},
    {"source", "forecasts (forecast.sources)", sb_source_name, sb_source_title},
    {"measure", "numbers of a run by name (specbias measure)", measure_name, measure_title},
};

const sb_list *sb_list_at(size_t index)
{
    return index < sizeof all / sizeof all[0] ? &all[index] : NULL;
}

const sb_list *sb_list_find(const char *kind)
{
    for (size_t i = 0; sb_list_at(i); i++)
        if (strcmp(all[i].kind, kind) == 0) return &all[i];
    return NULL;
}
