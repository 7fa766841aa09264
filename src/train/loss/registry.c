#include <specbias/loss.h>

static const char *const list[] = {
#define LOSS(name) #name,
#include "train/loss/list.def"
#undef LOSS
    NULL,
};

const char *sb_loss_name(size_t index)
{
    return index < sizeof list / sizeof list[0] ? list[index] : NULL;
}

const char *sb_loss_title(size_t index)
{
    return list[index];
}
