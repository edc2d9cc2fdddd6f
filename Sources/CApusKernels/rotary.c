#include "rotary_kernels.h"
#include <math.h>

void apus_rotate(float *x, size_t stride, size_t tokens, size_t heads, size_t head_size, const float *cosines,
                 const float *sines) {
    size_t half = head_size / 2;
    for (size_t t = 0; t < tokens; t++) {
        const float *c = cosines + t * half, *s = sines + t * half;
        for (size_t h = 0; h < heads; h++) {
            float *row = x + t * stride + h * head_size;
            for (size_t i = 0; i < half; i++) {
                float a = row[i], b = row[i + half];
                row[i] = a * c[i] - b * s[i];
                row[i + half] = b * c[i] + a * s[i];
            }
        }
    }
}

void apus_rms_norm(const float *x, size_t stride, size_t rows, size_t width, const float *gamma, float epsilon, float *y,
                   size_t y_stride) {
    for (size_t r = 0; r < rows; r++) {
        const float *in = x + r * stride;
        float *out = y + r * y_stride;
        float sum = 0;
        for (size_t i = 0; i < width; i++) sum += in[i] * in[i];
        float factor = 1 / sqrtf(sum / (float)width + epsilon);
        for (size_t i = 0; i < width; i++) out[i] = gamma[i] * (in[i] * factor);
    }
}

static inline float activate(float x, int32_t activation) {
    switch (activation) {
    case APUS_GATE_GELU: return 0.5f * x * (1 + erff(x * 0.70710678f));
    case APUS_GATE_GELU_TANH: return 0.5f * x * (1 + tanhf(0.79788456f * (x + 0.044715f * x * x * x)));
    case APUS_GATE_RELU: return x > 0 ? x : 0;
    default: return x / (1 + expf(-x));
    }
}

void apus_gate(float *x, size_t stride, size_t rows, size_t width, size_t gate, size_t value, int32_t activation) {
    for (size_t r = 0; r < rows; r++) {
        float *row = x + r * stride;
        // The gate or the value is at the front, so what is overwritten has been read.
        for (size_t i = 0; i < width; i++) row[i] = activate(row[gate + i], activation) * row[value + i];
    }
}

void apus_add_rows(float *x, size_t x_stride, const float *y, size_t y_stride, size_t rows, size_t width) {
    for (size_t r = 0; r < rows; r++)
        for (size_t i = 0; i < width; i++) x[r * x_stride + i] += y[r * y_stride + i];
}

void apus_window_attention(const float *queries, const float *keys, const float *values, size_t stride, size_t tokens,
                           size_t heads, size_t key_heads, size_t head_size, size_t before, size_t after, float *context,
                           size_t context_stride, float *scratch) {
    float scale = 1 / sqrtf((float)head_size);
    for (size_t h = 0; h < heads; h++) {
        size_t shared = h * key_heads / heads * head_size;
        for (size_t i = 0; i < tokens; i++) {
            const float *q = queries + i * stride + h * head_size;
            size_t first = i > before ? i - before : 0;
            size_t last = after < tokens - 1 - i ? i + after : tokens - 1;
            float highest = -INFINITY;
            for (size_t j = first; j <= last; j++) {
                const float *k = keys + j * stride + shared;
                float dot = 0;
                for (size_t d = 0; d < head_size; d++) dot += q[d] * k[d];
                scratch[j] = dot * scale;
                if (scratch[j] > highest) highest = scratch[j];
            }
            float sum = 0;
            for (size_t j = first; j <= last; j++) {
                scratch[j] = expf(scratch[j] - highest);
                sum += scratch[j];
            }
            float *out = context + i * context_stride + h * head_size;
            for (size_t d = 0; d < head_size; d++) out[d] = 0;
            for (size_t j = first; j <= last; j++) {
                const float *v = values + j * stride + shared;
                float weight = scratch[j] / sum;
                for (size_t d = 0; d < head_size; d++) out[d] += weight * v[d];
            }
        }
    }
}
