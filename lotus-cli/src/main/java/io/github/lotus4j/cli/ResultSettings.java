package io.github.lotus4j.cli;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Collection;
import java.util.HexFormat;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;

/** Everything that decides what results come out as, beside the image itself. */
final class ResultSettings {
    /**
     * Options that results do not depend on, and those that name checkpoints, which are told apart by what they hold. Every other
     * one counts: to do an image again that could have stayed is the smaller mistake.
     */
    private static final Set<String> UNRELATED = Set.of(
            "--help",
            "--version",
            "--output",
            "--list",
            "--recursive",
            "--resume",
            "--limit",
            "--worst",
            "--threads",
            "--packed-weights-cache",
            "--model",
            "--depth-model",
            "--normal-model");

    private static final int DIGEST_BYTES = 8;

    private ResultSettings() {}

    /**
     * A short word that is another one where anything differs.
     *
     * @param command with the values that were given
     * @param checkpoints as {@link io.github.lotus4j.LotusBuilder#fingerprint()} has them
     */
    static String digest(CommandSpec command, String checkpoints) {
        String options = command.options().stream()
                .filter(each -> !UNRELATED.contains(each.longestName()))
                .map(each -> each.longestName() + "=" + text(each))
                .sorted()
                .collect(Collectors.joining("\n"));
        String all = String.join("\n", command.name(), new Version().getVersion()[0], checkpoints, options);
        try {
            byte[] digest = MessageDigest.getInstance("SHA-256").digest(all.getBytes(StandardCharsets.UTF_8));
            return HexFormat.of().formatHex(digest, 0, DIGEST_BYTES);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e); // every Java has it
        }
    }

    /** Sets come in the order in which they were typed. */
    private static String text(OptionSpec option) {
        @Nullable Object value = option.getValue();
        return value instanceof Collection<?> several
                ? several.stream().map(String::valueOf).sorted().toList().toString()
                : String.valueOf(value);
    }
}
