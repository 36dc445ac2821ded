package io.github.lotus4j;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
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
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor()).as(said).isZero();
        return said;
    }
}
