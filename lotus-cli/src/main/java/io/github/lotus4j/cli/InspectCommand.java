package io.github.lotus4j.cli;

import io.github.lotus4j.CheckpointInfo;
import io.github.lotus4j.weights.DType;
import io.github.lotus4j.weights.Parameter;
import io.github.lotus4j.weights.SafetensorsFile;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.DigestInputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.ParentCommand;
import picocli.CommandLine.Spec;

@Command(
        name = "inspect",
        mixinStandardHelpOptions = true,
        versionProvider = Version.class,
        header = "What a checkpoint or a safetensors file holds.",
        description =
                "Of a folder: what it predicts, Lotus-D or Lotus-G, sizes, types, and every problem that loading would meet."
                        + " Of a file: its tensors. Values are read only with --values.")
final class InspectCommand implements Callable<Integer> {
    private static final int FAILED = 1;

    @ParentCommand
    @SuppressWarnings("NullAway.Init")
    private Main lotus;

    @Spec
    @SuppressWarnings("NullAway.Init")
    private CommandSpec spec;

    @Parameters(
            paramLabel = "NAME|DIR|FILE",
            description = "A checkpoint that was fetched, a checkpoint's folder, or a safetensors file.")
    @SuppressWarnings("NullAway.Init")
    private String named;

    @Option(
            names = "--values",
            description =
                    "Read every value, too: those that are NaN or infinite are problems. Prints the SHA-256 of each file with"
                            + " weights, which the hub tells, too.")
    private boolean values;

    @Override
    public Integer call() throws IOException {
        PrintWriter out = spec.commandLine().getOut();
        Path path = lotus.cache().locate(named);
        if (Files.isRegularFile(path)) {
            return file(path, out);
        }
        CheckpointInfo info = values ? CheckpointInfo.readWithValues(path) : CheckpointInfo.read(path);
        out.println(info.name());
        out.println("  predicts    " + info.prediction().orElse("depth or normals, the name does not say"));
        out.println("  mode        "
                + (info.generative() ? "Lotus-G (starts from seeded noise)" : "Lotus-D (deterministic)"));
        out.println("  resolution  "
                + (info.defaultProcessingResolution().isPresent()
                        ? info.defaultProcessingResolution().getAsInt() + " (its own default)"
                        : "768 (the general default)"));
        for (CheckpointInfo.Network each : info.networks()) {
            out.printf(
                    "  %-11s %,d parameters, %,.1f MB, %s%n",
                    each.name(), each.parameters(), each.bytes() / 1e6, types(each.types()));
            for (Path file : values ? each.files() : List.<Path>of()) {
                out.println("              " + file + ", SHA-256 " + sha256(file));
            }
        }
        return problems(info.problems(), out);
    }

    private static int problems(List<String> problems, PrintWriter out) {
        if (problems.isEmpty()) {
            out.println("  problems    none");
            return 0;
        }
        out.println("  problems");
        problems.forEach(problem -> out.println("    " + problem));
        return FAILED;
    }

    private static String sha256(Path file) throws IOException {
        try (DigestInputStream in =
                new DigestInputStream(Files.newInputStream(file), MessageDigest.getInstance("SHA-256"))) {
            in.transferTo(OutputStream.nullOutputStream());
            return HexFormat.of().formatHex(in.getMessageDigest().digest());
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e); // every Java has it
        }
    }

    private static String types(Map<DType, Long> types) {
        return types.keySet().stream().map(DType::name).collect(Collectors.joining(" and "));
    }

    private int file(Path path, PrintWriter out) throws IOException {
        try (SafetensorsFile file = SafetensorsFile.open(path)) {
            List<Parameter> tensors = file.tensors();
            Map<DType, Long> types = new TreeMap<>();
            tensors.forEach(each -> types.merge(each.dtype(), each.elements(), Long::sum));
            out.printf(
                    "%s: %,d tensors, %,d numbers, %s%n",
                    path,
                    tensors.size(),
                    types.values().stream().mapToLong(Long::longValue).sum(),
                    types(types));
            file.metadata().forEach((key, value) -> out.println("  " + key + " = " + value));
            for (Parameter each : tensors) {
                out.printf("  %-5s %-24s %s%n", each.dtype(), Arrays.toString(each.shape()), each.name());
            }
            if (!values) {
                return 0;
            }
            out.println("  SHA-256     " + sha256(path));
            return problems(file.nonFiniteTensors(), out);
        }
    }
}
