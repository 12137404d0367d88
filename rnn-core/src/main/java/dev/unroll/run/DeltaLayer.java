package dev.unroll.run;

import dev.unroll.cell.DeltaCell;
import dev.unroll.cell.LayerSizes;
import dev.unroll.cell.Parameters.Slice;
import dev.unroll.kernel.Activations;
import dev.unroll.kernel.Columns;
import java.util.ArrayList;
import java.util.List;

/**
 * A {@link Layer} of a {@link DeltaCell}, with its products. Its weights lie one after the other,
 * and all have I columns: they are one operand, of which each head's part of each weight begins an
 * atom. What is left, the state, is in {@link DeltaPass}.
 */
final class DeltaLayer extends AheadLayer {
  final DeltaCell cell;
  final DeltaCell.Layout head;
  final int heads;

  /** The first atom of the columns of each weight: Householder step by step, head by head. */
  final int queryAtom;

  final int keyAtom;
  final int valueAtom;
  final int betaAtom;
  final int alphaAtom;

  final Slice aLog;
  final Slice dtBias;

  /** For each head exp(a_log) and dt_bias. */
  final float[] rate;

  final float[] dt;

  DeltaLayer(DeltaCell cell, Place place) {
    LayerSizes sizes = place.config().sizes();
    int heads = sizes.heads();
    int n = cell.householder();
    var head = new DeltaCell.Layout(sizes.keySize(), sizes.valueSize(), n);
    var sections = new Sections();
    int query = sections.add(heads, head.keySize());
    int key = sections.add(n * heads, head.keySize());
    int value = sections.add(n * heads, head.valueSize());
    int beta = sections.add(1, n * heads);
    int alpha = sections.add(1, heads);
    int inputSize = place.inputSize();
    Slice first = place.add("weight_q", heads * head.keySize(), inputSize);
    place.add("weight_k", n * heads * head.keySize(), inputSize);
    place.add("weight_v", n * heads * head.valueSize(), inputSize);
    place.add("weight_beta", n * heads, inputSize);
    place.add("weight_alpha", heads, inputSize);
    super(cell, GateLayout.of(sections.columns()), place, first, null);
    this.cell = cell;
    this.head = head;
    this.heads = heads;
    queryAtom = query;
    keyAtom = key;
    valueAtom = value;
    betaAtom = beta;
    alphaAtom = alpha;
    aLog = place.add("a_log", heads);
    dtBias = place.add("dt_bias", heads);
    rate = new float[heads];
    dt = new float[heads];
  }

  @Override
  void pack(float[] values, int worker, int workers) {
    super.pack(values, worker, workers);
    for (int h = 0; h < heads && worker == 0; h++) {
      rate[h] = Activations.exp(values[aLog.offset() + h]);
      dt[h] = values[dtBias.offset() + h];
    }
  }

  /** The rows of a weight, in parts that begin with an atom. */
  private static final class Sections {
    private final List<Integer> firstRow = new ArrayList<>();
    private final List<Integer> count = new ArrayList<>();
    private int rows;

    /** Adds some parts of so many rows each; returns their first atom. */
    int add(int parts, int size) {
      int first = firstRow.size();
      for (int part = 0; part < parts; part++) {
        for (int i = 0; i < size; i += Columns.ATOM) {
          firstRow.add(rows + i);
          count.add(Math.min(Columns.ATOM, size - i));
        }
        rows += size;
      }
      return first;
    }

    Columns columns() {
      return new Columns(
          firstRow.stream().mapToInt(Integer::intValue).toArray(),
          count.stream().mapToInt(Integer::intValue).toArray());
    }
  }
}
