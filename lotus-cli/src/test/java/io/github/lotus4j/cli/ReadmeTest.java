package io.github.lotus4j.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** What README.md shows for Java and Maven stands, line by line, in a file of examples/, where the build compiles and runs it. */
class ReadmeTest {
    private static final Path ROOT = Path.of("..");
    private static final Pattern BLOCK = Pattern.compile("```(?:java|xml)\n(.*?)```", Pattern.DOTALL);

    @Test
    void whatIsShownIsBuilt() throws IOException {
        List<String> shown = BLOCK.matcher(Files.readString(ROOT.resolve("README.md")))
                .results()
                .map(block -> withoutIndentation(block.group(1)))
                .toList();
        assertThat(shown).hasSizeGreaterThan(2);
        String built = sources();
        assertThat(shown).allSatisfy(block -> assertThat(built).contains(block));
    }

    private static String sources() throws IOException {
        try (Stream<Path> files = Files.walk(ROOT.resolve("examples"))) {
            StringBuilder all = new StringBuilder();
            for (Path file : files.filter(
                            each -> each.endsWith("pom.xml") || each.toString().endsWith(".java"))
                    .toList()) {
                all.append(withoutIndentation(Files.readString(file))).append('\n');
            }
            return all.toString();
        }
    }

    private static String withoutIndentation(String text) {
        return text.lines().map(String::strip).collect(Collectors.joining("\n"));
    }
}
