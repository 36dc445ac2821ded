package io.github.lotus4j.cuda;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.Comparator;
import java.util.HexFormat;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import jcuda.nvptxcompiler.JNvPTXCompiler;
import jcuda.nvptxcompiler.nvPTXCompilerHandle;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * The PTX assembles without spills, by the compiler among JCuda's natives, which knows architectures to sm_90. Newer ones are
 * assembled by {@code build-ptx.sh}, whose report is compared here.
 */
class PtxTest {
    private static final Path SOURCES = Path.of("src", "main", "cuda");

    /** The report of each kernel, as {@code ptxas -v} writes it. */
    private static final Pattern SPILLS = Pattern.compile("(\\d+) bytes spill stores");

    /** JCuda would take a library of its name from the shared folder of temporary files. */
    @BeforeAll
    static void load(@TempDir Path folder) {
        String before = System.getProperty("java.io.tmpdir");
        System.setProperty("java.io.tmpdir", folder.toString());
        try {
            JNvPTXCompiler.setExceptionsEnabled(false);
        } finally {
            System.setProperty("java.io.tmpdir", before);
        }
    }

    @Test
    void isOfTheseSources() throws Exception {
        MessageDigest digest = MessageDigest.getInstance("SHA-256");
        try (Stream<Path> files = Files.list(SOURCES)) {
            List<Path> sorted = files.filter(each ->
                            each.toString().endsWith(".cu") || each.toString().endsWith(".cuh"))
                    .sorted(Comparator.comparing(Path::toString))
                    .toList();
            for (Path file : sorted) {
                digest.update(Files.readAllBytes(file));
            }
        }
        assertThat(Files.readAllLines(SOURCES.resolve("kernels.report")).getFirst())
                .as("run build-ptx.sh: the kernels' sources are newer than their PTX")
                .endsWith(" " + HexFormat.of().formatHex(digest.digest()));
    }

    private static String ptx(String compute) throws IOException {
        try (InputStream in = Kernels.class.getResourceAsStream("kernels_" + compute + ".ptx")) {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        }
    }

    /** What the assembler says of a text that it accepts. */
    private static String assembled(String ptx, String architecture) {
        byte[] text = (ptx + "\0").getBytes(StandardCharsets.UTF_8);
        nvPTXCompilerHandle handle = new nvPTXCompilerHandle();
        assertThat(JNvPTXCompiler.nvPTXCompilerCreate(handle, text.length, text))
                .isZero();
        try {
            String[] options = {"--gpu-name=" + architecture, "--verbose"};
            int status = JNvPTXCompiler.nvPTXCompilerCompile(handle, options.length, options);
            long[] size = new long[1];
            if (status != 0) {
                JNvPTXCompiler.nvPTXCompilerGetErrorLogSize(handle, size);
                byte[] log = new byte[(int) size[0] + 1];
                JNvPTXCompiler.nvPTXCompilerGetErrorLog(handle, log);
                throw new IllegalStateException(architecture + ": " + new String(log, StandardCharsets.UTF_8).trim());
            }
            JNvPTXCompiler.nvPTXCompilerGetInfoLogSize(handle, size);
            byte[] log = new byte[(int) size[0] + 1];
            JNvPTXCompiler.nvPTXCompilerGetInfoLog(handle, log);
            return new String(log, StandardCharsets.UTF_8);
        } finally {
            JNvPTXCompiler.nvPTXCompilerDestroy(handle);
        }
    }

    @ParameterizedTest
    @CsvSource({"75, sm_75", "75, sm_80", "75, sm_90", "80, sm_80", "80, sm_86", "80, sm_89", "80, sm_90"})
    void assembles(String compute, String architecture) throws Exception {
        String ptx = ptx(compute);
        long entries = ptx.lines().filter(line -> line.contains(".entry ")).count();
        Matcher spills = SPILLS.matcher(assembled(ptx, architecture));
        int seen = 0;
        while (spills.find()) {
            assertThat(spills.group(1)).isEqualTo("0");
            seen++;
        }
        assertThat(seen).isEqualTo((int) entries).isGreaterThan(20);
    }

    @Test
    void wrongTextIsRefused() throws Exception {
        String wrong = ptx("75").replaceFirst("ld\\.param", "ld.nothing");
        assertThatThrownBy(() -> assembled(wrong, "sm_75")).hasMessageContaining("sm_75");
    }

    /** The report of the newest PTX: every kernel on every architecture, and no spills. */
    @Test
    void reportIsComplete() throws Exception {
        List<String[]> rows = Files.readAllLines(SOURCES.resolve("kernels.report")).stream()
                .filter(line -> !line.startsWith("#"))
                .map(line -> line.split(" ", -1))
                .toList();
        for (String architecture : List.of("sm_75", "sm_80", "sm_86", "sm_89", "sm_90", "sm_100", "sm_120")) {
            String ptx = ptx(architecture.equals("sm_75") ? "75" : "80");
            long entries = ptx.lines().filter(line -> line.contains(".entry ")).count();
            assertThat(rows.stream().filter(row -> row[1].equals(architecture)).count())
                    .as(architecture)
                    .isEqualTo(entries);
        }
        assertThat(rows).allMatch(row -> row[3].equals("0"), "no bytes of spills");
    }
}
