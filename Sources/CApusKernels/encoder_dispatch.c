#include "encoder_variant.h"
#include "rotary_kernels.h"

// The caller names the level with each call, so that one process can compare variants.

const encoder_variant *encoder_variant_of(int32_t level) {
#if defined(__x86_64__)
    switch (level) {
    case APUS_LEVEL_AVX2: return &encoder_avx2;
    case APUS_LEVEL_AVXVNNI: return apus_encodes_avx_vnni ? &encoder_avxvnni : &encoder_avxvnni_evex;
    case APUS_LEVEL_AVX512: return &encoder_avx512;
    case APUS_LEVEL_VNNI: return &encoder_vnni;
    case APUS_LEVEL_BF16: return &encoder_bf16;
    }
#elif defined(__aarch64__)
    if (level == APUS_LEVEL_NEON) return &encoder_neon;
#endif
    return &encoder_plain;
}

int32_t apus_pair_limit(int32_t level) {
    return level == APUS_LEVEL_AVX2 || level == APUS_LEVEL_AVX512 ? 128 : 254;
}

void apus_linear_apply(int32_t level, const apus_linear *w, const apus_rows *x, int32_t activation, float *y,
                       size_t y_stride) {
    encoder_variant_of(level)->linear(w, x, activation, y, y_stride);
}

void apus_linear_max(int32_t level, const apus_linear *w, const apus_rows *x, const uint32_t *text_of_row,
                     float *pooled, size_t pooled_stride) {
    encoder_variant_of(level)->linear_max(w, x, text_of_row, pooled, pooled_stride);
}

void apus_linear_sum(int32_t level, const apus_linear *w, const apus_rows *x, const uint32_t *text_of_row,
                     float *pooled, size_t pooled_stride, int32_t logarithms) {
    encoder_variant_of(level)->linear_sum(w, x, text_of_row, pooled, pooled_stride, logarithms);
}

void apus_quantise_rows(int32_t level, const float *x, size_t stride, size_t rows, size_t depth,
                        const apus_split *split, uint8_t *q, size_t q_stride, float *scales, int32_t *zeros) {
    encoder_variant_of(level)->quantise_rows(x, stride, rows, depth, split, q, q_stride, scales, zeros);
}

void apus_round_rows(int32_t level, const float *x, size_t stride, size_t rows, size_t depth, uint16_t *out,
                     size_t out_stride) {
    encoder_variant_of(level)->round_rows(x, stride, rows, depth, out, out_stride);
}

void apus_layer_norm(int32_t level, const float *x, const float *residual, size_t stride, size_t rows, size_t width,
                     const float *gamma, const float *beta, float epsilon, float *y) {
    encoder_variant_of(level)->layer_norm(x, residual, stride, rows, width, gamma, beta, epsilon, y);
}

size_t apus_attention_scratch(size_t tokens, size_t head_size) {
    size_t keys = (tokens + APUS_PANEL - 1) / APUS_PANEL, values = (head_size + APUS_PANEL - 1) / APUS_PANEL;
    return APUS_PANEL * (keys * head_size + values * (tokens + 1) + ENCODER_TILE_ROWS * keys + ENCODER_TILE_ROWS) +
           ENCODER_TILE_ROWS * (head_size + 1 + keys * APUS_PANEL) / 2 + 32;
}

void apus_attention(int32_t level, int32_t rounded, const float *qkv, size_t stride, size_t tokens, size_t heads,
                    size_t head_size, float *context, size_t context_stride, float *scratch) {
    size_t width = heads * head_size;
    apus_window_attention(level, rounded, qkv, qkv + width, qkv + 2 * width, stride, tokens, heads, heads, head_size, SIZE_MAX,
                          SIZE_MAX, context, context_stride, scratch);
}

void apus_convert(int32_t level, int32_t type, const void *src, size_t count, float scale, float *dst) {
    encoder_variant_of(level)->convert(type, src, count, scale, dst);
}
