/* The parts of Winograd's F(4x4, 3x3) that are not matrix products, and the end of ResNet's stem, in float32.
 *
 * A. Lavin, S. Gray, "Fast Algorithms for Convolutional Neural Networks", 2015, https://arxiv.org/abs/1509.09308: each
 * tile of 4x4 results of a 3x3 convolution is A'[(G g G') * (B' d B)]A, where d is the tile's 6x6 input numbers and g
 * the weights. Summed over channels, the products in the middle are 36 matrix products, which torch computes.
 *
 * Pictures are stored in torch's channels_last format: picture, row, column, channel. Channels are multiples of 16.
 */
#include <stddef.h>

enum { LANES = 16, OUT = 4, IN = 6, TILE_ELEMENTS = IN * IN };

typedef float lanes __attribute__((vector_size(LANES * sizeof(float)), aligned(sizeof(float))));

static const float zeros[LANES];

static lanes load(const float *from) { return *(const lanes *)from; }

static void store(float *to, lanes values) { *(lanes *)to = values; }

static lanes larger(lanes a, lanes b) {
    for (int i = 0; i < LANES; i++) a[i] = a[i] > b[i] ? a[i] : b[i];
    return a;
}

static int smaller(int a, int b) { return a < b ? a : b; }

/* B' over one dimension: 6 numbers, `step` apart, to 6 numbers of another array, also `step` apart. */
static void multiply_b(const lanes *d, lanes *to, int step) {
    lanes d0 = d[0], d1 = d[step], d2 = d[2 * step], d3 = d[3 * step], d4 = d[4 * step], d5 = d[5 * step];
    lanes even = d4 - 4.0f * d2, odd = d3 - 4.0f * d1, even2 = d4 - d2, odd2 = 2.0f * (d3 - d1);
    to[0] = 4.0f * d0 - 5.0f * d2 + d4;
    to[step] = even + odd;
    to[2 * step] = even - odd;
    to[3 * step] = even2 + odd2;
    to[4 * step] = even2 - odd2;
    to[5 * step] = 4.0f * d1 - 5.0f * d3 + d5;
}

/* A' over one dimension: 6 numbers to 4. */
static void multiply_a(const lanes *m, lanes *to, int step) {
    lanes sum1 = m[step] + m[2 * step], difference1 = m[step] - m[2 * step];
    lanes sum2 = m[3 * step] + m[4 * step], difference2 = m[3 * step] - m[4 * step];
    to[0] = m[0] + sum1 + sum2;
    to[step] = difference1 + 2.0f * difference2;
    to[2 * step] = sum1 + 4.0f * sum2;
    to[3 * step] = difference1 + 8.0f * difference2 + m[5 * step];
}

/* From (n, height, width, channels) to (36, tiles, channels): each tile's 6x6 input numbers, transformed. */
void transform_input(const float *x, float *to, int n, int height, int width, int channels) {
    int down = (height + OUT - 1) / OUT, across = (width + OUT - 1) / OUT;
    ptrdiff_t plane = (ptrdiff_t)n * down * across * channels;
    for (int tile = 0; tile < n * down * across; tile++, to += channels) {
        int top = tile / across % down * OUT - 1, left = tile % across * OUT - 1;
        const float *picture = x + (ptrdiff_t)(tile / across / down) * height * width * channels;
        const float *elements[TILE_ELEMENTS];
        int inside[TILE_ELEMENTS];
        for (int i = 0; i < TILE_ELEMENTS; i++) {
            int row = top + i / IN, column = left + i % IN;
            inside[i] = row >= 0 && row < height && column >= 0 && column < width;
            elements[i] = inside[i] ? picture + ((ptrdiff_t)row * width + column) * channels : zeros;
        }
        for (int c = 0; c < channels; c += LANES) {
            lanes d[TILE_ELEMENTS], t[TILE_ELEMENTS];
            for (int i = 0; i < TILE_ELEMENTS; i++) d[i] = load(elements[i] + (inside[i] ? c : 0));
            for (int i = 0; i < IN; i++) multiply_b(d + i, t + i, IN);
            for (int i = 0; i < IN; i++) multiply_b(t + IN * i, d + IN * i, 1);
            for (int i = 0; i < TILE_ELEMENTS; i++) store(to + i * plane + c, d[i]);
        }
    }
}

/* From (36, tiles, channels) to pictures: max(0, result + bias + residual). `residual` has the result's shape, or is
 * NULL. */
void transform_output(const float *m, const float *bias, const float *residual, float *y, int n, int height, int width,
                      int channels) {
    int down = (height + OUT - 1) / OUT, across = (width + OUT - 1) / OUT;
    ptrdiff_t plane = (ptrdiff_t)n * down * across * channels;
    for (int tile = 0; tile < n * down * across; tile++, m += channels) {
        int top = tile / across % down * OUT, left = tile % across * OUT;
        int rows = smaller(OUT, height - top), columns = smaller(OUT, width - left);
        ptrdiff_t first = (((ptrdiff_t)(tile / across / down) * height + top) * width + left) * channels;
        for (int c = 0; c < channels; c += LANES) {
            lanes d[TILE_ELEMENTS], t[OUT * IN], out[OUT * OUT];
            for (int i = 0; i < TILE_ELEMENTS; i++) d[i] = load(m + i * plane + c);
            for (int i = 0; i < IN; i++) multiply_a(d + i, t + i, IN);
            for (int i = 0; i < OUT; i++) multiply_a(t + IN * i, out + OUT * i, 1);
            for (int i = 0; i < rows; i++)
                for (int j = 0; j < columns; j++) {
                    ptrdiff_t offset = first + ((ptrdiff_t)i * width + j) * channels + c;
                    lanes sum = out[OUT * i + j] + load(bias + c);
                    if (residual) sum += load(residual + offset);
                    store(y + offset, larger(sum, (lanes){0}));
                }
        }
    }
}

/* max(0, x + bias), then 3x3 max pooling with stride 2 and padding 1. `bias` has one number per pixel and channel. */
void max_pool(const float *x, const float *bias, float *y, int n, int height, int width, int channels) {
    int down = (height + 1) / 2, across = (width + 1) / 2;
    for (int pixel = 0; pixel < n * down * across; pixel++, y += channels) {
        int top = pixel / across % down * 2 - 1, left = pixel % across * 2 - 1;
        const float *picture = x + (ptrdiff_t)(pixel / across / down) * height * width * channels;
        for (int c = 0; c < channels; c += LANES) {
            lanes largest = {0};
            for (int row = top < 0 ? 0 : top; row < smaller(top + 3, height); row++)
                for (int column = left < 0 ? 0 : left; column < smaller(left + 3, width); column++) {
                    ptrdiff_t offset = ((ptrdiff_t)row * width + column) * channels + c;
                    largest = larger(largest, load(picture + offset) + load(bias + offset));
                }
            store(y + c, largest);
        }
    }
}
