package io.github.lotus4j;

import io.github.lotus4j.error.LotusException;
import io.github.lotus4j.ops.Backend;
import io.github.lotus4j.ops.BackendSettings;
import io.github.lotus4j.ops.Backends;
import io.github.lotus4j.pipeline.LoadedCheckpoint;
import io.github.lotus4j.weights.Checkpoint;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Objects;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Says what to load and where to run it. Not thread-safe. */
public final class LotusBuilder {
    private @Nullable Path depth;
    private @Nullable DepthKind depthKind;
    private @Nullable Path normal;
    private boolean nanoDepth;
    private boolean nanoNormal;
    private int threads = Math.min(Runtime.getRuntime().availableProcessors(), BackendSettings.MOST_THREADS);
    private boolean exact;
    private String backend = Backends.AUTO;
    private @Nullable Path packedWeightsCache;

    LotusBuilder() {}

    /** A depth checkpoint that predicts disparity if its folder's name says so, else depth. */
    public LotusBuilder depth(Path folder) {
        Objects.requireNonNull(folder, "folder");
        depth = folder;
        depthKind = null;
        return this;
    }

    /** A depth checkpoint, whatever its folder's name says. */
    public LotusBuilder depth(Path folder, DepthKind kind) {
        Objects.requireNonNull(folder, "folder");
        Objects.requireNonNull(kind, "kind");
        depth = folder;
        depthKind = kind;
        return this;
    }

    /** A checkpoint that predicts normals. */
    public LotusBuilder normal(Path folder) {
        Objects.requireNonNull(folder, "folder");
        normal = folder;
        return this;
    }

    /** A checkpoint whose folder's name says what it predicts. */
    public LotusBuilder checkpoint(Path folder) {
        Objects.requireNonNull(folder, "folder");
        CheckpointName name = CheckpointName.of(folder);
        if (name.normal()) {
            return normal(folder);
        }
        if (name.depth().isPresent()) {
            return depth(folder);
        }
        if (Files.notExists(folder)) {
            return depth(folder); // build() says so, and what lies beside it
        }
        throw new LotusException("the name of " + folder + " does not say whether it predicts depth or normals; "
                + "use Lotus.builder().depth(folder, kind) or .normal(folder)");
    }

    /** Both embedded miniatures. */
    public LotusBuilder nano() {
        return nanoDepth().nanoNormal();
    }

    /** The embedded miniature that predicts disparity. */
    public LotusBuilder nanoDepth() {
        nanoDepth = true;
        return this;
    }

    /** The embedded miniature that predicts normals. */
    public LotusBuilder nanoNormal() {
        nanoNormal = true;
        return this;
    }

    /**
     * Threads that compute a prediction, the caller's included, 1 to {@value BackendSettings#MOST_THREADS}; the default is one a
     * processor. Predictions at the same time share all of them but the callers' own.
     */
    public LotusBuilder threads(int count) {
        threads = count;
        return this;
    }

    /** Avoids every algorithm that trades accuracy for speed. */
    public LotusBuilder exact(boolean on) {
        exact = on;
        return this;
    }

    /** The name of a backend, such as {@code cpu}, or {@code auto} for the best that works here. */
    public LotusBuilder backend(String name) {
        Objects.requireNonNull(name, "name");
        backend = name;
        return this;
    }

    /**
     * Keeps the weights in {@code folder} as the CPU backend packs them, and starts from there the next time: loading takes a
     * fraction of the time, and disk space as the checkpoint does. What is there is checked, and written anew where the
     * checkpoint has changed or the file is damaged; where it cannot be written, a warning is logged. Without this nothing is
     * written. The files are mapped while a {@link Lotus} is open: they may be deleted then, but not shortened. Other backends
     * and the miniatures keep nothing.
     */
    public LotusBuilder packedWeightsCache(Path folder) {
        Objects.requireNonNull(folder, "folder");
        packedWeightsCache = folder;
        return this;
    }

    /**
     * Loads everything; on any failure nothing stays open.
     *
     * @throws io.github.lotus4j.weights.CheckpointException if a checkpoint cannot be read, or is not what it should be
     * @throws LotusException if what was asked for does not go together, or cannot run here
     */
    public Lotus build() {
        BackendSettings settings = new BackendSettings(threads, exact);
        BackendSettings full = packedWeightsCache == null || nanoDepth || nanoNormal
                ? settings
                : settings.withPackedWeightsCache(packedWeightsCache);
        return chosen((depthFolder, kind, normalFolder) -> load(full, depthFolder, kind, normalFolder));
    }

    /**
     * Changes when the checkpoints that {@link #build()} loads do, or the kind of depth that they are taken to predict; the same
     * in every process. Files' sizes and times, and a few bytes of each tensor, are looked at; nothing is loaded.
     *
     * @throws io.github.lotus4j.weights.CheckpointException if a checkpoint cannot be read
     * @throws LotusException if what was asked for does not go together
     */
    public String fingerprint() {
        return chosen((depthFolder, kind, normalFolder) -> Stream.of(
                        depthFolder == null ? "" : kind + " " + fingerprint(depthFolder),
                        normalFolder == null ? "" : "NORMAL " + fingerprint(normalFolder))
                .filter(each -> !each.isEmpty())
                .collect(Collectors.joining(", ")));
    }

    private static String fingerprint(Path folder) {
        try (Checkpoint checkpoint = Checkpoint.open(folder)) {
            return checkpoint.fingerprint();
        }
    }

    @FunctionalInterface
    private interface Chosen<T> {
        T use(@Nullable Path depthFolder, DepthKind kind, @Nullable Path normalFolder);
    }

    /** What was asked for; the miniatures are folders for as long. */
    private <T> T chosen(Chosen<T> work) {
        if (nanoDepth || nanoNormal) {
            if (depth != null || normal != null) {
                throw new LotusException("both a miniature, as nano() is, and a checkpoint were named, expected one");
            }
            try (NanoFolder folder = new NanoFolder()) {
                return work.use(
                        nanoDepth ? folder.extract(NanoFolder.DISPARITY) : null,
                        DepthKind.AFFINE_DISPARITY,
                        nanoNormal ? folder.extract(NanoFolder.NORMAL) : null);
            }
        }
        if (depth == null && normal == null) {
            throw new LotusException("no checkpoint was named; use depth(folder), normal(folder) or nano()");
        }
        DepthKind kind = depthKind;
        if (kind == null && depth != null) {
            kind = CheckpointName.of(depth).depth().orElse(DepthKind.AFFINE_DEPTH);
        }
        return work.use(depth, kind == null ? DepthKind.AFFINE_DEPTH : kind, normal);
    }

    private Lotus load(
            BackendSettings settings, @Nullable Path depthFolder, DepthKind kind, @Nullable Path normalFolder) {
        Backend opened = Backends.open(backend, settings);
        LoadedCheckpoint loadedDepth = null;
        boolean complete = false;
        try {
            loadedDepth = depthFolder == null ? null : LoadedCheckpoint.loadDepth(depthFolder, opened);
            LoadedCheckpoint loadedNormal = null;
            if (normalFolder != null) {
                loadedNormal = loadedDepth == null || depthFolder == null
                        ? LoadedCheckpoint.load(normalFolder, opened)
                        : LoadedCheckpoint.loadBeside(loadedDepth, depthFolder, normalFolder, opened);
            }
            complete = true;
            return new Lotus(opened, loadedDepth, kind, loadedNormal);
        } finally {
            if (!complete) {
                if (loadedDepth != null) {
                    loadedDepth.close();
                }
                opened.close();
            }
        }
    }
}
