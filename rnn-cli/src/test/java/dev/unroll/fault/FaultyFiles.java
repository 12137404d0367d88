package dev.unroll.fault;

import java.io.IOException;
import java.io.OutputStream;
import java.net.URI;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.channels.SeekableByteChannel;
import java.nio.file.CopyOption;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.spi.FileSystemProvider;
import java.util.HashSet;
import java.util.Set;
import org.apache.lucene.tests.mockfile.FilterFileSystemProvider;
import org.apache.lucene.tests.mockfile.FilterPath;

/**
 * The default file system of a JVM, in which {@link Fault}s happen: {@code
 * -Djava.nio.file.spi.DefaultFileSystemProvider=dev.unroll.fault.FaultyFiles}.
 */
public final class FaultyFiles extends FilterFileSystemProvider {
  /** Made by the JVM, in front of the real one. */
  public FaultyFiles(FileSystemProvider real) {
    super("file", real.getFileSystem(URI.create("file:///")));
  }

  @Override
  public FilterPath wrapPath(Path path) {
    return new FaultyPath(path, fileSystem);
  }

  @Override
  public void createDirectory(Path folder, FileAttribute<?>... attributes) throws IOException {
    if (!Files.exists(folder)) {
      Fault.moment(folder, true);
    }
    super.createDirectory(folder, attributes);
  }

  @Override
  public void delete(Path path) throws IOException {
    Fault.moment(path, false);
    super.delete(path);
  }

  @Override
  public boolean deleteIfExists(Path path) throws IOException {
    try {
      if (Files.exists(path)) {
        delete(path);
        return true;
      }
    } catch (NoSuchFileException gone) {
      // somebody else was quicker
    }
    return false;
  }

  @Override
  public void copy(Path from, Path to, CopyOption... options) throws IOException {
    Fault.moment(to, true);
    super.copy(from, to, options);
  }

  @Override
  public void move(Path from, Path to, CopyOption... options) throws IOException {
    Fault.moment(to, false);
    super.move(from, to, options);
  }

  @Override
  public OutputStream newOutputStream(Path path, OpenOption... options) throws IOException {
    Set<OpenOption> all = new HashSet<>(Set.of(options));
    all.add(StandardOpenOption.WRITE);
    if (options.length == 0) {
      all.add(StandardOpenOption.CREATE);
      all.add(StandardOpenOption.TRUNCATE_EXISTING);
    }
    return Channels.newOutputStream(newByteChannel(path, all));
  }

  @Override
  public SeekableByteChannel newByteChannel(
      Path path, Set<? extends OpenOption> options, FileAttribute<?>... attributes)
      throws IOException {
    return options.contains(StandardOpenOption.WRITE)
        ? newFileChannel(path, options, attributes)
        : super.newByteChannel(path, options, attributes);
  }

  @Override
  public FileChannel newFileChannel(
      Path path, Set<? extends OpenOption> options, FileAttribute<?>... attributes)
      throws IOException {
    if (options.contains(StandardOpenOption.WRITE)) {
      boolean creates = !Files.exists(path);
      if (creates || options.contains(StandardOpenOption.TRUNCATE_EXISTING)) {
        Fault.moment(path, creates);
      }
    }
    return new FaultyChannel(super.newFileChannel(path, options, attributes), path);
  }
}
