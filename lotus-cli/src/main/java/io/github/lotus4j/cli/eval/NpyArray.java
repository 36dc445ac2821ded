package io.github.lotus4j.cli.eval;

import io.github.lotus4j.error.LotusException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * An array of numbers in NumPy's file format, versions 1 to 3.
 *
 * @param shape outermost dimension first
 * @param values in row-major order
 */
record NpyArray(int[] shape, float[] values) {
    private static final byte[] MAGIC = {(byte) 0x93, 'N', 'U', 'M', 'P', 'Y'};
    private static final Pattern TYPE = Pattern.compile("'descr':\\s*'([^']*)'");
    private static final Pattern FORTRAN = Pattern.compile("'fortran_order':\\s*True");
    private static final Pattern SHAPE = Pattern.compile("'shape':\\s*\\(([0-9, ]*)\\)");

    /**
     * @param name for messages
     * @throws LotusException if it is no such file, or of another type or order
     */
    static NpyArray parse(String name, byte[] file) {
        if (file.length < 12 || !Arrays.equals(file, 0, MAGIC.length, MAGIC, 0, MAGIC.length)) {
            throw new LotusException(name + " is no NumPy array: it does not begin as one");
        }
        ByteBuffer bytes = ByteBuffer.wrap(file).order(ByteOrder.LITTLE_ENDIAN);
        boolean shortHeader = file[6] == 1;
        int begin = shortHeader ? 10 : 12;
        long length = shortHeader ? bytes.getShort(8) & 0xffff : bytes.getInt(8) & 0xffffffffL;
        if (begin + length > file.length) {
            throw new LotusException(name + " is cut off: found " + file.length + " bytes, its header alone has more");
        }
        String header = new String(file, begin, (int) length, StandardCharsets.ISO_8859_1);
        if (FORTRAN.matcher(header).find()) {
            throw new LotusException(name + ": found an array in column-major order, expected row-major");
        }
        NumberType type = NumberType.of(name, group(TYPE, header, name, "type"));
        int[] shape = shape(name, group(SHAPE, header, name, "shape"));
        long left = file.length - begin - length;
        double expected = type.bytes() * Arrays.stream(shape).asDoubleStream().reduce(1, (a, b) -> a * b);
        if (left != expected) {
            throw new LotusException("%s: found %,d bytes of values, expected %,.0f for the shape %s"
                    .formatted(name, left, expected, Arrays.toString(shape)));
        }
        return new NpyArray(shape, type.read(bytes.position((int) (begin + length)), (int) (left / type.bytes())));
    }

    private static String group(Pattern pattern, String header, String name, String what) {
        Matcher matcher = pattern.matcher(header);
        if (!matcher.find()) {
            throw new LotusException(name + ": its header names no " + what + ": " + header.strip());
        }
        return matcher.group(1);
    }

    private static int[] shape(String name, String sizes) {
        try {
            return Stream.of(sizes.split(","))
                    .map(String::strip)
                    .filter(size -> !size.isEmpty())
                    .mapToInt(Integer::parseInt)
                    .toArray();
        } catch (NumberFormatException e) {
            throw new LotusException(name + ": found the shape (" + sizes + "), expected smaller sizes", e);
        }
    }

    /**
     * The same without what dimensions of 1 it has too many at the end and at the beginning, as numbers of pixels.
     *
     * @throws LotusException if it is no image of so many channels
     */
    Plane plane(String name, int channels) {
        int dimensions = channels == 1 ? 2 : 3;
        int begin = 0;
        int end = shape.length;
        while (end - begin > dimensions && shape[end - 1] == 1) {
            end--;
        }
        while (end - begin > dimensions && shape[begin] == 1) {
            begin++;
        }
        int[] sizes = Arrays.copyOfRange(shape, begin, end);
        boolean fits = sizes.length == dimensions
                && (channels == 1 || sizes[2] == channels)
                && Arrays.stream(sizes).allMatch(size -> size > 0);
        if (!fits) {
            String expected = channels == 1 ? "[height, width]" : "[height, width, " + channels + "]";
            throw new LotusException(name + ": found the shape " + Arrays.toString(shape) + ", expected " + expected);
        }
        return new Plane(sizes[1], sizes[0], channels, values);
    }
}
