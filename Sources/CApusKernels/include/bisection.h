#pragma once
#include <stddef.h>
#include <stdint.h>

/// Documents as lists of terms: document d holds terms[offsets[d]] … terms[offsets[d + 1] − 1].
typedef struct {
    const uint64_t *offsets;
    const uint32_t *terms;
    size_t term_count;
} apus_forward;

/// One thread's memory for bisections, or null when there is none left.
typedef struct apus_bisection apus_bisection;
apus_bisection *apus_bisection_create(size_t term_count, size_t documents);
void apus_bisection_free(apus_bisection *bisection);

/// Swaps documents between the two halves of `documents` as long as that shortens the posting lists' gaps.
void apus_bisect_once(apus_bisection *bisection, const apus_forward *forward, uint32_t *documents, size_t count);

/// Orders `documents` by recursive graph bisection, down to groups of `smallest`.
///
/// Source: Dhulipala et al., "Compressing Graphs and Indexes with Recursive Graph Bisection", KDD 2016, algorithms 1 and 2,
/// with the cost of eq. 1: Σ_t d · log2(n / (d + 1)) over both halves.
void apus_bisect(apus_bisection *bisection, const apus_forward *forward, uint32_t *documents, size_t count,
                 size_t smallest);
