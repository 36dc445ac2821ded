package io.github.lotus4j.cuda;

import io.github.lotus4j.error.LotusException;
import io.github.lotus4j.ops.Backend;
import io.github.lotus4j.ops.BackendSettings;
import io.github.lotus4j.ops.Backends;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/** Opens backends in a process of its own, and says what came of it. */
final class DiscoveryRun {
    private DiscoveryRun() {}

    /** @param arguments names of backends */
    public static void main(String[] arguments) {
        for (String name : arguments) {
            try (Backend backend = Backends.open(name, new BackendSettings(1, false))) {
                System.out.println(name + " is " + backend.description());
            } catch (LotusException e) {
                System.out.println(name + " is not: " + e.getMessage());
            }
        }
        Backends.diagnose().forEach(System.out::println);
    }

    /** What {@link #main} prints for {@code auto} and {@code cuda}, with libraries from one folder only. */
    static String inProcess(Path libraries, Map<String, String> environment) throws IOException, InterruptedException {
        ProcessBuilder builder = new ProcessBuilder(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "--enable-native-access=ALL-UNNAMED",
                "-D" + LibrarySearch.SETTING + "=" + libraries,
                "-cp",
                Objects.requireNonNullElse(
                        System.getProperty("surefire.test.class.path"), System.getProperty("java.class.path")),
                DiscoveryRun.class.getName(),
                "auto",
                "cuda"));
        builder.environment().putAll(environment);
        builder.redirectErrorStream(true);
        Process process = builder.start();
        String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        if (process.waitFor() != 0) {
            throw new IllegalStateException("exit code " + process.exitValue() + ": " + said);
        }
        return said;
    }
}
