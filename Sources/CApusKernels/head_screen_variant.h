#pragma once
#include "encoder_variant.h"
#include "head_screen.h"

// A row of the input and a term whose logit may be positive.
typedef struct {
    uint32_t row, term;
} screen_pair;

typedef struct {
    const apus_screen *screen;
    const apus_linear *full;
    const apus_rows *x;
    const uint32_t *text_of_row;
    float *pooled;
    size_t pooled_stride;
    int32_t level;
    uint8_t *bytes;     // [rows, screen_stride]
    float *turned;      // [rows, rotation.columns]
    screen_pair *pairs; // [screen_pairs]
} screen_work;

// Pairs are multiplied in lots, so that neither they nor the rows of weights leave the caches before.
enum { SCREEN_LOT = 512 };

// Bytes from one row of the screen's input to the next.
static inline size_t screen_stride(const apus_screen *screen) {
    return (screen->rank + APUS_SCREEN_NORMS + 63) / 64 * 64;
}

// A lot, and what one panel may add to it.
static inline size_t screen_pairs(size_t rows) { return SCREEN_LOT + rows * APUS_PANEL; }

// Reads a term's weights from the panels, once for all threads.
void screen_fetch(const screen_work *work, size_t term);

// The weights of a term, [depth].
static inline const int8_t *screen_weights(const screen_work *work, size_t term) {
    const apus_screen *screen = work->screen;
    if (screen->states && __atomic_load_n(screen->states + term, __ATOMIC_ACQUIRE) != 2) screen_fetch(work, term);
    return screen->weights + term * screen->depth;
}

// Appends the pairs of a panel: `left` has a bit for each term that a row leaves.
static inline size_t screen_append(const uint32_t *left, size_t rows, const uint32_t *order, size_t first, screen_pair *pairs) {
    size_t found = 0;
    for (size_t r = 0; r < rows; r++)
        for (uint32_t bits = left[r]; bits; bits &= bits - 1)
            pairs[found++] = (screen_pair){(uint32_t)(first + r), order[__builtin_ctz(bits)]};
    return found;
}

// A case of screen_tile, for a tile of `count` rows.
#define SCREEN_CASE(count) \
    case count: return tile_rows(count, x, stride, panel, rank, thresholds, order, first, pairs);

size_t screen_max_plain(screen_work *work);
#if defined(__x86_64__)
size_t screen_max_avx2(screen_work *work);
size_t screen_max_avxvnni(screen_work *work);
size_t screen_max_avxvnni_evex(screen_work *work);
size_t screen_max_vnni(screen_work *work);
#endif
