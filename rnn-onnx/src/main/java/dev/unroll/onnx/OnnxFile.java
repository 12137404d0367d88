package dev.unroll.onnx;

import ai.onnx.proto.OnnxMl.ModelProto;
import ai.onnx.proto.OnnxMl.OperatorSetIdProto;
import ai.onnx.proto.OnnxMl.TensorProto;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.MessageLite;
import com.google.protobuf.Parser;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/** Reads the files of ONNX: models, and single tensors as the backend tests have them. */
final class OnnxFile {
  /** Where RNN, LSTM and GRU got their attribute layout. */
  static final int OLDEST_OPSET = 14;

  /** What is made of a file's message. */
  interface Use<M, T extends @Nullable Object> {
    T of(M message);
  }

  private OnnxFile() {}

  static <T> T model(Path path, Use<ModelProto, T> use) throws IOException {
    return anyModel(
        path,
        model -> {
          requireOpset(model);
          return use.of(model);
        });
  }

  /** As {@link #model}, of any opset. */
  static <T extends @Nullable Object> T anyModel(Path path, Use<ModelProto, T> use)
      throws IOException {
    return read(path, "model", ModelProto.parser(), use);
  }

  static Value tensor(Path path) throws IOException {
    return read(path, "tensor", TensorProto.parser(), tensor -> Tensors.read(tensor, "its tensor"));
  }

  /** Every sentence about a file begins with its name. */
  private static <M extends MessageLite, T extends @Nullable Object> T read(
      Path path, String what, Parser<M> parser, Use<M, T> use) throws IOException {
    try {
      long size = Files.size(path);
      if (size > Integer.MAX_VALUE - 8) {
        throw new IOException(
            "'" + path + "' has " + size + " bytes, but an ONNX file has at most 2 GB.");
      }
      Memory.ofThisMachine().take(size, 1);
      return use.of(parser.parseFrom(Files.readAllBytes(path)));
    } catch (NoSuchFileException e) {
      throw new IOException("There is no file '" + path + "'.", e);
    } catch (OutOfMemoryError e) {
      // Messages of two bytes each become objects of a hundred; nothing of them is left by now.
      throw new IOException("'" + path + "' needs more memory than this JVM may use, see -Xmx.", e);
    } catch (InvalidProtocolBufferException e) {
      throw new IOException(
          "'" + path + "' is not an ONNX " + what + ", or is cut short: " + e.getMessage(), e);
    } catch (IllegalArgumentException e) {
      throw new IOException("'" + path + "': " + e.getMessage() + ".", e);
    }
  }

  static void requireOpset(ModelProto model) {
    long version = 0;
    for (OperatorSetIdProto set : model.getOpsetImportList()) {
      if (Node.isOnnx(set.getDomain())) {
        version = Math.max(version, set.getVersion());
      }
    }
    if (!model.hasGraph() || version == 0) {
      throw new IllegalArgumentException(
          "it is no ONNX model: it has no graph or names no version of ONNX's operators");
    }
    if (version < OLDEST_OPSET) {
      throw new IllegalArgumentException(
          "it uses opset "
              + version
              + " of ONNX's operators, but "
              + OLDEST_OPSET
              + " or later is needed: export it again with opset_version=17, or convert it with"
              + " onnx.version_converter");
    }
  }
}
