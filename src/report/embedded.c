/* The figure scripts of plots/, inside the program, so that it runs from anywhere. */
#include <specbias/report.h>

#include "core/embed.h"
#include "report/embedded.h"

#define EMBED(name) SB_EMBED(sb_plot_##name, "plots/" #name ".gp")

EMBED(style)
#define FIGURE(name, kind, takes) EMBED(name)
#include "plots/list.def"
#undef FIGURE

const char *sb_plot_style_text(void)
{
    return sb_plot_style;
}

const sb_figure *sb_figure_at(size_t index)
{
    static const sb_figure list[] = {
#define FIGURE(name, kind, takes) {#name, #kind, sb_plot_##name, takes},
#include "plots/list.def"
#undef FIGURE
    };
    return index < sizeof list / sizeof list[0] ? &list[index] : NULL;
}
