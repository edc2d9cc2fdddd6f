#pragma once
#include "encoder_kernels.h"
#include "rotary_kernels.h"

// The kernels of one instruction set. Each encoder_<level>.c fills one table: tiles by hand, the rest by compiling
// encoder_body.h for its target.

enum { ENCODER_TILE_ROWS = 12 };

// The accumulators of a tile are arrays; only fully unrolled loops keep them in registers.
#define UNROLL _Pragma("clang loop unroll(full)")

// The function that chooses a clone runs before ThreadSanitizer is ready, which it would call.
#if defined(__x86_64__) && !__has_feature(thread_sanitizer)
#define CLONES __attribute__((target_clones("arch=x86-64-v4", "arch=x86-64-v3", "default")))
#else
#define CLONES
#endif

// The rows of the next part of a tile of `left` rows, where a part has registers for `most`: parts of about the same size, as one with
// a single row would wait for its own sums.
static inline size_t encoder_part(size_t left, size_t most) {
    size_t parts = (left + most - 1) / most;
    return (left + parts - 1) / parts;
}

// What turns a tile of s32 sums into values: unit[r] · (sum · scale[c] − zero[r] · weights[c]).
typedef struct {
    const float *units;   // [rows]
    const int32_t *zeros; // [rows]
    const float *scales;  // [32]
    const float *weights; // [32]: scale · Σ_k w
} encoder_units;

__attribute__((always_inline)) static inline void encoder_dequantise(const int32_t *sums, size_t rows,
                                                                     encoder_units u, float *out) {
    for (size_t r = 0; r < rows; r++)
        for (size_t c = 0; c < APUS_PANEL; c++)
            out[r * APUS_PANEL + c] =
                u.units[r] * ((float)sums[r * APUS_PANEL + c] * u.scales[c] - (float)u.zeros[r] * u.weights[c]);
}

// The nearest bf16, ties to even; infinities stay, and no weight or activation is NaN.
__attribute__((always_inline)) static inline uint16_t encoder_bf16_of(float x) {
    union {
        float f;
        uint32_t i;
    } v = {x};
    return (uint16_t)((v.i + 0x7FFF + (v.i >> 16 & 1)) >> 16);
}

// How many tokens before and after its own a token sees.
typedef struct {
    size_t before, after;
} apus_view;

typedef struct {
    void (*linear)(const apus_linear *w, const apus_rows *x, int32_t activation, float *y, size_t y_stride);
    void (*linear_max)(const apus_linear *w, const apus_rows *x, const uint32_t *text_of_row, float *pooled,
                       size_t pooled_stride);
    void (*linear_sum)(const apus_linear *w, const apus_rows *x, const uint32_t *text_of_row, float *pooled,
                       size_t pooled_stride, int32_t logarithms);
    void (*quantise_rows)(const float *x, size_t stride, size_t rows, size_t depth, const apus_split *split, uint8_t *q,
                          size_t q_stride, float *scales, int32_t *zeros);
    void (*round_rows)(const float *x, size_t stride, size_t rows, size_t depth, uint16_t *out, size_t out_stride);
    void (*layer_norm)(const float *x, const float *residual, size_t stride, size_t rows, size_t width,
                       const float *gamma, const float *beta, float epsilon, float *y);
    void (*attention)(const float *queries, const float *keys, const float *values, size_t stride, size_t tokens,
                      size_t heads, size_t key_heads, size_t head_size, apus_view view, float *context,
                      size_t context_stride, float *scratch);
    // The same where queries, keys, values and weights may be rounded as the products of the linear layers are.
    void (*rounded_attention)(const float *queries, const float *keys, const float *values, size_t stride, size_t tokens,
                              size_t heads, size_t key_heads, size_t head_size, apus_view view, float *context,
                              size_t context_stride, float *scratch);
    void (*rotate)(float *x, size_t stride, size_t tokens, size_t heads, size_t head_size, const float *cosines,
                   const float *sines);
    void (*rms_norm)(const float *x, size_t stride, size_t rows, size_t width, const float *gamma, float epsilon, float *y,
                     size_t y_stride);
    void (*gate)(float *x, size_t stride, size_t rows, size_t width, size_t gate, size_t value, int32_t activation);
    void (*add_rows)(float *x, size_t x_stride, const float *y, size_t y_stride, size_t rows, size_t width);
    void (*convert)(int32_t type, const void *src, size_t count, float scale, float *dst);
} encoder_variant;

const encoder_variant *encoder_variant_of(int32_t level);

extern const encoder_variant encoder_plain;
#if defined(__x86_64__)
extern const encoder_variant encoder_avx2, encoder_avxvnni, encoder_avxvnni_evex, encoder_avx512, encoder_vnni, encoder_bf16;
#elif defined(__aarch64__)
extern const encoder_variant encoder_neon;
#endif
