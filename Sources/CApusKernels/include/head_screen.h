#pragma once
#include "encoder_kernels.h"

// The screen of a max-pooling language head: of 30,522 terms a token has two or three with a positive logit, and a short product
// that bounds every logit from above finds the hundred or two that may have one. These are multiplied exactly, so that the
// result is that of apus_linear_max, bit for bit, wherever it is positive. What the screen was calibrated on decides how many
// terms are left, never whether one is missed.
//
//     h · w + b = h'₁…ᵣ · w'₁…ᵣ + h'ᵣ₊₁… · w'ᵣ₊₁… + (μ · w + b),   h' = R (h − μ),  w' = R⁻ᵀ w
//     h'₁…ᵣ = s·q + δ,  w'₁…ᵣ = t·p + ε,  q and p whole numbers
//     ≤ s·t·q·p + ‖s·q‖ ‖ε‖ + ‖δ‖ ‖w'₁…ᵣ‖ + ‖h'ᵣ₊₁…‖ ‖w'ᵣ₊₁…‖ + (μ · w + b)         (Cauchy and Schwarz)
//
// The three products of norms are further coordinates of the product of bytes, rounded up; the constant is a threshold for each term.

/// Coordinates behind the rank: the norm of the rest twice (its weight is halved, to fit), of q, of δ.
enum { APUS_SCREEN_NORMS = 4 };

/// A screen for one level.
typedef struct {
    apus_linear rotation;      // h' in its first `depth` columns
    const int8_t *panels;      // s8 [terms / lanes, (rank + 4) / 4, lanes, 4]: p and the weights of the norms
    const int32_t *thresholds; // [terms, padded to 32]: a larger sum may be a positive logit
    const uint32_t *order;     // [terms, padded to 32]: the term of each row of the screen
    int8_t *weights;           // s8 [terms, depth]: the head's own
    uint8_t *states;           // [terms], of `weights`: 0 not read yet, 1 being read, 2 there; null where all are there
    const int8_t *stored;      // s8 [terms, depth]: what a row is quantised from when it is read; null to read the head's panels
    const float *scales;       // [terms], of `stored`
    int32_t pair_limit;        // of quantising `stored`, as apus_quantise_weights has it
    size_t depth;              // inputs
    size_t rank;               // a multiple of 16
    size_t terms;              // padded to 32
    float unit;                // s
    float norms[3];            // the values of one unit of the norms of the rest, of q and of δ
    float most;                // the largest unit of a quantised row whose rounding errors the thresholds allow for
} apus_screen;

/// Terms side by side in a panel of the screen: 8 or 32.
size_t apus_screen_lanes(int32_t level);

/// The largest |q|: 63 where bytes are multiplied in pairs, otherwise 127. A byte holds q + largest + 1.
int32_t apus_screen_half(int32_t level);

/// Bytes of scratch for a number of rows.
size_t apus_screen_scratch(const apus_screen *screen, size_t rows);

/// What apus_screen_max returns, as size_t, where some rows need the panels of a head that came without; it is then called again.
#define APUS_SCREEN_NEEDS_PANELS ((size_t)-1)

/// What apus_linear_max does with `full`, but that a term without a positive logit (bias included) in a text may keep any
/// value up to its largest. Returns how many pairs of row and term were multiplied exactly.
size_t apus_screen_max(int32_t level, const apus_screen *screen, const apus_linear *full, const apus_rows *x,
                       const uint32_t *text_of_row, float *pooled, size_t pooled_stride, void *scratch);

/// The mean [depth] and the covariance [depth, depth] of quantised rows u8 [rows, depth].
void apus_screen_covariance(const uint8_t *q, const float *scales, const int32_t *zeros, size_t rows, size_t depth,
                            double *mean, double *covariance);

/// The second moment [depth, depth] of the weights of a head's first `terms` terms.
void apus_screen_moment(const apus_linear *full, size_t terms, double *moment);

/// out = a · b, all [n, n].
void apus_multiply(const double *a, const double *b, size_t n, double *out);

/// Inverts a matrix [n, n] in place, by Gauss and Jordan with pivots. Returns 0 for one that is singular or nearly so.
int32_t apus_invert(double *matrix, size_t n);

/// What the rows of a screen are made from.
typedef struct {
    const apus_linear *full; // panels of s8
    const double *inverse;   // [depth, depth]: R⁻¹
    const float *mean;       // [depth]: μ
    const float *variances;  // [depth]: of the coordinates of h'
    size_t depth, rank;
    float unit, norms[3];
} apus_screen_source;

/// The rows of `count` terms from `first` on, `rows` s8 [count, rank + 4], and of each term, [count]: the `constants` (μ · w + b), the
/// `steps` (s·t), the `likelihoods` (how often it is left, in some monotone unit). `largest` gets the largest Σ |w| and ‖w'‖ if they are
/// larger than what it holds. Returns 0 where a term cannot be bounded by bytes.
int32_t apus_screen_rows(int32_t level, const apus_screen_source *source, size_t first, size_t count, int8_t *rows,
                         double *constants, double *steps, float *likelihoods, double largest[2]);

/// Packs the rows in the order given into panels, and makes the thresholds, with `slack` for rounding errors; what is missing to a multiple of
/// 32 becomes terms that are never left. `scratch` s8 [32 · (rank + 4)].
void apus_screen_pack(int32_t level, const int8_t *rows, const double *constants, const double *steps, double slack,
                      const uint32_t *order, size_t terms, size_t rank, int8_t *panels, int32_t *thresholds);
