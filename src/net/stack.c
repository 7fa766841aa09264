#include "net/stack.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/call.h"
#include "core/text.h"

#define MOST_LAYERS 400

__attribute__((format(printf, 2, 3))) static sb_status add(sb_stack *stack, const char *format, ...)
{
    va_list arguments;
    if (stack->n == MOST_LAYERS) return sb_fail(SB_ERR_INPUT, "more than %d layers", MOST_LAYERS);
    va_start(arguments, format);
    int length = sb_format_list(stack->layer[stack->n], sizeof *stack->layer, format, arguments);
    va_end(arguments);
    if (length >= (int)sizeof *stack->layer) return sb_fail(SB_ERR_INPUT, "a layer's text is too long");
    stack->n++;
    return SB_OK;
}

/* The convolutions of VGG16 (Simonyan, Zisserman 2015, configuration D): 2, 2, 3, 3, 3 of 3 x 3 taps and w, 2 w, 4 w, 8
 * w, 8 w channels, ReLU behind each and a pool behind each group; w = 64 in the paper. */
static sb_status add_vgg16(sb_stack *stack, size_t width)
{
    static const size_t count[] = {2, 2, 3, 3, 3}, times[] = {1, 2, 4, 8, 8};
    sb_status status = SB_OK;
    for (size_t group = 0; group < 5; group++) {
        for (size_t i = 0; i < count[group]; i++) {
            SB_TRY(add(stack, "conv2d(%zu, 3)", times[group] * width));
            SB_TRY(add(stack, "relu"));
        }
        SB_TRY(add(stack, "maxpool(2)"));
    }
done:
    return status;
}

/* The small CNN of Xu, Zhang, Luo, Xiao, Ma (2020): 3 x 3 taps, w and 2 w channels with a pool each, a dense layer of
 * 400 (12.5 w); w = 32 in the paper. */
static sb_status add_cnn(sb_stack *stack, size_t width)
{
    sb_status status = SB_OK;
    for (size_t i = 1; i <= 2; i++) {
        SB_TRY(add(stack, "conv2d(%zu, 3)", i * width));
        SB_TRY(add(stack, "relu"));
        SB_TRY(add(stack, "maxpool(2)"));
    }
    SB_TRY(add(stack, "dense(%zu)", width * 25 / 2));
    SB_TRY(add(stack, "relu"));
done:
    return status;
}

static sb_status expand(const char *text, sb_stack *stack)
{
    static const struct {
        const char *name;
        size_t width;
        sb_status (*add)(sb_stack *stack, size_t width);
    } known[] = {{"vgg16", 64, add_vgg16}, {"cnn", 32, add_cnn}};
    sb_call call;
    sb_status status = sb_call_parse(text, &call);
    for (size_t i = 0; status == SB_OK && i < sizeof known / sizeof known[0]; i++) {
        if (strcmp(call.name, known[i].name) != 0) continue;
        size_t width = known[i].width;
        if (call.n > 0) status = sb_call_whole(&call, 0, "its width", 1, 100000, &width);
        return status == SB_OK ? known[i].add(stack, width) : status;
    }
    return status == SB_OK ? add(stack, "%s", text) : status;
}

sb_status sb_stack_expand(size_t count, const char *const *layer, sb_stack *stack)
{
    stack->layer = malloc(MOST_LAYERS * sizeof *stack->layer);
    if (!stack->layer) return sb_fail(SB_ERR_NOMEM, "no memory for %zu layers", count);
    for (size_t i = 0; i < count; i++) {
        sb_status status = expand(layer[i], stack);
        if (status != SB_OK) return sb_fail(status, "layer %zu, \"%s\": %s", i + 1, layer[i], sb_error_text());
    }
    return SB_OK;
}

void sb_stack_clear(sb_stack *stack)
{
    free(stack->layer);
    *stack = (sb_stack){0};
}
