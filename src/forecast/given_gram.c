/* The source `gram:`: kernels of the user's on the training data (case/given.h), solved like any other. */
#include <specbias/experiment.h>

const sb_source sb_source_given_gram = {
    .name = "gram:",
    .title = "kernels of the user's own on the data, gram:PATH or gram:PATH,PATH,..",
    .citation = "",
    .rung = 60,
    .gives_kernels = true,
};
