/* What of Winograd's F(4x4, 3x3) is no matrix product, and the end of ResNet's stem, in float32.
 *
 * A. Lavin, S. Gray, "Fast Algorithms for Convolutional Neural Networks", 2015, https://arxiv.org/abs/1509.09308: each
 * tile of 4x4 results of a 3x3 convolution is A'[(G g G') * (B' d B)]A, of its 6x6 numbers d and the weights g. Summed
 * over channels, the products in the middle are 36 matrix products, which torch makes.
 *
 * Pictures lie as torch's channels_last has them: picture, row, column, channel; channels are multiples of 16.
 */
#include <stddef.h>

enum { LANES = 16, OUT = 4, IN = 6, SPOTS = IN * IN };

typedef float lanes __attribute__((vector_size(LANES * sizeof(float)), aligned(sizeof(float))));

static const float zeros[LANES];

static lanes load(const float *from) { return *(const lanes *)from; }

static void store(float *to, lanes values) { *(lanes *)to = values; }

static lanes larger(lanes a, lanes b) {
    for (int i = 0; i < LANES; i++) a[i] = a[i] > b[i] ? a[i] : b[i];
    return a;
}

static int least(int a, int b) { return a < b ? a : b; }

/* B' over one dimension: every `step`-th of 6 numbers, to the same places of another array. */
static void transform_in(const lanes *d, lanes *to, int step) {
    lanes d0 = d[0], d1 = d[step], d2 = d[2 * step], d3 = d[3 * step], d4 = d[4 * step], d5 = d[5 * step];
    lanes even = d4 - 4.0f * d2, odd = d3 - 4.0f * d1, far = d4 - d2, side = 2.0f * (d3 - d1);
    to[0] = 4.0f * d0 - 5.0f * d2 + d4;
    to[step] = even + odd;
    to[2 * step] = even - odd;
    to[3 * step] = far + side;
    to[4 * step] = far - side;
    to[5 * step] = 4.0f * d1 - 5.0f * d3 + d5;
}

/* A' over one dimension: 6 numbers to 4. */
static void transform_out(const lanes *m, lanes *to, int step) {
    lanes near = m[step] + m[2 * step], away = m[step] - m[2 * step];
    lanes far = m[3 * step] + m[4 * step], off = m[3 * step] - m[4 * step];
    to[0] = m[0] + near + far;
    to[step] = away + 2.0f * off;
    to[2 * step] = near + 4.0f * far;
    to[3 * step] = away + 8.0f * off + m[5 * step];
}

/* (n, height, width, channels) to (36, tiles, channels): the 6x6 numbers around each tile, transformed. */
void tiles_in(const float *x, float *to, int n, int height, int width, int channels) {
    int down = (height + OUT - 1) / OUT, across = (width + OUT - 1) / OUT;
    ptrdiff_t plane = (ptrdiff_t)n * down * across * channels;
    for (int tile = 0; tile < n * down * across; tile++, to += channels) {
        int top = tile / across % down * OUT - 1, left = tile % across * OUT - 1;
        const float *picture = x + (ptrdiff_t)(tile / across / down) * height * width * channels;
        const float *spots[SPOTS];
        int inside[SPOTS];
        for (int i = 0; i < SPOTS; i++) {
            int row = top + i / IN, column = left + i % IN;
            inside[i] = row >= 0 && row < height && column >= 0 && column < width;
            spots[i] = inside[i] ? picture + ((ptrdiff_t)row * width + column) * channels : zeros;
        }
        for (int c = 0; c < channels; c += LANES) {
            lanes d[SPOTS], t[SPOTS];
            for (int i = 0; i < SPOTS; i++) d[i] = load(spots[i] + (inside[i] ? c : 0));
            for (int i = 0; i < IN; i++) transform_in(d + i, t + i, IN);
            for (int i = 0; i < IN; i++) transform_in(t + IN * i, d + IN * i, 1);
            for (int i = 0; i < SPOTS; i++) store(to + i * plane + c, d[i]);
        }
    }
}

/* (36, tiles, channels) back to pictures: max(0, result + bias + rest), `rest` as large as the result, or NULL. */
void tiles_out(const float *m, const float *bias, const float *rest, float *y, int n, int height, int width,
               int channels) {
    int down = (height + OUT - 1) / OUT, across = (width + OUT - 1) / OUT;
    ptrdiff_t plane = (ptrdiff_t)n * down * across * channels;
    for (int tile = 0; tile < n * down * across; tile++, m += channels) {
        int top = tile / across % down * OUT, left = tile % across * OUT;
        int rows = least(OUT, height - top), columns = least(OUT, width - left);
        ptrdiff_t first = (((ptrdiff_t)(tile / across / down) * height + top) * width + left) * channels;
        for (int c = 0; c < channels; c += LANES) {
            lanes d[SPOTS], t[OUT * IN], out[OUT * OUT];
            for (int i = 0; i < SPOTS; i++) d[i] = load(m + i * plane + c);
            for (int i = 0; i < IN; i++) transform_out(d + i, t + i, IN);
            for (int i = 0; i < OUT; i++) transform_out(t + IN * i, out + OUT * i, 1);
            for (int i = 0; i < rows; i++)
                for (int j = 0; j < columns; j++) {
                    ptrdiff_t at = first + ((ptrdiff_t)i * width + j) * channels + c;
                    lanes sum = out[OUT * i + j] + load(bias + c);
                    if (rest) sum += load(rest + at);
                    store(y + at, larger(sum, (lanes){0}));
                }
        }
    }
}

/* max(0, x + bias), then the largest of 3x3 with stride 2 and a margin of 1; each place has a bias of its own. */
void pooled(const float *x, const float *bias, float *y, int n, int height, int width, int channels) {
    int down = (height + 1) / 2, across = (width + 1) / 2;
    for (int place = 0; place < n * down * across; place++, y += channels) {
        int top = place / across % down * 2 - 1, left = place % across * 2 - 1;
        const float *picture = x + (ptrdiff_t)(place / across / down) * height * width * channels;
        for (int c = 0; c < channels; c += LANES) {
            lanes most = {0};
            for (int row = top < 0 ? 0 : top; row < least(top + 3, height); row++)
                for (int column = left < 0 ? 0 : left; column < least(left + 3, width); column++) {
                    ptrdiff_t at = ((ptrdiff_t)row * width + column) * channels + c;
                    most = larger(most, load(picture + at) + load(bias + at));
                }
            store(y + c, most);
        }
    }
}
