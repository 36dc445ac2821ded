package io.github.lotus4j.cuda;

import io.github.lotus4j.ops.Backend;
import io.github.lotus4j.ops.BackendSettings;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.SymbolLookup;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import org.junit.jupiter.api.Assumptions;

/** The libraries that stand in for NVIDIA's, built once a process, which needs g++. */
@SuppressWarnings("restricted")
public final class SimulatedDevice {
    private static final Path FOLDER = Path.of("target", "simulated-device").toAbsolutePath();
    private static final boolean BUILT = build();

    private SimulatedDevice() {}

    private static boolean build() {
        try {
            Process process = new ProcessBuilder("src/test/cpp/build.sh", FOLDER.toString())
                    .redirectErrorStream(true)
                    .start();
            String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            int code = process.waitFor();
            if (code == 127) {
                System.err.println("g++ is not there, so the simulated device cannot be built: " + said);
                return false;
            }
            if (code != 0) {
                throw new IllegalStateException("building the simulated device failed: " + said);
            }
            System.setProperty(LibrarySearch.SETTING, FOLDER.toString());
            return true;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    /** Where the libraries lie; ends the test as not run where there is no g++. */
    static Path folder() {
        Assumptions.assumeTrue(BUILT, "g++ is not there, so nothing was tested on a simulated device");
        return FOLDER;
    }

    static Backend open(Precision precision, boolean exact) {
        folder();
        LibrarySearch search = new LibrarySearch();
        NativeLibraries.load(search, Driver.ask(FOLDER.resolve("libcuda.so.1")));
        return new CudaBackend(0, precision, new BackendSettings(1, exact));
    }

    private static long call(String function, FunctionDescriptor descriptor, Object... arguments) {
        SymbolLookup symbols = SymbolLookup.libraryLookup(FOLDER.resolve("libcuda.so.1"), Arena.global());
        try {
            Object answer = Linker.nativeLinker()
                    .downcallHandle(symbols.find(function).orElseThrow(), descriptor)
                    .invokeWithArguments(arguments);
            return answer == null ? 0 : ((Number) answer).longValue();
        } catch (Throwable e) {
            throw new IllegalStateException(function, e);
        }
    }

    /** Allocations, streams, handles, descriptors, modules and graphs that are alive. */
    static long live() {
        return call("simulatedLive", FunctionDescriptor.of(ValueLayout.JAVA_INT));
    }

    /** The most bytes of the device's memory in use since {@link #forgetLargestUse}. */
    static long largestUse() {
        return call("simulatedLargestUse", FunctionDescriptor.of(ValueLayout.JAVA_LONG));
    }

    static void forgetLargestUse() {
        call("simulatedForgetLargestUse", FunctionDescriptor.ofVoid());
    }

    /** After so many launches, one fails, and with it everything after. */
    static void failLaunchAfter(int launches) {
        call("simulatedFailLaunch", FunctionDescriptor.ofVoid(ValueLayout.JAVA_INT), launches);
    }
}
