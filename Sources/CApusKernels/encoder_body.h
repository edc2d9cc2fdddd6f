// Included once by each encoder_<level>.c, after it has defined for its own instruction set
//     static void tile_f32(x, stride, rows, panel, depth, out, out_stride)   out[rows, 32] = x[rows, depth] · panel
//     static void tile_bf16(x, first, rows, panel, depth, out)   the same on rows first … of x and bf16 weights, out_stride 32
//     static void tile_s8(x, stride, rows, panel, depth, units, out)   the same on u8 × s8, summed as s32, out_stride 32
//     ENCODER_VARIANT, the name of the table, and ENCODER_ROUNDED_ATTENTION where there is a faster one on rounded numbers.
// The loops below are written so that the compiler vectorises them for that target.

typedef struct {
    _Alignas(64) float f[ENCODER_TILE_ROWS * APUS_PANEL];
} encoder_tile;

// Cephes' expf: 2^n · P(r) with |r| ≤ ln 2 / 2; relative error 2e-7. Arguments below −80 count as −80, so that no
// denormal appears, which would be slow.
static inline float body_exp(float x) {
    x = x < -80.0f ? -80.0f : x;
    x = x > 88.0f ? 88.0f : x;
    const float magic = 12582912.0f; // 1.5 · 2^23: adding it rounds to an integer
    float n = (x * 1.44269504088896341f + magic) - magic;
    float r = (x - n * 0.693359375f) + n * 2.12194440e-4f;
    float p = 1.9875691500e-4f;
    p = p * r + 1.3981999507e-3f;
    p = p * r + 8.3334519073e-3f;
    p = p * r + 4.1665795894e-2f;
    p = p * r + 1.6666665459e-1f;
    p = p * r + 5.0000001201e-1f;
    p = p * (r * r) + r + 1.0f;
    union {
        int32_t i;
        float f;
    } power = {((int32_t)n + 127) << 23};
    return p * power.f;
}

// Abramowitz and Stegun 7.1.26, |error| ≤ 1.5e-7, for the tail 1 − erf(|z|); then Φ(x) without cancellation.
static inline float body_gelu(float x) {
    float z = __builtin_fabsf(x) * 0.70710678118654752f;
    float t = 1.0f / (1.0f + 0.3275911f * z);
    float p = 1.061405429f;
    p = p * t - 1.453152027f;
    p = p * t + 1.421413741f;
    p = p * t - 0.284496736f;
    p = p * t + 0.254829592f;
    float half_tail = 0.5f * p * t * body_exp(-z * z);
    return x * (x < 0 ? half_tail : 1.0f - half_tail);
}

static inline float body_gelu_tanh(float x) {
    float u = 0.79788456080286536f * (x + 0.044715f * x * x * x);
    return x - x / (body_exp(2.0f * u) + 1.0f); // 0.5 (1 + tanh u) = 1 − 1 / (e^2u + 1)
}

// Rows are split evenly, so that 14 rows run as 7 + 7 and not as 12 + 2.
static inline size_t body_block_end(size_t block, size_t blocks, size_t rows) { return (block + 1) * rows / blocks; }

static inline size_t body_blocks(size_t rows) { return (rows + ENCODER_TILE_ROWS - 1) / ENCODER_TILE_ROWS; }

static inline void body_product(const apus_linear *w, const apus_rows *x, size_t panel, size_t first, size_t rows,
                                encoder_tile *tile) {
    switch (w->type) {
    case APUS_S8: {
        const int8_t *weights = (const int8_t *)w->panels + panel * w->depth * APUS_PANEL;
        encoder_units units = {x->scales + first, x->zeros + first, w->scales + panel * APUS_PANEL,
                               w->sums + panel * APUS_PANEL};
        tile_s8((const uint8_t *)x->quantised + first * x->quantised_stride, x->quantised_stride, rows, weights,
                w->depth, units, tile->f);
        break;
    }
    case APUS_BF16: {
        const uint16_t *weights = (const uint16_t *)w->panels + panel * ((w->depth + 1) / 2 * 2) * APUS_PANEL;
        tile_bf16(x, first, rows, weights, w->depth, tile->f);
        break;
    }
    default: {
        const float *weights = (const float *)w->panels + panel * w->depth * APUS_PANEL;
        tile_f32(x->values + first * x->stride, x->stride, rows, weights, w->depth, tile->f, APUS_PANEL);
    }
    }
}

static void body_linear(const apus_linear *w, const apus_rows *x, int32_t activation, float *y, size_t y_stride) {
    encoder_tile tile;
    size_t blocks = body_blocks(x->rows);
    for (size_t panel = 0; panel < w->columns / APUS_PANEL; panel++) {
        const float *bias = w->bias + panel * APUS_PANEL;
        for (size_t block = 0, first = 0; block < blocks; block++) {
            size_t end = body_block_end(block, blocks, x->rows);
            body_product(w, x, panel, first, end - first, &tile);
            for (size_t r = 0; r < end - first; r++) {
                float *out = y + (first + r) * y_stride + panel * APUS_PANEL;
                const float *in = tile.f + r * APUS_PANEL;
                switch (activation) {
                case APUS_ACTIVATION_GELU:
                    for (size_t c = 0; c < APUS_PANEL; c++) out[c] = body_gelu(in[c] + bias[c]);
                    break;
                case APUS_ACTIVATION_GELU_TANH:
                    for (size_t c = 0; c < APUS_PANEL; c++) out[c] = body_gelu_tanh(in[c] + bias[c]);
                    break;
                case APUS_ACTIVATION_RELU:
                    for (size_t c = 0; c < APUS_PANEL; c++) out[c] = in[c] + bias[c] > 0 ? in[c] + bias[c] : 0;
                    break;
                default:
                    for (size_t c = 0; c < APUS_PANEL; c++) out[c] = in[c] + bias[c];
                }
            }
            first = end;
        }
    }
}

static void body_linear_max(const apus_linear *w, const apus_rows *x, const uint32_t *text_of_row, float *pooled,
                            size_t pooled_stride) {
    encoder_tile tile;
    size_t blocks = body_blocks(x->rows);
    for (size_t panel = 0; panel < w->columns / APUS_PANEL; panel++)
        for (size_t block = 0, first = 0; block < blocks; block++) {
            size_t end = body_block_end(block, blocks, x->rows);
            body_product(w, x, panel, first, end - first, &tile);
            for (size_t r = 0; r < end - first;) { // one run of rows per text
                uint32_t text = text_of_row[first + r];
                float *out = pooled + text * pooled_stride + panel * APUS_PANEL;
                float largest[APUS_PANEL];
                memcpy(largest, out, sizeof largest);
                for (; r < end - first && text_of_row[first + r] == text; r++)
                    for (size_t c = 0; c < APUS_PANEL; c++) {
                        float z = tile.f[r * APUS_PANEL + c];
                        largest[c] = z > largest[c] ? z : largest[c];
                    }
                memcpy(out, largest, sizeof largest);
            }
            first = end;
        }
}

static void body_linear_sum(const apus_linear *w, const apus_rows *x, const uint32_t *text_of_row, float *pooled,
                            size_t pooled_stride, int32_t logarithms) {
    encoder_tile tile;
    size_t blocks = body_blocks(x->rows);
    for (size_t panel = 0; panel < w->columns / APUS_PANEL; panel++) {
        const float *bias = w->bias + panel * APUS_PANEL;
        for (size_t block = 0, first = 0; block < blocks; block++) {
            size_t end = body_block_end(block, blocks, x->rows);
            body_product(w, x, panel, first, end - first, &tile);
            for (size_t r = 0; r < end - first; r++) {
                float *out = pooled + text_of_row[first + r] * pooled_stride + panel * APUS_PANEL;
                for (size_t c = 0; c < APUS_PANEL; c++) {
                    // Few logits are positive, so the library's log1p is fast enough.
                    float z = tile.f[r * APUS_PANEL + c] + bias[c];
                    if (!(z > 0)) continue;
                    for (int32_t l = 0; l < logarithms; l++) z = log1pf(z);
                    out[c] += z;
                }
            }
            first = end;
        }
    }
}

// max(least, sign · x[k]). Sixteen running maxima, because the compiler may not reorder a single one.
static inline float body_maximum(const float *x, size_t count, float sign, float least) {
    float lanes[16], largest = least;
    for (size_t i = 0; i < 16; i++) lanes[i] = least;
    size_t whole = count / 16 * 16;
    for (size_t k = 0; k < whole; k += 16)
        for (size_t i = 0; i < 16; i++) lanes[i] = sign * x[k + i] > lanes[i] ? sign * x[k + i] : lanes[i];
    for (size_t i = 0; i < 16; i++) largest = lanes[i] > largest ? lanes[i] : largest;
    for (size_t k = whole; k < count; k++) largest = sign * x[k] > largest ? sign * x[k] : largest;
    return largest;
}

// The range of x[k], or of shares[k] · x[k], widened to hold 0.
__attribute__((always_inline)) static inline void body_range(const float *x, const float *shares, size_t count, float *low, float *high) {
    float least[16] = {0}, most[16] = {0};
    size_t whole = count / 16 * 16;
    for (size_t k = 0; k < whole; k += 16)
        for (size_t i = 0; i < 16; i++) {
            float v = shares ? x[k + i] * shares[k + i] : x[k + i];
            least[i] = v < least[i] ? v : least[i];
            most[i] = v > most[i] ? v : most[i];
        }
    for (size_t k = whole; k < count; k++) {
        float v = shares ? x[k] * shares[k] : x[k];
        least[0] = v < least[0] ? v : least[0];
        most[0] = v > most[0] ? v : most[0];
    }
    *low = *high = 0;
    for (size_t i = 0; i < 16; i++) {
        *low = least[i] < *low ? least[i] : *low;
        *high = most[i] > *high ? most[i] : *high;
    }
}

// Divides the integer of each split channel evenly among its bytes; the rounding error stays that of one byte. The sum t of n
// bytes is Σ ⌊(t + n − 1 − i) / n⌋ over its bytes i; t < 2^16, so the quotient is off by far less than the half that is added.
static inline size_t body_split_row(const float *x, size_t depth, const apus_split *split, float inverse, int32_t zero,
                                    uint8_t *out) {
    enum { LOT = 64 };
    size_t all = split->count + split->further;
    for (size_t at = 0; at < all; at += LOT) {
        size_t some = all - at < LOT ? all - at : LOT;
        float values[LOT];
        uint8_t bytes[LOT];
        for (size_t i = 0; i < some; i++) values[i] = x[split->channels[at + i]];
        for (size_t i = 0; i < some; i++) {
            float v = values[i] * inverse, copies = split->copies[at + i], most = 255 * copies;
            float total = (float)(int32_t)(v < 0 ? v - 0.5f : v + 0.5f) + (float)zero * copies;
            total = total < 0 ? 0 : total > most ? most : total;
            bytes[i] = (uint8_t)(int32_t)((total + split->places[at + i] + 0.5f) / copies);
        }
        size_t own = at < split->count ? split->count - at < some ? split->count - at : some : 0;
        for (size_t i = 0; i < own; i++) out[split->channels[at + i]] = bytes[i];
        if (own < some) memcpy(out + depth + (at + own - split->count), bytes + own, some - own);
    }
    return depth + split->further;
}

static void body_quantise_rows(const float *x, size_t stride, size_t rows, size_t depth, const apus_split *split,
                               uint8_t *q, size_t q_stride, float *scales, int32_t *zeros) {
#pragma clang fp reassociate(on)
    for (size_t r = 0; r < rows; r++) {
        const float *in = x + r * stride;
        uint8_t *out = q + r * q_stride;
        float low, high;
        if (split)
            body_range(in, split->shares, depth, &low, &high);
        else
            body_range(in, NULL, depth, &low, &high);
        float range = high - low, inverse = range > 0 ? 255.0f / range : 0;
        float zero = (float)(int32_t)(0.5f - low * inverse);
        scales[r] = range / 255.0f;
        zeros[r] = (int32_t)zero;
        const float shift = 12582912.0f; // 1.5 · 2^23: adding it rounds to an integer, left in the low mantissa bits
        float offset = shift + zero;
        for (size_t k = 0; k < depth; k++) {
            union {
                float f;
                int32_t i;
            } v = {in[k] * inverse + offset};
            int32_t q = v.i & 0x3FF; // 0…256: rounding may step one over the end
            out[k] = (uint8_t)(q > 255 ? 255 : q);
        }
        size_t filled = split ? body_split_row(in, depth, split, inverse, zeros[r], out) : depth;
        for (; filled % 4 != 0; filled++) out[filled] = 0;
    }
}

static void body_round_rows(const float *x, size_t stride, size_t rows, size_t depth, uint16_t *out,
                            size_t out_stride) {
    for (size_t r = 0; r < rows; r++) {
        const float *in = x + r * stride;
        uint16_t *to = (uint16_t *)((uint8_t *)out + r * out_stride);
        for (size_t k = 0; k < depth; k++) to[k] = encoder_bf16_of(in[k]);
        if (depth % 2 != 0) to[depth] = 0;
    }
}

static void body_layer_norm(const float *x, const float *residual, size_t stride, size_t rows, size_t width,
                            const float *gamma, const float *beta, float epsilon, float *y) {
#pragma clang fp reassociate(on)
    for (size_t r = 0; r < rows; r++) {
        const float *in = x + r * stride, *add = residual ? residual + r * stride : NULL;
        float *out = y + r * stride;
        float sum = 0, squares = 0;
        if (add) {
            for (size_t k = 0; k < width; k++) sum += out[k] = in[k] + add[k];
        } else {
            for (size_t k = 0; k < width; k++) sum += out[k] = in[k];
        }
        float mean = sum / (float)width;
        for (size_t k = 0; k < width; k++) squares += (out[k] - mean) * (out[k] - mean);
        float inverse = 1.0f / sqrtf(squares / (float)width + epsilon);
        for (size_t k = 0; k < width; k++) out[k] = (out[k] - mean) * inverse * gamma[k] + beta[k];
    }
}

// In place: scores become exp(scale · (score − maximum)).
// Returns their sum; dividing the few sums of values by it costs less than dividing every score.
static inline float body_exponentials(float *scores, size_t count, float scale) {
#pragma clang fp reassociate(on)
    float largest = body_maximum(scores, count, 1, scores[0]), sum = 0;
    for (size_t k = 0; k < count; k++) {
        scores[k] = body_exp((scores[k] - largest) * scale);
        sum += scores[k];
    }
    return sum;
}

// Scores outside the view are never looked at: their weights are 0.
static void body_weights(float *scores, size_t padded, size_t first, size_t rows, size_t tokens, size_t low, size_t high,
                         apus_view view, float scale, float *inverse) {
    for (size_t r = 0; r < rows; r++) {
        size_t token = first + r;
        size_t from = token > view.before ? token - view.before : 0;
        size_t to = view.after < tokens - 1 - token ? token + view.after + 1 : tokens;
        float *row = scores + r * padded;
        inverse[r] = 1.0f / body_exponentials(row + from, to - from, scale);
        if (from > low) memset(row + low, 0, (from - low) * sizeof(float));
        if (high > to) memset(row + to, 0, (high - to) * sizeof(float));
    }
}

// Keys and values of a head become panels, so both products run on the same tile as the linear layers; the scores of
// only one block of queries exist at a time, and only of the keys that one of them sees. Heads that share keys share panels.
static void body_attention(const float *queries, const float *all_keys, const float *all_values, size_t stride,
                           size_t tokens, size_t heads, size_t key_heads, size_t head_size, apus_view view,
                           float *context, size_t context_stride, float *scratch) {
    size_t key_panels = (tokens + APUS_PANEL - 1) / APUS_PANEL;
    size_t value_panels = (head_size + APUS_PANEL - 1) / APUS_PANEL;
    float *keys = scratch, *values = keys + key_panels * head_size * APUS_PANEL;
    float *scores = values + value_panels * tokens * APUS_PANEL;
    float *tile = scores + ENCODER_TILE_ROWS * key_panels * APUS_PANEL;
    size_t blocks = body_blocks(tokens), padded = key_panels * APUS_PANEL;
    float scale = 1.0f / sqrtf((float)head_size);
    for (size_t head = 0, packed = SIZE_MAX; head < heads; head++) {
        size_t shared = head * key_heads / heads;
        const float *q = queries + head * head_size;
        const float *k = all_keys + shared * head_size, *v = all_values + shared * head_size;
        for (size_t panel = 0; panel < key_panels && shared != packed; panel++) {
            size_t first = panel * APUS_PANEL, rows = tokens - first < APUS_PANEL ? tokens - first : APUS_PANEL;
            float *out = keys + panel * head_size * APUS_PANEL;
            if (rows < APUS_PANEL) memset(out, 0, head_size * APUS_PANEL * sizeof(float));
            for (size_t r = 0; r < rows; r++)
                for (size_t d = 0; d < head_size; d++) out[d * APUS_PANEL + r] = k[(first + r) * stride + d];
        }
        for (size_t panel = 0; panel < value_panels && shared != packed; panel++) {
            size_t first = panel * APUS_PANEL;
            size_t columns = head_size - first < APUS_PANEL ? head_size - first : APUS_PANEL;
            float *out = values + panel * tokens * APUS_PANEL;
            for (size_t t = 0; t < tokens; t++) {
                memcpy(out + t * APUS_PANEL, v + t * stride + first, columns * sizeof(float));
                memset(out + t * APUS_PANEL + columns, 0, (APUS_PANEL - columns) * sizeof(float));
            }
        }
        packed = shared;
        for (size_t block = 0, first = 0; block < blocks; block++) {
            size_t end = body_block_end(block, blocks, tokens), rows = end - first;
            size_t low = first > view.before ? first - view.before : 0;
            size_t high = view.after < tokens - end ? end + view.after : tokens;
            float inverse[ENCODER_TILE_ROWS];
            for (size_t panel = low / APUS_PANEL; panel * APUS_PANEL < high; panel++)
                tile_f32(q + first * stride, stride, rows, keys + panel * head_size * APUS_PANEL, head_size,
                         scores + panel * APUS_PANEL, padded);
            body_weights(scores, padded, first, rows, tokens, low, high, view, scale, inverse);
            for (size_t panel = 0; panel < value_panels; panel++) {
                size_t column = panel * APUS_PANEL;
                size_t columns = head_size - column < APUS_PANEL ? head_size - column : APUS_PANEL;
                tile_f32(scores + low, padded, rows, values + (panel * tokens + low) * APUS_PANEL, high - low, tile,
                         APUS_PANEL);
                for (size_t r = 0; r < rows; r++) {
                    float *out = context + (first + r) * context_stride + head * head_size + column;
                    for (size_t c = 0; c < columns; c++) out[c] = tile[r * APUS_PANEL + c] * inverse[r];
                }
            }
            first = end;
        }
    }
}

#include "rotary_body.h"

static void body_convert(int32_t type, const void *src, size_t count, float scale, float *dst) {
    switch (type) {
    case APUS_F32:
        for (size_t k = 0; k < count; k++) dst[k] = ((const float *)src)[k] * scale;
        break;
    case APUS_F16:
        for (size_t k = 0; k < count; k++) dst[k] = (float)((const _Float16 *)src)[k] * scale;
        break;
    case APUS_BF16:
        for (size_t k = 0; k < count; k++) {
            union {
                uint32_t i;
                float f;
            } v = {(uint32_t)((const uint16_t *)src)[k] << 16};
            dst[k] = v.f * scale;
        }
        break;
    default:
        for (size_t k = 0; k < count; k++) dst[k] = (float)((const int8_t *)src)[k] * scale;
    }
}

const encoder_variant ENCODER_VARIANT = {
    .linear = body_linear,
    .linear_max = body_linear_max,
    .linear_sum = body_linear_sum,
    .quantise_rows = body_quantise_rows,
    .round_rows = body_round_rows,
    .layer_norm = body_layer_norm,
    .attention = body_attention,
#ifdef ENCODER_ROUNDED_ATTENTION
    .rounded_attention = ENCODER_ROUNDED_ATTENTION,
#else
    .rounded_attention = body_attention,
#endif
    .rotate = body_rotate,
    .rms_norm = body_rms_norm,
    .gate = body_gate,
    .add_rows = body_add_rows,
    .convert = body_convert,
};
