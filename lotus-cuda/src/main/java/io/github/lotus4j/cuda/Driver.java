package io.github.lotus4j.cuda;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * What the driver says of itself and its devices, asked without JCuda, whose classes cannot be touched where a library is missing.
 *
 * @param version as the driver counts: 12060 is CUDA 12.6
 */
record Driver(Path library, int version, List<DeviceInfo> devices) {
    /** CUDA 12.0: what JCuda's natives and the lowest PTX version in use ask for. */
    static final int OLDEST = 12000;

    private static final int NAME_BYTES = 256;
    private static final int MAJOR = 75; // CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MAJOR, and MINOR after it

    /** @param capability ten times the compute capability: 80 for 8.0 */
    record DeviceInfo(String name, int capability, long bytes) {
        @Override
        public String toString() {
            return String.format(
                    Locale.ROOT, "%s, compute capability %.1f, %,d MB", name, capability / 10.0, bytes / 1_000_000);
        }
    }

    /** @throws CudaException if the library cannot be opened, is no driver, or has no device */
    static Driver ask(Path library) {
        try (Arena arena = Arena.ofConfined()) {
            Calls calls = new Calls(library, arena);
            MemorySegment number = arena.allocate(JAVA_INT);
            calls.require("cuDriverGetVersion", number);
            int version = number.get(JAVA_INT, 0);
            int status = calls.call("cuInit", 0);
            if (status != 0) {
                throw new CudaException("the driver (CUDA " + inWords(version) + ", " + library
                        + ") found no usable device: " + calls.nameOf(status)
                        + "; nvidia-smi shows whether this machine or container has one");
            }
            calls.require("cuDeviceGetCount", number);
            int count = number.get(JAVA_INT, 0);
            List<DeviceInfo> devices = new ArrayList<>();
            for (int i = 0; i < count; i++) {
                devices.add(calls.device(i));
            }
            return new Driver(library, version, List.copyOf(devices));
        }
    }

    static String inWords(int version) {
        return version / 1000 + "." + version % 1000 / 10;
    }

    /** Functions of the driver, which take numbers and addresses and answer with a status. */
    @SuppressWarnings("restricted") // a foreign function is what it is
    private static final class Calls {
        private final Path library;
        private final SymbolLookup symbols;
        private final Arena arena;

        Calls(Path library, Arena arena) {
            this.library = library;
            this.arena = arena;
            try {
                symbols = SymbolLookup.libraryLookup(library, Arena.global()); // a driver may not survive unloading
            } catch (IllegalArgumentException e) {
                throw new CudaException("the driver's library " + library + " cannot be opened: " + e.getMessage());
            }
        }

        int call(String name, Object... arguments) {
            MemorySegment function = symbols.find(name)
                    .orElseThrow(() -> new CudaException("the driver's library " + library + " has no function " + name
                            + "; it is too old, or no driver"));
            MemoryLayout[] layouts = new MemoryLayout[arguments.length];
            for (int i = 0; i < arguments.length; i++) {
                layouts[i] = arguments[i] instanceof Integer ? JAVA_INT : ADDRESS;
            }
            try {
                return (int) Linker.nativeLinker()
                        .downcallHandle(function, FunctionDescriptor.of(JAVA_INT, layouts))
                        .invokeWithArguments(arguments);
            } catch (RuntimeException | Error e) {
                throw e;
            } catch (Throwable e) {
                throw new IllegalStateException(name, e);
            }
        }

        void require(String name, Object... arguments) {
            int status = call(name, arguments);
            if (status != 0) {
                throw new CudaException(library + ": " + name + " failed: " + nameOf(status));
            }
        }

        String nameOf(int status) {
            MemorySegment text = arena.allocate(ADDRESS);
            if (call("cuGetErrorName", status, text) != 0) {
                return "status " + status;
            }
            return text.get(ADDRESS, 0).reinterpret(NAME_BYTES).getString(0);
        }

        DeviceInfo device(int index) {
            MemorySegment device = arena.allocate(JAVA_INT);
            MemorySegment number = arena.allocate(JAVA_INT);
            MemorySegment bytes = arena.allocate(JAVA_LONG);
            MemorySegment text = arena.allocate(NAME_BYTES);
            require("cuDeviceGet", device, index);
            int handle = device.get(JAVA_INT, 0);
            require("cuDeviceGetName", text, NAME_BYTES, handle);
            require("cuDeviceGetAttribute", number, MAJOR, handle);
            int major = number.get(JAVA_INT, 0);
            require("cuDeviceGetAttribute", number, MAJOR + 1, handle);
            int minor = number.get(JAVA_INT, 0);
            require("cuDeviceTotalMem_v2", bytes, handle);
            return new DeviceInfo(text.getString(0), 10 * major + minor, bytes.get(JAVA_LONG, 0));
        }
    }

    /** Why a device cannot be used; empty when it can. */
    Optional<String> unusable(CudaOptions options) {
        if (version < OLDEST) {
            return Optional.of("the driver supports CUDA " + inWords(version) + ", expected at least " + inWords(OLDEST)
                    + "; install a newer driver");
        }
        int index = options.index();
        if (index >= devices.size()) {
            return Optional.of(
                    "device " + index + " was asked for, and the driver has " + devices.size() + " (the first is 0)");
        }
        DeviceInfo device = devices.get(index);
        int needed = options.precision() == Precision.BF16 ? 80 : 75;
        if (device.capability < needed) {
            return Optional.of("%s has compute capability %.1f, expected at least %.1f%s"
                    .formatted(
                            device.name,
                            device.capability / 10.0,
                            needed / 10.0,
                            options.precision() == Precision.BF16 ? " for bf16; take f16" : ""));
        }
        return Optional.empty();
    }
}
