#include "bisection.h"
#include <math.h>
#include <stdlib.h>

enum { ITERATIONS = 12, LOGARITHMS = 1 << 16 };

typedef struct {
    float gain;
    uint32_t document;
} moving;

struct apus_bisection {
    uint32_t *degrees[2]; // documents of each half that hold the term
    float *gains[2];      // what moving one of them to the other half saves
    uint32_t *touched;    // terms of the current documents
    size_t touched_count;
    moving *moves;
    float *logarithms;
};

void apus_bisection_free(apus_bisection *b) {
    if (!b) return;
    for (int side = 0; side < 2; side++) {
        free(b->degrees[side]);
        free(b->gains[side]);
    }
    free(b->touched);
    free(b->moves);
    free(b->logarithms);
    free(b);
}

apus_bisection *apus_bisection_create(size_t term_count, size_t documents) {
    apus_bisection *b = calloc(1, sizeof *b);
    if (!b) return NULL;
    int failed = 0;
    for (int side = 0; side < 2; side++) {
        failed |= !(b->degrees[side] = calloc(term_count + 1, sizeof(uint32_t)));
        failed |= !(b->gains[side] = calloc(term_count + 1, sizeof(float)));
    }
    failed |= !(b->touched = calloc(term_count + 1, sizeof(uint32_t)));
    failed |= !(b->moves = calloc(documents + 1, sizeof(moving)));
    failed |= !(b->logarithms = calloc(LOGARITHMS, sizeof(float)));
    if (failed) {
        apus_bisection_free(b);
        return NULL;
    }
    for (int i = 1; i < LOGARITHMS; i++) b->logarithms[i] = log2f((float)i);
    return b;
}

static inline float logarithm(const apus_bisection *b, uint32_t n) {
    return n < LOGARITHMS ? b->logarithms[n] : log2f((float)n);
}

// d · log2(n / (d + 1))
static inline float cost(const apus_bisection *b, uint32_t d, float log_n) {
    return (float)d * (log_n - logarithm(b, d + 1));
}

static void count_degrees(apus_bisection *b, const apus_forward *f, const uint32_t *documents, size_t count, int side) {
    uint32_t *own = b->degrees[side], *other = b->degrees[1 - side];
    for (size_t i = 0; i < count; i++)
        for (uint64_t p = f->offsets[documents[i]]; p < f->offsets[documents[i] + 1]; p++) {
            uint32_t term = f->terms[p];
            if (own[term]++ == 0 && other[term] == 0) b->touched[b->touched_count++] = term;
        }
}

static void compute_gains(apus_bisection *b, size_t left, size_t right) {
    float log_n[2] = {log2f((float)left), log2f((float)right)};
    for (size_t i = 0; i < b->touched_count; i++) {
        uint32_t term = b->touched[i];
        for (int side = 0; side < 2; side++) {
            uint32_t from = b->degrees[side][term], to = b->degrees[1 - side][term];
            b->gains[side][term] =
                from == 0 ? 0
                          : cost(b, from, log_n[side]) + cost(b, to, log_n[1 - side]) -
                                cost(b, from - 1, log_n[side]) - cost(b, to + 1, log_n[1 - side]);
        }
    }
}

static void weigh(const apus_bisection *b, const apus_forward *f, const uint32_t *documents, size_t count, int side,
                  moving *moves) {
    const float *gains = b->gains[side];
    for (size_t i = 0; i < count; i++) {
        float gain = 0;
        for (uint64_t p = f->offsets[documents[i]]; p < f->offsets[documents[i] + 1]; p++) gain += gains[f->terms[p]];
        moves[i] = (moving){gain, documents[i]};
    }
}

// Larger gains first; equal ones by number, so that the order never depends on the threads.
static int by_gain(const void *a, const void *b) {
    const moving *x = a, *y = b;
    if (x->gain != y->gain) return x->gain < y->gain ? 1 : -1;
    return x->document < y->document ? -1 : x->document > y->document;
}

static void move_terms(apus_bisection *b, const apus_forward *f, uint32_t document, int from) {
    for (uint64_t p = f->offsets[document]; p < f->offsets[document + 1]; p++) {
        b->degrees[from][f->terms[p]]--;
        b->degrees[1 - from][f->terms[p]]++;
    }
}

void apus_bisect_once(apus_bisection *b, const apus_forward *f, uint32_t *documents, size_t count) {
    size_t left = count / 2, right = count - left;
    b->touched_count = 0;
    count_degrees(b, f, documents, left, 0);
    count_degrees(b, f, documents + left, right, 1);
    for (int iteration = 0; iteration < ITERATIONS; iteration++) {
        compute_gains(b, left, right);
        weigh(b, f, documents, left, 0, b->moves);
        weigh(b, f, documents + left, right, 1, b->moves + left);
        qsort(b->moves, left, sizeof(moving), by_gain);
        qsort(b->moves + left, right, sizeof(moving), by_gain);
        size_t swaps = 0;
        while (swaps < left && b->moves[swaps].gain + b->moves[left + swaps].gain > 0) {
            move_terms(b, f, b->moves[swaps].document, 0);
            move_terms(b, f, b->moves[left + swaps].document, 1);
            swaps++;
        }
        for (size_t i = 0; i < count; i++) documents[i] = b->moves[i].document;
        for (size_t i = 0; i < swaps; i++) {
            uint32_t document = documents[i];
            documents[i] = documents[left + i];
            documents[left + i] = document;
        }
        if (swaps * 200 < count) break;
    }
    for (size_t i = 0; i < b->touched_count; i++) b->degrees[0][b->touched[i]] = b->degrees[1][b->touched[i]] = 0;
}

void apus_bisect(apus_bisection *b, const apus_forward *f, uint32_t *documents, size_t count, size_t smallest) {
    if (count <= smallest || count < 2) return;
    apus_bisect_once(b, f, documents, count);
    apus_bisect(b, f, documents, count / 2, smallest);
    apus_bisect(b, f, documents + count / 2, count - count / 2, smallest);
}
