// As body_attention, on queries, keys, weights and values rounded to bf16 and multiplied in pairs, summed as f32.

// bf16 pairs of a row: `count` numbers, and a zero where it is odd.
static void bf16_row(const float *x, size_t count, uint16_t *out) {
    size_t k = 0;
    for (; k + 32 <= count; k += 32)
        _mm512_storeu_si512(out + k, (__m512i)_mm512_cvtne2ps_pbh(_mm512_loadu_ps(x + k + 16), _mm512_loadu_ps(x + k)));
    for (; k < count; k++) out[k] = encoder_bf16_of(x[k]);
    if (count % 2 != 0) out[count] = 0;
}

// The keys [rows ≤ 32, head_size] as one panel [⌈head_size / 2⌉, 32, 2]; `row` holds one of them.
static void bf16_keys(const float *k, size_t stride, size_t rows, size_t head_size, uint16_t *row, uint16_t *panel) {
    size_t steps = (head_size + 1) / 2;
    if (rows < APUS_PANEL) memset(panel, 0, steps * 2 * APUS_PANEL * sizeof *panel);
    for (size_t r = 0; r < rows; r++) {
        bf16_row(k + r * stride, head_size, row);
        for (size_t step = 0; step < steps; step++)
            memcpy(panel + (step * APUS_PANEL + r) * 2, row + 2 * step, 2 * sizeof *panel);
    }
}

// Columns of the values [tokens, columns ≤ 32] as one panel [⌈tokens / 2⌉, 32, 2].
static void bf16_values(const float *v, size_t stride, size_t tokens, size_t columns, uint16_t *panel) {
    __mmask16 low = columns >= 16 ? 0xFFFF : (__mmask16)((1u << columns) - 1);
    __mmask16 high = columns >= 32 ? 0xFFFF : columns > 16 ? (__mmask16)((1u << (columns - 16)) - 1) : 0;
    for (size_t t = 0; t < tokens; t += 2, panel += 2 * APUS_PANEL) {
        const float *even = v + t * stride, *odd = even + stride;
        __mmask16 low_odd = t + 1 < tokens ? low : 0, high_odd = t + 1 < tokens ? high : 0;
        for (size_t half = 0; half < 2; half++) {
            __m512 a = _mm512_maskz_loadu_ps(half ? high : low, even + 16 * half);
            __m512 b = _mm512_maskz_loadu_ps(half ? high_odd : low_odd, odd + 16 * half);
            __m512i first = _mm512_cvtepu16_epi32((__m256i)_mm512_cvtneps_pbh(a));
            __m512i second = _mm512_cvtepu16_epi32((__m256i)_mm512_cvtneps_pbh(b));
            _mm512_storeu_si512(panel + APUS_PANEL * half, _mm512_or_si512(first, _mm512_slli_epi32(second, 16)));
        }
    }
}

static void bf16_attention(const float *queries, const float *all_keys, const float *all_values, size_t stride,
                           size_t tokens, size_t heads, size_t key_heads, size_t head_size, apus_view view,
                           float *context, size_t context_stride, float *scratch) {
    size_t key_panels = (tokens + APUS_PANEL - 1) / APUS_PANEL, padded = key_panels * APUS_PANEL;
    size_t value_panels = (head_size + APUS_PANEL - 1) / APUS_PANEL;
    size_t key_steps = (head_size + 1) / 2, value_steps = (tokens + 1) / 2;
    float *scores = scratch, *tile = scores + ENCODER_TILE_ROWS * padded;
    uint16_t *keys = (uint16_t *)(tile + ENCODER_TILE_ROWS * APUS_PANEL);
    uint16_t *values = keys + key_panels * key_steps * 2 * APUS_PANEL;
    uint16_t *weights = values + value_panels * value_steps * 2 * APUS_PANEL;
    uint16_t *rounded = weights + ENCODER_TILE_ROWS * padded;
    size_t blocks = body_blocks(tokens), rounded_bytes = 2 * key_steps * sizeof *rounded;
    float scale = 1.0f / sqrtf((float)head_size);
    for (size_t head = 0, packed = SIZE_MAX; head < heads; head++) {
        size_t shared = head * key_heads / heads;
        const float *q = queries + head * head_size;
        const float *k = all_keys + shared * head_size, *v = all_values + shared * head_size;
        for (size_t first = 0; first < tokens && shared != packed; first += APUS_PANEL)
            bf16_keys(k + first * stride, stride, tokens - first < APUS_PANEL ? tokens - first : APUS_PANEL, head_size, rounded,
                      keys + first * key_steps * 2);
        for (size_t panel = 0; panel < value_panels && shared != packed; panel++) {
            size_t first = panel * APUS_PANEL;
            bf16_values(v + first, stride, tokens, head_size - first < APUS_PANEL ? head_size - first : APUS_PANEL,
                        values + panel * value_steps * 2 * APUS_PANEL);
        }
        packed = shared;
        for (size_t block = 0, first = 0; block < blocks; block++) {
            size_t end = body_block_end(block, blocks, tokens), rows = end - first;
            size_t low = first > view.before ? (first - view.before) / 2 * 2 : 0;
            size_t high = view.after < tokens - end ? end + view.after : tokens;
            float inverse[ENCODER_TILE_ROWS];
            for (size_t r = 0; r < rows; r++)
                bf16_row(q + (first + r) * stride, head_size, (uint16_t *)((uint8_t *)rounded + r * rounded_bytes));
            for (size_t panel = low / APUS_PANEL; panel * APUS_PANEL < high; panel++)
                tile_rounded((const uint8_t *)rounded, rounded_bytes, rows, keys + panel * key_steps * 2 * APUS_PANEL, key_steps,
                             scores + panel * APUS_PANEL, padded);
            body_weights(scores, padded, first, rows, tokens, low, high, view, scale, inverse);
            for (size_t r = 0; r < rows; r++) bf16_row(scores + r * padded + low, high - low, weights + r * padded);
            for (size_t panel = 0; panel < value_panels; panel++) {
                size_t column = panel * APUS_PANEL;
                size_t columns = head_size - column < APUS_PANEL ? head_size - column : APUS_PANEL;
                tile_rounded((const uint8_t *)weights, padded * sizeof *weights, rows,
                             values + (panel * value_steps + low / 2) * 2 * APUS_PANEL, (high - low + 1) / 2, tile, APUS_PANEL);
                for (size_t r = 0; r < rows; r++) {
                    float *out = context + (first + r) * context_stride + head * head_size + column;
                    for (size_t c = 0; c < columns; c++) out[c] = tile[r * APUS_PANEL + c] * inverse[r];
                }
            }
            first = end;
        }
    }
}
