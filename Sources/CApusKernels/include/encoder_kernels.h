#pragma once
#include <stddef.h>
#include <stdint.h>
#include "level.h"

// Kernels of the transformer encoder. Matrices are row-major f32; weights are packed once into panels of 32 output
// columns, so that one panel row is a whole number of vector registers and no kernel needs a masked tail.

/// Columns of a panel.
enum { APUS_PANEL = 32 };

/// Element types of stored and of packed weights.
enum { APUS_F32 = 0, APUS_F16 = 1, APUS_BF16 = 2, APUS_S8 = 3 };

/// What happens to a linear layer's output.
enum {
    APUS_ACTIVATION_NONE = 0,
    APUS_ACTIVATION_GELU = 1,      // x · Φ(x), by erf
    APUS_ACTIVATION_GELU_TANH = 2, // the tanh approximation ("gelu_new")
    APUS_ACTIVATION_RELU = 3,
};

/// A packed weight matrix: output column c is Σ_k x[k] · w[c, k] + bias[c].
typedef struct {
    const void *panels;          // f32 [columns / 32, depth, 32], bf16 [columns / 32, ⌈depth / 2⌉, 32, 2] or
                                 // s8 [columns / 32, depth / 4, 32, 4]
    const float *bias;           // [columns]
    const float *scales;         // s8 only, [columns]: the value of one unit
    const float *sums;           // s8 only, [columns]: scale · Σ_k w, to take the activations' zero points out again
    size_t depth;                // a multiple of 4 for s8
    size_t columns;              // a multiple of 32
    int32_t type;                // APUS_F32, APUS_BF16 or APUS_S8
} apus_linear;

/// The left-hand side of a product: f32 rows, and for s8 weights the same quantised by apus_quantise_rows, for bf16 weights at
/// APUS_LEVEL_BF16 the same rounded by apus_round_rows. Levels without bf16 products multiply bf16 weights with the f32 rows.
typedef struct {
    const float *values;
    size_t stride; // in floats
    const void *quantised;
    size_t quantised_stride; // in bytes, a multiple of 4
    const float *scales;     // [rows]: the value of one unit
    const int32_t *zeros;    // [rows]: the byte that means 0
    size_t rows;
} apus_rows;

/// y[r, c] = activation(x · w + bias); `y_stride` in floats, at least `w->columns`.
void apus_linear_apply(int32_t level, const apus_linear *w, const apus_rows *x, int32_t activation, float *y,
                       size_t y_stride);

/// pooled[text_of_row[r], c] = max(pooled[…], x[r] · w[c]), without the bias; nothing else is stored.
void apus_linear_max(int32_t level, const apus_linear *w, const apus_rows *x, const uint32_t *text_of_row,
                     float *pooled, size_t pooled_stride);

/// pooled[text_of_row[r], c] += log1p(relu(x[r] · w[c] + bias[c])), the logarithm applied `logarithms` times.
void apus_linear_sum(int32_t level, const apus_linear *w, const apus_rows *x, const uint32_t *text_of_row,
                     float *pooled, size_t pooled_stride, int32_t logarithms);

/// Input channels that are spread over several bytes, because a few channels of a transformer are many times larger than
/// the rest and would leave the rest only a few of the 255 steps. The copies share one column of weights, so products stay
/// exact. Idea: outlier channel splitting (Zhao et al., 2019, arXiv:1901.09504), here with the integers themselves divided.
typedef struct {
    const float *shares;      // [depth]: 1 / copies
    const uint32_t *channels; // [count + further]: those with more than one copy, ascending; then each further byte's channel
    const float *copies;      // [count + further]: the copies of that channel
    const float *places;      // [count + further]: copies − 1 − which of them the byte is
    size_t count, further;
} apus_split;

/// Each row as bytes: x ≈ scale · (q − zero), the row's range [min(x, 0), max(x, 0)] spread over 0…255. With a `split`, the
/// bytes of a channel's further copies follow after `depth`, and its value is their sum. The bytes up to a multiple of 4 are
/// filled; `split` may be null.
void apus_quantise_rows(int32_t level, const float *x, size_t stride, size_t rows, size_t depth,
                        const apus_split *split, uint8_t *q, size_t q_stride, float *scales, int32_t *zeros);

/// Each row as bf16, rounded to nearest even; an odd depth is filled up with a zero. `stride` in floats, `out_stride` in bytes.
void apus_round_rows(int32_t level, const float *x, size_t stride, size_t rows, size_t depth, uint16_t *out,
                     size_t out_stride);

/// y[r] = gamma · (x[r] + residual[r] − mean) / √(variance + epsilon) + beta; `residual` may be null, y may be x.
void apus_layer_norm(int32_t level, const float *x, const float *residual, size_t stride, size_t rows, size_t width,
                     const float *gamma, const float *beta, float epsilon, float *y);

/// Floats of scratch that apus_attention needs for a text of `tokens`.
size_t apus_attention_scratch(size_t tokens, size_t head_size);

/// Self-attention of one text. `qkv` is [tokens, stride] with queries, keys and values side by side, each heads · head_size
/// wide; `context` gets [tokens, context_stride]. Where they may be `rounded`, APUS_LEVEL_BF16 multiplies bf16 numbers.
void apus_attention(int32_t level, int32_t rounded, const float *qkv, size_t stride, size_t tokens, size_t heads,
                    size_t head_size, float *context, size_t context_stride, float *scratch);

/// dst[i] = src[i] · scale as f32. `type` is one of APUS_F32 … APUS_S8.
void apus_convert(int32_t level, int32_t type, const void *src, size_t count, float scale, float *dst);

/// One panel from up to 32 rows of f32 [rows, depth]; missing rows become zeros.
void apus_pack_panel_f32(const float *weights, size_t rows, size_t depth, float *panel);

/// The same as bf16, rounded to nearest even; an odd depth is filled up with zeros.
void apus_pack_panel_bf16(const float *weights, size_t rows, size_t depth, uint16_t *panel);

/// One panel from up to 32 rows of s8 [rows, depth]; depth is padded with zeros to a multiple of 4.
void apus_pack_panel_s8(const int8_t *weights, size_t rows, size_t depth, int8_t *panel, int32_t *sums);

/// The largest |w[2i]| + |w[2i + 1]| of neighbouring s8 weights that a level multiplies: 128 where the products of a pair are
/// summed in 16 bits, otherwise 254.
int32_t apus_pair_limit(int32_t level);

/// w[i] as s8 with one scale for the row: the least one that keeps every weight within ±127 and every pair within the limit.
/// Returns the scale, 0 for a row of zeros.
float apus_quantise_weights(const float *w, size_t count, int32_t pair_limit, int8_t *q);

/// Whether every value is finite.
int32_t apus_all_finite(const float *values, size_t count);

/// The indices with pooled[i] + bias[i] > 0, ascending, into `indices` unless it is null; `bias` may be null.
/// Returns how many there are.
size_t apus_list_positive(const float *pooled, const float *bias, size_t count, uint32_t *indices);
