package io.github.lotus4j.cuda;

import jcuda.jcudnn.cudnnHandle;

/** cuDNN's handle, which its graph API wants to see as a value, too. */
final class DnnHandle extends cudnnHandle {
    long value() {
        return getNativePointer();
    }
}
