// Included once by each head_screen_<level>.c, after it has defined for its own instruction set
//     SCREEN_LANES, SCREEN_ROWS (rows of a tile), SCREEN_HALF (the largest |q|), SCREEN_MAX (the function's name),
//     static size_t screen_tile(rows, x, stride, panel, rank, thresholds, order, first, pairs)   appends the pairs of one panel
//     static int32_t screen_dot(q, w, depth)   Σ q · w
//     static float screen_logit(work, sum, unit, zero, term)   the logit of such a sum, rounded as the tiles of that level round it
// The loops below are written so that the compiler vectorises them for that target.

// The bytes of one row. Returns 0 where they cannot bound it.
static int body_screen_row(const apus_screen *screen, const float *y, float unit_of_row, uint8_t *to) {
#pragma clang fp reassociate(on)
    const float inverse = 1 / screen->unit, half = SCREEN_HALF, shift = 12582912.0f; // 1.5 · 2^23: adding it rounds
    float size = 0, error = 0, rest = 0;
    for (size_t k = 0; k < screen->rank; k++) {
        float v = y[k] * inverse;
        v = v > half ? half : v;
        v = v < -half ? -half : v;
        union {
            float f;
            int32_t i;
        } m = {v + shift};
        int32_t q = (m.i & 0x7FFFFF) - 0x400000;
        float whole = (float)q, e = y[k] - whole * screen->unit;
        size += whole * whole;
        error += e * e;
        to[k] = (uint8_t)(q + SCREEN_HALF + 1);
    }
    for (size_t k = screen->rank; k < screen->depth; k++) rest += y[k] * y[k];
    const float most = 2 * SCREEN_HALF + 1;
    // The sums of squares are off by less than 1e-4 of themselves.
    float norms[3] = {sqrtf(rest) / screen->norms[0], sqrtf(size) * screen->unit / screen->norms[1],
                      sqrtf(error) / screen->norms[2]};
    int fits = unit_of_row <= screen->most;
    for (size_t i = 0; i < 3; i++) {
        norms[i] = ceilf(norms[i] * 1.0002f);
        fits &= norms[i] <= most; // false for NaN
    }
    for (size_t i = 0; i < APUS_SCREEN_NORMS; i++) to[screen->rank + i] = fits ? (uint8_t)norms[i > 0 ? i - 1 : 0] : 0;
    return fits;
}

// The exact logits of a lot.
static void body_screen_exact(const screen_work *work, const screen_pair *pairs, size_t count) {
    const apus_screen *screen = work->screen;
    size_t depth = screen->depth;
    for (size_t i = 0; i < count; i++) {
        if (i + 8 < count) {
            const char *next = (const char *)screen->weights + (size_t)pairs[i + 8].term * depth;
            for (size_t line = 0; line < depth; line += 64) __builtin_prefetch(next + line);
        }
        size_t row = pairs[i].row, term = pairs[i].term;
        const uint8_t *q = (const uint8_t *)work->x->quantised + row * work->x->quantised_stride;
        int32_t sum = screen_dot(q, screen_weights(work, term), depth);
        float z = screen_logit(work, sum, work->x->scales[row], work->x->zeros[row], term);
        float *largest = work->pooled + work->text_of_row[row] * work->pooled_stride + term;
        if (z > *largest) *largest = z;
    }
}

// Every logit of the rows from `first` on; 0 without panels.
static int body_screen_full(const screen_work *work, size_t first, size_t rows) {
    if (!work->full->panels) return 0;
    const apus_rows *x = work->x;
    apus_rows some = {x->values + first * x->stride, x->stride,
                      (const uint8_t *)x->quantised + first * x->quantised_stride, x->quantised_stride,
                      x->scales + first, x->zeros + first, rows};
    apus_linear_max(work->level, work->full, &some, work->text_of_row + first, work->pooled, work->pooled_stride);
    return 1;
}

size_t SCREEN_MAX(screen_work *work) {
    const apus_screen *screen = work->screen;
    size_t rows = work->x->rows, stride = screen_stride(screen), width = screen->rank + APUS_SCREEN_NORMS;
    size_t refused = 0, refused_rows[16];
    for (size_t r = 0; r < rows; r++) {
        if (body_screen_row(screen, work->turned + r * screen->rotation.columns, work->x->scales[r],
                            work->bytes + r * stride))
            continue;
        // Each row by itself reads all weights.
        if (refused == 16 || refused > rows / 8)
            return body_screen_full(work, 0, rows) ? rows * screen->terms : APUS_SCREEN_NEEDS_PANELS;
        refused_rows[refused++] = r;
    }
    for (size_t i = 0; i < refused; i++)
        if (!body_screen_full(work, refused_rows[i], 1)) return APUS_SCREEN_NEEDS_PANELS;
    size_t blocks = (rows + SCREEN_ROWS - 1) / SCREEN_ROWS, count = 0, all = 0;
    for (size_t column = 0; column < screen->terms; column += SCREEN_LANES) {
        const int8_t *panel = screen->panels + column * width;
        for (size_t block = 0, first = 0; block < blocks; block++) {
            size_t end = (block + 1) * rows / blocks;
            count += screen_tile(end - first, work->bytes + first * stride, stride, panel, screen->rank,
                                 screen->thresholds + column, screen->order + column, first, work->pairs + count);
            first = end;
        }
        if (count < SCREEN_LOT && column + SCREEN_LANES < screen->terms) continue;
        all += count;
        // Here multiplying everything is faster.
        if (all > rows * (screen->terms / 16))
            return body_screen_full(work, 0, rows) ? rows * screen->terms : APUS_SCREEN_NEEDS_PANELS;
        body_screen_exact(work, work->pairs, count);
        count = 0;
    }
    return all;
}
