/* Gradients of depthwise kernels, 16 channels at a time; the channels of a pixel lie side by side. */
#include <string.h>

enum { LANES = 16, WIDEST = 9 };
typedef float lanes __attribute__((vector_size(4 * LANES)));

static inline lanes load(const float *at)
{
    lanes value;
    memcpy(&value, at, sizeof value);
    return value;
}

/* Adds what one output row gives to one kernel row of k entries; `in` and `out` are rows of pixels. */
static inline __attribute__((always_inline)) void add_row(lanes *sum, const float *in, const float *out, long channels,
                                                          long width, long wide, int k, int stride, int pad)
{
    for (long at = 0; at < wide; at++) {
        lanes own = load(out + at * channels);
        long left = at * stride - pad;
        if (left >= 0 && left + k <= width) {
            for (int j = 0; j < k; j++) sum[j] += load(in + (left + j) * channels) * own;
        } else {
            for (int j = 0; j < k; j++)
                if (left + j >= 0 && left + j < width) sum[j] += load(in + (left + j) * channels) * own;
        }
    }
}

static inline __attribute__((always_inline)) void block(const float *in, const float *out, float *grad,
                                                        const long *shape, int k, int stride, int pad)
{
    long batch = shape[0], channels = shape[1], height = shape[2], width = shape[3], high = shape[4], wide = shape[5];
    for (int i = 0; i < k; i++) {
        lanes sum[WIDEST];
        memset(sum, 0, sizeof sum);
        for (long b = 0; b < batch; b++)
            for (long y = 0; y < high; y++) {
                long line = y * stride + i - pad;
                if (line >= 0 && line < height)
                    add_row(sum, in + (b * height + line) * width * channels, out + (b * high + y) * wide * channels,
                            channels, width, wide, k, stride, pad);
            }
        for (int j = 0; j < k; j++) memcpy(grad + (i * k + j) * channels, &sum[j], sizeof *sum);
    }
}

/* grad (k, k, channels): at i, j the sum over b, y, x of in[b][y stride + i - pad][x stride + j - pad] out[b][y][x].
   in (batch, height, width, channels), out (batch, high, wide, channels); shape: batch, channels, height, width, high,
   wide. Blocks of 16 channels, first to last; the last block of all overlaps the one before it where it must. */
void depthwise_gradient(const float *in, const float *out, float *grad, const long *shape, int k, int stride, int pad,
                        long first, long last)
{
    for (long number = first; number < last; number++) {
        long channel = number * LANES < shape[1] - LANES ? number * LANES : shape[1] - LANES;
        const float *from = in + channel, *by = out + channel;
        switch (k) { /* with k known, the sums stay in registers */
        case 5: block(from, by, grad + channel, shape, 5, stride, pad); break;
        case 7: block(from, by, grad + channel, shape, 7, stride, pad); break;
        case 9: block(from, by, grad + channel, shape, 9, stride, pad); break;
        default: block(from, by, grad + channel, shape, k, stride, pad);
        }
    }
}
