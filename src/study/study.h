/* What studies share. */
#ifndef SPECBIAS_EXPERIMENT_STUDY_H
#define SPECBIAS_EXPERIMENT_STUDY_H

#include <specbias/experiment.h>
#include <specbias/report.h>

#include "core/file.h"
#include "core/json.h"

/* Seals what stands in decay/ and writes the manifest, unless it is sealed; tells the seal unless `say` is NULL.
 * Nothing may be observed before. */
sb_status sb_study_seal(const sb_config *config, const sb_stage *stage, bool sealed, FILE *say);
/* Opens a table of the directory with its header line (NULL: the caller writes it): decay/NAME.tsv for predictions,
 * decay/observed.NAME.tsv, study.tsv for the comparison. */
sb_status sb_study_table(const sb_stage *stage, const char *name, const char *header, sb_writer *writer);
/* SB_ERR_INPUT unless every number of the key is whole. */
sb_status sb_study_check_whole(const sb_reals *numbers, const char *key);
/* Opens summary.json: name, kind, verdict, then what the study adds. */
sb_json sb_study_summary(const sb_config *config, sb_document *summary);
/* Writes it and closes it, last of all: it says that the study is finished. */
sb_status sb_study_end(const sb_stage *stage, sb_document *summary, sb_verdict verdict);

#endif
