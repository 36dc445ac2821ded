package io.github.lotus4j.cuda;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.Arrays;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import jcuda.Pointer;
import jcuda.driver.CUfunction;
import jcuda.driver.CUfunction_attribute;
import jcuda.driver.CUmodule;
import jcuda.driver.CUstream;
import jcuda.driver.JCudaDriver;

/** This project's kernels, from the PTX that comes with it. Thread-safe. */
final class Kernels implements AutoCloseable {
    private final Device device;
    private final CUmodule module = new CUmodule();
    private final Map<String, CUfunction> functions = new ConcurrentHashMap<>();

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
        int status = JCudaDriver.cuLaunchKernel(
                function(name),
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
            if (name.startsWith("attention")
                    || name.startsWith("group_norm")) { // which ask for more than the usual 48 KB
                int attribute = CUfunction_attribute.CU_FUNC_ATTRIBUTE_MAX_DYNAMIC_SHARED_SIZE_BYTES;
                device.check(
                        JCudaDriver.cuFuncSetAttribute(function, attribute, device.sharedBytes()),
                        "cuFuncSetAttribute " + name);
            }
            return function;
        });
    }

    @Override
    public void close() {
        device.unload(module);
    }
}
