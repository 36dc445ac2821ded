package io.github.lotus4j.output;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Objects;
import java.util.stream.Collectors;

/** NumPy's array file, version 1.0: a header that is padded to 64 bytes, then little-endian values in row-major order. */
public final class Npy {
    private static final int ALIGNMENT = 64;
    private static final int CHUNK = 1 << 14;

    private Npy() {}

    /**
     * Values as float32.
     *
     * @param shape outermost dimension first
     * @throws IllegalArgumentException if the values do not fill the shape
     */
    public static void write(OutputStream out, float[] values, int... shape) throws IOException {
        Objects.requireNonNull(out, "out");
        Objects.requireNonNull(values, "values");
        Objects.requireNonNull(shape, "shape");
        long elements = Arrays.stream(shape).asLongStream().reduce(1, Math::multiplyExact);
        if (elements != values.length) {
            throw new IllegalArgumentException(values.length + " values for the shape " + Arrays.toString(shape));
        }
        String sizes = Arrays.stream(shape).mapToObj(size -> size + ",").collect(Collectors.joining(" "));
        writeHeader(out, "<f4", sizes);
        ByteBuffer chunk = ByteBuffer.allocate(Float.BYTES * CHUNK).order(ByteOrder.LITTLE_ENDIAN);
        for (int at = 0; at < values.length; at += CHUNK) {
            int count = Math.min(CHUNK, values.length - at);
            chunk.asFloatBuffer().put(values, at, count);
            out.write(chunk.array(), 0, Float.BYTES * count);
        }
    }

    /** One text, as an array of no dimension. */
    static void writeText(OutputStream out, String text) throws IOException {
        writeHeader(out, "<U" + text.codePointCount(0, text.length()), "");
        out.write(text.getBytes(StandardCharsets.UTF_32LE));
    }

    private static void writeHeader(OutputStream out, String type, String sizes) throws IOException {
        String header = "{'descr': '" + type + "', 'fortran_order': False, 'shape': (" + sizes + "), }";
        int before = 10 + header.length() + 1;
        header += " ".repeat((ALIGNMENT - before % ALIGNMENT) % ALIGNMENT) + "\n";
        out.write(new byte[] {
            (byte) 0x93, 'N', 'U', 'M', 'P', 'Y', 1, 0, (byte) header.length(), (byte) (header.length() >> 8)
        });
        out.write(header.getBytes(StandardCharsets.US_ASCII));
    }
}
