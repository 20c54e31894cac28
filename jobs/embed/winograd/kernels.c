/* ResNet18's 3x3 convolutions by Winograd's F(4x4, 3x3), and its first layer, in float32.
 *
 * A. Lavin, S. Gray, "Fast Algorithms for Convolutional Neural Networks", 2015, https://arxiv.org/abs/1509.09308: each
 * tile of 4x4 results of a 3x3 convolution is A'[(G g G') * (B' d B)]A, where d is the tile's 6x6 input numbers and g
 * the weights. Summed over channels, the products in the middle are 36 matrix products: `convolve` computes them, or
 * torch between `transform_input` and `transform_output`.
 *
 * The products follow K. Goto, R. van de Geijn, "Anatomy of High-Performance Matrix Multiplication", 2008,
 * https://doi.org/10.1145/1356052.1356053: weights in panels, and a block of results in registers.
 *
 * Pictures are stored in torch's channels_last format: picture, row, column, channel. Channels are multiples of 16.
 */
#include <stddef.h>

enum { LANES = 16, OUT = 4, IN = 6, TILE_ELEMENTS = IN * IN };
enum { SKEW = 16 }; /* numbers between planes: at multiples of 4 KB, they would share one set of the first cache */

typedef float lanes __attribute__((vector_size(LANES * sizeof(float)), aligned(sizeof(float))));
typedef int bits __attribute__((vector_size(LANES * sizeof(int))));

/* A product's block of results, ROWS x PANEL numbers, is in registers: 24 of 32, or 12 of 16. */
#if defined __AVX512F__
#define WIDTH 16
#define ROWS 12
#elif defined __aarch64__
#define WIDTH 4
#define ROWS 12
#elif defined __AVX__
#define WIDTH 8
#define ROWS 6
#else
#define WIDTH 4
#define ROWS 6
#endif
#define PANEL (2 * WIDTH)

typedef float wide __attribute__((vector_size(WIDTH * sizeof(float)), aligned(sizeof(float))));

static const float zeros[LANES];

static lanes load(const float *from) { return *(const lanes *)from; }

static void store(float *to, lanes values) { *(lanes *)to = values; }

static lanes larger(lanes a, lanes b) {
    bits first = a > b;
    return (lanes)(((bits)a & first) | ((bits)b & ~first));
}

static int smaller(int a, int b) { return a < b ? a : b; }

static int divide_up(int a, int b) { return (a + b - 1) / b; }

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

/* From (n, height, width, channels) to 36 planes of (tiles, channels), `plane` numbers apart: the 6x6 input numbers of
 * the tiles from `first` on, transformed. */
void transform_input(const float *x, float *to, ptrdiff_t plane, int first, int tiles, int height, int width,
                     int channels) {
    int down = divide_up(height, OUT), across = divide_up(width, OUT);
    for (int tile = first; tile < first + tiles; tile++, to += channels) {
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

/* From 36 planes of (tiles, columns), of which the first `channels` columns count, to the pictures' tiles:
 * max(0, result + bias + residual). `residual` has the result's shape, or is NULL. */
void transform_output(const float *m, ptrdiff_t plane, int columns, const float *bias, const float *residual, float *y,
                      int first, int tiles, int height, int width, int channels) {
    int down = divide_up(height, OUT), across = divide_up(width, OUT);
    for (int tile = first; tile < first + tiles; tile++, m += columns) {
        int top = tile / across % down * OUT, left = tile % across * OUT;
        int rows = smaller(OUT, height - top), wide_columns = smaller(OUT, width - left);
        ptrdiff_t start = (((ptrdiff_t)(tile / across / down) * height + top) * width + left) * channels;
        for (int c = 0; c < channels; c += LANES) {
            lanes d[TILE_ELEMENTS], t[OUT * IN], out[OUT * OUT];
            for (int i = 0; i < TILE_ELEMENTS; i++) d[i] = load(m + i * plane + c);
            for (int i = 0; i < IN; i++) multiply_a(d + i, t + i, IN);
            for (int i = 0; i < OUT; i++) multiply_a(t + IN * i, out + OUT * i, 1);
            for (int i = 0; i < rows; i++)
                for (int j = 0; j < wide_columns; j++) {
                    ptrdiff_t offset = start + ((ptrdiff_t)i * width + j) * channels + c;
                    lanes sum = out[OUT * i + j] + load(bias + c);
                    if (residual) sum += load(residual + offset);
                    store(y + offset, larger(sum, (lanes){0}));
                }
        }
    }
}

/* The left side of a product: rows of lines * depth numbers. Rows are `row` numbers apart, the lines of a row `line`. */
typedef struct {
    ptrdiff_t row, line;
    int lines, depth;
} Layout;

/* `rows` rows of c = a b: b is a panel of (lines * depth, PANEL) numbers, the rows of c are n numbers apart. Meanwhile
 * the next panel comes into the cache: `step` numbers of it each time. */
static inline __attribute__((always_inline)) void multiply_rows(int rows, const float *a, Layout layout, const float *b,
                                                                float *c, int n, const float *next, int step) {
    wide left[ROWS], right[ROWS];
#pragma GCC unroll 12
    for (int r = 0; r < rows; r++) left[r] = right[r] = (wide){0};
    for (int line = 0; line < layout.lines; line++, a += layout.line)
        for (int i = 0; i < layout.depth; i++, b += PANEL, next += step) {
            __builtin_prefetch(next, 0, 2);
            wide first = *(const wide *)b, second = *(const wide *)(b + WIDTH);
#pragma GCC unroll 12
            for (int r = 0; r < rows; r++) {
                float value = a[r * layout.row + i];
                left[r] += value * first;
                right[r] += value * second;
            }
        }
#pragma GCC unroll 12
    for (int r = 0; r < rows; r++) {
        *(wide *)(c + (ptrdiff_t)r * n) = left[r];
        *(wide *)(c + (ptrdiff_t)r * n + WIDTH) = right[r];
    }
}

/* The compiler keeps the results in registers where it knows the number of rows. */
#define ROWS_CASE(rows) \
    case rows: multiply_rows(rows, a + i * layout.row, layout, panel, c + (ptrdiff_t)i * n + j, n, next, step); break;

/* c (m, n) = a b, where b is n / PANEL panels. */
static void multiply(const float *a, Layout layout, const float *b, float *c, int m, int n) {
    int size = layout.lines * layout.depth * PANEL, step = PANEL / divide_up(m, ROWS);
    for (int j = 0; j < n; j += PANEL) {
        const float *panel = b + (ptrdiff_t)(j / PANEL) * size, *next = panel + (j + PANEL < n ? size : 0);
        for (int i = 0; i < m; i += ROWS, next += (ptrdiff_t)size / PANEL * step)
            switch (smaller(m - i, ROWS)) {
#if ROWS == 12
                ROWS_CASE(12) ROWS_CASE(11) ROWS_CASE(10) ROWS_CASE(9) ROWS_CASE(8) ROWS_CASE(7)
#endif
                ROWS_CASE(6) ROWS_CASE(5) ROWS_CASE(4) ROWS_CASE(3) ROWS_CASE(2) ROWS_CASE(1)
            }
    }
}

/* How many numbers are side by side in a panel of weights. */
int panel_width(void) { return PANEL; }

/* max(0, convolution + bias + residual). `weight` is 36 times (columns / PANEL, channels, PANEL), `columns` is at least
 * `out`. `scratch` has 36 * (block * (channels + columns) + 32) numbers: those of `block` tiles stay in the cache. */
void convolve(const float *x, const float *weight, const float *bias, const float *residual, float *y, float *scratch,
              int block, int n, int height, int width, int channels, int out, int columns) {
    int tiles = n * divide_up(height, OUT) * divide_up(width, OUT);
    Layout layout = {.row = channels, .line = 0, .lines = 1, .depth = channels};
    for (int first = 0; first < tiles; first += block) {
        int m = smaller(block, tiles - first);
        ptrdiff_t plane = (ptrdiff_t)m * channels + SKEW, product_plane = (ptrdiff_t)m * columns + SKEW;
        float *products = scratch + TILE_ELEMENTS * plane;
        transform_input(x, scratch, plane, first, m, height, width, channels);
        for (int i = 0; i < TILE_ELEMENTS; i++)
            multiply(scratch + i * plane, layout, weight + (ptrdiff_t)i * channels * columns,
                     products + i * product_plane, m, columns);
        transform_output(products, product_plane, columns, bias, residual, y, first, m, height, width, out);
    }
}

/* One row of max(0, x + bias) after 3x3 max pooling with stride 2 and padding 1: `x` and `bias` have `rows` rows of
 * `width` pixels. */
static void pool_row(const float *x, const float *bias, float *y, int rows, int width, int channels) {
    for (int column = 0; column < divide_up(width, 2); column++, y += channels)
        for (int c = 0; c < channels; c += LANES) {
            lanes largest = {0};
            for (int row = 0; row < rows; row++)
                for (int j = column ? 2 * column - 1 : 0; j < smaller(2 * column + 2, width); j++) {
                    ptrdiff_t offset = ((ptrdiff_t)row * width + j) * channels + c;
                    largest = larger(largest, load(x + offset) + load(bias + offset));
                }
            store(y + c, largest);
        }
}

enum { KERNEL = 7, BORDER = 3 };

/* The first layer, 7x7 with stride 2 and padding 3 on one channel, then ReLU and max pooling. `grey` is (n, side, side),
 * `weight` (out / PANEL, 49, PANEL), where `out` is a multiple of PANEL, `bias` has a number for each result.
 * `scratch` has (side + 6)^2 + 3 * divide_up(side, 2) * out numbers. */
void stem(const unsigned char *grey, const float *weight, const float *bias, float *y, float *scratch, int n, int side,
          int out) {
    int half = divide_up(side, 2), quarter = divide_up(half, 2), padded = side + 2 * BORDER;
    float *picture = scratch, *rows = scratch + (ptrdiff_t)padded * padded;
    ptrdiff_t row = (ptrdiff_t)half * out;
    Layout layout = {.row = 2, .line = padded, .lines = KERNEL, .depth = KERNEL};
    for (int i = 0; i < padded * padded; i++) picture[i] = 0;
    for (; n > 0; n--, grey += (ptrdiff_t)side * side) {
        for (int i = 0; i < side; i++)
            for (int j = 0; j < side; j++)
                picture[(ptrdiff_t)(i + BORDER) * padded + BORDER + j] = grey[(ptrdiff_t)i * side + j];
        for (int i = 0; i < quarter; i++, y += (ptrdiff_t)quarter * out) {
            int first = i ? 2 * i - 1 : 0, last = smaller(2 * i + 2, half);
            for (int j = i ? first + 1 : 0; j < last; j++)
                multiply(picture + (ptrdiff_t)2 * j * padded, layout, weight, rows + (j - first) * row, half, out);
            pool_row(rows, bias + first * row, y, last - first, half, out);
            for (ptrdiff_t j = 0; j < row; j++) rows[j] = rows[(last - 1 - first) * row + j];
        }
    }
}
