package io.github.lotus4j.cuda;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import jcuda.driver.JCudaDriver;
import jcuda.jcublas.JCublas2;
import jcuda.jcudnn.JCudnn;
import org.jspecify.annotations.Nullable;

/**
 * NVIDIA's libraries and JCuda's natives, in this process.
 *
 * <p>Libraries belong to the process: once loaded they stay, so this remembers whether they are.
 */
final class NativeLibraries {
    private static final int OLDEST_CUDNN = 90000;
    private static final String JCUDA_VERSION = "12.6.0";
    private static boolean loaded;

    private NativeLibraries() {}

    /**
     * What to load: in this order, since each asks for those before it.
     *
     * @param cuda the major version of CUDA
     * @param missing what is needed and was not found
     */
    record Plan(int cuda, List<LibrarySearch.Found> libraries, List<String> missing) {
        /** The newest CUDA that the driver can run and whose libraries are all there; else what the newest lacks. */
        static Plan of(LibrarySearch search, int driverVersion) {
            List<Plan> plans = new ArrayList<>();
            for (int cuda = Math.min(driverVersion / 1000, 13); cuda >= 12; cuda--) {
                Plan plan = ofMajor(search, cuda);
                if (plan.missing.isEmpty()) {
                    return plan;
                }
                plans.add(plan);
            }
            return plans.stream()
                    .min((a, b) -> a.missing.size() - b.missing.size())
                    .orElseThrow(() -> new CudaException("driver version " + driverVersion));
        }

        private static Plan ofMajor(LibrarySearch search, int cuda) {
            List<LibrarySearch.Found> found = new ArrayList<>();
            List<String> missing = new ArrayList<>();
            search.find("libcuda.so.1").ifPresentOrElse(found::add, () -> missing.add("libcuda.so.1"));
            for (String library : List.of("libcublas.so." + cuda, "libcudnn.so.9")) {
                if (library.startsWith(
                        "libcublas")) { // asked for by the next, under no path; a simulated one does without
                    search.find("libcublasLt.so." + cuda).ifPresent(found::add);
                }
                if (library.startsWith("libcudnn")) { // where fused plans are made
                    search.find("libnvrtc.so." + cuda).ifPresent(found::add);
                }
                search.find(library).ifPresentOrElse(found::add, () -> missing.add(library));
            }
            return new Plan(cuda, found, missing);
        }

        /** What to install. */
        String cure() {
            return "install CUDA " + cuda + "'s cuBLAS and cuDNN 9 (with Python: pip install nvidia-cublas"
                    + (cuda == 12 ? "-cu12" : "") + " nvidia-cudnn-cu" + cuda + "), or name their folders in "
                    + LibrarySearch.VARIABLE;
        }
    }

    /**
     * Loads everything, once.
     *
     * @throws CudaException if a library is missing, cannot be loaded, or is too old
     */
    @SuppressWarnings("restricted") // libraries are what this is about
    static synchronized void load(LibrarySearch search, Driver driver) {
        if (loaded) {
            return;
        }
        Plan plan = Plan.of(search, driver.version());
        if (!plan.missing.isEmpty()) {
            String older = search.find("libcudnn.so.8").isPresent() && plan.missing.contains("libcudnn.so.9")
                    ? " (cuDNN 8 is there, which is too old)"
                    : "";
            throw new CudaException(
                    "not found: " + String.join(", ", plan.missing) + older + search.where() + "; " + plan.cure());
        }
        for (LibrarySearch.Found library : plan.libraries) {
            try {
                System.load(library.path().toString());
            } catch (UnsatisfiedLinkError e) {
                throw new CudaException(library.path() + " cannot be loaded: " + e.getMessage());
            }
        }
        loadNatives(plan.cuda);
        long version = JCudnn.cudnnGetVersion();
        if (version < OLDEST_CUDNN) {
            throw new CudaException(
                    "cuDNN has version " + version + ", expected at least " + OLDEST_CUDNN + "; " + plan.cure());
        }
        long madeFor = JCudnn.cudnnGetCudartVersion() / 1000;
        if (madeFor != plan.cuda) {
            throw new CudaException(
                    "cuDNN was made for CUDA " + madeFor + ", and cuBLAS is of CUDA " + plan.cuda + "; " + plan.cure());
        }
        loaded = true;
    }

    /**
     * JCuda takes a native library from the folder of temporary files, if it lies there: a shared folder, where anybody could have
     * put it. So that folder is, while JCuda loads, one that only this user can see, with the files in it.
     */
    private static void loadNatives(int cuda) {
        Path folder = null;
        String property = "java.io.tmpdir";
        String before = System.getProperty(property);
        try {
            folder = Files.createTempDirectory(
                    "lotus-cuda-", PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
            for (String name : List.of("JCudaDriver", "JCublas2", "JCudnn")) {
                String file = "lib" + name + "-" + JCUDA_VERSION + "-linux-x86_64.so";
                Files.write(folder.resolve(file), forCuda(cuda, resource("lib/" + file)));
            }
            System.setProperty(property, folder.toString());
            JCudaDriver.setExceptionsEnabled(false); // each loads its own library when its class is first used
            JCublas2.setExceptionsEnabled(false);
            JCudnn.setExceptionsEnabled(false);
        } catch (UnsatisfiedLinkError e) {
            throw new CudaException("JCuda's natives cannot be loaded: " + firstLine(e));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } finally {
            if (before != null) {
                System.setProperty(property, before);
            }
            delete(folder);
        }
    }

    private static String firstLine(Throwable e) {
        return Optional.ofNullable(e.getMessage())
                .orElse(e.toString())
                .lines()
                .findFirst()
                .orElse("");
    }

    private static byte[] forCuda(int cuda, byte[] library) {
        if (cuda == 12) {
            return library;
        }
        SharedObject changed = new SharedObject(library);
        changed.replaceNeeded("libcublas.so.12", "libcublas.so." + cuda);
        return changed.bytes();
    }

    private static byte[] resource(String name) throws IOException {
        ClassLoader loader = NativeLibraries.class.getClassLoader();
        try (InputStream in = loader.getResourceAsStream(name)) {
            if (in == null) {
                throw new CudaException(name + " is not on the class path; add JCuda's natives for linux-x86_64");
            }
            return in.readAllBytes();
        }
    }

    /** What is loaded stays usable without its file. */
    private static void delete(@Nullable Path folder) {
        if (folder != null) {
            try (var files = Files.list(folder)) {
                for (Path file : files.toList()) {
                    Files.deleteIfExists(file);
                }
                Files.deleteIfExists(folder);
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }
}
