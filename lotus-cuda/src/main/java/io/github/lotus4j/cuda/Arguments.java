package io.github.lotus4j.cuda;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import jcuda.Pointer;

/** A kernel's one argument: a C struct, member by member, each at a multiple of its own size. */
final class Arguments {
    private static final int LARGEST = 192;

    private final ByteBuffer bytes = ByteBuffer.allocate(LARGEST).order(ByteOrder.nativeOrder());

    private void align(int size) {
        bytes.position(Math.ceilDiv(bytes.position(), size) * size);
    }

    /** A pointer; 0 is none. */
    Arguments address(long value) {
        return number(value);
    }

    Arguments number(long value) {
        align(Long.BYTES);
        bytes.putLong(value);
        return this;
    }

    Arguments number(int value) {
        align(Integer.BYTES);
        bytes.putInt(value);
        return this;
    }

    Arguments number(float value) {
        align(Float.BYTES);
        bytes.putFloat(value);
        return this;
    }

    Arguments flag(boolean value) {
        return number(value ? 1 : 0);
    }

    /** As the driver takes it: an array of pointers to arguments. */
    Pointer pointer() {
        return Pointer.to(Pointer.to(bytes.array()));
    }
}
