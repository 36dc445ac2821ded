package io.github.lotus4j.cuda;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.Arrays;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import jcuda.Pointer;
import jcuda.driver.CUfunction;
import jcuda.driver.CUfunction_attribute;
import jcuda.driver.CUmodule;
import jcuda.driver.CUstream;
import jcuda.driver.JCudaDriver;

/** This project's kernels, from the PTX that comes with it. Thread-safe. */
final class Kernels implements AutoCloseable {
    /** What a block can have without being asked for. */
    private static final int USUAL_SHARED_BYTES = 48 << 10;

    private final Device device;
    private final CUmodule module = new CUmodule();
    private final Map<String, CUfunction> functions = new ConcurrentHashMap<>();
    private final Set<String> raised = ConcurrentHashMap.newKeySet(); // which may have more shared memory

    Kernels(Device device) {
        this.device = device;
        device.use();
        String file = device.capability() >= 80 ? "kernels_80.ptx" : "kernels_75.ptx";
        device.check(JCudaDriver.cuModuleLoadData(module, terminated(file)), "cuModuleLoadData " + file);
    }

    private static byte[] terminated(String file) {
        try (InputStream in = Kernels.class.getResourceAsStream(file)) {
            if (in == null) {
                throw new IllegalStateException(file + " is missing beside " + Kernels.class);
            }
            byte[] text = in.readAllBytes();
            return Arrays.copyOf(text, text.length + 1);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Puts a kernel on a stream. The arguments are copied. */
    void launch(String name, Launch how, Arguments arguments, CUstream stream) {
        Pointer parameters = arguments.pointer();
        CUfunction function = function(name);
        if (how.sharedBytes() > USUAL_SHARED_BYTES && raised.add(name)) {
            int attribute = CUfunction_attribute.CU_FUNC_ATTRIBUTE_MAX_DYNAMIC_SHARED_SIZE_BYTES;
            int raise = JCudaDriver.cuFuncSetAttribute(function, attribute, device.sharedBytes());
            device.check(raise, "cuFuncSetAttribute " + name);
        }
        int status = JCudaDriver.cuLaunchKernel(
                function,
                how.gridX(),
                how.gridY(),
                how.gridZ(),
                how.blockX(),
                how.blockY(),
                1,
                how.sharedBytes(),
                stream,
                parameters,
                null);
        device.check(status, "kernel " + name);
    }

    private CUfunction function(String name) {
        return functions.computeIfAbsent(name, missing -> {
            CUfunction function = new CUfunction();
            device.check(JCudaDriver.cuModuleGetFunction(function, module, name), "cuModuleGetFunction " + name);
            return function;
        });
    }

    @Override
    public void close() {
        device.unload(module);
    }
}
