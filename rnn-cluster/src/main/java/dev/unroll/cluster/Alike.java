package dev.unroll.cluster;

import java.io.Serializable;
import scala.collection.Iterator;
import scala.runtime.AbstractFunction1;

/** Leaves a partition as it is: what the tasks of a barrier stage begin with. */
final class Alike extends AbstractFunction1<Iterator<String>, Iterator<String>>
    implements Serializable {
  private static final long serialVersionUID = 1L;

  @Override
  public Iterator<String> apply(Iterator<String> partition) {
    return partition;
  }
}
