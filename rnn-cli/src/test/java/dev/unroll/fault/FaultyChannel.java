package dev.unroll.fault;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.ReadableByteChannel;
import java.nio.file.FileSystemException;
import java.nio.file.Path;
import org.apache.lucene.tests.mockfile.FilterFileChannel;

/** A file that is written in halves, so that a {@link Fault} can come between. */
final class FaultyChannel extends FilterFileChannel {
  private final Path file;

  FaultyChannel(FileChannel real, Path file) {
    super(real);
    this.file = file;
  }

  @Override
  public int write(ByteBuffer bytes) throws IOException {
    moment();
    int half = bytes.remaining() / 2;
    if (half == 0) {
      return super.write(bytes);
    }
    int end = bytes.limit();
    bytes.limit(bytes.position() + half);
    int written = super.write(bytes);
    bytes.limit(end);
    moment();
    return written + super.write(bytes);
  }

  /** What fails in a file that is open does not tell its name. */
  private void moment() throws IOException {
    try {
      Fault.moment(file, true);
    } catch (FileSystemException named) {
      String reason = named.getReason();
      throw new IOException(reason == null ? "Input/output error" : reason);
    }
  }

  @Override
  public FileChannel truncate(long size) throws IOException {
    if (size < size()) {
      Fault.moment(file, false);
    }
    super.truncate(size);
    return this;
  }

  @Override
  public void force(boolean metaData) throws IOException {
    Fault.moment(file, false);
    super.force(metaData);
  }

  @Override
  public int write(ByteBuffer bytes, long position) {
    throw notCounted();
  }

  @Override
  public long write(ByteBuffer[] bytes, int offset, int length) {
    throw notCounted();
  }

  @Override
  public long transferFrom(ReadableByteChannel from, long position, long count) {
    throw notCounted();
  }

  private static UnsupportedOperationException notCounted() {
    return new UnsupportedOperationException("no program of ours writes so: count it as a moment");
  }
}
