package io.github.lotus4j.benchmarks;

import io.github.lotus4j.ops.Backend;
import io.github.lotus4j.ops.BackendSettings;
import io.github.lotus4j.ops.Backends;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDate;
import java.time.ZoneOffset;

/** What is measured on. */
final class Machine {
    private Machine() {}

    static int processors() {
        return Runtime.getRuntime().availableProcessors();
    }

    static Backend backend(String name, int threads) {
        return Backends.open(name, new BackendSettings(threads, false));
    }

    /** One line, for the head of a report. */
    static String description(int threads) throws IOException {
        String cpu = System.getProperty("os.arch");
        Path info = Path.of("/proc/cpuinfo");
        if (Files.exists(info)) {
            cpu = Files.readAllLines(info).stream()
                    .filter(line -> line.startsWith("model name"))
                    .map(line -> line.substring(line.indexOf(':') + 2))
                    .findFirst()
                    .orElse(cpu);
        }
        try (Backend backend = backend("cpu", threads)) {
            return "%s, %d processors, Java %s, %s, %s."
                    .formatted(
                            cpu,
                            processors(),
                            Runtime.version().feature(),
                            backend.description(),
                            LocalDate.now(ZoneOffset.UTC));
        }
    }
}
