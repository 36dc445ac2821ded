package io.github.lotus4j.cli;

import com.code_intelligence.jazzer.junit.FuzzTest;
import io.github.lotus4j.weights.Hostile;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;

/** Arbitrary words, one in a line, after a command that has nothing to read and nothing to do. */
@Tag("fuzz")
class ArgumentsFuzzTest {
    private static final List<String> COMMANDS =
            List.of("depth", "normal", "geometry", "video", "inspect", "verify", "eval", "ablate");

    @BeforeAll
    static void nothingToRead() {
        System.setIn(InputStream.nullInputStream()); // "-" reads it; this process runs nothing else
    }

    @FuzzTest
    void arguments(byte[] input) throws IOException {
        String[] words = new String(input, StandardCharsets.UTF_8).split("\n", -1);
        String[] arguments = new String[words.length + 1];
        arguments[0] = COMMANDS.get(words.length % COMMANDS.size());
        for (int i = 0; i < words.length; i++) { // names of files that are not there
            arguments[i + 1] = words[i].replaceAll("[/\\\\.*?]", "-").replace('\0', '0');
        }
        Hostile.read(50_000_000, () -> {
            StringWriter said = new StringWriter();
            int code = Main.run(Map.of("HF_HUB_OFFLINE", "1"), new PrintWriter(said), new PrintWriter(said), arguments);
            if (code < 0
                    || code > 2
                    || said.toString().isBlank()
                    || said.toString().contains("\n\tat ")) {
                throw new AssertionError("exit code " + code + ", said: " + said);
            }
        });
    }
}
