// Compares each level of the C kernels that this CPU has with the plain one, at sizes around those of tiles and panels.
// Scripts/kernels/check runs it on the CPU at hand, Scripts/kernels/check-aarch64 for 64-bit ARM.
#include "CApusKernels.h"
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static uint64_t state = 17;
static uint32_t random_bits(void) {
    state = state * 6364136223846793005u + 1442695040888963407u;
    return (uint32_t)(state >> 33);
}
static float random_float(void) { return (float)((int32_t)(random_bits() % 20001) - 10000) / 5000.0f; }
static float *floats(size_t count) {
    float *values = malloc((count + 16) * sizeof *values);
    for (size_t i = 0; i < count; i++) values[i] = random_float();
    return values;
}

static int faults;
static void expect(int holds, int32_t level, const char *what, size_t size) {
    if (holds) return;
    faults++;
    printf("%s: %s differs at size %zu\n", apus_level_name(level), what, size);
}
static int close_to(const float *a, const float *b, size_t count, float tolerance) {
    for (size_t i = 0; i < count; i++)
        if (!(fabsf(a[i] - b[i]) <= tolerance * (1 + fabsf(a[i])))) return 0;
    return 1;
}

static void linear(int32_t level, int32_t type, size_t rows, size_t depth) {
    enum { COLUMNS = 64 };
    size_t stride = depth + 3, bytes = (depth + 3) / 4 * 4;
    float *x = floats(rows * stride), *weights = floats(COLUMNS * depth), *bias = floats(COLUMNS);
    float scales[COLUMNS], sums[COLUMNS];
    int32_t whole[32], *zeros = malloc(rows * sizeof *zeros);
    int8_t *s8 = malloc(COLUMNS * depth);
    void *panels = calloc(COLUMNS, (depth + 4) * 4);
    int32_t limit = apus_pair_limit(level);
    for (size_t c = 0; c < COLUMNS; c++) scales[c] = apus_quantise_weights(weights + c * depth, depth, limit, s8 + c * depth);
    for (size_t p = 0; p < COLUMNS / 32; p++) {
        const float *from = weights + p * 32 * depth;
        if (type == APUS_F32) apus_pack_panel_f32(from, 32, depth, (float *)panels + p * 32 * depth);
        if (type == APUS_BF16) apus_pack_panel_bf16(from, 32, depth, (uint16_t *)panels + p * 32 * ((depth + 1) / 2 * 2));
        if (type != APUS_S8) continue;
        apus_pack_panel_s8(s8 + p * 32 * depth, 32, depth, (int8_t *)panels + p * 32 * bytes, whole);
        for (size_t c = 0; c < 32; c++) sums[p * 32 + c] = scales[p * 32 + c] * (float)whole[c];
    }
    size_t q_stride = (bytes + 63) / 64 * 64 * 2;
    uint8_t *q = calloc(rows, q_stride), *rounded = calloc(rows, q_stride);
    float *units = floats(rows);
    apus_quantise_rows(APUS_LEVEL_PLAIN, x, stride, rows, depth, NULL, q, q_stride, units, zeros);
    apus_round_rows(level, x, stride, rows, depth, (uint16_t *)rounded, q_stride);
    apus_linear w = {panels, bias, scales, sums, type == APUS_S8 ? bytes : depth, COLUMNS, type};
    apus_rows left = {x, stride, type == APUS_BF16 ? rounded : q, q_stride, units, zeros, rows};
    uint32_t *texts = malloc(rows * sizeof *texts);
    for (size_t r = 0; r < rows; r++) texts[r] = (uint32_t)(r / 3);
    float *a = floats(rows * COLUMNS), *b = floats(rows * COLUMNS);
    // bf16 products round the activations too.
    float tolerance = type == APUS_BF16 && level == APUS_LEVEL_BF16 ? 0.05f * sqrtf((float)depth) : 1e-4f;
    for (int32_t activation = 0; activation <= APUS_ACTIVATION_RELU; activation++) {
        apus_linear_apply(APUS_LEVEL_PLAIN, &w, &left, activation, a, COLUMNS);
        apus_linear_apply(level, &w, &left, activation, b, COLUMNS);
        expect(close_to(a, b, rows * COLUMNS, tolerance), level, "linear", depth);
    }
    for (size_t i = 0; i < rows * COLUMNS; i++) a[i] = b[i] = -1e9f;
    apus_linear_max(APUS_LEVEL_PLAIN, &w, &left, texts, a, COLUMNS);
    apus_linear_max(level, &w, &left, texts, b, COLUMNS);
    expect(close_to(a, b, rows * COLUMNS, tolerance), level, "linear_max", depth);
    for (int32_t logarithms = 1; logarithms <= 2; logarithms++) {
        memset(a, 0, rows * COLUMNS * sizeof *a);
        memset(b, 0, rows * COLUMNS * sizeof *b);
        apus_linear_sum(APUS_LEVEL_PLAIN, &w, &left, texts, a, COLUMNS, logarithms);
        apus_linear_sum(level, &w, &left, texts, b, COLUMNS, logarithms);
        expect(close_to(a, b, rows * COLUMNS, tolerance), level, "linear_sum", depth);
    }
    free(x), free(weights), free(bias), free(zeros), free(s8), free(panels), free(q), free(rounded), free(units), free(texts);
    free(a), free(b);
}

static void rows_of(int32_t level, size_t rows, size_t width) {
    float *x = floats(rows * width), *y = floats(rows * width), *gamma = floats(width), *beta = floats(width);
    float *a = floats(rows * width), *b = floats(rows * width), *u = floats(rows), *v = floats(rows);
    size_t stride = (width + 3) / 4 * 4;
    uint8_t *p = calloc(rows * 2, stride), *q = calloc(rows * 2, stride);
    int32_t *m = calloc(rows, 4), *n = calloc(rows, 4);
    apus_layer_norm(APUS_LEVEL_PLAIN, x, y, width, rows, width, gamma, beta, 1e-6f, a);
    apus_layer_norm(level, x, y, width, rows, width, gamma, beta, 1e-6f, b);
    expect(close_to(a, b, rows * width, 1e-3f), level, "layer_norm", width);
    apus_rms_norm(APUS_LEVEL_PLAIN, x, width, rows, width, gamma, 1e-6f, a, width);
    apus_rms_norm(level, x, width, rows, width, gamma, 1e-6f, b, width);
    expect(close_to(a, b, rows * width, 1e-4f), level, "rms_norm", width);
    apus_quantise_rows(APUS_LEVEL_PLAIN, x, width, rows, width, NULL, p, stride, u, m);
    apus_quantise_rows(level, x, width, rows, width, NULL, q, stride, v, n);
    int near = close_to(u, v, rows, 1e-6f);
    for (size_t r = 0; r < rows; r++) {
        near &= abs(m[r] - n[r]) <= 1;
        for (size_t k = 0; k < width; k++) near &= abs(p[r * stride + k] - q[r * stride + k]) <= 1;
    }
    expect(near, level, "quantise_rows", width);
    apus_round_rows(APUS_LEVEL_PLAIN, x, width, rows, width, (uint16_t *)p, 2 * stride);
    apus_round_rows(level, x, width, rows, width, (uint16_t *)q, 2 * stride);
    expect(memcmp(p, q, rows * 2 * stride) == 0, level, "round_rows", width);
    memcpy(a, x, rows * width * sizeof *a);
    memcpy(b, x, rows * width * sizeof *b);
    apus_add_rows(APUS_LEVEL_PLAIN, a, width, y, width, rows, width);
    apus_add_rows(level, b, width, y, width, rows, width);
    expect(memcmp(a, b, rows * width * sizeof *a) == 0, level, "add_rows", width);
    for (int32_t gate = 0; gate <= APUS_GATE_SILU; gate++) {
        memcpy(a, x, rows * width * sizeof *a);
        memcpy(b, x, rows * width * sizeof *b);
        apus_gate(APUS_LEVEL_PLAIN, a, width, rows, width / 2, 0, width / 2, gate);
        apus_gate(level, b, width, rows, width / 2, 0, width / 2, gate);
        expect(close_to(a, b, rows * width, 1e-5f), level, "gate", width);
    }
    for (int32_t type = APUS_F32; type <= APUS_S8; type++) {
        apus_convert(APUS_LEVEL_PLAIN, type, p, width, 0.5f, a);
        apus_convert(level, type, p, width, 0.5f, b);
        expect(memcmp(a, b, width * sizeof *a) == 0 || type == APUS_F16 || close_to(a, b, width, 0), level, "convert", width);
    }
    free(x), free(y), free(gamma), free(beta), free(a), free(b), free(u), free(v), free(p), free(q), free(m), free(n);
}

static void attention(int32_t level, size_t tokens, size_t head_size) {
    enum { HEADS = 4, KEYS = 2 };
    size_t width = HEADS * head_size, stride = 3 * width;
    float *qkv = floats(tokens * stride), *a = floats(tokens * width), *b = floats(tokens * width);
    float *scratch = floats(apus_attention_scratch(tokens, head_size));
    apus_attention(APUS_LEVEL_PLAIN, 0, qkv, stride, tokens, HEADS, head_size, a, width, scratch);
    for (int32_t rounded = 0; rounded < 2; rounded++) {
        apus_attention(level, rounded, qkv, stride, tokens, HEADS, head_size, b, width, scratch);
        expect(close_to(a, b, tokens * width, rounded ? 5e-2f : 1e-3f), level, "attention", tokens);
    }
    size_t views[3][2] = {{2, 2}, {SIZE_MAX, 0}, {0, 5}};
    for (int i = 0; i < 3; i++) {
        const float *keys = qkv + width, *values = keys + width;
        apus_window_attention(APUS_LEVEL_PLAIN, 0, qkv, keys, values, stride, tokens, HEADS, KEYS, head_size, views[i][0],
                              views[i][1], a, width, scratch);
        for (int32_t rounded = 0; rounded < 2; rounded++) {
            apus_window_attention(level, rounded, qkv, keys, values, stride, tokens, HEADS, KEYS, head_size, views[i][0],
                                  views[i][1], b, width, scratch);
            expect(close_to(a, b, tokens * width, rounded ? 5e-2f : 1e-3f), level, "window_attention", tokens);
        }
    }
    float *cosines = floats(tokens * head_size), *sines = floats(tokens * head_size);
    float *copy = malloc(tokens * stride * sizeof *copy);
    memcpy(copy, qkv, tokens * stride * sizeof *copy);
    apus_rotate(APUS_LEVEL_PLAIN, qkv, stride, tokens, HEADS, head_size, cosines, sines);
    apus_rotate(level, copy, stride, tokens, HEADS, head_size, cosines, sines);
    expect(close_to(qkv, copy, tokens * stride, 1e-5f), level, "rotate", tokens);
    free(qkv), free(a), free(b), free(scratch), free(cosines), free(sines), free(copy);
}

static void checksums(int32_t level) {
    expect(apus_crc32c_at(level, 0, "123456789", 9) == 0xE3069283u, level, "crc32c", 9); // RFC 3720, B.4
    static uint8_t bytes[40000];
    for (size_t i = 0; i < sizeof bytes; i++) bytes[i] = (uint8_t)random_bits();
    for (size_t count = 0; count < sizeof bytes - 8; count += 1 + count / 7)
        for (size_t start = 0; start < 3; start++)
            expect(apus_crc32c_at(APUS_LEVEL_PLAIN, 7, bytes + start, count) == apus_crc32c_at(level, 7, bytes + start, count),
                   level, "crc32c", count);
}

// The loops that posting kernels are compared with are here.
static void postings(int32_t level) {
    for (uint32_t bits = 0; bits <= 32; bits++) {
        uint8_t packed[128 * 4 + APUS_POSTING_PADDING] = {0};
        uint32_t values[128], found[128];
        for (uint32_t i = 0; i < 128; i++) {
            values[i] = bits == 32 ? random_bits() * 2 + 1 : random_bits() & ((1u << bits) - 1);
            for (uint32_t b = 0; b < bits; b++)
                packed[(i * bits + b) / 8] |= (uint8_t)((values[i] >> b & 1) << ((i * bits + b) % 8));
        }
        apus_unpack(level, packed, bits, 128, found);
        expect(memcmp(values, found, sizeof values) == 0, level, "unpack", bits);
    }
    enum { RANGES = 2048 };
    static uint8_t maxima[3][RANGES];
    static uint16_t bounds[RANGES];
    uint16_t weights[3] = {300, 7, 4000};
    const uint8_t *lists[3] = {maxima[0], maxima[1], maxima[2]};
    for (size_t t = 0; t < 3; t++)
        for (size_t i = 0; i < RANGES; i++) maxima[t][i] = (uint8_t)random_bits();
    apus_dense_bounds(level, lists, weights, 3, 64, RANGES, bounds);
    for (size_t i = 64; i < RANGES; i++) {
        uint32_t sum = 0;
        for (size_t t = 0; t < 3; t++) sum += (uint32_t)maxima[t][i] * weights[t] >> 8;
        expect(bounds[i] == (uint16_t)sum, level, "dense_bounds", i);
    }
    uint32_t values[1000], found[1000];
    size_t count = 0, expected = 0;
    for (size_t i = 0; i < 1000; i++) values[i] = random_bits() << 1;
    count = apus_collect_at_least(level, values, 3, 1000, 0x80000000u, found);
    for (size_t i = 3; i < 1000; i++)
        if (values[i] >= 0x80000000u) expect(found[expected++] == i, level, "collect_at_least", i);
    expect(count == expected, level, "collect_at_least", count);
}

int main(void) {
    static const size_t sizes[] = {1, 2, 3, 4, 5, 7, 8, 12, 13, 24, 31, 32, 33, 64, 100, 384};
    size_t count = sizeof sizes / sizeof *sizes;
    for (int32_t level = 0; level < APUS_LEVELS; level++) {
        if (!apus_has_level(level)) continue;
        for (size_t i = 0; i < count; i++) {
            for (int32_t type = APUS_F32; type <= APUS_S8; type++)
                if (type != APUS_F16)
                    for (size_t rows = 1; rows < 30; rows += 3) linear(level, type, rows, sizes[i]);
            rows_of(level, 5, sizes[i]);
            if (sizes[i] <= 100) attention(level, sizes[i], 16 + 8 * (i % 3));
        }
        checksums(level);
        postings(level);
        printf("%s: compared with plain\n", apus_level_name(level));
    }
    printf("%d differences\n", faults);
    return faults != 0;
}
