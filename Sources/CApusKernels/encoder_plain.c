#include "encoder_variant.h"
#include <math.h>
#include <string.h>

// The fallback for every CPU, and the oracle of the other variants.

static void tile_f32(const float *x, size_t stride, size_t rows, const float *panel, size_t depth, float *out,
                     size_t out_stride) {
    for (size_t r = 0; r < rows; r++) {
        float sum[APUS_PANEL] = {0};
        for (size_t k = 0; k < depth; k++)
            for (size_t c = 0; c < APUS_PANEL; c++) sum[c] += x[r * stride + k] * panel[k * APUS_PANEL + c];
        memcpy(out + r * out_stride, sum, sizeof sum);
    }
}

static void tile_bf16(const apus_rows *x, size_t first, size_t rows, const uint16_t *panel, size_t depth, float *out) {
    for (size_t r = 0; r < rows; r++) {
        const float *in = x->values + (first + r) * x->stride;
        float sum[APUS_PANEL] = {0};
        for (size_t k = 0; k < depth; k++)
            for (size_t c = 0; c < APUS_PANEL; c++) {
                uint32_t bits = (uint32_t)panel[(k / 2 * APUS_PANEL + c) * 2 + k % 2] << 16;
                float weight;
                memcpy(&weight, &bits, 4);
                sum[c] += in[k] * weight;
            }
        memcpy(out + r * APUS_PANEL, sum, sizeof sum);
    }
}

static void tile_s8(const uint8_t *x, size_t stride, size_t rows, const int8_t *panel, size_t depth,
                    encoder_units units, float *out) {
    int32_t sums[ENCODER_TILE_ROWS * APUS_PANEL] = {0};
    for (size_t r = 0; r < rows; r++)
        for (size_t k = 0; k < depth; k += 4)
            for (size_t c = 0; c < APUS_PANEL; c++)
                for (size_t i = 0; i < 4; i++)
                    sums[r * APUS_PANEL + c] += (int32_t)x[r * stride + k + i] * panel[k * APUS_PANEL + c * 4 + i];
    encoder_dequantise(sums, rows, units, out);
}

#define ENCODER_VARIANT encoder_plain
#include "encoder_body.h"
