#include "head_screen.h"
#include "head_screen_variant.h"
#include <math.h>
#include <sched.h>
#include <string.h>

// How a screen is made; what it does is in head_screen_<level>.c.

static int is_paired(int32_t level) { return level == APUS_LEVEL_AVX2 || level == APUS_LEVEL_AVX512; }

size_t apus_screen_lanes(int32_t level) { return is_paired(level) ? 8 : APUS_PANEL; }

int32_t apus_screen_half(int32_t level) { return is_paired(level) ? 63 : 127; }

static size_t aligned(size_t bytes) { return (bytes + 63) / 64 * 64; }

size_t apus_screen_scratch(const apus_screen *screen, size_t rows) {
    return aligned((rows + 1) * screen_stride(screen)) + aligned(rows * screen->rotation.columns * sizeof(float)) +
           aligned(sizeof(screen_pair) * screen_pairs(rows));
}

size_t apus_screen_max(int32_t level, const apus_screen *screen, const apus_linear *full, const apus_rows *x,
                       const uint32_t *text_of_row, float *pooled, size_t pooled_stride, void *scratch) {
    screen_work work = {.screen = screen, .full = full, .x = x, .text_of_row = text_of_row, .pooled = pooled,
                        .pooled_stride = pooled_stride, .level = level, .bytes = scratch};
    work.turned = (float *)(work.bytes + aligned((x->rows + 1) * screen_stride(screen)));
    work.pairs = (screen_pair *)((char *)work.turned + aligned(x->rows * screen->rotation.columns * sizeof(float)));
    apus_linear_apply(level, &screen->rotation, x, APUS_ACTIVATION_NONE, work.turned, screen->rotation.columns);
#if defined(__x86_64__)
    if (is_paired(level)) return screen_max_avx2(&work);
    if (level == APUS_LEVEL_AVXVNNI) return apus_encodes_avx_vnni ? screen_max_avxvnni(&work) : screen_max_avxvnni_evex(&work);
    if (level == APUS_LEVEL_VNNI || level == APUS_LEVEL_BF16) return screen_max_vnni(&work);
#endif
    return screen_max_plain(&work);
}

// moment += Σ xᵀ x over four rows, the lower triangle.
CLONES static void add_products(const double *x, size_t n, double *moment) {
#pragma clang fp contract(fast)
    for (size_t i = 0; i < n; i++) {
        double a = x[i], b = x[n + i], c = x[2 * n + i], d = x[3 * n + i], *row = moment + i * n;
        for (size_t j = 0; j <= i; j++) row[j] += a * x[j] + b * x[n + j] + c * x[2 * n + j] + d * x[3 * n + j];
    }
}

static void end_products(double *moment, size_t n, size_t rows) {
    for (size_t i = 0; i < n; i++)
        for (size_t j = 0; j <= i; j++) moment[i * n + j] = moment[j * n + i] = moment[i * n + j] / (double)rows;
}

void apus_screen_covariance(const uint8_t *q, const float *scales, const int32_t *zeros, size_t rows, size_t depth,
                            double *mean, double *covariance) {
    double x[4 * depth];
    memset(mean, 0, depth * sizeof(double));
    memset(covariance, 0, depth * depth * sizeof(double));
    for (size_t r = 0; r < rows; r++)
        for (size_t k = 0; k < depth; k++) mean[k] += (double)scales[r] * (q[r * depth + k] - zeros[r]) / (double)rows;
    for (size_t first = 0; first < rows; first += 4) {
        memset(x, 0, sizeof x);
        for (size_t r = first; r < rows && r < first + 4; r++)
            for (size_t k = 0; k < depth; k++)
                x[(r - first) * depth + k] = (double)scales[r] * (q[r * depth + k] - zeros[r]) - mean[k];
        add_products(x, depth, covariance);
    }
    end_products(covariance, depth, rows);
}

// A head's own row of weights, out of its panels.
static void read_row(const apus_linear *full, size_t term, int8_t *row) {
    const int8_t *from = (const int8_t *)full->panels + term / APUS_PANEL * full->depth * APUS_PANEL;
    from += term % APUS_PANEL * 4;
    for (size_t k = 0; k < full->depth; k++) row[k] = from[k / 4 * 4 * APUS_PANEL + k % 4];
}

// The same from the row as the model stores it, without panels.
static void quantise_stored(const apus_screen *screen, size_t term, int8_t *row) {
#pragma clang fp contract(off)
    const int8_t *stored = screen->stored + term * screen->depth;
    float scale = screen->scales[term], w[screen->depth];
    for (size_t k = 0; k < screen->depth; k++) w[k] = (float)stored[k] * scale;
    apus_quantise_weights(w, screen->depth, screen->pair_limit, row);
}

void screen_fetch(const screen_work *work, size_t term) {
    const apus_screen *screen = work->screen;
    uint8_t *state = screen->states + term, none = 0;
    if (__atomic_compare_exchange_n(state, &none, 1, 0, __ATOMIC_ACQUIRE, __ATOMIC_ACQUIRE)) {
        int8_t *row = screen->weights + term * screen->depth;
        if (screen->stored) quantise_stored(screen, term, row);
        else read_row(work->full, term, row);
        __atomic_store_n(state, 2, __ATOMIC_RELEASE);
    }
    while (__atomic_load_n(state, __ATOMIC_ACQUIRE) != 2) sched_yield();
}

void apus_screen_moment(const apus_linear *full, size_t terms, double *moment) {
    size_t n = full->depth;
    double x[4 * n];
    int8_t row[n];
    memset(moment, 0, n * n * sizeof(double));
    for (size_t first = 0; first < terms; first += 4) {
        memset(x, 0, sizeof x);
        for (size_t term = first; term < terms && term < first + 4; term++) {
            read_row(full, term, row);
            for (size_t k = 0; k < n; k++) x[(term - first) * n + k] = row[k] * (double)full->scales[term];
        }
        add_products(x, n, moment);
    }
    end_products(moment, n, terms);
}

CLONES void apus_multiply(const double *a, const double *b, size_t n, double *out) {
#pragma clang fp contract(fast)
    memset(out, 0, n * n * sizeof(double));
    for (size_t i = 0; i < n; i++)
        for (size_t k = 0; k < n; k++) {
            double factor = a[i * n + k];
            for (size_t j = 0; j < n; j++) out[i * n + j] += factor * b[k * n + j];
        }
}

int32_t apus_invert(double *a, size_t n) {
    double largest = 0;
    for (size_t i = 0; i < n * n; i++) largest = fmax(largest, fabs(a[i]));
    size_t pivots[n];
    for (size_t k = 0; k < n; k++) {
        size_t pivot = k;
        for (size_t i = k + 1; i < n; i++)
            if (fabs(a[i * n + k]) > fabs(a[pivot * n + k])) pivot = i;
        if (!(fabs(a[pivot * n + k]) > 1e-9 * largest)) return 0;
        pivots[k] = pivot;
        double *row = a + k * n, *other = a + pivot * n;
        if (pivot != k)
            for (size_t j = 0; j < n; j++) {
                double t = row[j];
                row[j] = other[j];
                other[j] = t;
            }
        double inverse = 1 / row[k];
        row[k] = 1;
        for (size_t j = 0; j < n; j++) row[j] *= inverse;
        for (size_t i = 0; i < n; i++) {
            double *to = a + i * n, factor = to[k];
            if (i == k || factor == 0) continue;
            to[k] = 0;
            for (size_t j = 0; j < n; j++) to[j] -= factor * row[j];
        }
    }
    for (size_t k = n; k-- > 0;)
        if (pivots[k] != k)
            for (size_t i = 0; i < n; i++) {
                double t = a[i * n + k];
                a[i * n + k] = a[i * n + pivots[k]];
                a[i * n + pivots[k]] = t;
            }
    return 1;
}

// Four rows at a time: w'[k] = Σ_j w[j] · R⁻¹[j, k].
CLONES static void turn_rows(const double *w, size_t n, const double *inverse, double *out) {
#pragma clang fp contract(fast)
    memset(out, 0, 4 * n * sizeof(double));
    for (size_t j = 0; j < n; j++) {
        const double *row = inverse + j * n;
        double a = w[j], b = w[n + j], c = w[2 * n + j], d = w[3 * n + j];
        for (size_t k = 0; k < n; k++) {
            out[k] += a * row[k];
            out[n + k] += b * row[k];
            out[2 * n + k] += c * row[k];
            out[3 * n + k] += d * row[k];
        }
    }
}

// Products of four steps are summed in 16 bits where bytes are multiplied in pairs: eight products a lane.
static double group_limit(const double *w, size_t rank) {
    double largest = 0;
    for (size_t k = 0; k < rank; k += 16)
        for (size_t lane = 0; lane < 2; lane++) {
            double sum = 0;
            for (size_t step = 0; step < 4; step++)
                for (size_t i = 0; i < 2; i++) sum += fabs(w[k + 4 * step + 2 * lane + i]);
            largest = fmax(largest, sum);
        }
    return largest / 257;
}

// The same of whole numbers; rounding may have carried a group over the limit.
static int fits_groups(const int8_t *p, size_t rank) {
    for (size_t k = 0; k < rank; k += 16)
        for (size_t lane = 0; lane < 2; lane++) {
            int32_t sum = 0;
            for (size_t step = 0; step < 4; step++)
                for (size_t i = 0; i < 2; i++) {
                    int32_t v = p[k + 4 * step + 2 * lane + i];
                    sum += v < 0 ? -v : v;
                }
            if (sum > 257) return 0;
        }
    return 1;
}

// One row of the screen from w'. Returns t, 0 where no step does.
static double quantise_row(int paired, const apus_screen_source *of, const double *w, int8_t *p) {
    double largest = 0, size = 0, rest = 0;
    for (size_t k = 0; k < of->rank; k++) {
        largest = fmax(largest, fabs(w[k]));
        size += w[k] * w[k];
    }
    for (size_t k = of->rank; k < of->depth; k++) rest += w[k] * w[k];
    double step = largest / 127;
    if (paired) step = fmax(step, group_limit(w, of->rank) * 1.02);
    if (!(step > 0)) step = 1;
    for (int round = 0; round < 40; round++) {
        double error = 0;
        for (size_t k = 0; k < of->rank; k++) {
            double v = rint(w[k] / step), e;
            v = v > 127 ? 127 : v < -127 ? -127 : v;
            e = w[k] - v * step;
            error += e * e;
            p[k] = (int8_t)v;
        }
        double norms[APUS_SCREEN_NORMS] = {sqrt(rest) / 2 * of->norms[0], sqrt(rest) / 2 * of->norms[0],
                                           sqrt(error) * of->norms[1], sqrt(size) * of->norms[2]};
        double over = 0;
        for (size_t i = 0; i < APUS_SCREEN_NORMS; i++) {
            norms[i] = ceil(norms[i] * 1.0001 / (of->unit * step));
            over = fmax(over, norms[i] / 127);
        }
        if (over <= 1 && (!paired || fits_groups(p, of->rank))) {
            for (size_t i = 0; i < APUS_SCREEN_NORMS; i++) p[of->rank + i] = (int8_t)norms[i];
            return step;
        }
        step *= fmax(1.01, fmin(over, 1e6) * 1.01);
    }
    return 0;
}

int32_t apus_screen_rows(int32_t level, const apus_screen_source *of, size_t first, size_t count, int8_t *rows,
                         double *constants, double *steps, float *likelihoods, double largest[2]) {
    size_t n = of->depth, width = of->rank + APUS_SCREEN_NORMS;
    double w[4 * n], turned[4 * n], unseen = 0;
    int8_t own[n];
    for (size_t k = of->rank; k < n; k++) unseen += of->variances[k];
    for (size_t at = 0; at < count; at += 4) {
        size_t some = count - at < 4 ? count - at : 4;
        memset(w, 0, sizeof w);
        for (size_t r = 0; r < some; r++) {
            size_t term = first + at + r;
            double sum = 0, scale = of->full->scales[term], constant = of->full->bias[term];
            read_row(of->full, term, own);
            for (size_t k = 0; k < n; k++) {
                w[r * n + k] = own[k] * scale;
                sum += fabs(w[r * n + k]);
                constant += w[r * n + k] * of->mean[k];
            }
            constants[at + r] = constant;
            largest[0] = fmax(largest[0], sum);
        }
        turn_rows(w, n, of->inverse, turned);
        for (size_t r = 0; r < some; r++) {
            const double *own = turned + r * n;
            double size = 0, rest = 0, spread = 0;
            for (size_t k = 0; k < n; k++) {
                size += own[k] * own[k];
                spread += own[k] * own[k] * of->variances[k];
                if (k >= of->rank) rest += own[k] * own[k];
            }
            largest[1] = fmax(largest[1], sqrt(size));
            double step = quantise_row(is_paired(level), of, own, rows + (at + r) * width);
            if (!(step > 0) || !isfinite(constants[at + r]) || !isfinite(size)) return 0;
            steps[at + r] = step * of->unit;
            likelihoods[at + r] = (float)((constants[at + r] + sqrt(rest * unseen)) / sqrt(spread + 1e-12));
        }
    }
    return 1;
}

void apus_screen_pack(int32_t level, const int8_t *rows, const double *constants, const double *steps, double slack,
                      const uint32_t *order, size_t terms, size_t rank, int8_t *panels, int32_t *thresholds) {
    size_t lanes = apus_screen_lanes(level), width = rank + APUS_SCREEN_NORMS;
    size_t padded = (terms + APUS_PANEL - 1) / APUS_PANEL * APUS_PANEL;
    memset(panels, 0, padded * width);
    for (size_t place = 0; place < padded; place++) {
        thresholds[place] = INT32_MAX;
        if (place >= terms) continue;
        size_t term = order[place];
        const int8_t *row = rows + term * width;
        double offset = 0;
        for (size_t k = 0; k < width; k++) {
            panels[place / lanes * lanes * width + k / 4 * 4 * lanes + place % lanes * 4 + k % 4] = row[k];
            if (k < rank) offset += row[k];
        }
        double threshold = floor(-(constants[term] + slack) / steps[term]) + (apus_screen_half(level) + 1) * offset - 1;
        thresholds[place] = threshold >= INT32_MAX ? INT32_MAX - 1 : threshold <= INT32_MIN ? INT32_MIN : (int32_t)threshold;
    }
}
