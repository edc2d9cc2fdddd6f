#pragma once
#include <stddef.h>
#include <stdint.h>

/// Where a document's terms begin, and how many it has.
typedef struct {
    uint32_t start, count;
} apus_term_list;

/// Documents as lists of terms. The lists are worked on in place: terms get other numbers, and those that say nothing any more go.
typedef struct {
    apus_term_list *documents;
    uint32_t *terms;
    float *gains; // room, one for each document
} apus_forward;

/// One thread's memory for bisections of documents with terms below `term_count`, or null when there is none left.
typedef struct apus_bisection apus_bisection;
apus_bisection *apus_bisection_create(size_t term_count);
void apus_bisection_free(apus_bisection *bisection);

/// Bytes that one thread's memory takes for each term.
enum { APUS_BISECTION_TERM_BYTES = 20 };

/// Swaps documents between the two halves of `documents` as long as that shortens the posting lists' gaps.
///
/// Terms of a single one of the documents, or of all of them, tell nothing about any part of them, and are dropped; the others get
/// numbers from 0 on.
/// - Parameters: `first` is the place of `documents` among all of them, where their room for gains begins.
/// - Returns: How many terms are left; each half may be cut further with this `term_count`.
size_t apus_bisect_once(apus_bisection *bisection, const apus_forward *forward, uint32_t *documents, size_t count,
                        size_t first, size_t term_count);

/// Orders `documents` by recursive graph bisection, down to groups of `smallest`.
///
/// Source: Dhulipala et al., "Compressing Graphs and Indexes with Recursive Graph Bisection", KDD 2016, algorithms 1 and 2, with the
/// cost of eq. 1: Σ_t d · log2(n / (d + 1)) over both halves. Which documents are swapped is found by counting gains, not by sorting
/// them, after Mackenzie et al., "Faster Index Reordering with Bipartite Graph Partitioning", SIGIR 2021.
void apus_bisect(apus_bisection *bisection, const apus_forward *forward, uint32_t *documents, size_t count, size_t first,
                 size_t term_count, size_t smallest);
