#include "encoder_variant.h"
#include <math.h>
#include <string.h>

#if defined(__x86_64__)
#include <immintrin.h>
#pragma clang attribute push(__attribute__((target("avx512f,avx512bw,avx512vl,avx512dq,avx512vnni,avx2,fma,f16c"))), \
                             apply_to = function)

#include "encoder_tile_avx512.h"
#define DOT(sums, x, w) _mm512_dpbusd_epi32(sums, x, w)
#include "encoder_tile_s8_avx512.h"
#define tile_bf16 tile_widened

#define ENCODER_VARIANT encoder_vnni
#include "encoder_body.h"
#pragma clang attribute pop
#endif
