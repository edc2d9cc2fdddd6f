#include "head_screen_variant.h"
#include <math.h>

// The fallback for every CPU, and the oracle of the other variants.

enum { SCREEN_LANES = APUS_PANEL, SCREEN_ROWS = ENCODER_TILE_ROWS, SCREEN_HALF = 127 };
#define SCREEN_MAX screen_max_plain

static size_t screen_tile(size_t rows, const uint8_t *x, size_t stride, const int8_t *panel, size_t rank,
                          const int32_t *thresholds, const uint32_t *order, size_t first, screen_pair *pairs) {
    size_t found = 0;
    for (size_t r = 0; r < rows; r++)
        for (size_t c = 0; c < SCREEN_LANES; c++) {
            int32_t sum = 0;
            for (size_t k = 0; k < rank + APUS_SCREEN_NORMS; k++)
                sum += (int32_t)x[r * stride + k] * panel[k / 4 * 4 * SCREEN_LANES + c * 4 + k % 4];
            if (sum > thresholds[c]) pairs[found++] = (screen_pair){(uint32_t)(first + r), order[c]};
        }
    return found;
}

static int32_t screen_dot(const uint8_t *q, const int8_t *w, size_t depth) {
    int32_t sum = 0;
    for (size_t k = 0; k < depth; k++) sum += (int32_t)q[k] * w[k];
    return sum;
}

// As encoder_dequantise.
static inline float screen_logit(const screen_work *work, int32_t sum, float unit, int32_t zero, size_t term) {
    return unit * ((float)sum * work->full->scales[term] - (float)zero * work->full->sums[term]);
}

#include "head_screen_body.h"
