#pragma once
#include "postings.h"

// The window traversal's kernels. Frequent lists have, beside their blocks, a bit for each document and the largest impact of each
// 16: they are bounded without being read, and read only where a group of 16 documents can hold a hit.

/// Documents of a group, and of a chunk of groups.
enum { APUS_GROUP = 16, APUS_CHUNK = 256 };

/// Bytes of a chunk: the list's postings before it (U32), then a bit for each of its documents, [16] U16.
enum { APUS_CHUNK_BYTES = 4 + APUS_CHUNK / 8 };

/// Groups that kernels go through at once; a segment's groups are padded to a multiple.
enum { APUS_GROUPS_AT_ONCE = 64 };

/// The largest weight of a frequent list: a product of signed 16 bits.
enum { APUS_FREQUENT_WEIGHT = 32767 };

/// A frequent list of impacts of 8 bits, with its query term's weight.
typedef struct {
    const apus_list *list;
    const uint8_t *maxima; // [groups], padded
    const uint8_t *chunks; // [groups / 16, APUS_CHUNK_BYTES]
    uint32_t weight;       // at most APUS_FREQUENT_WEIGHT
    uint16_t scaled;       // ⌈256 × weight / 2^shift⌉
} apus_frequent;

/// Those of the groups `first..<first + groups`, multiples of APUS_GROUPS_AT_ONCE, whose bound is at least `least`, ascending, into `out`:
/// ⌊largest of the group's sums / 2^shift⌋ + Σ_t ⌊maxima_t × scaled_t / 256⌋. No sum, shifted, may exceed 16 bits, nor any bound.
/// Returns how many there are.
size_t apus_window_groups(int32_t level, const apus_frequent *lists, size_t count, const uint32_t *sums, size_t first,
                          size_t groups, uint32_t shift, uint32_t least, uint32_t *out);

/// sums[docid] += share of the lists, for the documents of the `chosen` groups; then those of their documents whose sums are at
/// least `least`, ascending by group, into `out`, which has room for 16 of each group. After the first `part` lists a group
/// is left as it is where even the largest impacts of the others do not lead it to `least`.
/// Returns how many documents there are; `whole` is raised by the groups that all lists were added to.
size_t apus_groups_score(int32_t level, const apus_frequent *lists, size_t count, size_t part, const uint32_t *chosen,
                         size_t groups, uint32_t least, uint32_t *sums, uint32_t *out, size_t *whole);
