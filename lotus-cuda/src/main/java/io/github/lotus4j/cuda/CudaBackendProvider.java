package io.github.lotus4j.cuda;

import io.github.lotus4j.error.LotusException;
import io.github.lotus4j.ops.Backend;
import io.github.lotus4j.ops.BackendProvider;
import io.github.lotus4j.ops.BackendSettings;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Offers the CUDA backend where there is a driver, a device and the libraries. */
public final class CudaBackendProvider implements BackendProvider {
    static final String NAME = "cuda";
    private static final String DRIVER = "libcuda.so.1";

    @Override
    public String name() {
        return NAME;
    }

    @Override
    public int priority() {
        return 10;
    }

    @Override
    public Optional<String> unavailable() {
        try {
            load(new CudaOptions(0, Precision.F16, false));
            return Optional.empty();
        } catch (LotusException e) {
            return Optional.of(String.valueOf(e.getMessage()));
        }
    }

    @Override
    public boolean expected() {
        LibrarySearch search = new LibrarySearch();
        return search.stated() || search.find(DRIVER).isPresent();
    }

    @Override
    public List<String> findings() {
        List<String> lines = new ArrayList<>();
        LibrarySearch search = new LibrarySearch();
        Optional<LibrarySearch.Found> library = search.find(DRIVER);
        if (library.isEmpty()) {
            lines.add("driver: " + DRIVER + " was not found" + search.where());
            return lines;
        }
        lines.add("driver: " + library.get());
        try {
            Driver driver = Driver.ask(library.get().path());
            lines.add("driver: CUDA " + Driver.inWords(driver.version()));
            for (int i = 0; i < driver.devices().size(); i++) {
                lines.add("device " + i + ": " + driver.devices().get(i));
            }
            NativeLibraries.Plan plan = NativeLibraries.Plan.of(search, driver.version());
            plan.libraries().forEach(each -> lines.add("library: " + each));
            plan.missing().forEach(each -> lines.add("library: " + each + " was not found" + search.where()));
        } catch (CudaException | IllegalCallerException e) {
            lines.add("driver: " + e.getMessage());
        }
        return lines;
    }

    private static void load(CudaOptions options) {
        LibrarySearch search = new LibrarySearch();
        LibrarySearch.Found found = search.find(DRIVER)
                .orElseThrow(() -> new CudaException("no NVIDIA driver was found (" + DRIVER + ")" + search.where()
                        + "; "
                        + (search.stated() ? "name the driver's folder there, too, or install one" : "install one")));
        try {
            Driver driver = Driver.ask(found.path());
            driver.unusable(options).ifPresent(why -> {
                throw new CudaException(why);
            });
            NativeLibraries.load(search, driver);
        } catch (IllegalCallerException e) {
            throw new CudaException("Java does not allow native access (" + e.getMessage()
                    + "); run it with --enable-native-access=ALL-UNNAMED");
        }
    }

    @Override
    public Backend open(BackendSettings settings) {
        CudaOptions options = CudaOptions.of(settings);
        load(options);
        return new CudaBackend(options);
    }
}
