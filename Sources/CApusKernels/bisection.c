#include "bisection.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { ITERATIONS = 10, LEAST_SWAPS = 64, STEPS = 1 << 16, BINS = 1024, FEW = 64, AHEAD = 8 };

typedef struct {
    uint32_t in[2]; // documents of each half that hold the term
} degree;

struct apus_bisection {
    uint32_t *numbers; // by the term's number so far: its number here + 1; 0: not seen yet
    degree *degrees;
    float *gains[2]; // what moving one of each half's documents to the other saves
    float *steps;    // F(d + 1) − F(d), where F(d) = d · log2(d + 1)
    uint32_t bins[2][BINS];
};

void apus_bisection_free(apus_bisection *b) {
    if (!b) return;
    free(b->numbers);
    free(b->degrees);
    free(b->gains[0]);
    free(b->gains[1]);
    free(b->steps);
    free(b);
}

static float step_of(uint32_t d) { return log2f((float)d + 2) + (float)d * log2f(1 + 1 / ((float)d + 1)); }

apus_bisection *apus_bisection_create(size_t term_count) {
    apus_bisection *b = calloc(1, sizeof *b);
    if (!b) return NULL;
    b->numbers = malloc((term_count + 1) * sizeof(uint32_t));
    b->degrees = malloc((term_count + 1) * sizeof(degree));
    b->gains[0] = malloc((term_count + 1) * sizeof(float));
    b->gains[1] = malloc((term_count + 1) * sizeof(float));
    b->steps = malloc(STEPS * sizeof(float));
    if (!b->numbers || !b->degrees || !b->gains[0] || !b->gains[1] || !b->steps) {
        apus_bisection_free(b);
        return NULL;
    }
    for (uint32_t d = 0; d < STEPS; d++) b->steps[d] = step_of(d);
    return b;
}

static inline float step(const apus_bisection *b, uint32_t d) { return d < STEPS ? b->steps[d] : log2f((float)d + 2) + 1.442695f; }

// Documents lie anywhere in memory: the lists of the next ones are asked for while one is worked on.
static inline const apus_term_list *list_of(const apus_forward *f, const uint32_t *documents, size_t i, size_t count) {
    if (i + 2 * AHEAD < count) __builtin_prefetch(f->documents + documents[i + 2 * AHEAD]);
    if (i + AHEAD < count) __builtin_prefetch(f->terms + f->documents[documents[i + AHEAD]].start);
    return f->documents + documents[i];
}

// Counts the terms of both halves, numbered as they come, so that frequent ones lie together.
static size_t count_degrees(apus_bisection *b, const apus_forward *f, const uint32_t *documents, size_t count, size_t left) {
    size_t seen = 0;
    for (size_t i = 0; i < count; i++) {
        const apus_term_list *list = list_of(f, documents, i, count);
        const uint32_t *terms = f->terms + list->start;
        int side = i >= left;
        for (uint32_t p = 0; p < list->count; p++) {
            uint32_t number = b->numbers[terms[p]];
            if (number == 0) {
                b->degrees[seen] = (degree){{0, 0}};
                b->numbers[terms[p]] = number = (uint32_t)++seen;
            }
            b->degrees[number - 1].in[side]++;
        }
    }
    return seen;
}

// Terms of one document or of all of them go, the others follow each other; the documents' lists are rewritten.
static size_t compact(apus_bisection *b, const apus_forward *f, const uint32_t *documents, size_t count, size_t seen) {
    uint32_t *kept = (uint32_t *)b->gains[0]; // + 1, by the number of count_degrees; gains are computed afterwards
    size_t left = 0;
    for (size_t t = 0; t < seen; t++) {
        degree d = b->degrees[t];
        uint32_t all = d.in[0] + d.in[1];
        int stays = all > 1 && all < count;
        if (stays) b->degrees[left++] = d;
        kept[t] = stays ? (uint32_t)left : 0;
    }
    for (size_t i = 0; i < count; i++) {
        const apus_term_list *list = list_of(f, documents, i, count);
        uint32_t *terms = f->terms + list->start;
        uint32_t to = 0;
        for (uint32_t p = 0; p < list->count; p++) {
            uint32_t number = kept[b->numbers[terms[p]] - 1];
            terms[to] = number - 1;
            to += number > 0;
        }
        f->documents[documents[i]].count = to;
    }
    return left;
}

// Moving a document saves, for each of its terms, cost(from) + cost(to) − cost(from − 1) − cost(to + 1), where
// cost(d) = d · log2(n / (d + 1)): as both halves are of one size, that is the difference of two steps.
static void compute_gains(apus_bisection *b, size_t terms) {
    for (size_t t = 0; t < terms; t++) {
        degree d = b->degrees[t];
        b->gains[0][t] = d.in[0] ? step(b, d.in[1]) - step(b, d.in[0] - 1) : 0;
        b->gains[1][t] = d.in[1] ? step(b, d.in[0]) - step(b, d.in[1] - 1) : 0;
    }
}

static void weigh(const apus_forward *f, const float *term_gains, const uint32_t *documents, size_t count, float *gains) {
    for (size_t i = 0; i < count; i++) {
        const apus_term_list *list = list_of(f, documents, i, count);
        const uint32_t *terms = f->terms + list->start;
        float even = 0, odd = 0;
        uint32_t p = 0, n = list->count;
        for (; p + 1 < n; p += 2) {
            even += term_gains[terms[p]];
            odd += term_gains[terms[p + 1]];
        }
        if (p < n) even += term_gains[terms[p]];
        gains[i] = even + odd;
    }
}

static void move_terms(apus_bisection *b, const apus_forward *f, uint32_t document, int from) {
    apus_term_list list = f->documents[document];
    const uint32_t *terms = f->terms + list.start;
    for (uint32_t p = 0; p < list.count; p++) {
        b->degrees[terms[p]].in[from]--;
        b->degrees[terms[p]].in[1 - from]++;
    }
}

static inline void swap(apus_bisection *b, const apus_forward *f, uint32_t *documents, size_t i, size_t j) {
    uint32_t document = documents[i];
    documents[i] = documents[j];
    documents[j] = document;
    move_terms(b, f, document, 0);
    move_terms(b, f, documents[i], 1);
}

// Places by gain, larger ones first; equal ones by place, so that the order never depends on the threads.
static void sort_few(const float *gains, uint32_t *places, uint32_t count) {
    for (uint32_t i = 0; i < count; i++) {
        uint32_t j = i;
        for (; j > 0 && gains[places[j - 1]] < gains[i]; j--) places[j] = places[j - 1];
        places[j] = i;
    }
}

static size_t swap_few(apus_bisection *b, const apus_forward *f, uint32_t *documents, size_t left, size_t right, const float *gains) {
    uint32_t places[2][FEW];
    sort_few(gains, places[0], (uint32_t)left);
    sort_few(gains + left, places[1], (uint32_t)right);
    size_t swaps = 0;
    while (swaps < left && gains[places[0][swaps]] + gains[left + places[1][swaps]] > 1e-3f) {
        swap(b, f, documents, places[0][swaps], left + places[1][swaps]);
        swaps++;
    }
    return swaps;
}

// The same for many: gains are counted in steps, and the best of both sides are swapped while their steps sum up to more than nothing.
static size_t swap_many(apus_bisection *b, const apus_forward *f, uint32_t *documents, size_t left, size_t right, const float *gains) {
    float least = gains[0], most = gains[0];
    for (size_t i = 1; i < left + right; i++) {
        least = gains[i] < least ? gains[i] : least;
        most = gains[i] > most ? gains[i] : most;
    }
    if (!(most > least)) return 0;
    float scale = (BINS - 1) / (most - least);
    memset(b->bins, 0, sizeof b->bins);
    for (size_t i = 0; i < left + right; i++) b->bins[i >= left][(int)((gains[i] - least) * scale)]++;
    // The last bin of each side of which documents are swapped, and how many of it.
    int last[2] = {BINS - 1, BINS - 1};
    uint32_t of_last[2] = {0, 0};
    size_t swaps = 0;
    while (swaps < left) {
        for (int side = 0; side < 2; side++)
            while (of_last[side] == b->bins[side][last[side]]) {
                last[side]--;
                of_last[side] = 0;
            }
        if (2 * least + (float)(last[0] + last[1] + 1) / scale <= 1e-3f) break;
        uint32_t rest[2] = {b->bins[0][last[0]] - of_last[0], b->bins[1][last[1]] - of_last[1]};
        uint32_t step = rest[0] < rest[1] ? rest[0] : rest[1];
        of_last[0] += step;
        of_last[1] += step;
        swaps += step;
    }
    size_t i = 0, j = left;
    for (size_t swapped = 0; swapped < swaps; swapped++, i++, j++) {
        for (;; i++) {
            int bin = (int)((gains[i] - least) * scale);
            if (bin > last[0] || (bin == last[0] && of_last[0] && of_last[0]--)) break;
        }
        for (;; j++) {
            int bin = (int)((gains[j] - least) * scale);
            if (bin > last[1] || (bin == last[1] && of_last[1] && of_last[1]--)) break;
        }
        swap(b, f, documents, i, j);
    }
    return swaps;
}

size_t apus_bisect_once(apus_bisection *b, const apus_forward *f, uint32_t *documents, size_t count, size_t first,
                        size_t term_count) {
    size_t left = count / 2, right = count - left;
    float *gains = f->gains + first;
    memset(b->numbers, 0, term_count * sizeof(uint32_t));
    size_t terms = compact(b, f, documents, count, count_degrees(b, f, documents, count, left));
    for (int iteration = 0; iteration < ITERATIONS; iteration++) {
        compute_gains(b, terms);
        weigh(f, b->gains[0], documents, left, gains);
        weigh(f, b->gains[1], documents + left, right, gains + left);
        size_t swaps = right <= FEW ? swap_few(b, f, documents, left, right, gains)
                                    : swap_many(b, f, documents, left, right, gains);
        if (swaps * LEAST_SWAPS < count) break;
    }
    return terms;
}

void apus_bisect(apus_bisection *b, const apus_forward *f, uint32_t *documents, size_t count, size_t first,
                 size_t term_count, size_t smallest) {
    if (count <= smallest || count < 2) return;
    size_t left = count / 2;
    size_t terms = apus_bisect_once(b, f, documents, count, first, term_count);
    apus_bisect(b, f, documents, left, first, terms, smallest);
    apus_bisect(b, f, documents + left, count - left, first + left, terms, smallest);
}
