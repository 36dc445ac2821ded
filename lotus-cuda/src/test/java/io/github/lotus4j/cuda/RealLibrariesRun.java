package io.github.lotus4j.cuda;

import io.github.lotus4j.error.LotusException;
import io.github.lotus4j.ops.BackendSettings;
import io.github.lotus4j.ops.Backends;
import java.util.List;
import jcuda.jcublas.JCublas2;
import jcuda.jcublas.cublasHandle;
import jcuda.jcudnn.JCudnn;
import jcuda.jcudnn.cudnnHandle;

/** Loads NVIDIA's own libraries on a machine without a device, for {@code scripts/gpu/libraries}. */
final class RealLibrariesRun {
    private RealLibrariesRun() {}

    /** @param arguments the driver's version, as in 13000 */
    public static void main(String[] arguments) {
        LibrarySearch search = new LibrarySearch();
        Driver driver =
                new Driver(search.find("libcuda.so.1").orElseThrow().path(), Integer.parseInt(arguments[0]), List.of());
        NativeLibraries.Plan plan = NativeLibraries.Plan.of(search, driver.version());
        plan.libraries().forEach(each -> System.out.println("found   " + each));
        NativeLibraries.load(search, driver);
        int[] version = new int[3];
        for (int part = 0; part < 3; part++) {
            int[] value = new int[1];
            JCublas2.cublasGetProperty(part, value);
            version[part] = value[0];
        }
        System.out.printf("loaded  cuBLAS %d.%d.%d%n", version[0], version[1], version[2]);
        System.out.printf(
                "loaded  cuDNN %d, made for CUDA %d%n",
                JCudnn.cudnnGetVersion(), JCudnn.cudnnGetCudartVersion() / 1000);
        System.out.println("cublasCreate: " + Status.cublas(JCublas2.cublasCreate(new cublasHandle())));
        System.out.println("cudnnCreate: " + Status.cudnn(JCudnn.cudnnCreate(new cudnnHandle())));
        try {
            Backends.open("cuda", new BackendSettings(1, false)).close();
            throw new IllegalStateException("a backend without a device was opened");
        } catch (LotusException e) {
            System.out.println(e.getMessage());
        }
    }
}
