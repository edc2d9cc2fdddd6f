#include "symmetric_eigen.h"
#include <math.h>

// Reduces the symmetric a to diagonal d and subdiagonal e, a = Q T Qᵀ, and leaves Q in a.
static void tridiagonalise(double *a, size_t n, double *d, double *e) {
    for (size_t i = n - 1; i > 0; i--) {
        double *row = a + i * n, scale = 0, h = 0;
        if (i > 1)
            for (size_t k = 0; k < i; k++) scale += fabs(row[k]);
        if (scale == 0) {
            e[i] = row[i - 1];
            d[i] = 0;
            continue;
        }
        for (size_t k = 0; k < i; k++) {
            row[k] /= scale;
            h += row[k] * row[k];
        }
        double f = row[i - 1], g = f >= 0 ? -sqrt(h) : sqrt(h);
        e[i] = scale * g;
        h -= f * g;
        row[i - 1] = f - g;
        // e = A u / h, from the lower triangle alone, row by row.
        for (size_t j = 0; j < i; j++) e[j] = 0;
        for (size_t j = 0; j < i; j++) {
            const double *other = a + j * n;
            double sum = other[j] * row[j];
            for (size_t k = 0; k < j; k++) {
                sum += other[k] * row[k];
                e[k] += other[k] * row[j];
            }
            e[j] += sum;
        }
        double projection = 0;
        for (size_t j = 0; j < i; j++) {
            a[j * n + i] = row[j] / h;
            e[j] /= h;
            projection += e[j] * row[j];
        }
        double half = projection / (h + h);
        for (size_t j = 0; j < i; j++) e[j] -= half * row[j];
        for (size_t j = 0; j < i; j++) {
            double *other = a + j * n, u = row[j], v = e[j];
            for (size_t k = 0; k <= j; k++) other[k] -= u * e[k] + v * row[k];
        }
        d[i] = h;
    }
    d[0] = e[0] = 0;
    for (size_t i = 0; i < n; i++) {
        double *row = a + i * n;
        if (d[i] != 0) {
            double sums[n];
            for (size_t j = 0; j < i; j++) sums[j] = 0;
            for (size_t k = 0; k < i; k++)
                for (size_t j = 0; j < i; j++) sums[j] += row[k] * a[k * n + j];
            for (size_t k = 0; k < i; k++)
                for (size_t j = 0; j < i; j++) a[k * n + j] -= sums[j] * a[k * n + i];
        }
        d[i] = row[i];
        row[i] = 1;
        for (size_t j = 0; j < i; j++) a[j * n + i] = row[j] = 0;
    }
}

// Rotates the columns i and i + 1 of vectors that lie in rows.
static void rotate(double *first, double *second, size_t n, double c, double s) {
    for (size_t k = 0; k < n; k++) {
        double f = second[k];
        second[k] = s * first[k] + c * f;
        first[k] = c * first[k] - s * f;
    }
}

static void transpose(double *a, size_t n) {
    for (size_t i = 0; i < n; i++)
        for (size_t j = 0; j < i; j++) {
            double t = a[i * n + j];
            a[i * n + j] = a[j * n + i];
            a[j * n + i] = t;
        }
}

int32_t apus_symmetric_eigen(double *a, size_t n, double *d, double *e) {
    if (n == 0) return 1;
    for (size_t i = 0; i < n * n; i++)
        if (!isfinite(a[i])) return 0;
    tridiagonalise(a, n, d, e);
    transpose(a, n); // vectors lie in rows while they are rotated
    for (size_t i = 1; i < n; i++) e[i - 1] = e[i];
    e[n - 1] = 0;
    for (size_t l = 0; l < n; l++)
        for (int rounds = 0;; rounds++) {
            size_t m = l;
            for (; m + 1 < n; m++) {
                double size = fabs(d[m]) + fabs(d[m + 1]);
                if (fabs(e[m]) <= 1e-16 * size || e[m] == 0) break;
            }
            if (m == l) break;
            if (rounds == 60) return 0;
            double g = (d[l + 1] - d[l]) / (2 * e[l]), r = hypot(g, 1);
            g = d[m] - d[l] + e[l] / (g + copysign(r, g));
            double s = 1, c = 1, p = 0;
            size_t i = m;
            int vanished = 0;
            while (i-- > l) {
                double f = s * e[i], b = c * e[i];
                r = hypot(f, g);
                e[i + 1] = r;
                if (r == 0) {
                    d[i + 1] -= p;
                    e[m] = 0;
                    vanished = 1;
                    break;
                }
                s = f / r;
                c = g / r;
                g = d[i + 1] - p;
                r = (d[i] - g) * s + 2 * c * b;
                p = s * r;
                d[i + 1] = g + p;
                g = c * r - b;
                rotate(a + i * n, a + (i + 1) * n, n, c, s);
            }
            if (vanished) continue;
            d[l] -= p;
            e[l] = g;
            e[m] = 0;
        }
    for (size_t i = 0; i + 1 < n; i++) {
        size_t least = i;
        for (size_t j = i + 1; j < n; j++)
            if (d[j] < d[least]) least = j;
        if (least == i) continue;
        double t = d[i];
        d[i] = d[least];
        d[least] = t;
        for (size_t k = 0; k < n; k++) {
            t = a[i * n + k];
            a[i * n + k] = a[least * n + k];
            a[least * n + k] = t;
        }
    }
    transpose(a, n);
    return 1;
}
