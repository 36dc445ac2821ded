package io.github.lotus4j.cuda;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** On every kind of machine, {@code auto} finds something that works, and {@code cuda} says what is missing. */
class DiscoveryTest {
    private static final String CPU = "auto is CPU";

    @TempDir
    private Path folder;

    /** The simulated libraries of these names. */
    private Path with(String... libraries) throws IOException {
        for (String library : libraries) {
            Files.createSymbolicLink(
                    folder.resolve(library), SimulatedDevice.folder().resolve(library));
        }
        return folder;
    }

    private Path all() throws IOException {
        return with("libcuda.so.1", "libcublas.so.12", "libcudnn.so.9");
    }

    private static String found(Path libraries, String... environment) throws IOException, InterruptedException {
        return environment.length == 0
                ? DiscoveryRun.inProcess(libraries, Map.of("LOTUS_SIMULATED_DEVICES", "1"))
                : DiscoveryRun.inProcess(libraries, Map.of(environment[0], environment[1]));
    }

    @Test
    void everythingThere() throws Exception {
        assertThat(found(all()))
                .contains("auto is CUDA, simulated device (compute capability 8.0), f16")
                .contains("cuda is CUDA, simulated device")
                .contains("driver: CUDA 12.6", "device 0: simulated device", folder + "/libcudnn.so.9");
    }

    @Test
    void noDriver() throws Exception {
        assertThat(found(folder)).contains(CPU, "cuda is not: backend cuda cannot run: no NVIDIA driver was found");
    }

    @Test
    void fileInsteadOfAFolder() throws Exception {
        Path file = Files.writeString(folder.resolve("file"), "");
        assertThat(found(file)).contains(CPU, "file (which is no folder)");
    }

    @Test
    void whereADriverIsToDoWithoutTheDeviceIsTold() throws Exception {
        assertThat(found(with("libcuda.so.1"))).contains(CPU, "WARN", "backend cuda cannot run", "pip install");
    }

    @Test
    void fileThatIsNoDriver() throws Exception {
        Files.writeString(folder.resolve("libcuda.so.1"), "not a library");
        assertThat(found(folder)).contains(CPU, "cuda is not:", "libcuda.so.1 cannot be opened");
    }

    /** Everything is there, but of a kind that will not do. */
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "LOTUS_SIMULATED_DEVICES | 0 | found no usable device: CUDA_ERROR_NO_DEVICE",
                "LOTUS_SIMULATED_DRIVER | 11080 | the driver supports CUDA 11.8, expected at least 12.0",
                "LOTUS_SIMULATED_CAPABILITY | 61 | compute capability 6.1, expected at least 7.5",
                "LOTUS_SIMULATED_CUDNN | 8907 | cuDNN has version 8907, expected at least 90000",
                "LOTUS_SIMULATED_CUDNN_CUDA | 13000 | cuDNN was made for CUDA 13, and cuBLAS is of CUDA 12"
            })
    void wrongKind(String variable, String value, String message) throws Exception {
        assertThat(found(all(), variable, value)).contains(CPU, "cuda is not:", message);
    }

    @Test
    void deviceOfTheOldestKindThatWillDo() throws Exception {
        assertThat(found(all(), "LOTUS_SIMULATED_CAPABILITY", "75"))
                .contains("auto is CUDA, simulated device (compute capability 7.5), f16");
    }

    @Test
    void missingLibrary() throws Exception {
        assertThat(found(with("libcuda.so.1", "libcudnn.so.9")))
                .contains(CPU, "cuda is not:", "not found: libcublas.so.12", "pip install", LibrarySearch.VARIABLE);
    }

    @Test
    void olderCudnn() throws Exception {
        with("libcuda.so.1", "libcublas.so.12");
        Files.createSymbolicLink(
                folder.resolve("libcudnn.so.8"), SimulatedDevice.folder().resolve("libcudnn.so.9"));
        assertThat(found(folder))
                .contains(CPU, "cuda is not:", "not found: libcudnn.so.9 (cuDNN 8 is there, which is too old)");
    }

    @Test
    void libraryThatIsNone() throws Exception {
        with("libcuda.so.1", "libcublas.so.12");
        Files.writeString(folder.resolve("libcudnn.so.9"), "not a library");
        assertThat(found(folder)).contains(CPU, "cuda is not:", "libcudnn.so.9 cannot be loaded");
    }

    @Test
    void nothingIsLeftInTheFolderOfTemporaryFiles() throws Exception {
        SimulatedDevice.open(Precision.F16).close();
        try (Stream<Path> files = Files.list(Path.of(System.getProperty("java.io.tmpdir")))) {
            List<String> names =
                    files.map(each -> String.valueOf(each.getFileName())).toList();
            assertThat(names).noneMatch(name -> name.startsWith("libJC"));
        }
    }

    private LibrarySearch search(Map<String, String> environment) {
        return new LibrarySearch(null, environment::get, folder.resolve("home"));
    }

    private Path library(String path) throws IOException {
        Path file = folder.resolve(path);
        Files.createDirectories(file.getParent());
        return Files.writeString(file, "");
    }

    @Test
    void librariesAreFoundWhereTheyUsuallyLie() throws Exception {
        Path toolkit = library("cuda/lib64/libx.so.1");
        Path loader = library("loader/libx.so.1");
        Path environment = library("venv/lib/python3.11/site-packages/nvidia/cu13/lib/libx.so.1");
        Path user = library("home/.local/lib/python3.12/site-packages/nvidia/cublas/lib/libx.so.1");
        String cuda = folder.resolve("cuda").toString();
        String loaderFolder = folder.resolve("loader").toString();
        String venv = folder.resolve("venv").toString();
        assertThat(search(Map.of("CUDA_HOME", cuda, "LD_LIBRARY_PATH", loaderFolder))
                        .find("libx.so.1"))
                .contains(new LibrarySearch.Found(toolkit, "CUDA_HOME"));
        assertThat(search(Map.of("CUDA_PATH", cuda)).find("libx.so.1"))
                .contains(new LibrarySearch.Found(toolkit, "CUDA_PATH"));
        assertThat(search(Map.of("LD_LIBRARY_PATH", "/nowhere:" + loaderFolder, "VIRTUAL_ENV", venv))
                        .find("libx.so.1"))
                .contains(new LibrarySearch.Found(loader, "LD_LIBRARY_PATH"));
        assertThat(search(Map.of("VIRTUAL_ENV", venv)).find("libx.so.1"))
                .contains(new LibrarySearch.Found(environment, "a Python package"));
        assertThat(search(Map.of()).find("libx.so.1")).contains(new LibrarySearch.Found(user, "a Python package"));
        assertThat(search(Map.of(LibrarySearch.VARIABLE, loaderFolder, "CUDA_HOME", cuda))
                        .find("libx.so.1"))
                .contains(new LibrarySearch.Found(loader, LibrarySearch.VARIABLE));
        assertThat(search(Map.of(LibrarySearch.VARIABLE, venv, "CUDA_HOME", cuda))
                        .find("libx.so.1"))
                .isEmpty();
        assertThat(search(Map.of()).find("libnothing.so.9")).isEmpty();
    }

    @Test
    void loaderCacheIsRead() {
        assertThat(search(Map.of()).find("libc.so.6"))
                .hasValueSatisfying(found -> assertThat(found.path()).isRegularFile());
    }

    @Test
    void newestCudaThatTheDriverRunsIsTaken() throws Exception {
        for (String each : new String[] {"libcuda.so.1", "libcublas.so.12", "libcublas.so.13", "libcudnn.so.9"}) {
            library("all/" + each);
        }
        LibrarySearch search = new LibrarySearch(folder.resolve("all").toString(), name -> null, folder);
        assertThat(NativeLibraries.Plan.of(search, 13010).cuda()).isEqualTo(13);
        assertThat(NativeLibraries.Plan.of(search, 12040).cuda()).isEqualTo(12);
        Files.delete(folder.resolve("all/libcublas.so.13"));
        assertThat(NativeLibraries.Plan.of(search, 13010).cuda()).isEqualTo(12);
        Files.delete(folder.resolve("all/libcudnn.so.9"));
        assertThat(NativeLibraries.Plan.of(search, 13010).missing()).containsExactly("libcudnn.so.9");
    }

    @Test
    void onlyElfLibrariesAreChanged() {
        assertThatThrownBy(() -> new SharedObject(new byte[100])).isInstanceOf(IllegalArgumentException.class);
    }
}
