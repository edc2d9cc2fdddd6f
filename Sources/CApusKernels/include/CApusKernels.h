#pragma once
#include "crc32c.h"
#include "encoder_kernels.h"
#include "postings.h"
