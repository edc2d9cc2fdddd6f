#pragma once
#include <stddef.h>
#include <stdint.h>

/// The eigenvalues, ascending, and eigenvectors of a symmetric matrix a [n, n]: vector i is column i of `a` afterwards. Householder's reduction
/// to a tridiagonal matrix and implicit QL (Golub and Van Loan, "Matrix Computations", 4th edition, §8.3). `scratch` [n].
/// O(n³). Returns 0 when it does not converge, as with values that are not finite.
int32_t apus_symmetric_eigen(double *a, size_t n, double *values, double *scratch);
