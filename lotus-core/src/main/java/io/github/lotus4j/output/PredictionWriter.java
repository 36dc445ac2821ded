package io.github.lotus4j.output;

import io.github.lotus4j.DepthMap;
import io.github.lotus4j.Geometry;
import io.github.lotus4j.NormalMap;
import io.github.lotus4j.error.LotusException;
import io.github.lotus4j.geometry.DepthView;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.function.Supplier;

/**
 * Writes predictions into a folder, which is created when it is needed; a file is there as a whole or not at all, and replaces
 * an older one of its name. Thread-safe.
 */
public final class PredictionWriter {
    private final Path folder;
    private final PredictionFiles files;

    /** As {@link PredictionFiles#PredictionFiles(Set)} has them. */
    public PredictionWriter(Path folder, Set<Format> formats) {
        this(Objects.requireNonNull(folder, "folder"), new PredictionFiles(formats));
    }

    private PredictionWriter(Path folder, PredictionFiles files) {
        this.folder = folder;
        this.files = files;
    }

    /** As {@link PredictionFiles#withColours}. */
    public PredictionWriter withColours(ColourMap colours) {
        return new PredictionWriter(folder, files.withColours(colours));
    }

    /** As {@link PredictionFiles#withRange}. */
    public PredictionWriter withRange(ValueRange range) {
        return new PredictionWriter(folder, files.withRange(range));
    }

    /**
     * Asks before the work that leads to a result whether it could be written; writes nothing.
     *
     * @throws OutputException if the folder cannot be written to, or created
     */
    public void requireWritable() {
        Path there = folder.toAbsolutePath().normalize();
        while (there.getParent() != null && Files.notExists(there)) {
            there = there.getParent();
        }
        if (!Files.isDirectory(there)) {
            throw OutputException.noFolder(folder, new FileAlreadyExistsException(there.toString()));
        }
        if (!Files.isWritable(there)) {
            throw OutputException.denied(folder, there.toString(), new AccessDeniedException(there.toString()));
        }
    }

    /**
     * As {@link PredictionFiles#of(String, DepthMap)} has them.
     *
     * @return what was written
     * @throws OutputException if a file cannot be written
     */
    public List<Path> write(String name, DepthMap depth) {
        return write(files.of(name, depth));
    }

    /**
     * As {@link PredictionFiles#of(String, NormalMap)} has them.
     *
     * @return what was written
     * @throws OutputException if a file cannot be written
     */
    public List<Path> write(String name, NormalMap normals) {
        return write(files.of(name, normals));
    }

    /**
     * As {@link PredictionFiles#of(String, Geometry)} has them.
     *
     * @return what was written
     * @throws OutputException if a file cannot be written
     */
    public List<Path> write(String name, Geometry geometry) {
        return write(files.of(name, geometry));
    }

    /**
     * As {@link PredictionFiles#of(String, String, DepthView)} has them.
     *
     * @param kind what the shape is made of: depth, normal, geometry
     * @param shape made only if one of them is to be written; with colours
     * @return what was written
     * @throws OutputException if a file cannot be written
     * @throws LotusException if the shape has no point, or too many for a GLB
     */
    public List<Path> write(String name, String kind, Supplier<DepthView> shape) {
        Objects.requireNonNull(name, "name");
        Objects.requireNonNull(kind, "kind");
        Objects.requireNonNull(shape, "shape");
        return files.includeShapes() ? write(files.of(name, kind, shape.get())) : List.of();
    }

    /** Whether there is a format of a shape among those that are written. */
    public boolean includesShapes() {
        return files.includeShapes();
    }

    private List<Path> write(List<PredictionFile> chosen) {
        List<Path> written = new ArrayList<>();
        for (PredictionFile each : chosen) {
            written.add(NewFile.write(within(each.name()), each.content()));
        }
        return written;
    }

    /** Names may be a stranger's. */
    private Path within(String name) {
        Path file;
        try {
            file = folder.resolve(name);
        } catch (InvalidPathException e) {
            throw new LotusException(name + " cannot be a file's name: " + e.getReason(), e);
        }
        if (!file.toAbsolutePath()
                .normalize()
                .startsWith(folder.toAbsolutePath().normalize())) {
            throw new LotusException(
                    name + " does not lie in the folder of results, expected a name, or a path below it");
        }
        return file;
    }
}
