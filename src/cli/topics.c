/* The topics of `specbias help`. */
#include "cli/cli.h"

#include "core/embed.h"

#define TOPIC(name, title) SB_EMBED(help_##name, "src/cli/help/" #name ".txt")
#include "cli/help/list.def"
#undef TOPIC

const cli_topic *topic_at(size_t index)
{
    static const cli_topic list[] = {
#define TOPIC(name, title) {#name, title, help_##name},
#include "cli/help/list.def"
#undef TOPIC
    };
    return index < sizeof list / sizeof list[0] ? &list[index] : NULL;
}
