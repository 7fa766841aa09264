/* Variables of a configuration, `let = { k = 7; c = 64; };`, and what texts make of them: "conv1d($c, $k)" and, in
 * net.layers, "repeat(3, conv1d($c, $k), relu)". They stand in the key `let` as texts "k = 7" until they are resolved.
 */
#ifndef SPECBIAS_EXPERIMENT_LET_H
#define SPECBIAS_EXPERIMENT_LET_H

#include <specbias/experiment.h>

/* Sets a variable, in the place of an earlier one of that name. SB_ERR_INPUT unless it is a letter, then letters,
 * digits and '_', and its value a text without control characters and '$'. */
sb_status sb_let_set(sb_config *config, const char *name, const char *value);
/* Whether there is one of the name. */
bool sb_let_holds(const sb_config *config, const char *name);
/* Puts the values in the place of the variables and writes out every repeat(n, ..): net.layers then stands alone, and
 * `let` is empty. used[let.n] (NULL: nobody asks) has true set for each variable that some text uses. */
sb_status sb_let_resolve(sb_config *config, bool *used);
/* SB_ERR_INPUT for a variable that is not among the used ones. */
sb_status sb_let_unused(const sb_config *config, const bool *used);

#endif
