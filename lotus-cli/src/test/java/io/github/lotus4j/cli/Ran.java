package io.github.lotus4j.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Path;
import java.util.Map;
import java.util.stream.Stream;

/** What the command answered in this process. */
record Ran(int code, String out, String err) {
    static Ran of(Object... words) {
        return in(Map.of("HF_HUB_OFFLINE", "1"), words);
    }

    /** With these variables. */
    static Ran in(Map<String, String> environment, Object... words) {
        StringWriter out = new StringWriter();
        StringWriter err = new StringWriter();
        String[] arguments = Stream.of(words).map(Object::toString).toArray(String[]::new);
        int code = Main.run(environment, new PrintWriter(out, true), new PrintWriter(err, true), arguments);
        Ran ran = new Ran(code, out.toString(), err.toString());
        assertThat(ran.out + ran.err).doesNotContain("\tat ").doesNotContain("Exception");
        return ran;
    }

    /** Exactly one line about the failure, beside notes. */
    static void failed(Ran ran, int code, String... words) {
        assertThat(ran.code).as(ran.err).isEqualTo(code);
        assertThat(ran.err.lines().filter(line -> line.startsWith("lotus:")))
                .as(ran.err)
                .singleElement()
                .asString()
                .contains(words);
    }

    /** As typed, in a process of its own. */
    static ProcessBuilder process(Class<?> main, Object... words) {
        Path java = Path.of(System.getProperty("java.home"), "bin", "java");
        Stream<Object> command = Stream.of(
                java,
                "-XX:+UseSerialGC",
                "-Xmx512m",
                "--add-modules",
                "jdk.incubator.vector",
                "-cp",
                System.getProperty("java.class.path"),
                main.getName());
        return new ProcessBuilder(
                Stream.concat(command, Stream.of(words)).map(Object::toString).toList());
    }
}
