package io.github.lotus4j.hub;

import io.github.lotus4j.weights.Checkpoint;
import io.github.lotus4j.weights.CheckpointException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.DirectoryStream;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.FileVisitOption;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.UUID;
import java.util.stream.Stream;

/**
 * The hub's cache on this machine, laid out as Python's huggingface_hub does it, and shared with it: of each repository a folder
 * {@code models--OWNER--NAME} with {@code blobs/} named after their hashes, {@code snapshots/COMMIT/} of links to them, and {@code
 * refs/REVISION} that name commits. Nothing is downloaded here. Thread-safe.
 */
public final class HubCache {
    static final String PART = ".lotus.incomplete";

    /** Who was interrupted may go on within this time; what is older was left behind. */
    private static final Duration ABANDONED = Duration.ofDays(30);

    /** Of a checkpoint: its folders, their files. */
    private static final int DEPTH = 2;

    private final Path folder;

    /** A cache in that folder, which need not exist. */
    public HubCache(Path folder) {
        Objects.requireNonNull(folder, "folder");
        this.folder = folder;
    }

    /** The cache that the environment names, see {@link HubSettings}. */
    public static HubCache fromEnvironment() {
        return new HubCache(HubSettings.fromEnvironment().cache());
    }

    public Path folder() {
        return folder;
    }

    /**
     * What a user calls a checkpoint: a path that exists, or as {@link HubReference#of} has it, one that is in the cache.
     *
     * @return the checkpoint's folder or file; where {@code checkpoint} can only be a path, that path, which may not exist
     * @throws HubException if it is not in the cache
     */
    public Path locate(String checkpoint) {
        Objects.requireNonNull(checkpoint, "checkpoint");
        Optional<HubReference> reference = HubReference.parse(checkpoint);
        try {
            Path path = Path.of(checkpoint);
            if (reference.isEmpty() || Files.exists(path)) {
                return path;
            }
        } catch (InvalidPathException e) {
            throw new HubException(checkpoint + " is neither a path nor the name of a checkpoint", e);
        }
        return find(reference.get())
                .orElseThrow(() -> new HubException(
                        "%s is neither here nor, as a checkpoint, in the hub's cache, %s;".formatted(checkpoint, folder)
                                + " to download it from the hub: lotus fetch " + checkpoint));
    }

    /** The folder of a checkpoint that is there with all it needs. */
    public Optional<Path> find(HubReference reference) {
        Objects.requireNonNull(reference, "reference");
        return commit(reference)
                .map(commit -> snapshot(reference, commit))
                .filter(Files::isDirectory)
                .filter(HubCache::isComplete);
    }

    private Optional<String> commit(HubReference reference) {
        if (reference.isCommit()) {
            return Optional.of(reference.revision());
        }
        Path ref = ref(reference);
        try {
            return Files.isRegularFile(ref)
                    ? Optional.of(Files.readString(ref).strip()).filter(HubReference::isCommit)
                    : Optional.empty();
        } catch (IOException e) {
            throw HubException.file("read", ref, e);
        }
    }

    private static boolean isComplete(Path snapshot) {
        try (Stream<Path> walk = Files.walk(snapshot, DEPTH, FileVisitOption.FOLLOW_LINKS)) {
            List<String> files = walk.filter(Files::isRegularFile) // through links, which may lead nowhere
                    .map(file -> snapshot.relativize(file).toString().replace('\\', '/'))
                    .toList();
            Checkpoint.neededFiles(files, false);
            return true;
        } catch (CheckpointException e) {
            return false;
        } catch (UncheckedIOException e) {
            throw new HubException("cannot read " + snapshot + ": " + e.getMessage(), e);
        } catch (IOException e) {
            throw HubException.file("read", snapshot, e);
        }
    }

    private Path repository(HubReference reference) {
        return folder.resolve("models--" + reference.owner() + "--" + reference.name());
    }

    Path snapshot(HubReference reference, String commit) {
        return repository(reference).resolve("snapshots").resolve(commit);
    }

    private Path ref(HubReference reference) {
        return repository(reference).resolve("refs").resolve(reference.revision());
    }

    Path blob(HubReference reference, ContentHash hash) {
        return repository(reference).resolve("blobs").resolve(hash.hex());
    }

    /** Where a blob is until it is whole; Python neither goes on with it nor takes it for its own. */
    Path part(HubReference reference, ContentHash hash) {
        return repository(reference).resolve("blobs").resolve(hash.hex() + PART);
    }

    /** The file of the lock on a blob. */
    Path lock(HubReference reference, ContentHash hash) {
        return folder.resolve(".locks")
                .resolve(String.valueOf(repository(reference).getFileName()))
                .resolve(hash.hex() + ".lock");
    }

    /** Whether a blob is whole; under its name it was only put when it was right. */
    boolean has(HubReference reference, RemoteFile file) {
        Path blob = blob(reference, file.hash());
        try {
            return Files.size(blob) == file.size();
        } catch (NoSuchFileException e) {
            return false;
        } catch (IOException e) {
            throw HubException.file("read", blob, e);
        }
    }

    /** Shows a blob in a snapshot, under its name in the repository. */
    void link(HubReference reference, String commit, RemoteFile file) {
        Path link = snapshot(reference, commit).resolve(file.path());
        Path blob = blob(reference, file.hash());
        try {
            Files.createDirectories(link.getParent());
            if (Files.notExists(link)) {
                Files.deleteIfExists(link); // a link that leads nowhere
            }
            link(link, blob);
        } catch (FileAlreadyExistsException e) {
            // another process was faster
        } catch (IOException e) {
            throw HubException.file("link", link, e);
        }
    }

    private static void link(Path link, Path blob) throws IOException {
        try {
            Files.createSymbolicLink(link, link.resolve("..").normalize().relativize(blob));
        } catch (FileAlreadyExistsException e) {
            throw e;
        } catch (UnsupportedOperationException | FileSystemException e) {
            Files.createLink(link, blob); // Windows lets everyone make hard links only
        }
    }

    /** Notes which commit a branch or tag is at. */
    void point(HubReference reference, String commit) {
        if (commit(reference).filter(commit::equals).isPresent()) {
            return; // as it was: the cache may be on a medium that is not to be written
        }
        Path ref = ref(reference);
        Path fresh = repository(reference).resolve(".ref." + UUID.randomUUID()); // in refs/ it would count as one
        try {
            Files.createDirectories(ref.getParent());
            try {
                Files.writeString(fresh, commit);
                Files.move(fresh, ref, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
            } finally {
                Files.deleteIfExists(fresh);
            }
        } catch (IOException e) {
            throw HubException.file("write", ref, e);
        }
    }

    /** Deletes parts that nobody has gone on with for long. */
    void deleteAbandoned(HubReference reference) {
        Path blobs = repository(reference).resolve("blobs");
        Instant since = Instant.now().minus(ABANDONED);
        try (DirectoryStream<Path> parts = Files.newDirectoryStream(blobs, "*" + PART)) {
            for (Path part : parts) {
                if (Files.getLastModifiedTime(part).toInstant().isBefore(since)) {
                    Files.deleteIfExists(part);
                }
            }
        } catch (IOException e) {
            // it was moved in the meantime, or stays: what was fetched is there all the same
        }
    }
}
