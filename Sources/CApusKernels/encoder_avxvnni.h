// The kernels of CPUs that sum four products of bytes in registers of 256 bits. Included by encoder_avxvnni.c and
// encoder_avxvnni_evex.c, which say by DOT(sums, x, w) how the instruction is encoded.

#include "encoder_tile_avx2.h"

// 12 of the 16 registers hold sums.
#define TILE_S8_ROWS 6
#define TILE_S8_AHEAD(panel) _mm_prefetch(panel, _MM_HINT_T0)
#include "encoder_tile_s8_avx2.h"

#include "encoder_body.h"
