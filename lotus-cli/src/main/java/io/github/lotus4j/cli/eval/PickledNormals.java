package io.github.lotus4j.cli.eval;

import io.github.lotus4j.error.LotusException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The normals of a part of an image, as OASIS has them: Python's pickle of a dictionary with the part's corners and an array. Chen et al.
 * 2020.
 *
 * @param area the part
 * @param normals x to the right, y down, z toward the camera, all 0 where nothing is known, {@code [height, width, 3]}
 */
record PickledNormals(Area area, float[] normals) {
    private static final Set<String> ARRAY =
            Set.of("numpy.core.multiarray._reconstruct", "numpy._core.multiarray._reconstruct");
    private static final Set<String> BUFFER =
            Set.of("numpy.core.numeric._frombuffer", "numpy._core.numeric._frombuffer");
    private static final Set<String> SCALAR = Set.of("numpy.core.multiarray.scalar", "numpy._core.multiarray.scalar");

    /**
     * @param name for messages
     * @throws LotusException if it is no such file
     */
    static PickledNormals parse(String name, byte[] file) {
        try {
            Map<?, ?> entries = (Map<?, ?>) Pickle.load(file);
            int left = corner(entries, "min_x");
            int top = corner(entries, "min_y");
            Area area = new Area(left, top, corner(entries, "max_x") - left + 1, corner(entries, "max_y") - top + 1);
            return new PickledNormals(area, normals(entries.get("normal"), area));
        } catch (RuntimeException | StackOverflowError e) { // whatever a damaged file leads to
            throw new LotusException(
                    name + ": found no pickle of min_x, min_y, max_x, max_y and an array normal: " + e.getMessage(), e);
        }
    }

    private static int corner(Map<?, ?> entries, String name) {
        Object value = entries.get(name);
        if (value instanceof Pickle.Call call && SCALAR.contains(call.function())) {
            return (int) numbers(call.arguments().get(0), call.arguments().get(1))[0];
        }
        if (value instanceof Number number) {
            return number.intValue();
        }
        throw new IllegalArgumentException(name + " is missing, or no number");
    }

    private static float[] normals(@Nullable Object array, Area area) {
        if (!(array instanceof Pickle.Call call)) {
            throw new IllegalArgumentException("normal is missing, or no array");
        }
        if (BUFFER.contains(call.function())) { // bytes, type, shape, order
            List<?> buffer = call.arguments();
            return normals(buffer.get(2), !buffer.get(3).equals("C"), buffer.get(1), buffer.get(0), area);
        }
        if (ARRAY.contains(call.function())) { // version, shape, type, whether it is in column-major order, bytes
            List<?> state = call.state();
            return normals(state.get(1), state.get(3).equals(true), state.get(2), state.get(4), area);
        }
        throw new IllegalArgumentException("normal is made by " + call.function());
    }

    private static float[] normals(Object shape, boolean columnMajor, Object type, Object data, Area area) {
        List<Long> expected = List.of((long) area.height(), (long) area.width(), 3L);
        if (!shape.equals(expected) || columnMajor) {
            throw new IllegalArgumentException(
                    "normal has another shape than " + expected + ", or is in column-major order");
        }
        float[] values = numbers(type, data);
        if (values.length != 3L * area.width() * area.height()) {
            throw new IllegalArgumentException("normal has " + values.length + " values");
        }
        return values;
    }

    /** @param type whose first argument is its name, and whose state has the byte order second */
    private static float[] numbers(Object type, Object data) {
        Pickle.Call call = (Pickle.Call) type;
        String order = call.state().size() > 1 ? (String) call.state().get(1) : "<";
        NumberType numbers =
                NumberType.of("normal", order + (String) call.arguments().getFirst());
        byte[] bytes = data instanceof String letters ? letters.getBytes(StandardCharsets.ISO_8859_1) : (byte[]) data;
        return numbers.read(ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN), bytes.length / numbers.bytes());
    }
}
