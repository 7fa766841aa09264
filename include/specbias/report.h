/* The run directory: its states, the seal, the figures.
 *
 *   DIR/config.cfg        every key; sealed            DIR/manifest.cfg   the same and where it came from; runnable
 *   DIR/decay             tables and their .cfg        DIR/forecast.sha256  sha256sum lines of config.cfg and forecasts
 *   DIR/train.tsv         one line per trained seed    DIR/agreement.tsv, budget.tsv, summary.json   the comparison
 *   DIR/effect.tsv        what moving kernels did to T DIR/kernel            what `specbias kernel` found
 *   DIR/figures           scripts and pictures         DIR/arrays         .npy files, on request
 *   DIR/snapshots         outputs on the way, on request
 *   DIR/observed.sha256   sha256sum lines of what was observed or found
 *   DIR/verdict.sha256    and of what was concluded */
#ifndef SPECBIAS_REPORT_H
#define SPECBIAS_REPORT_H

#include <stdbool.h>
#include <stddef.h>

#include <specbias/monitor.h>
#include <specbias/status.h>

#define SB_PATH 4096

/* DIR/relative (printf format) in `path`; SB_ERR_IO when too long, SB_ERR_INPUT when a folder below DIR on the way is a
 * link. DIR itself may be one: that is the user's choice. */
#if defined(__GNUC__)
__attribute__((format(printf, 3, 4)))
#endif
sb_status
sb_rundir_path(char path[SB_PATH], const char *directory, const char *relative, ...);

/* The path of a folder of DIR, which must not be a link; and makes it, unless it is there. */
sb_status sb_rundir_folder(char path[SB_PATH], const char *directory, const char *name);
sb_status sb_rundir_make(const char *directory, const char *name);

/* ---- what lies there: src/report/files.def ---- */

/* When a file is written: with the keys and the forecast, which are sealed together; with what was observed or found;
 * with the verdict, which follows from both. */
typedef enum sb_file_stage {
    SB_FILE_KEYS,
    SB_FILE_FORECAST,
    SB_FILE_OBSERVED,
    SB_FILE_VERDICT,
    SB_FILE_FIGURE,
    SB_FILE_CHECKPOINT,
} sb_file_stage;

typedef struct sb_file {
    const char *folder, *names; /* "": the directory itself; '#' stands for digits, '*' for a part of a name */
    sb_file_stage stage;
    const char *variable, *help; /* of figure scripts, or ""; of `specbias explain`, or "" */
} sb_file;

const sb_file *sb_file_at(size_t index); /* NULL past the last */
/* The one that a name in a folder is; NULL: no run writes it. */
const sb_file *sb_file_find(const char *folder, const char *name);
/* Whether there is one of its names. */
sb_status sb_file_there(const char *directory, const sb_file *file, bool *there);

typedef enum sb_rundir_state {
    SB_RUNDIR_ABSENT,
    SB_RUNDIR_EMPTY,
    SB_RUNDIR_FOREIGN,    /* holds something, and no run */
    SB_RUNDIR_UNREADABLE, /* cannot be looked into; sb_error_text says why */
    SB_RUNDIR_STARTED,    /* a run without a seal */
    SB_RUNDIR_SEALED,     /* forecasts are sealed */
    SB_RUNDIR_FINISHED,   /* and compared with what was observed */
} sb_rundir_state;

sb_rundir_state sb_rundir_inspect(const char *directory);
/* Whether DIR/name is there. */
bool sb_rundir_holds(const char *directory, const char *name);

/* SB_ERR_INPUT when a new run may not be put there: a foreign directory, or a sealed or finished run without `force`.
 */
sb_status sb_rundir_check(const char *directory, bool force);
/* Makes a directory, with parents, unless it is there. */
sb_status sb_make_directory(const char *path);
/* Makes the directory (with parents) and removes the results of an earlier run: the files that runs write, by name;
 * whatever else lies there stays. Refuses folders that are links before anything is removed. */
sb_status sb_rundir_prepare(const char *directory, bool force);
/* Makes a directory for figures of several runs (with parents) and removes the tables of earlier ones. SB_ERR_INPUT for
 * a directory that holds anything else. */
sb_status sb_rundir_prepare_figures(const char *directory);
/* Removes what killed runs left half written. */
sb_status sb_rundir_tidy(const char *directory);
/* Removes what was observed, and its verdict, beside the folders. */
sb_status sb_rundir_forget(const char *directory);
/* Removes one file, or empty folder, of the directory, if it is there. */
sb_status sb_rundir_remove(const char *directory, const char *name);

/* ---- points of a sweep: DIR/points/p0123456789abcdef, a run directory each, and who does one holds its lock ---- */

/* "p" and 16 hexadecimal digits: the only names below points/. */
bool sb_point_is_name(const char *name);
/* Makes DIR/points, with DIR, unless they are there. */
sb_status sb_rundir_make_points(const char *directory);

typedef struct sb_lock {
    int file, folder;
    char name[64];
} sb_lock;

/* Takes DIR/points/NAME.lock, which a process that ends, however it ends, lets go; with `wait` once it is free. *held =
 * false: somebody else has it. */
sb_status sb_lock_take(const char *directory, const char *name, bool wait, sb_lock *lock, bool *held);
/* Whether somebody has it. */
sb_status sb_lock_held(const char *directory, const char *name, bool *held);
/* Lets it go, and removes its file. */
void sb_lock_release(sb_lock *lock);

/* sha256 of a text and of a file, 64 hexadecimal digits. */
void sb_sha256(const char *text, size_t length, char hex[65]);
sb_status sb_sha256_file(const char *path, char hex[65]);
/* A seal shows that files are those of the moment it was written, to whoever has kept its sha256 elsewhere, as printed;
 * alone it proves nothing: who can write the directory can seal it anew.
 *
 * Writes forecast.sha256 over config.cfg and all of decay/ (nothing is observed yet); `sha256sum -c` understands it. */
sb_status sb_seal_write(const char *directory, char seal[65]);
/* SB_ERR_SEAL when the seal is missing, a sealed file is missing or was changed, or a forecast is not under seal. */
sb_status sb_seal_verify(const char *directory, char seal[65]);
/* Writes observed.sha256 over what was observed or otherwise found: decay/observed*, train.tsv, drift.tsv, tables and
 * summary of a study, kernel, arrays, the seal of the forecast and those of experiments inside. */
sb_status sb_seal_observations(const char *directory, char seal[65]);
/* Writes verdict.sha256, the last file of a run, over what was concluded (agreement.tsv, budget.tsv, bias.tsv,
 * summary.json, seconds.tsv), the manifest and the seal of what was observed. */
sb_status sb_seal_verdict(const char *directory);
/* Removes the seals of verdict and observations, before what they cover changes. */
sb_status sb_seals_lift(const char *directory);
/* All seals, as far as there are any, of experiments inside too; a warning when what they cover is there and they are
 * not. SB_ERR_SEAL names the file. */
sb_status sb_seals_check(const char *directory, const sb_monitor *monitor);

/* ---- figures: plots/NAME.gp and one line in plots/list.def ---- */

typedef struct sb_figure {
    const char *name, *kinds, *script; /* kinds of experiments it is drawn for, with blanks between */
    const char *takes;                 /* options of the look that it follows, beside those that all do */
} sb_figure;
const sb_figure *sb_figure_at(size_t index); /* NULL past the last */

/* What a user says of the look of figures: looks.def. */
enum {
#define LOOK(variable, option, argument, kind, range, help) SB_LOOK_##variable,
#include <specbias/looks.def>
#undef LOOK
    SB_LOOKS
};
typedef struct sb_look {
    const char *value[SB_LOOKS]; /* as it was written; NULL: not said */
} sb_look;

/* SB_ERR_INPUT, naming the option, for a value that is not of its kind. What passes can be written to a script. */
sb_status sb_look_check(const sb_look *look);
/* NULL when the figure follows all that is said; else the name of an option that it does not. */
const char *sb_look_not_followed(const sb_look *look, const sb_figure *figure);

typedef struct sb_drawing {
    bool redraw; /* write over scripts that a person edited */
    bool edited; /* run them: they are the user's own */
    const sb_look *look;
    const sb_monitor *monitor;
} sb_drawing;

/* For each figure of the kind, writes figures/NAME.gp (the variables, then the script), style.gp beside it, and runs
 * gnuplot. *drawn tells whether pictures were made: without gnuplot, or when it fails, there is a warning and the
 * scripts stay. A figure that has nothing to show leaves nothing. A script that was edited is kept and, as it may be a
 * stranger's, not run; there is a warning. Without fonts the pdf figures have no text; a warning, too. Of what the look
 * names there is to be all: SB_ERR_INPUT for a figure that is none of the kind, or does not follow what is said; where
 * it names none, those that do not are left as they are, with a warning. */
sb_status sb_figures_draw(const char *directory, const char *kind, const char *variables, const sb_drawing *how,
                          bool *drawn);
/* What sb_figures_draw would say of the look, before anything is written. */
sb_status sb_figures_check(const char *kind, const sb_look *look);
/* Whether there is a picture of the figure (!drawn: a script): name[size] is its file, as seen from the directory. */
bool sb_figure_holds(const char *directory, const sb_figure *figure, bool drawn, char *name, size_t size);
/* Whether a script is there and not as it was written. */
bool sb_script_edited(const char *path);

/* ---- arrays for numpy ---- */

/* Writes double [rows][columns] (or [rows] when columns is 0) as .npy version 1.0. */
sb_status sb_npy_write(const char *path, const double *values, size_t rows, size_t columns);
/* The same of 1 to 4 axes of count[rank] each. */
sb_status sb_npy_write_array(const char *path, const double *values, size_t rank, const size_t *count);

#define SB_NPY_AXES 4
typedef struct sb_array {
    size_t rank, count[SB_NPY_AXES];
    double *value; /* the last axis runs fastest */
    bool single;   /* they were float32 */
} sb_array;

/* Numbers that are all finite, float64 or float32; SB_ERR_INPUT for anything else. `array` is to be cleared. */
sb_status sb_npy_read(const char *path, sb_array *array);
/* The same of bytes[length] of that file. */
sb_status sb_npy_parse(const char *path, const char *bytes, size_t length, sb_array *array);
void sb_array_clear(sb_array *array);

#endif
