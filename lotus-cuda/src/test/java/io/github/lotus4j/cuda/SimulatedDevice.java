package io.github.lotus4j.cuda;

import io.github.lotus4j.ops.Backend;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.SymbolLookup;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Assumptions;

/** The libraries that stand in for NVIDIA's, which the build makes where there is a g++. */
@SuppressWarnings("restricted")
final class SimulatedDevice {
    private static final Path FOLDER = Path.of("target", "simulated-device").toAbsolutePath();

    /** A system property: whether contract and goldens are tested on this machine's own device. */
    private static final String REAL = "lotus.test.gpu";

    private SimulatedDevice() {}

    /** Where the libraries lie; ends the test as not run where they could not be made for want of a compiler. */
    static Path folder() {
        if (!Files.exists(FOLDER.resolve("libcudnn.so.9"))) {
            String said = log();
            Assumptions.abort(said);
        }
        return FOLDER;
    }

    private static String log() {
        try {
            String log = Files.readString(FOLDER.resolve("build.log"));
            if (!log.contains("g++ was not found")) {
                throw new IllegalStateException("building the simulated device failed: " + log);
            }
            return log;
        } catch (IOException e) {
            return "nothing was tested on a simulated device, which the build has not made: " + e;
        }
    }

    /** Makes this process look for libraries there only. */
    static void choose() {
        System.setProperty(LibrarySearch.SETTING, folder().toString());
    }

    static Backend open(Precision precision) {
        return open(new CudaOptions(0, precision, false));
    }

    static Backend open(CudaOptions options) {
        if (!Boolean.getBoolean(REAL)) {
            choose();
        }
        LibrarySearch search = new LibrarySearch();
        NativeLibraries.load(
                search, Driver.ask(search.find("libcuda.so.1").orElseThrow().path()));
        return new CudaBackend(options);
    }

    /** Whether cuDNN answers that it cannot add to a convolution's result. */
    static void refuseFused(boolean refuses) {
        call("libcudnn.so.9", "simulatedRefuseFused", FunctionDescriptor.ofVoid(ValueLayout.JAVA_INT), refuses ? 1 : 0);
    }

    /** What becomes of plans by cuDNN's graph API. */
    enum Graphs {
        REFUSED(0),
        RIGHT(1),
        WRONG(2),
        ROUGH(3); // their engines trade accuracy for speed

        private final int number; // in graph.h

        Graphs(int number) {
            this.number = number;
        }
    }

    static void graphs(Graphs which) {
        call("libcudnn.so.9", "simulatedGraphs", FunctionDescriptor.ofVoid(ValueLayout.JAVA_INT), which.number);
    }

    /** Plans that have been run, from recordings or not. */
    static long graphRuns() {
        return call("libcudnn.so.9", "simulatedGraphRuns", FunctionDescriptor.of(ValueLayout.JAVA_INT));
    }

    private static long call(String function, FunctionDescriptor descriptor, Object... arguments) {
        return call("libcuda.so.1", function, descriptor, arguments);
    }

    private static long call(String library, String function, FunctionDescriptor descriptor, Object... arguments) {
        SymbolLookup symbols = SymbolLookup.libraryLookup(FOLDER.resolve(library), Arena.global());
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

    /** Graphs that have been launched. */
    static long graphLaunches() {
        return call("simulatedGraphLaunches", FunctionDescriptor.of(ValueLayout.JAVA_INT));
    }

    /** Opens a device with as many multiprocessors as large ones have, over which more work is divided up. */
    static Backend openLarge(Precision precision) {
        if (Boolean.getBoolean(REAL)) {
            return open(precision);
        }
        open(precision).close(); // loads the libraries
        multiprocessors(132);
        try {
            return open(precision);
        } finally {
            multiprocessors(2);
        }
    }

    private static void multiprocessors(int count) {
        call("simulatedMultiprocessors", FunctionDescriptor.ofVoid(ValueLayout.JAVA_INT), count);
    }

    /** Bytes of the device's memory from now on; 0 for as many as at first. */
    static void limit(long bytes) {
        call("simulatedLimit", FunctionDescriptor.ofVoid(ValueLayout.JAVA_LONG), bytes);
    }

    /** Bytes of the device's memory in use. */
    static long used() {
        return call("simulatedUsed", FunctionDescriptor.of(ValueLayout.JAVA_LONG));
    }

    /** After so many launches, one fails, and with it everything after. */
    static void failLaunchAfter(int launches) {
        call("simulatedFailLaunch", FunctionDescriptor.ofVoid(ValueLayout.JAVA_INT), launches);
    }
}
