/* `pow` (ISO C 7.12.7.4, F.10.4.4), which tokio's and indicatif's averages call: of all that the C library's mathematics
 * are, nothing else is used, and half a megabyte of them would be mapped. Exact where a small whole power is; else right
 * but for some 1e-13 of it. */

#include <stdint.h>
#include <string.h>

static double of_bits(uint64_t bits) {
    double number;
    memcpy(&number, &bits, sizeof number);
    return number;
}

static uint64_t bits_of(double number) {
    uint64_t bits;
    memcpy(&bits, &number, sizeof bits);
    return bits;
}

/* `x` times 2 to the power of `n`, in steps that are numbers themselves. */
static double scaled(double x, int n) {
    for (; n > 1000; n -= 1000) x *= 0x1p1000;
    for (; n < -1000; n += 1000) x *= 0x1p-1000;
    return x * of_bits((uint64_t)(n + 1023) << 52);
}

/* The binary logarithm of a finite number above 0. */
static double logarithm(double x) {
    int exponent = 0;
    if (x < 0x1p-1022) {
        x *= 0x1p54;
        exponent = -54;
    }
    uint64_t bits = bits_of(x);
    exponent += (int)(bits >> 52) - 1023;
    double m = of_bits((bits & 0xfffffffffffffULL) | 0x3ff0000000000000ULL);
    if (m > 1.4142135623730951) {
        m /= 2;
        exponent += 1;
    }
    /* ln m = 2 atanh s */
    double s = (m - 1) / (m + 1), square = s * s, sum = 0;
    for (int k = 23; k >= 3; k -= 2) sum = (sum + 1.0 / k) * square;
    return exponent + (2 * s + 2 * s * sum) * 1.4426950408889634;
}

/* 2 to the power of `t`. */
static double power_of_two(double t) {
    if (t >= 1025) return of_bits(0x7ff0000000000000ULL);
    if (t < -1080) return 0;
    int whole = (int)(t < 0 ? t - 0.5 : t + 0.5);
    double rest = (t - whole) * 0.6931471805599453, sum = 1;
    for (int k = 16; k >= 1; k -= 1) sum = 1 + sum * rest / k;
    return scaled(sum, whole);
}

double pow(double x, double y) {
    const double infinite = of_bits(0x7ff0000000000000ULL);
    if (y == 0 || x == 1) return 1;
    if (x != x || y != y) return x + y;
    double ax = of_bits(bits_of(x) & ~(1ULL << 63));
    double ay = of_bits(bits_of(y) & ~(1ULL << 63));
    /* From 2^53 on all are even. */
    int whole = ay >= 0x1p53 || ay == (double)(int64_t)ay;
    int odd = whole && ay < 0x1p53 && ((int64_t)ay & 1);
    double sign = odd && bits_of(x) >> 63 ? -1 : 1;
    if (ay == infinite) return ax == 1 ? 1 : (ax > 1) == (y > 0) ? infinite : 0;
    if (ax == 0 || ax == infinite) return sign * ((ax == 0) == (y > 0) ? 0 : infinite);
    if (x < 0 && !whole) return (x - x) / (x - x);
    if (whole && ay <= 64) {
        double product = 1, factor = ax;
        for (int n = (int)ay; n > 0; n >>= 1, factor *= factor) if (n & 1) product *= factor;
        if (y > 0) return sign * product;
        if (product != infinite) return sign / product;
    }
    return sign * power_of_two(y * logarithm(ax));
}
