// 6 × 16 outputs in 12 of the 16 registers.
__attribute__((always_inline)) static inline void tile_f32_rows(const int rows, const float *x, size_t stride,
                                                                const float *panel, size_t depth, float *out,
                     size_t out_stride) {
    for (int half = 0; half < APUS_PANEL; half += 16) {
        __m256 a[6], b[6];
        UNROLL
        for (int r = 0; r < rows; r++) a[r] = b[r] = _mm256_setzero_ps();
        for (size_t k = 0; k < depth; k++) {
            __m256 p = _mm256_loadu_ps(panel + k * APUS_PANEL + half);
            __m256 q = _mm256_loadu_ps(panel + k * APUS_PANEL + half + 8);
            UNROLL
            for (int r = 0; r < rows; r++) {
                __m256 v = _mm256_broadcast_ss(x + r * stride + k);
                a[r] = _mm256_fmadd_ps(v, p, a[r]);
                b[r] = _mm256_fmadd_ps(v, q, b[r]);
            }
        }
        UNROLL
        for (int r = 0; r < rows; r++) {
            _mm256_storeu_ps(out + r * out_stride + half, a[r]);
            _mm256_storeu_ps(out + r * out_stride + half + 8, b[r]);
        }
    }
}

static void tile_f32(const float *x, size_t stride, size_t rows, const float *panel, size_t depth, float *out,
                     size_t out_stride) {
    for (size_t part; rows > 0; rows -= part, x += part * stride, out += part * out_stride) {
        part = encoder_part(rows, 6);
        switch (part) {
        case 6: tile_f32_rows(6, x, stride, panel, depth, out, out_stride); break;
        case 5: tile_f32_rows(5, x, stride, panel, depth, out, out_stride); break;
        case 4: tile_f32_rows(4, x, stride, panel, depth, out, out_stride); break;
        case 3: tile_f32_rows(3, x, stride, panel, depth, out, out_stride); break;
        case 2: tile_f32_rows(2, x, stride, panel, depth, out, out_stride); break;
        default: tile_f32_rows(1, x, stride, panel, depth, out, out_stride);
        }
    }
}

// a, b += x[…, k] · 16 weights, for one of a pair of bf16 inputs. A bf16 is the upper half of an f32, so a shift or a mask unpacks it.
#define BF16_STEP(k, unpack)                                                                       \
    do {                                                                                           \
        __m256 p = _mm256_castsi256_ps(unpack(_mm256_loadu_si256(at)));                            \
        __m256 q = _mm256_castsi256_ps(unpack(_mm256_loadu_si256(at + 1)));                        \
        UNROLL                                                                                     \
        for (int r = 0; r < rows; r++) {                                                           \
            __m256 v = _mm256_broadcast_ss(x + r * stride + (k));                                  \
            a[r] = _mm256_fmadd_ps(v, p, a[r]);                                                    \
            b[r] = _mm256_fmadd_ps(v, q, b[r]);                                                    \
        }                                                                                          \
    } while (0)
#define BF16_LOWER(pair) _mm256_slli_epi32(pair, 16)
#define BF16_UPPER(pair) _mm256_and_si256(pair, upper)

// As tile_f32 on half as many bytes; unpacking takes the registers of two rows.
__attribute__((always_inline)) static inline void tile_bf16_rows(const int rows, const float *x, size_t stride,
                                                                 const uint16_t *panel, size_t depth, float *out) {
    const __m256i upper = _mm256_set1_epi32((int32_t)0xFFFF0000);
    for (int half = 0; half < APUS_PANEL; half += 16) {
        __m256 a[4], b[4];
        UNROLL
        for (int r = 0; r < rows; r++) a[r] = b[r] = _mm256_setzero_ps();
        const __m256i *at = (const __m256i *)(panel + 2 * (size_t)half);
        size_t k = 0;
        for (; k + 2 <= depth; k += 2, at += 2 * APUS_PANEL * sizeof(uint16_t) / sizeof *at) {
            BF16_STEP(k, BF16_LOWER);
            BF16_STEP(k + 1, BF16_UPPER);
        }
        if (k < depth) BF16_STEP(k, BF16_LOWER);
        UNROLL
        for (int r = 0; r < rows; r++) {
            _mm256_storeu_ps(out + r * APUS_PANEL + half, a[r]);
            _mm256_storeu_ps(out + r * APUS_PANEL + half + 8, b[r]);
        }
    }
}

static void tile_bf16(const apus_rows *rows_of, size_t first, size_t rows, const uint16_t *panel, size_t depth,
                      float *out) {
    size_t stride = rows_of->stride;
    const float *x = rows_of->values + first * stride;
    for (size_t part; rows > 0; rows -= part, x += part * stride, out += part * APUS_PANEL) {
        part = encoder_part(rows, 4);
        switch (part) {
        case 4: tile_bf16_rows(4, x, stride, panel, depth, out); break;
        case 3: tile_bf16_rows(3, x, stride, panel, depth, out); break;
        case 2: tile_bf16_rows(2, x, stride, panel, depth, out); break;
        default: tile_bf16_rows(1, x, stride, panel, depth, out);
        }
    }
}
