// TILE_S8_ROWS × 16 outputs at a time, with four products of u8 × s8 per lane and step, by DOT(sums, x, w) of the including
// file, which asks for the next panel with TILE_S8_AHEAD or finds that it is slower for it.
__attribute__((always_inline)) static inline void tile_s8_rows(const int rows, const uint8_t *x, size_t stride,
                                                               const int8_t *panel, size_t depth, int32_t *out) {
    const uint8_t *group[2] = {x, x + 3 * stride}; // three rows per address register
    for (int column = 0; column < APUS_PANEL; column += 16) {
        __m256i a[TILE_S8_ROWS], b[TILE_S8_ROWS];
        UNROLL
        for (int r = 0; r < rows; r++) a[r] = b[r] = _mm256_setzero_si256();
        const int8_t *at = panel + column * 4;
        for (size_t k = 0; k < depth; k += 4, at += 4 * APUS_PANEL) {
            TILE_S8_AHEAD((const char *)at + depth * APUS_PANEL); // the next panel
            __m256i p = _mm256_loadu_si256((const __m256i *)at), q = _mm256_loadu_si256((const __m256i *)(at + 32));
            UNROLL
            for (int r = 0; r < rows; r++) {
                int32_t four;
                memcpy(&four, group[r / 3] + (size_t)(r % 3) * stride + k, 4);
                __m256i v = _mm256_set1_epi32(four);
                a[r] = DOT(a[r], v, p);
                b[r] = DOT(b[r], v, q);
            }
        }
        UNROLL
        for (int r = 0; r < rows; r++) {
            _mm256_storeu_si256((__m256i *)(out + r * APUS_PANEL + column), a[r]);
            _mm256_storeu_si256((__m256i *)(out + r * APUS_PANEL + column + 8), b[r]);
        }
    }
}

static void tile_s8(const uint8_t *x, size_t stride, size_t rows, const int8_t *panel, size_t depth,
                    encoder_units units, float *out) {
    int32_t sums[ENCODER_TILE_ROWS * APUS_PANEL], *to = sums;
    for (size_t left = rows, part; left > 0; left -= part, x += part * stride, to += part * APUS_PANEL) {
        part = encoder_part(left, TILE_S8_ROWS);
        switch (part) {
#if TILE_S8_ROWS == 6
        case 6: tile_s8_rows(6, x, stride, panel, depth, to); break;
        case 5: tile_s8_rows(5, x, stride, panel, depth, to); break;
#endif
        case 4: tile_s8_rows(4, x, stride, panel, depth, to); break;
        case 3: tile_s8_rows(3, x, stride, panel, depth, to); break;
        case 2: tile_s8_rows(2, x, stride, panel, depth, to); break;
        default: tile_s8_rows(1, x, stride, panel, depth, to);
        }
    }
    encoder_dequantise(sums, rows, units, out);
}
