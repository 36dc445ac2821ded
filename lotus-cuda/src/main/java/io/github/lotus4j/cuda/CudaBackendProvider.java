package io.github.lotus4j.cuda;

import io.github.lotus4j.error.LotusException;
import io.github.lotus4j.ops.Backend;
import io.github.lotus4j.ops.BackendProvider;
import io.github.lotus4j.ops.BackendSettings;
import java.util.Optional;

/** Offers the CUDA backend where there is a driver, a device and the libraries. */
public final class CudaBackendProvider implements BackendProvider {
    static final String NAME = "cuda";

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
            load(new CudaOptions(0, Precision.F16));
            return Optional.empty();
        } catch (LotusException e) {
            return Optional.of(String.valueOf(e.getMessage()));
        }
    }

    private static void load(CudaOptions options) {
        LibrarySearch search = new LibrarySearch();
        LibrarySearch.Found found = search.find("libcuda.so.1")
                .orElseThrow(() -> new CudaException("no NVIDIA driver was found (libcuda.so.1); install one"));
        Driver driver = Driver.ask(found.path());
        driver.unusable(options).ifPresent(why -> {
            throw new CudaException(why);
        });
        NativeLibraries.load(search, driver);
    }

    @Override
    public Backend open(BackendSettings settings) {
        CudaOptions options = CudaOptions.of(settings);
        load(options);
        return new CudaBackend(options);
    }
}
