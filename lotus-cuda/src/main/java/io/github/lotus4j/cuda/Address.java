package io.github.lotus4j.cuda;

import jcuda.driver.CUdeviceptr;

/** A place in memory as JCuda wants to see it: the device's, except where a call reads or writes the host's. */
final class Address extends CUdeviceptr {
    Address(long value) {
        super(new CUdeviceptr(), value);
    }

    private Address() {}

    /** Of a new allocation, which {@link Device} makes. */
    static Address unset() {
        return new Address();
    }

    long value() {
        return getNativePointer() + getByteOffset();
    }
}
