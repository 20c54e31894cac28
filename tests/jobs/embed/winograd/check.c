/* kernels.c against plain loops, on buffers of exactly the documented sizes: for a compiler's sanitizers. */
#include "../../../../jobs/embed/winograd/kernels.c"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

static unsigned seed = 1;

static float number(void) { return (float)((seed = seed * 1664525u + 1013904223u) >> 8) / (1 << 24) - 0.5f; }

static float *numbers(size_t count) {
    float *made = malloc(count * sizeof(float));
    for (size_t i = 0; i < count; i++) made[i] = number();
    return made;
}

static int failed;

static void compare(const char *what, const float *ours, const double *expected, size_t count) {
    for (size_t i = 0; i < count; i++)
        if (!(fabs(ours[i] - expected[i]) < 1e-4)) {
            printf("%s: %g in place of %g at %zu\n", what, ours[i], expected[i], i);
            failed = 1;
            return;
        }
}

/* G of the paper, for the points 0, 1, -1, 2, -2 and infinity. */
static const double G[6][3] = {{1.0 / 4, 0, 0},
                               {-1.0 / 6, -1.0 / 6, -1.0 / 6},
                               {-1.0 / 6, 1.0 / 6, -1.0 / 6},
                               {1.0 / 24, 1.0 / 12, 1.0 / 6},
                               {1.0 / 24, -1.0 / 12, 1.0 / 6},
                               {0, 0, 1}};

static float transformed(const float *g, int row, int column) {
    double sum = 0;
    for (int i = 0; i < 3; i++)
        for (int j = 0; j < 3; j++) sum += G[row][i] * g[3 * i + j] * G[column][j];
    return (float)sum;
}

static void check_convolution(int n, int height, int width, int channels, int out, int block, int with_residual) {
    int columns = divide_up(out, PANEL) * PANEL;
    size_t pixels = (size_t)n * height * width;
    float *x = numbers(pixels * channels), *weight = numbers((size_t)out * channels * 9), *bias = numbers(out);
    float *residual = with_residual ? numbers(pixels * out) : NULL, *y = numbers(pixels * out);
    float *packed = calloc((size_t)36 * channels * columns, sizeof(float));
    float *scratch = numbers((size_t)36 * (block * (channels + columns) + 32));
    double *expected = calloc(pixels * out, sizeof(double));
    for (int i = 0; i < 36; i++)
        for (int c = 0; c < channels; c++)
            for (int o = 0; o < out; o++)
                packed[((size_t)i * (columns / PANEL) + o / PANEL) * channels * PANEL + c * PANEL + o % PANEL] =
                    transformed(weight + ((size_t)o * channels + c) * 9, i / 6, i % 6);
    for (size_t p = 0; p < pixels; p++)
        for (int o = 0; o < out; o++) {
            int row = (int)(p / width % height), column = (int)(p % width);
            double sum = bias[o] + (residual ? residual[p * out + o] : 0);
            for (int k = 0; k < 9; k++) {
                int i = row + k / 3 - 1, j = column + k % 3 - 1;
                if (i < 0 || i >= height || j < 0 || j >= width) continue;
                const float *pixel = x + (((p / width / height) * height + i) * width + j) * channels;
                for (int c = 0; c < channels; c++) sum += pixel[c] * weight[((size_t)o * channels + c) * 9 + k];
            }
            expected[p * out + o] = sum > 0 ? sum : 0;
        }
    convolve(x, packed, bias, residual, y, scratch, block, n, height, width, channels, out, columns);
    compare("convolve", y, expected, pixels * out);
    free(x), free(weight), free(bias), free(residual), free(y), free(packed), free(scratch), free(expected);
}

static void check_stem(int n, int side, int out) {
    int half = divide_up(side, 2), quarter = divide_up(half, 2), padded = side + 6;
    unsigned char *grey = malloc((size_t)n * side * side);
    for (size_t i = 0; i < (size_t)n * side * side; i++) grey[i] = (unsigned char)(number() * 20 + 10);
    float *weight = numbers((size_t)49 * out), *bias = numbers((size_t)half * half * out);
    float *y = numbers((size_t)n * quarter * quarter * out), *scratch = numbers((size_t)padded * padded + 3 * half * out);
    double *expected = calloc((size_t)n * quarter * quarter * out, sizeof(double));
    for (int p = 0; p < n * half * half; p++)
        for (int o = 0; o < out; o++) {
            int picture = p / half / half, row = p / half % half, column = p % half;
            double sum = bias[(size_t)(row * half + column) * out + o];
            for (int k = 0; k < 49; k++) {
                int i = 2 * row + k / 7 - 3, j = 2 * column + k % 7 - 3;
                if (i < 0 || i >= side || j < 0 || j >= side) continue;
                sum += grey[((size_t)picture * side + i) * side + j] *
                       weight[((size_t)(o / PANEL) * 49 + k) * PANEL + o % PANEL];
            }
            for (int i = row / 2; i <= (row + 1) / 2 && i < quarter; i++)
                for (int j = column / 2; j <= (column + 1) / 2 && j < quarter; j++) {
                    double *to = expected + (((size_t)picture * quarter + i) * quarter + j) * out + o;
                    if (sum > *to) *to = sum;
                }
        }
    stem(grey, weight, bias, y, scratch, n, side, out);
    compare("stem", y, expected, (size_t)n * quarter * quarter * out);
    free(grey), free(weight), free(bias), free(y), free(scratch), free(expected);
}

int main(void) {
    const int sizes[][3] = {{1, 1, 1}, {1, 4, 4}, {2, 7, 7}, {1, 1, 9}, {3, 13, 6}, {2, 22, 23}};
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++)
        for (int block = 1; block <= 49; block += 12)
            for (int residual = 0; residual < 2; residual++)
                check_convolution(sizes[i][0], sizes[i][1], sizes[i][2], 16 + 16 * (i % 3), 16 + 16 * (i % 4), block,
                                  residual);
    for (int side = 1; side < 40; side += 3) check_stem(1 + side % 3, side, 64);
    puts(failed ? "failed" : "equal");
    return failed;
}
