/* Files of examples -> numbers. What is wrong with a file is SB_ERR_INPUT, with its name and the offset or line;
 * nothing is allocated on the word of a header that the size of the file cannot bear out. */
#ifndef SPECBIAS_DATA_LOAD_H
#define SPECBIAS_DATA_LOAD_H

#include <stdbool.h>
#include <stdint.h>

#include <specbias/shape.h>
#include <specbias/status.h>

#define SB_DEFLATE_MOST 1032 /* bytes that one compressed byte can stand for: 258 for two bits (RFC 1951) */

/* ---- bytes of a file, plain or compressed by gzip ---- */

typedef struct sb_reader {
    const char *path;
    void *file;      /* gzFile */
    bool packed;     /* offsets are those of the unpacked bytes */
    uint64_t offset; /* of the next byte */
    uint64_t most;   /* bytes there can be: the size of the file, or the most that gzip makes of it */
} sb_reader;

sb_status sb_reader_open(sb_reader *reader, const char *path);
void sb_reader_close(sb_reader *reader);
/* The next `count` bytes, in new memory. */
sb_status sb_reader_take(sb_reader *reader, uint64_t count, unsigned char **bytes);
/* All that follow, in new memory with a byte 0 behind. */
sb_status sb_reader_rest(sb_reader *reader, char **bytes, size_t *count);
/* SB_ERR_INPUT unless all bytes were taken. */
sb_status sb_reader_end(sb_reader *reader);

/* ---- IDX ---- */

typedef struct sb_idx {
    size_t n;
    sb_shape shape;       /* of one example: {1, 1, 1}, {1, 1, columns}, {rows, columns, 1} or the three of the file */
    unsigned dimensions;  /* 1 to 4 */
    unsigned type;        /* code of the numbers: 0x08 .. 0x0E */
    unsigned char *bytes; /* [n][shape] numbers as they stand in the file, the highest byte first */
    uint64_t start;       /* offset of the first of them */
} sb_idx;

sb_status sb_load_idx(const char *path, sb_idx *idx);
void sb_idx_clear(sb_idx *idx);
double sb_idx_number(const sb_idx *idx, size_t i);
/* label[n] of a file of whole numbers 0 .. SB_MOST_CLASSES - 1 in one dimension, in new memory. */
sb_status sb_load_labels(const char *path, size_t *n, int **label);

#define SB_MOST_CLASSES 1000

/* ---- tables ---- */

/* Text, plain or compressed by gzip, separated by tabs, semicolons, bars, commas or blanks, whichever its first lines
 * have; UTF-16 with a byte order mark, too. Numbers have a decimal point, or all of them a comma. Blank lines and lines
 * that begin with # do not count, but the last of them may name the columns (# x y z). A first line `506,13,,` says how
 * many rows and inputs follow, as in the files of scikit-learn, unless the first line is said to be no header. */
typedef struct sb_csv_text sb_csv_text;

typedef struct sb_csv {
    const char *path;
    size_t columns, names; /* names: columns, or 0 without a header */
    char **name;           /* [names] */
    bool index;            /* the first column has no name, or that which pandas gives to it: it counts the rows */
    bool trailing;         /* each row ends with a separator */
    size_t rows, dropped;  /* dropped: rows left out as a number is missing */
    size_t *row;           /* [rows] their numbers in the file, from 1 */
    double *value;         /* [rows][used] */
    sb_csv_text *text;
} sb_csv;

/* What the columns are. header: whether the first line is one, "yes", "no" or "auto": it is when it has words and no
 * numbers; SB_ERR_INPUT where that leaves a doubt. */
sb_status sb_csv_open(sb_csv *csv, const char *path, const char *header);
/* The numbers of the columns column[used], once. Those of others need not be numbers. drop: leaves rows out where one
 * is missing (an empty cell, NA, NaN, null, ?, ..), else SB_ERR_INPUT says where. */
sb_status sb_csv_read(sb_csv *csv, size_t used, const size_t *column, bool drop);
void sb_csv_clear(sb_csv *csv);

/* ---- images ---- */

typedef struct sb_image {
    sb_shape shape; /* channels: 1 grey, 3 red, green, blue */
    double *value;  /* [height][width][channels] in [0, 1] */
} sb_image;

/* PGM (P2, P5) or PNG, which the first bytes tell. The transparency of a PNG is left out, its gamma does not count. */
sb_status sb_load_image(const char *path, sb_image *image);
void sb_image_clear(sb_image *image);
/* The two kinds by themselves; image must be zeroed. */
sb_status sb_load_pgm(const char *path, sb_image *image);
sb_status sb_load_png(const char *path, sb_image *image);

#endif
