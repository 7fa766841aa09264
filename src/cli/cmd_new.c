#include "cli/cli.h"

#include <stdio.h>
#include <string.h>

#define FEATURES                                                                                                       \
    "data.n=256", "data.a=-3.141592653589793", "data.b=3.141592653589793", "target.kind=packets",                      \
        "target.unit=angular", "target.xi=4.0,12.0,20.0,28.0", "target.tau=0.45", "target.amplitude=0.02",             \
        "net.kind=fourier", "net.width=8000", "init.out=gaussian", "init.out_scale=1.0"

/* What a kind changes of the defaults, which are the demo. */
static const struct kind {
    const char *name, *help, *set[24];
} kinds[] = {
    {"demo", "a 1-D ReLU network, three forecasts, five seeds", {NULL}},
    {"quiet",
     "a start without randomness: agreement to 1e-6, where no wrong constant can hide",
     {"name=quiet", "target.amplitude=0.001", "init.quiet=true", "seeds.count=1", NULL}},
    {"fourier",
     "Fourier features, the damped heat equation beside the kernels",
     {"name=fourier", FEATURES, "init.density=gaussian(16)", "train.eta=1.0", "train.time=800.0",
      "forecast.sources=heat,ntk.infinite,ntk.empirical", "seeds.count=8", NULL}},
    {"design",
     "the density of Fourier features that gives each frequency the wanted time",
     {"name=design", "kind=design", FEATURES, "forecast.sources=heat", "seeds.count=3", NULL}},
    {"learn",
     "three sines, a tanh network, Adam: low frequencies first (Xu et al. 2020, fig. 1)",
     {"name=learn",
      "data.n=201",
      "data.a=-3.14",
      "data.b=3.14",
      "data.points=endpoints",
      "target.unit=angular",
      "target.amplitude=1.0",
      "net.kind=layers",
      "net.layers=dense(500),tanh,dense(1)",
      "net.parametrisation=standard",
      "init.weights=gaussian(0.1)",
      "init.biases=gaussian(0.1)",
      "init.antisymmetric=false",
      "loss.factor=mean",
      "train.optimizer=adam",
      "train.eta=0.001",
      "train.steps=15000",
      "train.records=1500",
      "train.spacing=linear",
      "claims=order(settled) = strictly increasing",
      "observe.window=51",
      "seeds.count=3",
      NULL}},
    {"overlay",
     "one experiment with several densities of Fourier features, side by side",
     {"name=overlay", "kind=overlay", FEATURES, "train.eta=1.0", "train.time=1500.0", "forecast.sources=heat",
      "overlay.densities=uniform(48),gaussian(16),cauchy(12)", "overlay.sigma_a=0.0,1.0", NULL}},
};

const char *starter_at(size_t index)
{
    return index < sizeof kinds / sizeof kinds[0] ? kinds[index].name : NULL;
}

int cmd_new(const cli_options *options)
{
    const char *name = options->operand ? options->operand : "demo";
    sb_config config = {0};
    sb_status status = SB_OK;
    const struct kind *kind = NULL;
    for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++)
        if (strcmp(kinds[i].name, name) == 0) kind = &kinds[i];
    if (!kind) {
        fprintf(stderr, "specbias: no kind '%s' to start from; there are:\n", name);
        for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++)
            fprintf(stderr, "  %-8s %s\n", kinds[i].name, kinds[i].help);
        return EXIT_USAGE;
    }
    SB_TRY(sb_config_init(&config));
    for (size_t i = 0; kind->set[i]; i++) SB_TRY(sb_config_set(&config, kind->set[i]));
    printf("// %s\n// run it: specbias run FILE.cfg      check it: specbias check FILE.cfg\n\n", kind->help);
    status = sb_config_tell(&config, options->all, stdout);
done:
    sb_config_clear(&config);
    return status == SB_OK ? EXIT_AGREES : cli_fail(status);
}
