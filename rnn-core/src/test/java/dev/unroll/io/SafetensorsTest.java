package dev.unroll.io;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIOException;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import dev.unroll.cell.Initializer;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.random.RandomGenerator;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SafetensorsTest {
  @TempDir Path folder;

  private Path file() {
    return folder.resolve("a.safetensors");
  }

  private Path write(String header, byte[] data) throws IOException {
    byte[] json = header.getBytes(StandardCharsets.UTF_8);
    ByteBuffer bytes =
        ByteBuffer.allocate(8 + json.length + data.length).order(ByteOrder.LITTLE_ENDIAN);
    return Files.write(file(), bytes.putLong(json.length).put(json).put(data).array());
  }

  @Test
  void readsWhatItWrote() throws IOException {
    Map<String, Tensor> tensors = new LinkedHashMap<>();
    tensors.put("weight", Tensor.of(new float[] {1, -0f, Float.NaN, 1e-40f, 5, 6}, 2, 3));
    tensors.put("scalar", Tensor.of(new double[] {Math.PI}));
    tensors.put("none", Tensor.of(new float[0], 0, 4));
    tensors.put("tokens ☃ \"quoted\"", Tensor.of(new long[] {Long.MIN_VALUE, 7}, 2));
    Map<String, String> metadata = Map.of("lr", "0.1");
    new Safetensors(tensors, metadata).write(file());

    Safetensors read = Safetensors.read(file());
    assertThat(read.metadata()).isEqualTo(metadata);
    assertThat(read.tensors().keySet()).containsExactlyElementsOf(tensors.keySet());
    assertThat(read.tensor("weight").type()).isEqualTo(Tensor.Type.F32);
    assertThat(read.tensor("weight").shape()).containsExactly(2, 3);
    assertThat(read.tensor("weight").floats())
        .containsExactly(new float[] {1, -0f, Float.NaN, 1e-40f, 5, 6});
    assertThat(read.tensor("scalar").shape()).isEmpty();
    assertThat(read.tensor("scalar").doubles()).containsExactly(Math.PI);
    assertThat(read.tensor("none").size()).isZero();
    assertThat(read.tensor("tokens ☃ \"quoted\"").longs()).containsExactly(Long.MIN_VALUE, 7);
  }

  @Test
  void writingReplacesAndDeletesWhatTheDeadLeft() throws IOException {
    Files.writeString(file(), "old");
    String hidden = "." + file().getFileName() + ".";
    Files.writeString(folder.resolve(hidden + "999999999999.tmp"), "of one that was killed");
    Path note = Files.writeString(folder.resolve(hidden + "txt"), "of somebody else");
    long alive = ProcessHandle.current().parent().orElseThrow().pid();
    Path growing = Files.writeString(folder.resolve(hidden + alive + ".tmp"), "of one alive");
    new Safetensors(Map.of(), Map.of()).write(file());
    assertThat(Safetensors.read(file()).tensors()).isEmpty();
    try (Stream<Path> files = Files.list(folder)) {
      assertThat(files).containsExactlyInAnyOrder(file(), note, growing);
    }
  }

  @Test
  @DisabledOnOs(OS.WINDOWS)
  void whoMayReadOtherFilesMayReadThese() throws IOException {
    new Safetensors(Map.of(), Map.of()).write(file());
    Path other = Files.writeString(folder.resolve("other"), "");
    assertThat(Files.getPosixFilePermissions(file()))
        .isEqualTo(Files.getPosixFilePermissions(other));
  }

  @Test
  void dataBeginAtAMultipleOfEightBytes() throws IOException {
    for (int length = 1; length <= 8; length++) {
      String name = "a".repeat(length);
      new Safetensors(Map.of(name, Tensor.of(new float[] {1}, 1)), Map.of()).write(file());
      byte[] bytes = Files.readAllBytes(file());
      assertThat(ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).getLong() % 8).isZero();
    }
  }

  @Test
  void everyTypeIsRead() throws IOException {
    ByteBuffer data = ByteBuffer.allocate(34).order(ByteOrder.LITTLE_ENDIAN);
    data.putDouble(1.5).putFloat(2.5f).putShort((short) 0x3E00).putShort((short) 0xC040);
    data.putLong(-4).putInt(-5).putShort((short) -6).put((byte) -7).put((byte) 200);
    data.put((byte) 1).put((byte) 0);
    String header =
        """
        {"f64":{"dtype":"F64","shape":[1],"data_offsets":[0,8]},
        "f32":{"dtype":"F32","shape":[1],"data_offsets":[8,12]},
        "f16":{"dtype":"F16","shape":[1],"data_offsets":[12,14]},
        "bf16":{"dtype":"BF16","shape":[1],"data_offsets":[14,16]},
        "i64":{"dtype":"I64","shape":[1],"data_offsets":[16,24]},
        "i32":{"dtype":"I32","shape":[1],"data_offsets":[24,28]},
        "i16":{"dtype":"I16","shape":[1],"data_offsets":[28,30]},
        "i8":{"dtype":"I8","shape":[1],"data_offsets":[30,31]},
        "u8":{"dtype":"U8","shape":[1],"data_offsets":[31,32]},
        "bool":{"dtype":"BOOL","shape":[2],"data_offsets":[32,34]}}  \
        """;
    Safetensors read = Safetensors.read(write(header, data.array()));
    assertThat(read.tensor("f64").doubles()).containsExactly(1.5);
    assertThat(read.tensor("f32").doubles()).containsExactly(2.5);
    assertThat(read.tensor("f16").floats()).containsExactly(1.5f);
    assertThat(read.tensor("bf16").floats()).containsExactly(-3f);
    assertThat(read.tensor("i64").longs()).containsExactly(-4);
    assertThat(read.tensor("i32").longs()).containsExactly(-5);
    assertThat(read.tensor("i16").longs()).containsExactly(-6);
    assertThat(read.tensor("i8").longs()).containsExactly(-7);
    assertThat(read.tensor("u8").longs()).containsExactly(200);
    assertThat(read.tensor("bool").longs()).containsExactly(1, 0);
    assertThatIllegalStateException()
        .isThrownBy(() -> read.tensor("bool").floats())
        .withMessageContaining("BOOL");
    assertThatIllegalStateException()
        .isThrownBy(() -> read.tensor("i64").doubles())
        .withMessageContaining("I64");
    assertThatIllegalStateException()
        .isThrownBy(() -> read.tensor("f16").longs())
        .withMessageContaining("F16");
  }

  /** Each header with eight bytes of data, and what the message has to say. */
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          [1]                                                              | START_OBJECT is expected
          {"a":3}                                                          | 'a' has a JSON
          {"a":{"dtype":"F32","shape":[2]                                  | not valid JSON
          {"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}} x         | not valid JSON
          {"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}} {}        | more after the JSON
          {"a":{"dtype":"F32","data_offsets":[0,8]}}                       | needs a shape
          {"a":{"dtype":"F32","shape":[2]}}                                | two data_offsets
          {"a":{"dtype":"F32","shape":[2],"data_offsets":[0]}}             | two data_offsets
          {"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8,8]}}         | two data_offsets
          {"a":{"dtype":32,"shape":[2],"data_offsets":[0,8]}}              | dtype of 'a' has a JSON
          {"a":{"dtype":"F32","shape":2,"data_offsets":[0,8]}}             | START_ARRAY is expected
          {"a":{"dtype":"F31","shape":[2],"data_offsets":[0,8]}}           | dtype 'F31'
          {"a":{"shape":[2],"data_offsets":[0,8]}}                         | dtype ''
          {"a":{"dtype":"F32","shape":[3],"data_offsets":[0,8]}}           | needs 12 bytes
          {"a":{"dtype":"F32","shape":[2.5],"data_offsets":[0,8]}}         | shape of 'a'
          {"a":{"dtype":"F32","shape":[-2],"data_offsets":[0,8]}}          | negative
          {"a":{"dtype":"F32","shape":[65536,65536],"data_offsets":[0,8]}} | larger than 2 GB
          {"a":{"dtype":"F32","shape":[4294967296],"data_offsets":[0,8]}}  | larger than 2 GB
          {"a":{"dtype":"F32","shape":[4611686018427387904],"data_offsets":[0,0]}} | larger than 2 GB
          {"a":{"dtype":"U8","shape":[2147483640],"data_offsets":[0,2147483640]}}  | larger than 2 GB
          {"a":{"dtype":"U8","shape":[2147483639],"data_offsets":[0,2147483639]}}  | may be cut short
          {"a":{"dtype":"F32","shape":[2],"data_offsets":[8,0]}}           | span -8
          {"a":{"dtype":"F32","shape":[4],"data_offsets":[0,16]}}          | may be cut short
          {"a":{"dtype":"F32","shape":[1],"data_offsets":[4,8]}}           | after a gap
          {"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}           | end after 4 of 8
          {"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4],"b":1}}     | unknown key 'b'
          {"__metadata__":{"a":1}}                                         | metadata 'a'
          """)
  void brokenFilesAreRefused(String header, String message) throws IOException {
    Path file = write(header, new byte[8]);
    assertThatIOException()
        .isThrownBy(() -> Safetensors.read(file))
        .withMessageContaining(file.toString())
        .withMessageContaining(message);
  }

  @Test
  void tensorsMayBeListedInAnyOrder() throws IOException {
    String b = "{\"b\":{\"dtype\":\"U8\",\"shape\":[2],\"data_offsets\":[1,3]},";
    Path file =
        write(
            b + "\"a\":{\"dtype\":\"U8\",\"shape\":[1],\"data_offsets\":[0,1]}}",
            new byte[] {7, 8, 9});
    assertThat(Safetensors.read(file).tensor("a").longs()).containsExactly(7);
    assertThat(Safetensors.read(file).tensor("b").longs()).containsExactly(8, 9);
  }

  @Test
  void theSmallestFileHasNoTensor() throws IOException {
    assertThat(Safetensors.read(write("{}", new byte[0])).tensors()).isEmpty();
    new Safetensors(Map.of(), Map.of()).write(file());
    assertThat(Files.readString(file())).doesNotContain("metadata");
  }

  @Test
  void manyNamesAreCutShort() {
    List<String> names = Collections.nCopies(20, "a");
    assertThat(Safetensors.names(names)).endsWith("a, a").doesNotContain("more");
    assertThat(Safetensors.names(Collections.nCopies(22, "a"))).endsWith("a and 2 more");
    assertThat(Safetensors.names(List.of())).isEqualTo("none");
  }

  @Test
  void valuesThatDoNotFillAShapeAreRefused() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Tensor.of(new float[2], 3))
        .withMessage("2 values do not fill a tensor of shape [3].");
  }

  @Test
  void overlapsAndDoubleNamesAreRefused() throws IOException {
    String a = "{\"a\":{\"dtype\":\"U8\",\"shape\":[6],\"data_offsets\":[0,6]},";
    Path file =
        write(a + "\"b\":{\"dtype\":\"U8\",\"shape\":[6],\"data_offsets\":[2,8]}}", new byte[8]);
    assertThatIOException()
        .isThrownBy(() -> Safetensors.read(file))
        .withMessageContaining("'b' begins at 2, inside another tensor");
    write(a + "\"a\":{\"dtype\":\"U8\",\"shape\":[2],\"data_offsets\":[6,8]}}", new byte[8]);
    assertThatIOException()
        .isThrownBy(() -> Safetensors.read(file))
        .withMessageContaining("not valid JSON");
  }

  @Test
  void wrongHeaderLengthsAreRefused() throws IOException {
    assertThatIOException()
        .isThrownBy(() -> Safetensors.read(file()))
        .withMessage("There is no file '" + file() + "'.");
    Files.write(file(), new byte[5]);
    assertThatIOException()
        .isThrownBy(() -> Safetensors.read(file()))
        .withMessageContaining("5 bytes");
    Files.write(file(), new byte[8]);
    assertThatIOException()
        .isThrownBy(() -> Safetensors.read(file()))
        .withMessageContaining("header of 0 bytes, but 0 follow");
    for (long length : List.of(-1L, Long.MAX_VALUE, 9L, 0L)) {
      ByteBuffer bytes = ByteBuffer.allocate(16).order(ByteOrder.LITTLE_ENDIAN).putLong(length);
      Files.write(file(), bytes.array());
      assertThatIOException()
          .isThrownBy(() -> Safetensors.read(file()))
          .withMessageContaining(Long.toUnsignedString(length) + " bytes, but 8 follow");
    }
  }

  /** Whatever bytes are damaged, the answer is a whole file or a sentence, nothing else. */
  @Test
  void damagedFilesAreReadOrRefusedWithAnIoException() throws IOException {
    Map<String, Tensor> tensors = new LinkedHashMap<>();
    tensors.put("a", Tensor.of(new float[] {1, 2, 3, 4, 5, 6}, 2, 3));
    tensors.put("b", Tensor.of(new long[] {7}, 1));
    new Safetensors(tensors, Map.of("lr", "0.1")).write(file());
    byte[] whole = Files.readAllBytes(file());
    RandomGenerator random = Initializer.random(29);
    int refused = 0;
    for (int trial = 0; trial < 2000; trial++) {
      byte[] bytes =
          Arrays.copyOf(whole, trial % 4 == 0 ? random.nextInt(whole.length) : whole.length);
      for (int i = 0; i <= trial % 3 && bytes.length > 0; i++) {
        bytes[random.nextInt(bytes.length)] = (byte) random.nextInt();
      }
      Files.write(file(), bytes);
      try {
        assertThat(Safetensors.read(file())).isNotNull();
      } catch (IOException e) {
        assertThat(e).hasMessageContaining(file().toString());
        refused++;
      }
    }
    assertThat(refused).isBetween(1000, 1999);
  }

  @Test
  void aSizeIsToldByFullTensorsOnly() {
    Safetensors file =
        new Safetensors(
            Map.of("a", Tensor.of(new float[6], 2, 3), "b", Tensor.of(new float[0], 0, 9)),
            Map.of());
    assertThat(file.shape("a", 2)).containsExactly(2, 3);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> file.shape("a", 1))
        .withMessage("Tensor 'a' has shape [2, 3], but must have 1 dimensions of at least 1.");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> file.shape("b", 2))
        .withMessageContaining("'b' has shape [0, 9]");
  }
}
