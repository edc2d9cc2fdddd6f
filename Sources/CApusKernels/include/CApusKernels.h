#pragma once
#include "bisection.h"
#include "crc32c.h"
#include "encoder_kernels.h"
#include "level.h"
#include "page_checksums.h"
#include "postings.h"
#include "rotary_kernels.h"
