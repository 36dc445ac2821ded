package io.github.lotus4j.cuda;

import java.io.IOException;
import java.io.InputStream;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import jcuda.JCudaVersion;
import jcuda.driver.JCudaDriver;
import jcuda.jcublas.JCublas2;
import jcuda.jcudnn.JCudnn;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * NVIDIA's libraries and JCuda's natives, in this process.
 *
 * <p>Libraries belong to the process: once loaded they stay, so this remembers whether they are.
 */
final class NativeLibraries {
    private static final Logger LOG = LoggerFactory.getLogger(NativeLibraries.class);
    private static final int OLDEST_CUDNN = 90000;
    private static final List<String> NATIVES = List.of("JCudaDriver", "JCublas2", "JCudnn");
    private static boolean loaded;

    private NativeLibraries() {}

    /**
     * What to load: in this order, since each asks for those before it.
     *
     * @param cuda the major version of CUDA
     * @param missing what is needed and was not found
     */
    record Plan(int cuda, List<LibrarySearch.Found> libraries, List<String> missing) {
        /**
         * The newest CUDA that the driver can run and whose libraries are all there, that which cuDNN was made for where there are
         * several; else what the newest lacks least of.
         */
        static Plan of(LibrarySearch search, int driverVersion) {
            List<Plan> plans = new ArrayList<>();
            for (int cuda = Math.min(driverVersion / 1000, 13); cuda >= 12; cuda--) {
                plans.add(ofMajor(search, cuda));
            }
            List<Plan> complete =
                    plans.stream().filter(plan -> plan.missing.isEmpty()).toList();
            if (complete.size() > 1) {
                int madeFor = madeFor(complete.getFirst().libraries.getLast().path());
                return complete.stream()
                        .filter(plan -> plan.cuda == madeFor)
                        .findFirst()
                        .orElse(complete.getFirst());
            }
            return plans.stream()
                    .min(Comparator.comparingInt(plan -> plan.missing.size()))
                    .orElseThrow(() -> new CudaException("the driver supports CUDA " + Driver.inWords(driverVersion)
                            + ", expected at least " + Driver.inWords(Driver.OLDEST)));
        }

        private static Plan ofMajor(LibrarySearch search, int cuda) {
            List<LibrarySearch.Found> found = new ArrayList<>();
            List<String> missing = new ArrayList<>();
            search.find("libcuda.so.1").ifPresentOrElse(found::add, () -> missing.add("libcuda.so.1"));
            String blas = "libcublas.so." + cuda;
            Optional<LibrarySearch.Found> cublas = search.find(blas);
            // of the same release: cuBLAS and cuDNN ask for it under no path; a simulated one does without
            cublas.flatMap(each -> search.findBeside(each, "libcublasLt.so." + cuda))
                    .ifPresent(found::add);
            cublas.ifPresentOrElse(found::add, () -> missing.add(blas));
            search.find("libnvrtc.so." + cuda).ifPresent(found::add); // where fused plans are made
            search.find("libcudnn.so.9").ifPresentOrElse(found::add, () -> missing.add("libcudnn.so.9"));
            return new Plan(cuda, found, missing);
        }

        /** The major version of CUDA that a cuDNN is for, which its file's name does not say; 0 where it cannot be asked. */
        @SuppressWarnings("restricted")
        private static int madeFor(Path cudnn) {
            try {
                MemorySegment function = SymbolLookup.libraryLookup(cudnn, Arena.global())
                        .find("cudnnGetCudartVersion")
                        .orElse(MemorySegment.NULL);
                if (function.equals(MemorySegment.NULL)) {
                    return 0;
                }
                long version = (long) Linker.nativeLinker()
                        .downcallHandle(function, FunctionDescriptor.of(ValueLayout.JAVA_LONG))
                        .invokeExact();
                return (int) (version / 1000);
            } catch (IllegalArgumentException e) {
                return 0; // loading it will say why
            } catch (RuntimeException | Error e) {
                throw e;
            } catch (Throwable e) {
                throw new IllegalStateException(e);
            }
        }

        /** What to install. */
        String cure() {
            return "install CUDA " + cuda + "'s cuBLAS and cuDNN 9 (with Python: pip install nvidia-cublas"
                    + (cuda == 12 ? "-cu12" : "") + " nvidia-cudnn-cu" + cuda
                    + "), or name their folders, and the driver's, in "
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
            for (String name : NATIVES) {
                Files.write(folder.resolve(file(name)), forCuda(cuda, resource("lib/" + file(name))));
            }
            System.setProperty(property, folder.toString());
            JCudaDriver.setExceptionsEnabled(false); // each loads its own library when its class is first used
            JCublas2.setExceptionsEnabled(false);
            JCudnn.setExceptionsEnabled(false);
        } catch (LinkageError | IllegalCallerException e) { // also those that an earlier attempt leaves behind
            throw new CudaException("JCuda's natives cannot be loaded: " + firstLine(e));
        } catch (IOException e) {
            throw new CudaException("JCuda's natives cannot be written to a temporary folder: " + e);
        } finally {
            if (before != null) {
                System.setProperty(property, before);
            }
            delete(folder);
        }
    }

    private static String file(String name) {
        return "lib" + name + "-" + JCudaVersion.get() + "-linux-x86_64.so";
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
        if (folder == null) {
            return;
        }
        try {
            for (String name : NATIVES) {
                Files.deleteIfExists(folder.resolve(file(name)));
            }
            Files.deleteIfExists(folder);
        } catch (IOException e) {
            LOG.debug("{} could not be deleted", folder, e);
        }
    }
}
