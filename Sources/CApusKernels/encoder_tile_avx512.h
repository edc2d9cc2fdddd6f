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

// bf16 weights against f32 rows, for CPUs without bf16 products: a bf16 is the upper half of an f32.
__attribute__((always_inline)) static inline void tile_widened_rows(const int rows, const float *x, size_t stride,
                                                                    const uint16_t *panel, size_t depth, float *out) {
    const __m512i upper = _mm512_set1_epi32((int32_t)0xFFFF0000);
    __m512 a[ENCODER_TILE_ROWS], b[ENCODER_TILE_ROWS];
    UNROLL
    for (int r = 0; r < rows; r++) a[r] = b[r] = _mm512_setzero_ps();
    for (size_t k = 0; k < depth; k += 2) {
        __m512i p = _mm512_loadu_si512(panel + k * APUS_PANEL), q = _mm512_loadu_si512(panel + k * APUS_PANEL + 32);
        __m512 p0 = _mm512_castsi512_ps(_mm512_slli_epi32(p, 16)), q0 = _mm512_castsi512_ps(_mm512_slli_epi32(q, 16));
        UNROLL
        for (int r = 0; r < rows; r++) {
            __m512 v = _mm512_set1_ps(x[(size_t)r * stride + k]);
            a[r] = _mm512_fmadd_ps(v, p0, a[r]);
            b[r] = _mm512_fmadd_ps(v, q0, b[r]);
        }
        if (k + 1 == depth) break;
        __m512 p1 = _mm512_castsi512_ps(_mm512_and_si512(p, upper)), q1 = _mm512_castsi512_ps(_mm512_and_si512(q, upper));
        UNROLL
        for (int r = 0; r < rows; r++) {
            __m512 v = _mm512_set1_ps(x[(size_t)r * stride + k + 1]);
            a[r] = _mm512_fmadd_ps(v, p1, a[r]);
            b[r] = _mm512_fmadd_ps(v, q1, b[r]);
        }
    }
    UNROLL
    for (int r = 0; r < rows; r++) {
        _mm512_storeu_ps(out + r * APUS_PANEL, a[r]);
        _mm512_storeu_ps(out + r * APUS_PANEL + 16, b[r]);
    }
}

__attribute__((unused)) static void tile_widened(const apus_rows *x, size_t first, size_t rows, const uint16_t *panel,
                                                 size_t depth, float *out) {
    size_t r = 0;
    for (; r + 8 <= rows; r += 8)
        tile_widened_rows(8, x->values + (first + r) * x->stride, x->stride, panel, depth, out + r * APUS_PANEL);
    for (; r + 4 <= rows; r += 4)
        tile_widened_rows(4, x->values + (first + r) * x->stride, x->stride, panel, depth, out + r * APUS_PANEL);
    for (; r < rows; r++)
        tile_widened_rows(1, x->values + (first + r) * x->stride, x->stride, panel, depth, out + r * APUS_PANEL);
}
