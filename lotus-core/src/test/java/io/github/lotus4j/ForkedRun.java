package io.github.lotus4j;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/** A main class of the tests in a process of its own, with settings of Java that would disturb others. */
final class ForkedRun {
    private ForkedRun() {}

    /** @return what it printed, having ended with 0 */
    static String of(Class<?> main, List<String> settings, Path argument) throws IOException, InterruptedException {
        List<String> command = Stream.of(
                        List.of(Path.of(System.getProperty("java.home"), "bin", "java")
                                .toString()),
                        settings,
                        FullSizeRun.VECTOR_API,
                        List.of("-cp", System.getProperty("java.class.path"), main.getName(), argument.toString()))
                .flatMap(List::stream)
                .toList();
        Path log = Files.createTempFile(main.getSimpleName(), ".log");
        Process process = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(log.toFile())
                .start();
        try {
            boolean ended = process.waitFor(5, TimeUnit.MINUTES);
            String said = Files.readString(log);
            assertThat(ended).as(said).isTrue();
            assertThat(process.exitValue()).as(said).isZero();
            return said;
        } finally {
            process.destroyForcibly();
            Files.delete(log);
        }
    }
}
