#pragma once
#include <stddef.h>
#include <stdint.h>

// Kernels of encoders and decoders with rotary positions, gated inner layers and attention windows, with the levels of
// encoder_kernels.h.

/// What a gate's values go through.
enum { APUS_GATE_GELU = 0, APUS_GATE_GELU_TANH = 1, APUS_GATE_RELU = 2, APUS_GATE_SILU = 3 };

/// Rotates each of `heads` heads of row t in place by the angles of position t: with a = x[i] and b = x[i + head_size / 2],
/// a becomes a · cos − b · sin, b becomes b · cos + a · sin. `cosines` and `sines` are [tokens, head_size / 2].
void apus_rotate(int32_t level, float *x, size_t stride, size_t tokens, size_t heads, size_t head_size, const float *cosines,
                 const float *sines);

/// y[r] = gamma · x[r] / √(mean(x[r]²) + epsilon); y may be x.
void apus_rms_norm(int32_t level, const float *x, size_t stride, size_t rows, size_t width, const float *gamma, float epsilon, float *y,
                   size_t y_stride);

/// x[r, i] = activation(x[r, gate + i]) · x[r, value + i] for i below `width`.
void apus_gate(int32_t level, float *x, size_t stride, size_t rows, size_t width, size_t gate, size_t value, int32_t activation);

/// x[r] += y[r]
void apus_add_rows(int32_t level, float *x, size_t x_stride, const float *y, size_t y_stride, size_t rows, size_t width);

/// Self-attention of one text with groups of query heads that share a key and value head. Token i sees token j when
/// j ≥ i − before and j ≤ i + after. `rounded` and `scratch` are those of apus_attention.
void apus_window_attention(int32_t level, int32_t rounded, const float *queries, const float *keys, const float *values,
                           size_t stride, size_t tokens, size_t heads, size_t key_heads, size_t head_size, size_t before,
                           size_t after, float *context, size_t context_stride, float *scratch);
