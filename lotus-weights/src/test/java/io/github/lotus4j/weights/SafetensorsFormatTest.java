package io.github.lotus4j.weights;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** One test for each way in which a header can be malformed, each verdict that of the format's own reader or text. */
class SafetensorsFormatTest {
    private static final String TWO_BYTES = "{'dtype':'U8','shape':[2],'data_offsets':[0,2]}";

    @TempDir
    Path folder;

    @Test
    void fileTooShortForALength() {
        refused(new byte[] {2, 0, 0, 0, 0, 0, 0}, "7 bytes", "fewer than the 8");
    }

    @Test
    void emptyFile() {
        refused(new byte[0], "0 bytes");
    }

    @Test
    void headerAboveTheLimit() {
        refused(withLength(100_000_001, "{}"), "100000001", "limit of 100000000");
    }

    @Test
    void headerLengthThatIsNegativeWhenSigned() {
        refused(withLength(-1, "{}"), "18446744073709551615");
    }

    @Test
    void headerLongerThanTheFile() {
        refused(withLength(9, "{}"), "claims 9 bytes", "only 2 follow");
    }

    @Test
    void emptyHeader() {
        refused(withLength(0, ""), "does not start with '{'");
    }

    @Test
    void headerIsAList() {
        refused(file("[]"), "does not start with '{'");
    }

    @Test
    void whiteSpaceBeforeTheBrace() {
        refused(file(" {}"), "does not start with '{'");
    }

    @Test
    void byteOrderMark() {
        refused(file("\uFEFF{}"), "does not start with '{'");
    }

    @Test
    void badUtf8() {
        byte[] bytes = file("{'?':1}");
        bytes[10] = (byte) 0xff;
        refused(bytes, "not UTF-8");
    }

    @Test
    void jsonCutShort() {
        refused(file("{'a':"), "not valid JSON");
    }

    @Test
    void somethingAfterTheObject() {
        refused(file("{}{}"), "not valid JSON");
    }

    @Test
    void zeroBytesAsPadding() {
        refused(file("{}\0\0"), "not valid JSON");
    }

    @Test
    void notANumber() {
        refused(file("{'a':NaN}"), "not valid JSON");
    }

    @Test
    void controlCharacterInAString() {
        refused(file("{'a\n':" + TWO_BYTES + "}", 1, 2), "not valid JSON");
    }

    @Test
    void unpairedSurrogate() {
        refused(file("{'\\ud800':" + TWO_BYTES + "}", 1, 2), "surrogate");
        refused(file("{'__metadata__':{'key':'\\ud800'},'a':" + TWO_BYTES + "}", 1, 2), "surrogate");
        refused(withNote("'\\ud800'"), "surrogate");
        refused(withNote("{'\\udc00':1}"), "surrogate");
    }

    @Test
    void deepNesting() {
        refused(file("{'a':" + "[".repeat(200) + "]".repeat(200) + "}"), "not valid JSON", "nesting");
        refused(withNote("[".repeat(126) + "]".repeat(126)), "not valid JSON", "nesting");
    }

    @Test
    void nestingAsDeepAsTheFormatsReaderGoes() {
        byte[] bytes = withNote("[".repeat(125) + "]".repeat(125));
        try (SafetensorsFile opened = SafetensorsFile.open(save(bytes))) {
            assertThat(opened.tensors()).hasSize(1);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"1e999", "-1e999", "1E+309"})
    void numberOutOfRange(String number) {
        refused(withNote(number), "not valid JSON", "out of range");
    }

    @Test
    void integerOutOfRange() {
        refused(withNote("1".repeat(310)), "not valid JSON", "out of range");
    }

    @Test
    void sameTensorTwice() {
        refused(file("{'a':" + TWO_BYTES + ",'a':" + TWO_BYTES + "}", 1, 2), "not valid JSON", "'a'");
    }

    @Test
    void sameFieldTwice() {
        refused(file("{'a':{'dtype':'U8','dtype':'U8','shape':[2],'data_offsets':[0,2]}}", 1, 2), "'dtype'");
    }

    @Test
    void sameMetadataTwice() {
        refused(file("{'__metadata__':{'k':'1','k':'2'}}"), "'k'");
    }

    @Test
    void metadataIsNoObject() {
        refused(file("{'__metadata__':[]}"), "__metadata__ is a list");
    }

    @Test
    void metadataIsNoText() {
        refused(file("{'__metadata__':{'k':1}}"), "a number at k");
    }

    @Test
    void tensorIsNoObject() {
        refused(file("{'a':['U8',[2],[0,2]]}", 1, 2), "tensor a", "a list");
    }

    @Test
    void dtypeMissing() {
        refused(file("{'a':{'shape':[2],'data_offsets':[0,2]}}", 1, 2), "tensor a", "dtype missing");
    }

    @Test
    void dtypeUnknown() {
        refused(file("{'a':{'dtype':'F8_E3M4','shape':[2],'data_offsets':[0,2]}}", 1, 2), "\"F8_E3M4\"", "F8_E5M2");
    }

    @Test
    void dtypeInSmallLetters() {
        refused(file("{'a':{'dtype':'u8','shape':[2],'data_offsets':[0,2]}}", 1, 2), "\"u8\"");
    }

    @Test
    void dtypeIsNoString() {
        refused(file("{'a':{'dtype':8,'shape':[2],'data_offsets':[0,2]}}", 1, 2), "dtype 8");
    }

    @Test
    void shapeMissing() {
        refused(file("{'a':{'dtype':'U8','data_offsets':[0,2]}}", 1, 2), "shape missing");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = ';',
            value = {"2.0", "-2", "-0", "'\"2\"'", "1e0", "null", "[2]", "99999999999999999999"})
    void dimensionIsNoCount(String dimension) {
        refused(
                raw("{\"a\":{\"dtype\":\"U8\",\"shape\":[" + dimension + "],\"data_offsets\":[0,2]}}", 1, 2),
                "in shape");
    }

    @Test
    void dimensionAboveWhatIsSupported() {
        refused(file("{'a':{'dtype':'U8','shape':[0,2147483648],'data_offsets':[0,0]}}"), "not supported");
    }

    @Test
    void productOfDimensionsOverflows() {
        String shape = "[2147483647,2147483647,2147483647]";
        refused(file("{'a':{'dtype':'U8','shape':" + shape + ",'data_offsets':[0,2]}}", 1, 2), "overflows");
    }

    @Test
    void bitsOverflow() {
        String shape = "[2147483647,1073741824]";
        refused(file("{'a':{'dtype':'F64','shape':" + shape + ",'data_offsets':[0,2]}}", 1, 2), "overflows");
    }

    @Test
    void subByteTensorEndsWithinAByte() {
        refused(file("{'a':{'dtype':'F4','shape':[3],'data_offsets':[0,2]}}", 1, 2), "byte's boundary");
    }

    @Test
    void offsetsMissing() {
        refused(file("{'a':{'dtype':'U8','shape':[2]}}"), "data_offsets missing");
    }

    @Test
    void threeOffsets() {
        refused(file("{'a':{'dtype':'U8','shape':[2],'data_offsets':[0,2,3]}}", 1, 2), "[begin, end]");
    }

    @Test
    void offsetsReversed() {
        refused(file("{'a':{'dtype':'U8','shape':[2],'data_offsets':[2,0]}}", 1, 2), "end before they begin");
    }

    @Test
    void offsetIsNegative() {
        refused(file("{'a':{'dtype':'U8','shape':[2],'data_offsets':[-2,0]}}", 1, 2), "in data_offsets");
    }

    @Test
    void offsetIsMinusZero() {
        refused(file("{'a':{'dtype':'U8','shape':[2],'data_offsets':[-0,2]}}", 1, 2), "-0.0 in data_offsets");
    }

    @Test
    void offsetsDoNotFitShapeAndType() {
        refused(file("{'a':{'dtype':'F16','shape':[2],'data_offsets':[0,2]}}", 1, 2), "takes 4 bytes", "span 2");
    }

    @Test
    void gapBeforeTheFirst() {
        refused(file("{'a':{'dtype':'U8','shape':[2],'data_offsets':[1,3]}}", 1, 2, 3), "gap");
    }

    @Test
    void gapBetween() {
        String second = "{'dtype':'U8','shape':[1],'data_offsets':[3,4]}";
        refused(file("{'a':" + TWO_BYTES + ",'b':" + second + "}", 1, 2, 3, 4), "tensor b", "gap");
    }

    @Test
    void overlap() {
        String second = "{'dtype':'U8','shape':[2],'data_offsets':[1,3]}";
        refused(file("{'a':" + TWO_BYTES + ",'b':" + second + "}", 1, 2, 3), "tensor b", "overlapping");
    }

    @Test
    void dataCutShort() {
        refused(file("{'a':" + TWO_BYTES + "}", 1), "take 2 bytes, but only 1", "cut short");
    }

    @Test
    void dataTooLong() {
        refused(file("{'a':" + TWO_BYTES + "}", 1, 2, 3), "take 2 bytes, but 3");
    }

    @Test
    void gitLfsPointer() {
        refused("version https://git-lfs.github.com/spec/v1\n".getBytes(StandardCharsets.US_ASCII), "Git LFS");
    }

    @Test
    void fileMissing() {
        assertThatThrownBy(() -> SafetensorsFile.open(folder.resolve("none.safetensors")))
                .isInstanceOf(CheckpointException.class)
                .hasMessageContainingAll("none.safetensors", "does not exist");
    }

    @Test
    void folderInsteadOfAFile() {
        assertThatThrownBy(() -> SafetensorsFile.open(folder))
                .isInstanceOf(CheckpointException.class)
                .hasMessageContaining("folder");
    }

    @Test
    void fileOfRandomBytesIsRefusedNotMisread() {
        long seed = System.nanoTime();
        Random random = new Random(seed);
        byte[] valid = file("{'__metadata__':{'k':'v'},'a':" + TWO_BYTES + "}", 1, 2);
        for (int round = 0; round < 2000; round++) {
            byte[] bytes = valid.clone();
            bytes[random.nextInt(valid.length - 2)] = (byte) random.nextInt(256);
            try (SafetensorsFile opened = SafetensorsFile.open(save(bytes))) {
                assertThat(opened.tensors()).as("seed " + seed).hasSizeLessThanOrEqualTo(1);
            } catch (SafetensorsException e) {
                assertThat(e).as("seed " + seed).hasMessageContaining("not a valid safetensors file");
            }
        }
    }

    @Test
    void paddingWithWhiteSpaceIsFine() {
        try (SafetensorsFile opened = SafetensorsFile.open(save(file("{} \n\t\r ")))) {
            assertThat(opened.tensors()).isEmpty();
        }
    }

    @Test
    void unknownFieldIsIgnored() {
        try (SafetensorsFile opened = SafetensorsFile.open(save(withNote("1")))) {
            assertThat(opened.tensor("a").data().toArray(ValueLayout.JAVA_BYTE)).containsExactly(1, 2);
        }
    }

    @Test
    void scalarAndEmptyTensors() {
        String scalar = "{'dtype':'U8','shape':[],'data_offsets':[0,1]}";
        String empty = "{'dtype':'F32','shape':[3,0],'data_offsets':[1,1]}";
        try (SafetensorsFile opened = SafetensorsFile.open(save(file("{'e':" + empty + ",'s':" + scalar + "}", 7)))) {
            assertThat(opened.tensor("s").elements()).isOne();
            assertThat(opened.tensor("s").shape()).isEmpty();
            assertThat(opened.tensor("e").toFloats()).isEmpty();
        }
    }

    @Test
    void metadataMayBeNull() {
        try (SafetensorsFile opened = SafetensorsFile.open(save(file("{'__metadata__':null}")))) {
            assertThat(opened.metadata()).isEmpty();
        }
    }

    @ParameterizedTest
    @EnumSource(DType.class)
    void everyTypeOfTheFormat(DType dtype) {
        String entry = "{'dtype':'" + dtype + "','shape':[2,4],'data_offsets':[0," + dtype.bits() + "]}";
        try (SafetensorsFile opened = SafetensorsFile.open(save(file("{'a':" + entry + "}", new int[dtype.bits()])))) {
            Parameter tensor = opened.tensor("a");
            assertThat(tensor.dtype()).isEqualTo(dtype);
            assertThat(tensor.elements()).isEqualTo(8);
            assertThat(tensor.data().byteSize()).isEqualTo(dtype.bits());
            if (dtype.convertible()) {
                assertThat(tensor.toFloats()).containsOnly(0);
            } else {
                assertThatThrownBy(tensor::toFloats)
                        .isInstanceOf(CheckpointException.class)
                        .hasMessageContainingAll("tensor a", dtype.name());
            }
        }
    }

    @Test
    void tensorBeyondTwoGigabytes() throws IOException {
        long size = 3L << 30;
        byte[] head = file("{'a':{'dtype':'U8','shape':[3,1073741824],'data_offsets':[0," + size + "]}}");
        Path path = save(head);
        try (var channel = Files.newByteChannel(path, StandardOpenOption.WRITE)) {
            channel.position(head.length + size - 1).write(ByteBuffer.wrap(new byte[] {42})); // sparse
        }
        try (SafetensorsFile opened = SafetensorsFile.open(path)) {
            assertThat(opened.tensor("a").data().get(ValueLayout.JAVA_BYTE, size - 1))
                    .isEqualTo((byte) 42);
            assertThatThrownBy(() -> opened.tensor("a").data().set(ValueLayout.JAVA_BYTE, 0, (byte) 1))
                    .isInstanceOf(IllegalArgumentException.class);
        }
    }

    @Test
    void closingTwiceIsFineAndEndsTheMapping() {
        SafetensorsFile opened = SafetensorsFile.open(save(file("{'a':" + TWO_BYTES + "}", 1, 2)));
        Parameter tensor = opened.tensor("a");
        opened.close();
        opened.close();
        assertThatThrownBy(() -> tensor.data().get(ValueLayout.JAVA_BYTE, 0)).isInstanceOf(IllegalStateException.class);
    }

    private void refused(byte[] bytes, String... words) {
        Path path = save(bytes);
        assertThatThrownBy(() -> SafetensorsFile.open(path))
                .isInstanceOf(SafetensorsException.class)
                .hasMessageContaining(path.toString())
                .hasMessageContainingAll(words);
    }

    private Path save(byte[] bytes) {
        try {
            return Files.write(folder.resolve("test.safetensors"), bytes);
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }

    /** A file of that header, with ' for ", and that data. */
    private static byte[] file(String header, int... data) {
        return raw(header.replace('\'', '"'), data);
    }

    /** A good file, but for the value of a field that is ignored. */
    private static byte[] withNote(String value) {
        return file("{'a':{'dtype':'U8','shape':[2],'data_offsets':[0,2],'note':" + value + "}}", 1, 2);
    }

    private static byte[] raw(String header, int... data) {
        byte[] json = header.getBytes(StandardCharsets.UTF_8);
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        bytes.writeBytes(length(json.length));
        bytes.writeBytes(json);
        for (int b : data) {
            bytes.write(b);
        }
        return bytes.toByteArray();
    }

    private static byte[] withLength(long length, String header) {
        byte[] bytes = raw(header);
        System.arraycopy(length(length), 0, bytes, 0, Long.BYTES);
        return bytes;
    }

    private static byte[] length(long length) {
        return ByteBuffer.allocate(Long.BYTES)
                .order(ByteOrder.LITTLE_ENDIAN)
                .putLong(length)
                .array();
    }
}
