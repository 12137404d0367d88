package dev.unroll.experiments.task;

import java.util.Arrays;
import java.util.random.RandomGenerator;
import org.apache.commons.math3.complex.Complex;
import org.apache.commons.math3.linear.Array2DRowRealMatrix;
import org.apache.commons.math3.linear.EigenDecomposition;
import org.apache.commons.math3.linear.MatrixUtils;
import org.apache.commons.math3.linear.QRDecomposition;
import org.apache.commons.math3.linear.RealMatrix;
import org.apache.commons.math3.linear.SingularValueDecomposition;

/** Square matrices in double precision, for questions about W_hh alone. */
public final class Matrices {
  private Matrices() {}

  /** An n x n matrix of normal numbers with mean 0. */
  public static RealMatrix gaussian(int n, double deviation, RandomGenerator random) {
    double[][] rows = new double[n][n];
    for (double[] row : rows) {
      Arrays.setAll(row, j -> deviation * random.nextGaussian());
    }
    return new Array2DRowRealMatrix(rows, false);
  }

  /** The Q of a Gaussian matrix's QR decomposition, as the notebooks draw it. */
  public static RealMatrix orthogonal(int n, RandomGenerator random) {
    return new QRDecomposition(gaussian(n, 1, random)).getQ();
  }

  /** The n x n identity. */
  public static RealMatrix identity(int n) {
    return MatrixUtils.createRealIdentityMatrix(n);
  }

  /** The spectral norm. */
  public static double largestSingularValue(RealMatrix matrix) {
    return new SingularValueDecomposition(matrix).getNorm();
  }

  /** The largest absolute value of an eigenvalue. */
  public static double spectralRadius(RealMatrix matrix) {
    EigenDecomposition eigen = new EigenDecomposition(matrix);
    double radius = 0;
    for (int i = 0; i < matrix.getRowDimension(); i++) {
      radius =
          Math.max(
              radius, new Complex(eigen.getRealEigenvalue(i), eigen.getImagEigenvalue(i)).abs());
    }
    return radius;
  }

  /** log10 of the Frobenius norm of the k-th power of the transpose, k = 0 to {@code steps}. */
  public static double[] log10NormsOfPowers(RealMatrix matrix, int steps) {
    RealMatrix transposed = matrix.transpose();
    RealMatrix product = identity(matrix.getRowDimension());
    double[] norms = new double[steps + 1];
    for (int k = 0; k <= steps; k++) {
      norms[k] = StrictMath.log10(product.getFrobeniusNorm());
      product = transposed.multiply(product);
    }
    return norms;
  }
}
