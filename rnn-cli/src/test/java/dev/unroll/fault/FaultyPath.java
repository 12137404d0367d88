package dev.unroll.fault;

import java.io.File;
import java.nio.file.Path;
import org.apache.lucene.tests.mockfile.FilterFileSystem;
import org.apache.lucene.tests.mockfile.FilterPath;

/** A path of {@link FaultyFiles}. */
final class FaultyPath extends FilterPath {
  FaultyPath(Path real, FilterFileSystem files) {
    super(real, files);
  }

  /** The real path is not one of the default file system, and so has no file. */
  @Override
  public File toFile() {
    return new File(toString());
  }
}
