#include "encoder_variant.h"

void apus_rotate(int32_t level, float *x, size_t stride, size_t tokens, size_t heads, size_t head_size,
                 const float *cosines, const float *sines) {
    encoder_variant_of(level)->rotate(x, stride, tokens, heads, head_size, cosines, sines);
}

void apus_rms_norm(int32_t level, const float *x, size_t stride, size_t rows, size_t width, const float *gamma,
                   float epsilon, float *y, size_t y_stride) {
    encoder_variant_of(level)->rms_norm(x, stride, rows, width, gamma, epsilon, y, y_stride);
}

void apus_gate(int32_t level, float *x, size_t stride, size_t rows, size_t width, size_t gate, size_t value,
               int32_t activation) {
    encoder_variant_of(level)->gate(x, stride, rows, width, gate, value, activation);
}

void apus_add_rows(int32_t level, float *x, size_t x_stride, const float *y, size_t y_stride, size_t rows,
                   size_t width) {
    encoder_variant_of(level)->add_rows(x, x_stride, y, y_stride, rows, width);
}

void apus_window_attention(int32_t level, int32_t rounded, const float *queries, const float *keys, const float *values,
                           size_t stride, size_t tokens, size_t heads, size_t key_heads, size_t head_size, size_t before,
                           size_t after, float *context, size_t context_stride, float *scratch) {
    const encoder_variant *variant = encoder_variant_of(level);
    apus_view view = {before, after};
    (rounded ? variant->rounded_attention : variant->attention)(queries, keys, values, stride, tokens, heads, key_heads,
                                                                head_size, view, context, context_stride, scratch);
}
