package io.github.lotus4j.cli.eval;

import io.github.lotus4j.error.LotusException;
import java.nio.ByteBuffer;
import java.util.function.ToDoubleFunction;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** NumPy's types of numbers, as its files name them; little-endian. */
@SuppressWarnings("ImmutableEnumChecker") // functions without state
enum NumberType {
    BOOLEAN("b1", 1, ByteBuffer::get),
    INT8("i1", 1, ByteBuffer::get),
    UINT8("u1", 1, bytes -> bytes.get() & 0xff),
    INT16("i2", 2, ByteBuffer::getShort),
    UINT16("u2", 2, bytes -> bytes.getShort() & 0xffff),
    INT32("i4", 4, ByteBuffer::getInt),
    UINT32("u4", 4, bytes -> bytes.getInt() & 0xffffffffL),
    INT64("i8", 8, ByteBuffer::getLong),
    FLOAT16("f2", 2, bytes -> Float.float16ToFloat(bytes.getShort())),
    FLOAT32("f4", 4, ByteBuffer::getFloat),
    FLOAT64("f8", 8, ByteBuffer::getDouble);

    private final String code;
    private final int bytes;
    private final ToDoubleFunction<ByteBuffer> next;

    NumberType(String code, int bytes, ToDoubleFunction<ByteBuffer> next) {
        this.code = code;
        this.bytes = bytes;
        this.next = next;
    }

    /**
     * @param name of the file, for messages
     * @param type such as {@code <f4}
     * @throws LotusException if it is none of these
     */
    static NumberType of(String name, String type) {
        String code = type.startsWith("<") || type.startsWith("|") ? type.substring(1) : type;
        return Stream.of(values())
                .filter(each -> each.code.equals(code))
                .findFirst()
                .orElseThrow(() -> new LotusException(name + ": found values of type " + type + ", expected one of "
                        + Stream.of(values()).map(each -> each.code).collect(Collectors.joining(", "))
                        + ", little-endian"));
    }

    int bytes() {
        return bytes;
    }

    /** So many values from where the buffer, in little-endian order, stands. */
    float[] read(ByteBuffer from, int count) {
        float[] values = new float[count];
        for (int i = 0; i < count; i++) {
            values[i] = (float) next.applyAsDouble(from);
        }
        return values;
    }
}
