package io.github.lotus4j.hub;

import io.github.lotus4j.hub.FetchListener.Plan;
import io.github.lotus4j.hub.FetchListener.Stage;
import io.github.lotus4j.weights.Checkpoint;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/**
 * The Hugging Face hub. Thread-safe; several processes may fetch at the same time.
 *
 * <p>A fetch asks {@code /api/models/OWNER/NAME/revision/REVISION} for the commit and its files, and then of each file that a
 * checkpoint needs {@code HEAD /OWNER/NAME/resolve/COMMIT/FILE} for its size and hash ({@code X-Linked-Etag}, {@code ETag}), and
 * downloads what the cache does not have in ranges. The token is sent to the endpoint's own scheme, host and port only.
 */
public final class Hub {
    private final HubSettings settings;
    private final HubCache cache;
    private final Patience patience;
    private final BlobDownload.Cut cut;

    public Hub(HubSettings settings) {
        this(settings, Patience.USUAL, BlobDownload.Cut.USUAL);
    }

    Hub(HubSettings settings, Patience patience, BlobDownload.Cut cut) {
        this.settings = Objects.requireNonNull(settings, "settings");
        this.cut = cut;
        cache = new HubCache(settings.cache());
        this.patience = patience;
    }

    public HubCache cache() {
        return cache;
    }

    /**
     * Downloads what a checkpoint needs and the cache does not have. What was downloaded stays if this fails, is cancelled by an
     * interrupt or killed, and the next call goes on from there; in the snapshot, a file appears when all are whole and their hashes
     * are the hub's.
     *
     * @param fp16 the half-precision variants of the weights, where the repository has them
     * @return the checkpoint's folder in the cache
     * @throws HubException if the hub does not give it, it does not fit on the disk, or offline, it is not in the cache
     * @throws io.github.lotus4j.weights.CheckpointException if the repository holds no checkpoint, or fp16 was wanted and there is none
     * @throws java.util.concurrent.CancellationException if the thread was interrupted
     */
    public Path fetch(HubReference reference, boolean fp16, FetchListener listener) {
        Objects.requireNonNull(reference, "reference");
        Objects.requireNonNull(listener, "listener");
        if (settings.offline()) {
            return cache.find(reference)
                    .orElseThrow(() -> new HubException(reference + " is not in the hub's cache, " + cache.folder()
                            + ", and HF_HUB_OFFLINE forbids to download it"));
        }
        FetchListener told = new InTurn(listener);
        Retries retries = new Retries(patience, told);
        try (HubClient client = new HubClient(settings, patience)) {
            RepositoryListing listing = RepositoryListing.ask(client, retries, reference);
            Path snapshot = cache.snapshot(reference, listing.commit());
            List<RemoteFile> missing = Checkpoint.neededFiles(listing.files(), fp16).stream()
                    .filter(path -> !Files.exists(snapshot.resolve(path)))
                    .map(path -> RemoteFile.ask(client, retries, reference, listing.commit(), path))
                    .toList();
            Collection<RemoteFile> downloads = downloads(reference, missing);
            long total = downloads.stream().mapToLong(RemoteFile::size).sum();
            long rest = total
                    - downloads.stream()
                            .mapToLong(file -> BlobDownload.received(cache.part(reference, file.hash()), file, cut))
                            .sum();
            requireSpace(reference, rest);
            told.planned(new Plan(reference, listing.commit(), missing.size(), rest, listing.licence()));
            Tally tally = new Tally(told, total);
            tally.add(Stage.DOWNLOADING, "", total - rest);
            for (RemoteFile file : downloads) {
                download(client, retries, reference, file, tally);
            }
            missing.forEach(file -> cache.link(reference, listing.commit(), file));
            cache.point(reference, listing.commit());
            cache.deleteAbandoned(reference);
            return snapshot;
        }
    }

    /** Of files with the same content, one. */
    private Collection<RemoteFile> downloads(HubReference reference, List<RemoteFile> files) {
        Map<ContentHash, RemoteFile> byContent = new LinkedHashMap<>();
        for (RemoteFile file : files) {
            if (!cache.has(reference, file)) {
                byContent.putIfAbsent(file.hash(), file);
            }
        }
        return byContent.values();
    }

    private void requireSpace(HubReference reference, long bytes) {
        if (bytes == 0) {
            return;
        }
        try {
            Files.createDirectories(cache.folder());
            long free = Files.getFileStore(cache.folder()).getUsableSpace();
            if (bytes > free) {
                throw new HubException(
                        "%s takes another %,d MB in %s, found %,d MB free; HF_HUB_CACHE names another folder"
                                .formatted(reference, (bytes + 999_999) / 1_000_000, cache.folder(), free / 1_000_000));
            }
        } catch (IOException e) {
            throw HubException.file("use", cache.folder(), e);
        }
    }

    private void download(HubClient client, Retries retries, HubReference reference, RemoteFile file, Tally tally) {
        Path lock = cache.lock(reference, file.hash());
        try (CacheLock _ = CacheLock.acquire(lock, () -> tally.add(Stage.WAITING, file.path(), 0))) {
            if (cache.has(reference, file)) {
                return; // whoever had the lock
            }
            Path blob = cache.blob(reference, file.hash());
            Files.createDirectories(blob.getParent());
            new BlobDownload(client, retries, cut, reference, file, tally)
                    .run(cache.part(reference, file.hash()), blob);
        } catch (IOException e) {
            throw HubException.file("write", cache.folder(), e);
        }
    }

    /** Several threads tell, one at a time. */
    private record InTurn(FetchListener listener) implements FetchListener {
        @Override
        public synchronized void planned(Plan plan) {
            listener.planned(plan);
        }

        @Override
        public synchronized void progress(Progress now) {
            listener.progress(now);
        }

        @Override
        public synchronized void failed(String what, String reason, Duration pause) {
            listener.failed(what, reason, pause);
        }
    }
}
