#include "encoder_variant.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

// Weights are packed once when a model is loaded.

void apus_pack_panel_f32(const float *weights, size_t rows, size_t depth, float *panel) {
    if (rows < APUS_PANEL) memset(panel, 0, depth * APUS_PANEL * sizeof(float));
    for (size_t k = 0; k < depth; k += 16) // a block of 32 × 16 stays in the first cache while it is turned
        for (size_t c = 0; c < rows; c++)
            for (size_t i = k; i < depth && i < k + 16; i++) panel[i * APUS_PANEL + c] = weights[c * depth + i];
}

void apus_pack_panel_bf16(const float *weights, size_t rows, size_t depth, uint16_t *panel) {
    if (rows < APUS_PANEL || depth % 2 != 0) memset(panel, 0, (depth + 1) / 2 * 2 * APUS_PANEL * sizeof(uint16_t));
    for (size_t k = 0; k < depth; k += 16)
        for (size_t c = 0; c < rows; c++)
            for (size_t i = k; i < depth && i < k + 16; i++)
                panel[(i / 2 * APUS_PANEL + c) * 2 + i % 2] = encoder_bf16_of(weights[c * depth + i]);
}

CLONES void apus_pack_panel_s8(const int8_t *weights, size_t rows, size_t depth, int8_t *panel, int32_t *sums) {
    size_t padded = (depth + 3) / 4 * 4, whole = depth / 4 * 4;
    if (rows < APUS_PANEL || whole < depth) memset(panel, 0, padded * APUS_PANEL);
    memset(sums, 0, APUS_PANEL * sizeof(int32_t));
    for (size_t c = 0; c < rows; c++) {
        const int8_t *row = weights + c * depth;
        int32_t sum = 0;
        for (size_t k = 0; k < depth; k++) sum += row[k];
        sums[c] = sum;
        for (size_t k = 0; k < whole; k += 4) memcpy(panel + k * APUS_PANEL + c * 4, row + k, 4);
        for (size_t k = whole; k < depth; k++) panel[whole * APUS_PANEL + c * 4 + (k - whole)] = row[k];
    }
}

// A number that is not negative, as an integer of the same order: the largest of integers is found in any order.
static inline int32_t ordered(float x) {
    int32_t bits;
    memcpy(&bits, &x, 4);
    return bits;
}

static inline float from_ordered(int32_t bits) {
    float x;
    memcpy(&x, &bits, 4);
    return x;
}

static inline int32_t largest_of(int32_t a, int32_t b) { return a > b ? a : b; }

CLONES float apus_quantise_weights(const float *w, size_t count, int32_t pair_limit, int8_t *q) {
#pragma clang fp contract(off)
    size_t even = count / 2 * 2;
    int32_t largest = 0, pair = 0, sum = 0;
    for (size_t k = 0; k < even; k += 2) {
        float a = fabsf(w[k]), b = fabsf(w[k + 1]);
        largest = largest_of(largest, largest_of(ordered(a), ordered(b)));
        pair = largest_of(pair, ordered(a + b));
    }
    if (even < count) {
        largest = largest_of(largest, ordered(fabsf(w[even])));
        pair = largest_of(pair, ordered(fabsf(w[even])));
    }
    float unit = fmaxf(from_ordered(largest) / 127.0f, from_ordered(pair) / (float)pair_limit);
    float inverse = unit > 0 ? 1.0f / unit : 0;
    for (size_t k = 0; k < count; k++) {
        float scaled = w[k] * inverse, shifted = scaled + 12582912.0f; // 1.5 · 2^23: adding it rounds, ties to even
        q[k] = (int8_t)(ordered(shifted) - 0x4B400000);
    }
    for (size_t k = 0; k < even; k += 2) {
        int32_t a = q[k], b = q[k + 1];
        sum = largest_of(sum, (a < 0 ? -a : a) + (b < 0 ? -b : b));
    }
    for (size_t k = 0; k < even && sum > pair_limit; k += 2) // both halves of a pair may have been rounded up
        if (abs(q[k]) + abs(q[k + 1]) > pair_limit) {
            int8_t *larger = abs(q[k]) > abs(q[k + 1]) ? q + k : q + k + 1;
            *larger = (int8_t)(*larger - (*larger > 0 ? 1 : -1));
        }
    return unit;
}

int32_t apus_all_finite(const float *values, size_t count) {
    uint32_t bad = 0;
    for (size_t k = 0; k < count; k++) {
        uint32_t bits;
        memcpy(&bits, values + k, 4);
        bad |= (bits & 0x7F800000u) == 0x7F800000u;
    }
    return !bad;
}

size_t apus_list_positive(const float *pooled, const float *bias, size_t count, uint32_t *indices) {
    size_t found = 0;
    if (!indices) {
        for (size_t i = 0; i < count; i++) found += pooled[i] + (bias ? bias[i] : 0) > 0;
        return found;
    }
    for (size_t i = 0; i < count; i++)
        if (pooled[i] + (bias ? bias[i] : 0) > 0) indices[found++] = (uint32_t)i;
    return found;
}
