package io.github.lotus4j.weights;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.concurrent.TimeUnit;

/** Tells whether a checkpoint's networks are still the same, without reading all of them. */
final class Fingerprint {
    /** Elements of each tensor, from its middle: files of one size and time may still differ. */
    private static final long SAMPLE = 32;

    private final MessageDigest digest;

    private Fingerprint() {
        try {
            digest = MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e); // every Java has it
        }
    }

    /** In hexadecimal digits. */
    static String of(Iterable<Component> components) {
        Fingerprint fingerprint = new Fingerprint();
        components.forEach(fingerprint::add);
        return HexFormat.of().formatHex(fingerprint.digest.digest());
    }

    private void add(Component component) {
        add("component " + component.name());
        Path config = component.config().file();
        try {
            if (Files.exists(config)) {
                byte[] bytes = Files.readAllBytes(config);
                add("config " + bytes.length);
                digest.update(bytes);
            }
            for (Path file : component.files()) {
                long modified = Files.getLastModifiedTime(file).to(TimeUnit.NANOSECONDS);
                add("file " + Files.size(file) + " " + modified);
            }
        } catch (IOException e) {
            throw CheckpointException.unreadable(component.files().getFirst(), e);
        }
        component.tensors().values().forEach(this::add);
    }

    private void add(Parameter tensor) {
        add(tensor.name() + " " + tensor.dtype() + " " + Arrays.toString(tensor.shape()));
        long count = Math.min(SAMPLE, tensor.elements());
        byte[] sample = new byte[(int) count * tensor.dtype().bits() / Byte.SIZE];
        tensor.read((tensor.elements() - count) / 2, MemorySegment.ofArray(sample));
        digest.update(sample);
    }

    /** Zero ends it: what follows cannot be taken for a part of it. */
    private void add(String text) {
        digest.update((text + "\0").getBytes(StandardCharsets.UTF_8));
    }
}
