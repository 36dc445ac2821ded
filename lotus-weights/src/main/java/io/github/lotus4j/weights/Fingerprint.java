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

/** Tells whether a checkpoint is the same, without reading all of it. */
final class Fingerprint {
    /** Elements of each tensor, from its middle: files of one size and time may still differ. */
    private static final long SAMPLE = 32;

    private final MessageDigest digest;
    private final boolean files;

    /** @param files whether files' sizes and times count */
    private Fingerprint(boolean files) {
        this.files = files;
        try {
            digest = MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e); // every Java has it
        }
    }

    /** Of these files, in hexadecimal digits: another one when they are written anew, or elsewhere. */
    static String ofFiles(Checkpoint checkpoint) {
        return of(checkpoint, true);
    }

    /** Of what they hold, in hexadecimal digits: the same for every copy. */
    static String ofContent(Checkpoint checkpoint) {
        return of(checkpoint, false);
    }

    private static String of(Checkpoint checkpoint, boolean files) {
        Fingerprint fingerprint = new Fingerprint(files);
        checkpoint.components().forEach(fingerprint::add);
        fingerprint.add(checkpoint.index());
        fingerprint.add(checkpoint.scheduler());
        checkpoint.promptEmbedding().ifPresent(embedding -> fingerprint.add(embedding, embedding.elements()));
        if (checkpoint.textEncoder().isPresent()) {
            fingerprint.add("prompt " + Arrays.toString(checkpoint.promptTokens()));
        }
        return HexFormat.of().formatHex(fingerprint.digest.digest());
    }

    private void add(Component component) {
        add("component " + component.name());
        add(component.config());
        if (files) {
            addFiles(component);
        }
        component.tensors().values().forEach(tensor -> add(tensor, Math.min(SAMPLE, tensor.elements())));
    }

    private void addFiles(Component component) {
        try {
            for (Path file : component.files()) {
                long modified = Files.getLastModifiedTime(file).to(TimeUnit.NANOSECONDS);
                add("file " + Files.size(file) + " " + modified);
            }
        } catch (IOException e) {
            throw CheckpointException.unreadable(component.files().getFirst(), e);
        }
    }

    private void add(JsonConfig config) {
        Path file = config.file();
        try {
            if (Files.exists(file)) {
                byte[] bytes = Files.readAllBytes(file);
                add("config " + bytes.length);
                digest.update(bytes);
            } else {
                add("no config");
            }
        } catch (IOException e) {
            throw CheckpointException.unreadable(file, e);
        }
    }

    /** @param count elements that are looked at, in the middle */
    private void add(Parameter tensor, long count) {
        add(tensor.name() + " " + tensor.dtype() + " " + Arrays.toString(tensor.shape()));
        byte[] sample = new byte[(int) count * tensor.dtype().bits() / Byte.SIZE];
        tensor.read((tensor.elements() - count) / 2, MemorySegment.ofArray(sample));
        digest.update(sample);
    }

    /** Zero ends it: what follows cannot be taken for a part of it. */
    private void add(String text) {
        digest.update((text + "\0").getBytes(StandardCharsets.UTF_8));
    }
}
