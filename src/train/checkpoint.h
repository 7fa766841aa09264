/* Checkpoints: memory of a run as a file that appears whole or not at all, with a checksum. */
#ifndef SPECBIAS_TRAIN_CHECKPOINT_H
#define SPECBIAS_TRAIN_CHECKPOINT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <specbias/monitor.h>

typedef struct sb_piece {
    void *data;
    size_t bytes;
} sb_piece;

/* Whether a number of a checkpoint counts something of which there are at most so many. */
static inline bool sb_is_count(double value, double most)
{
    return value >= 0 && value <= most && value == (double)(uint64_t)value;
}

sb_status sb_checkpoint_write(const char *path, const char *identity, size_t count, const sb_piece *piece);
/* A checkpoint could not be written (sb_error_text): a warning unless `told`, no more, as the next may succeed. */
void sb_checkpoint_missed(const sb_monitor *monitor, bool *told);
/* Fills the pieces, the first of the file's; *found = false and nothing is touched when there is no file. SB_ERR_INPUT:
 * it is damaged, of another identity, or of other sizes. */
sb_status sb_checkpoint_read(const char *path, const char *identity, size_t count, const sb_piece *piece, bool *found);

#endif
