#ifndef SPECBIAS_REPORT_EMBEDDED_H
#define SPECBIAS_REPORT_EMBEDDED_H

const char *sb_plot_style_text(void); /* plots/style.gp */

#endif
