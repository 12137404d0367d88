package dev.unroll.kernel;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorOperators;

/** Stand-in until the polynomials arrive. */
public final class Activations {
  private Activations() {}

  public static float exp(float x) {
    float c = Math.max(-87f, Math.min(88f, x));
    float k = Math.fma(c, (float) 1.4426950408889634, 12582912f);
    float n = k - 12582912f;
    float r = Math.fma(-n, (float) 0.693145751953125, c);
    r = Math.fma(-n, (float) 1.428606765330187e-6, r);
    float p = 1f / 5040;
    p = Math.fma(p, r, 1f / 720);
    p = Math.fma(p, r, 1f / 120);
    p = Math.fma(p, r, 1f / 24);
    p = Math.fma(p, r, 1f / 6);
    p = Math.fma(p, r, .5f);
    p = Math.fma(p, r, 1f);
    p = Math.fma(p, r, 1f);
    return p * Float.intBitsToFloat((Float.floatToRawIntBits(k) << 23) + 0x3f800000);
  }

  public static FloatVector exp(FloatVector x) {
    var s = x.species();
    FloatVector c = x.min(88f).max(-87f);
    FloatVector k =
        c.fma(
            FloatVector.broadcast(s, (float) 1.4426950408889634),
            FloatVector.broadcast(s, 12582912f));
    FloatVector n = k.sub(12582912f).neg();
    FloatVector r = n.fma(FloatVector.broadcast(s, (float) 0.693145751953125), c);
    r = n.fma(FloatVector.broadcast(s, (float) 1.428606765330187e-6), r);
    FloatVector p = FloatVector.broadcast(s, 1f / 5040);
    p = p.fma(r, FloatVector.broadcast(s, 1f / 720));
    p = p.fma(r, FloatVector.broadcast(s, 1f / 120));
    p = p.fma(r, FloatVector.broadcast(s, 1f / 24));
    p = p.fma(r, FloatVector.broadcast(s, 1f / 6));
    p = p.fma(r, FloatVector.broadcast(s, .5f));
    p = p.fma(r, FloatVector.broadcast(s, 1f));
    p = p.fma(r, FloatVector.broadcast(s, 1f));
    return p.mul(
        k.reinterpretAsInts()
            .lanewise(VectorOperators.LSHL, 23)
            .add(0x3f800000)
            .reinterpretAsFloats());
  }

  public static float sigmoid(float x) {
    return 1f / (1f + exp(-x));
  }

  public static FloatVector sigmoid(FloatVector x) {
    return FloatVector.broadcast(x.species(), 1f).div(exp(x.neg()).add(1f));
  }

  public static float tanh(float x) {
    return 1f - 2f / (exp(x + x) + 1f);
  }

  public static FloatVector tanh(FloatVector x) {
    return FloatVector.broadcast(x.species(), 1f)
        .sub(FloatVector.broadcast(x.species(), 2f).div(exp(x.add(x)).add(1f)));
  }
}
