/* Where a key has an effect: the column `where` of keys.def, held against a configuration.
 *
 * The column lists alternatives, separated by " or ", of terms, separated by "; ", all of which must hold. A term is
 *
 *   WORDS           kinds of experiments                      "train|overlay"
 *   KEY=WORDS       the key has one of the values             "loss.kind=mse|sobolev"; a list: contains one
 *   KEY!=WORDS      it has none of them
 *   KEY~WORDS       its text (one of its texts) contains one  "init.density~table"
 *
 * with words separated by |, of which one that ends with a colon is the beginning of a value. The last alternative may
 * be "replaced in WORDS": kinds that put another value in its place, which a configuration may still have, as another
 * kind would use it. No word stands for an empty text or list;
 * @points and @sets stand for the kinds of data points and of data sets, train.optimizer=@NAME for the rules that take
 * the key train.NAME. An empty column is everywhere. A sweep (and a study of pairs) is many runs: where "train" stands
 * it is meant, too, and as other keys may vary what they must be counts at its points. */
#ifndef SPECBIAS_EXPERIMENT_WHERE_H
#define SPECBIAS_EXPERIMENT_WHERE_H

#include "case/keys.h"

/* Many points of other keys (sweep.vary): a sweep, or pairs of networks. */
bool sb_config_varies(const sb_config *config);
bool sb_key_applies(const key_entry *key, const sb_config *config);
bool sb_key_replaced(const key_entry *key, const sb_config *config);
/* What is missing, in words: `loss.kind = "sobolev" (it is "mse")`. */
void sb_key_missing(const key_entry *key, const sb_config *config, char *text, size_t size);

#endif
