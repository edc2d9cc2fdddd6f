// Included by encoder_body.h, once for each instruction set: what layers with rotary positions have of their own.

static void body_rotate(float *x, size_t stride, size_t tokens, size_t heads, size_t head_size, const float *cosines,
                        const float *sines) {
    size_t half = head_size / 2;
    for (size_t t = 0; t < tokens; t++) {
        const float *c = cosines + t * half, *s = sines + t * half;
        for (size_t h = 0; h < heads; h++) {
            float *restrict low = x + t * stride + h * head_size, *restrict high = low + half;
            for (size_t i = 0; i < half; i++) {
                float a = low[i], b = high[i];
                low[i] = a * c[i] - b * s[i];
                high[i] = b * c[i] + a * s[i];
            }
        }
    }
}

static void body_rms_norm(const float *x, size_t stride, size_t rows, size_t width, const float *gamma, float epsilon,
                          float *y, size_t y_stride) {
#pragma clang fp reassociate(on)
    for (size_t r = 0; r < rows; r++) {
        const float *in = x + r * stride;
        float *out = y + r * y_stride;
        float sum = 0;
        for (size_t i = 0; i < width; i++) sum += in[i] * in[i];
        float factor = 1 / sqrtf(sum / (float)width + epsilon);
        for (size_t i = 0; i < width; i++) out[i] = gamma[i] * (in[i] * factor);
    }
}

static inline float body_gated(float gate, float value, int32_t activation) {
    switch (activation) {
    case APUS_GATE_GELU: return body_gelu(gate) * value;
    case APUS_GATE_GELU_TANH: return body_gelu_tanh(gate) * value;
    case APUS_GATE_RELU: return gate > 0 ? gate * value : 0;
    default: return gate / (1 + body_exp(-gate)) * value;
    }
}

// By pieces into a buffer, because the result stands where the gate or the value did.
__attribute__((always_inline)) static inline void body_gate_row(const float *gate, const float *value, size_t width,
                                                                int32_t activation, float *out) {
    float piece[64];
    for (size_t first = 0; first < width; first += 64) {
        size_t count = width - first < 64 ? width - first : 64;
        for (size_t i = 0; i < count; i++) piece[i] = body_gated(gate[first + i], value[first + i], activation);
        memcpy(out + first, piece, count * sizeof(float));
    }
}

static void body_gate(float *x, size_t stride, size_t rows, size_t width, size_t gate, size_t value,
                      int32_t activation) {
    for (size_t r = 0; r < rows; r++) {
        float *row = x + r * stride;
        switch (activation) {
        case APUS_GATE_GELU: body_gate_row(row + gate, row + value, width, APUS_GATE_GELU, row); break;
        case APUS_GATE_GELU_TANH: body_gate_row(row + gate, row + value, width, APUS_GATE_GELU_TANH, row); break;
        case APUS_GATE_RELU: body_gate_row(row + gate, row + value, width, APUS_GATE_RELU, row); break;
        default: body_gate_row(row + gate, row + value, width, APUS_GATE_SILU, row);
        }
    }
}

static void body_add_rows(float *x, size_t x_stride, const float *y, size_t y_stride, size_t rows, size_t width) {
    for (size_t r = 0; r < rows; r++)
        for (size_t i = 0; i < width; i++) x[r * x_stride + i] += y[r * y_stride + i];
}
