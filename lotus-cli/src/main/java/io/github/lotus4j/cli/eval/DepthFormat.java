package io.github.lotus4j.cli.eval;

import io.github.lotus4j.error.LotusException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/** What depth is stored as. */
enum DepthFormat {
    /** PNG of 16 bits, in millimetres. */
    MILLIMETRES {
        @Override
        Plane metres(String name, byte[] file, int width, int height) {
            return PngSamples.parse(name, file, 1).dividedBy(1000);
        }
    },
    /** PNG of 16 bits, in metres / 256, as KITTI's. */
    METRES_BY_256 {
        @Override
        Plane metres(String name, byte[] file, int width, int height) {
            return PngSamples.parse(name, file, 1).dividedBy(256);
        }
    },
    /** Single precision without a header, in metres, infinite where it is not known, as ETH3D's. */
    RAW_SINGLE {
        @Override
        Plane metres(String name, byte[] file, int width, int height) {
            if (file.length != (long) Float.BYTES * width * height) {
                throw new LotusException("%s: found %,d bytes, expected %,d: %d×%d values of 32 bits"
                        .formatted(name, file.length, (long) Float.BYTES * width * height, width, height));
            }
            float[] values = new float[width * height];
            ByteBuffer.wrap(file).order(ByteOrder.LITTLE_ENDIAN).asFloatBuffer().get(values);
            for (int i = 0; i < values.length; i++) {
                values[i] = Float.isInfinite(values[i]) ? 0 : values[i];
            }
            return new Plane(width, height, 1, values);
        }
    },
    /** NumPy's arrays, in metres, with a mask in a file of its own, as DIODE's. */
    NPY_WITH_MASK {
        @Override
        Plane metres(String name, byte[] file, int width, int height) {
            return NpyArray.parse(name, file).plane(name, 1);
        }

        @Override
        boolean hasMask() {
            return true;
        }
    };

    /**
     * @param name for messages
     * @param width of the image, which a file without a header has, too
     * @param height of the image
     */
    abstract Plane metres(String name, byte[] file, int width, int height);

    /** Whether a third file says which pixels count. */
    boolean hasMask() {
        return false;
    }
}
