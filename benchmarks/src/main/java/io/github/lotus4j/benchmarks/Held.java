package io.github.lotus4j.benchmarks;

import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.stream.Stream;

/** What this process holds, where the operating system tells it in {@code /proc}; else what Java knows. */
final class Held {
    static final String HEAD = """
            | after, s | requests | heap, MB | resident, MB | threads | open files |
            |---|---|---|---|---|---|
            """;

    private Held() {}

    /** A line of the table that {@link #HEAD} begins; collects garbage first. */
    static String now(double seconds, long requests) {
        System.gc();
        return String.format(
                Locale.ROOT,
                "| %.0f | %d | %.1f | %.0f | %d | %d |%n",
                seconds,
                requests,
                ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed() / 1e6,
                resident() / 1e6,
                ManagementFactory.getThreadMXBean().getThreadCount(),
                openFiles());
    }

    /** In bytes; 0 where it is not known. */
    private static long resident() {
        try (Stream<String> lines = Files.lines(Path.of("/proc/self/status"))) {
            return lines.filter(line -> line.startsWith("VmRSS:"))
                    .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")) << 10)
                    .findFirst()
                    .orElse(0);
        } catch (IOException _) {
            return 0;
        }
    }

    private static long openFiles() {
        try (Stream<Path> files = Files.list(Path.of("/proc/self/fd"))) {
            return files.count();
        } catch (IOException _) {
            return 0;
        }
    }
}
