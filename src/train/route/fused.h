/* Pieces of the route fused that rotation shares. */
#ifndef SPECBIAS_TRAIN_ROUTE_FUSED_H
#define SPECBIAS_TRAIN_ROUTE_FUSED_H

#include "train/session.h"

sb_status sb_fused_create(sb_session *session);
void sb_fused_destroy(sb_session *session);
double sb_fused_memory(const sb_session *session);
void sb_fused_evaluate(sb_session *session, size_t me);
void sb_fused_descend(sb_session *session, size_t me, const sb_update *how);
double *sb_fused_carry(sb_session *session, size_t *count);

#endif
