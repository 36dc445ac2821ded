package io.github.lotus4j.weights;

import static java.nio.ByteOrder.LITTLE_ENDIAN;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The head of a safetensors file: eight bytes of length, then JSON. Checked as the format's own reader checks it, and
 * where that is laxer than the format's text (a key twice, white space before the brace), as the text says.
 *
 * @param dataOffset where in the file the tensors' bytes begin
 * @param entries the tensors in the order of their bytes, which they cover without gap or overlap
 */
record SafetensorsHeader(long dataOffset, Map<String, String> metadata, List<Entry> entries) {
    static final String METADATA_KEY = "__metadata__";

    /** The format's limit, in bytes. */
    static final int MAX_LENGTH = 100_000_000;

    /** Dimensions of a tensor; no network needs more, and the format sets no limit. */
    private static final int MAX_RANK = 64;

    /** The bytes before the JSON, which hold its length. */
    static final int LENGTH_BYTES = Long.BYTES;

    /** Offsets count from the end of the header. */
    record Entry(String name, DType dtype, int[] shape, long begin, long end) {}

    static SafetensorsHeader parse(Path file, MemorySegment bytes) {
        return new Parser(file, bytes).parse();
    }

    private record Parser(Path file, MemorySegment bytes) {
        SafetensorsHeader parse() {
            int length = length();
            JsonNode root = json(length);
            Map<String, String> metadata = Map.of();
            List<Entry> entries = new ArrayList<>();
            for (Map.Entry<String, JsonNode> property : root.properties()) {
                String key = property.getKey();
                if (key.equals(METADATA_KEY)) {
                    metadata = metadata(property.getValue());
                } else {
                    entries.add(entry(key, property.getValue()));
                }
            }
            entries.sort(Comparator.comparingLong(Entry::begin).thenComparingLong(Entry::end));
            long dataOffset = LENGTH_BYTES + (long) length;
            requireCovering(entries, bytes.byteSize() - dataOffset);
            return new SafetensorsHeader(dataOffset, metadata, List.copyOf(entries));
        }

        private int length() {
            long size = bytes.byteSize();
            if (size < LENGTH_BYTES) {
                throw fault("it has " + size + " bytes, fewer than the 8 that give the header's length");
            }
            long length = bytes.get(ValueLayout.JAVA_LONG_UNALIGNED.withOrder(LITTLE_ENDIAN), 0);
            if (startsWith("version https://git-lfs")) {
                throw fault("it is a Git LFS pointer; download the file it stands for (git lfs pull)");
            }
            if (length < 0 || length > MAX_LENGTH) {
                throw fault("its header claims " + Long.toUnsignedString(length) + " bytes, more than the limit of "
                        + MAX_LENGTH);
            }
            if (length > size - LENGTH_BYTES) {
                throw fault("its header claims " + length + " bytes, but only " + (size - LENGTH_BYTES)
                        + " follow; the file is cut short");
            }
            return (int) length;
        }

        private boolean startsWith(String text) {
            byte[] start = text.getBytes(StandardCharsets.US_ASCII);
            return bytes.byteSize() >= start.length
                    && bytes.asSlice(0, start.length).mismatch(MemorySegment.ofArray(start)) < 0;
        }

        private JsonNode json(int length) {
            byte[] header = bytes.asSlice(LENGTH_BYTES, length).toArray(ValueLayout.JAVA_BYTE);
            if (length == 0 || header[0] != '{') {
                throw fault("its header does not start with '{'");
            }
            try {
                String text = StandardCharsets.UTF_8
                        .newDecoder() // one that refuses, where new String(…) would replace
                        .decode(ByteBuffer.wrap(header))
                        .toString();
                return Json.parse(text);
            } catch (CharacterCodingException e) {
                throw new SafetensorsException(file, "its header is not UTF-8", e);
            } catch (JsonProcessingException e) {
                throw new SafetensorsException(file, "its header is not valid JSON: " + Json.reason(e), e);
            }
        }

        private Map<String, String> metadata(JsonNode node) {
            if (node.isNull()) {
                return Map.of();
            }
            if (!node.isObject()) {
                throw fault(METADATA_KEY + " is " + Json.kind(node) + ", expected an object of strings");
            }
            Map<String, String> metadata = new LinkedHashMap<>();
            for (Map.Entry<String, JsonNode> property : node.properties()) {
                JsonNode value = property.getValue();
                if (!value.isTextual()) {
                    throw fault(METADATA_KEY + " holds " + Json.kind(value) + " at " + Json.brief(property.getKey())
                            + ", expected a string");
                }
                metadata.put(property.getKey(), value.textValue());
            }
            return Collections.unmodifiableMap(metadata);
        }

        private Entry entry(String name, JsonNode node) {
            if (!node.isObject()) {
                throw fault(name, "is described by " + Json.kind(node) + ", expected an object");
            }
            DType dtype = dtype(name, node.path("dtype"));
            int[] shape = shape(name, node.path("shape"));
            JsonNode offsets = node.path("data_offsets");
            if (!offsets.isArray() || offsets.size() != 2) {
                throw fault(name, "has data_offsets " + described(offsets) + ", expected [begin, end]");
            }
            long begin = count(name, "data_offsets", offsets.get(0));
            long end = count(name, "data_offsets", offsets.get(1));
            if (end < begin) {
                throw fault(name, "has data_offsets " + Json.brief(offsets) + ", which end before they begin");
            }
            requireSize(name, dtype, shape, end - begin);
            return new Entry(name, dtype, shape, begin, end);
        }

        private DType dtype(String name, JsonNode node) {
            if (!node.isTextual()) {
                throw fault(name, "has dtype " + described(node) + ", expected a string");
            }
            return DType.named(node.textValue())
                    .orElseThrow(() -> fault(
                            name,
                            "has the unknown dtype " + Json.brief(node) + ", expected one of "
                                    + Arrays.toString(DType.values())));
        }

        private int[] shape(String name, JsonNode node) {
            if (!node.isArray()) {
                throw fault(name, "has shape " + described(node) + ", expected a list of dimensions");
            }
            if (node.size() > MAX_RANK) {
                throw fault(name, "has " + node.size() + " dimensions, expected at most " + MAX_RANK);
            }
            int[] shape = new int[node.size()];
            for (int i = 0; i < shape.length; i++) {
                long dimension = count(name, "shape", node.get(i));
                if (dimension > Integer.MAX_VALUE) {
                    throw fault(
                            name,
                            "has shape " + Json.brief(node) + "; dimensions above " + Integer.MAX_VALUE
                                    + " are not supported");
                }
                shape[i] = (int) dimension;
            }
            return shape;
        }

        private long count(String name, String key, JsonNode node) {
            if (!node.isIntegralNumber() || !node.canConvertToLong() || node.longValue() < 0) {
                throw fault(name, "has " + described(node) + " in " + key + ", expected a whole number of at least 0");
            }
            return node.longValue();
        }

        private void requireSize(String name, DType dtype, int[] shape, long bytes) {
            long bits;
            try {
                bits = Math.multiplyExact(Shapes.elements(shape), (long) dtype.bits());
            } catch (ArithmeticException e) {
                throw new SafetensorsException(
                        file,
                        "the size of tensor " + Json.brief(name) + ", " + dtype + " " + shown(shape) + ", overflows",
                        e);
            }
            if (bits % Byte.SIZE != 0) {
                throw fault(name, "is " + dtype + " " + shown(shape) + ", which does not end at a byte's boundary");
            }
            if (bits / Byte.SIZE != bytes) {
                throw fault(
                        name,
                        "is " + dtype + " " + shown(shape) + ", which takes " + bits / Byte.SIZE
                                + " bytes, but its data_offsets span " + bytes);
            }
        }

        private void requireCovering(List<Entry> entries, long available) {
            long covered = 0;
            for (Entry entry : entries) {
                if (entry.begin() != covered) {
                    throw fault(
                            entry.name(),
                            "begins at offset " + entry.begin()
                                    + (entry.begin() < covered ? ", overlapping" : ", leaving a gap after")
                                    + " the tensor before it, which ends at " + covered);
                }
                covered = entry.end();
            }
            if (covered > available) {
                throw fault("its tensors take " + covered + " bytes, but only " + available
                        + " follow the header; the file is cut short");
            }
            if (covered < available) {
                throw fault("its tensors take " + covered + " bytes, but " + available + " follow the header");
            }
        }

        private static String described(JsonNode node) {
            return node.isMissingNode() ? "missing" : Json.brief(node);
        }

        private static String shown(int[] shape) {
            return Arrays.toString(shape);
        }

        private SafetensorsException fault(String tensor, String fault) {
            return fault("tensor " + Json.brief(tensor) + " " + fault);
        }

        private SafetensorsException fault(String fault) {
            return new SafetensorsException(file, fault);
        }
    }
}
