// As tile_f32, with four products of u8 × s8 per lane and step, by DOT(sums, x, w) of the including file; s32 sums cannot
// overflow below a depth of 65,000.
__attribute__((always_inline)) static inline void tile_s8_rows(const int rows, const uint8_t *x, size_t stride,
                                                               const int8_t *panel, size_t depth,
                                                               encoder_units u, float *out) {
    __m512i a[ENCODER_TILE_ROWS], b[ENCODER_TILE_ROWS];
    const uint8_t *group[4] = {x, x + 3 * stride, x + 6 * stride, x + 9 * stride};
    UNROLL
    for (int r = 0; r < rows; r++) a[r] = b[r] = _mm512_setzero_si512();
    for (size_t k = 0; k < depth; k += 4) {
        _mm_prefetch((const char *)panel + (depth + k) * APUS_PANEL, _MM_HINT_T0); // the next panel, as in tile_f32
        _mm_prefetch((const char *)panel + (depth + k) * APUS_PANEL + 64, _MM_HINT_T0);
        __m512i p = _mm512_loadu_si512(panel + k * APUS_PANEL), q = _mm512_loadu_si512(panel + k * APUS_PANEL + 64);
        UNROLL
        for (int r = 0; r < rows; r++) {
            int32_t four;
            memcpy(&four, group[r / 3] + (size_t)(r % 3) * stride + k, 4);
            __m512i v = _mm512_set1_epi32(four);
            a[r] = DOT(a[r], v, p);
            b[r] = DOT(b[r], v, q);
        }
    }
    __m512 scale_a = _mm512_loadu_ps(u.scales), scale_b = _mm512_loadu_ps(u.scales + 16);
    __m512 weights_a = _mm512_loadu_ps(u.weights), weights_b = _mm512_loadu_ps(u.weights + 16);
    UNROLL
    for (int r = 0; r < rows; r++) {
        __m512 unit = _mm512_set1_ps(u.units[r]), zero = _mm512_set1_ps((float)u.zeros[r]);
        __m512 f = _mm512_fnmadd_ps(zero, weights_a, _mm512_mul_ps(_mm512_cvtepi32_ps(a[r]), scale_a));
        __m512 g = _mm512_fnmadd_ps(zero, weights_b, _mm512_mul_ps(_mm512_cvtepi32_ps(b[r]), scale_b));
        _mm512_storeu_ps(out + r * APUS_PANEL, _mm512_mul_ps(f, unit));
        _mm512_storeu_ps(out + r * APUS_PANEL + 16, _mm512_mul_ps(g, unit));
    }
}

static void tile_s8(const uint8_t *x, size_t stride, size_t rows, const int8_t *panel, size_t depth,
                    encoder_units u, float *out) {
    switch (rows) {
    case 12: tile_s8_rows(12, x, stride, panel, depth, u, out); break;
    case 11: tile_s8_rows(11, x, stride, panel, depth, u, out); break;
    case 10: tile_s8_rows(10, x, stride, panel, depth, u, out); break;
    case 9: tile_s8_rows(9, x, stride, panel, depth, u, out); break;
    case 8: tile_s8_rows(8, x, stride, panel, depth, u, out); break;
    case 7: tile_s8_rows(7, x, stride, panel, depth, u, out); break;
    case 6: tile_s8_rows(6, x, stride, panel, depth, u, out); break;
    case 5: tile_s8_rows(5, x, stride, panel, depth, u, out); break;
    case 4: tile_s8_rows(4, x, stride, panel, depth, u, out); break;
    case 3: tile_s8_rows(3, x, stride, panel, depth, u, out); break;
    case 2: tile_s8_rows(2, x, stride, panel, depth, u, out); break;
    case 1: tile_s8_rows(1, x, stride, panel, depth, u, out); break;
    }
}
