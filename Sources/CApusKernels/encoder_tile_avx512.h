// 12 × 32 outputs in 24 of the 32 registers: two loads of the panel and twelve broadcasts feed 24 multiply-adds, so the
// multipliers and not the load ports are the limit.
__attribute__((always_inline)) static inline void tile_f32_rows(const int rows, const float *x, size_t stride,
                                                                const float *panel, size_t depth, float *out,
                     size_t out_stride) {
    __m512 a[ENCODER_TILE_ROWS], b[ENCODER_TILE_ROWS];
    const float *group[4] = {x, x + 3 * stride, x + 6 * stride, x + 9 * stride}; // three rows per address register
    UNROLL
    for (int r = 0; r < rows; r++) a[r] = b[r] = _mm512_setzero_ps();
    for (size_t k = 0; k < depth; k++) {
        _mm_prefetch((const char *)(panel + (depth + k) * APUS_PANEL), _MM_HINT_T0); // the next panel: a short text
        _mm_prefetch((const char *)(panel + (depth + k) * APUS_PANEL + 16), _MM_HINT_T0); // waits for memory otherwise
        __m512 p = _mm512_loadu_ps(panel + k * APUS_PANEL), q = _mm512_loadu_ps(panel + k * APUS_PANEL + 16);
        UNROLL
        for (int r = 0; r < rows; r++) {
            __m512 v = _mm512_set1_ps(group[r / 3][(size_t)(r % 3) * stride + k]);
            a[r] = _mm512_fmadd_ps(v, p, a[r]);
            b[r] = _mm512_fmadd_ps(v, q, b[r]);
        }
    }
    UNROLL
    for (int r = 0; r < rows; r++) {
        _mm512_storeu_ps(out + r * out_stride, a[r]);
        _mm512_storeu_ps(out + r * out_stride + 16, b[r]);
    }
}

static void tile_f32(const float *x, size_t stride, size_t rows, const float *panel, size_t depth, float *out,
                     size_t out_stride) {
    switch (rows) {
    case 12: tile_f32_rows(12, x, stride, panel, depth, out, out_stride); break;
    case 11: tile_f32_rows(11, x, stride, panel, depth, out, out_stride); break;
    case 10: tile_f32_rows(10, x, stride, panel, depth, out, out_stride); break;
    case 9: tile_f32_rows(9, x, stride, panel, depth, out, out_stride); break;
    case 8: tile_f32_rows(8, x, stride, panel, depth, out, out_stride); break;
    case 7: tile_f32_rows(7, x, stride, panel, depth, out, out_stride); break;
    case 6: tile_f32_rows(6, x, stride, panel, depth, out, out_stride); break;
    case 5: tile_f32_rows(5, x, stride, panel, depth, out, out_stride); break;
    case 4: tile_f32_rows(4, x, stride, panel, depth, out, out_stride); break;
    case 3: tile_f32_rows(3, x, stride, panel, depth, out, out_stride); break;
    case 2: tile_f32_rows(2, x, stride, panel, depth, out, out_stride); break;
    case 1: tile_f32_rows(1, x, stride, panel, depth, out, out_stride); break;
    }
}
