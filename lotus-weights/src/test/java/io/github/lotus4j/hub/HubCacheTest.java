package io.github.lotus4j.hub;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.lotus4j.faults.Fault;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What becomes of the cache that is fetched to. */
class HubCacheTest extends HubCase {
    @Test
    void aRevisionIsNotedUnderItsName() throws IOException {
        client().fetch(REFERENCE.at("refs/pr/1"), false, FetchListener.NONE);
        assertThat(hub.requests.getFirst().path()).endsWith("/revision/refs%2Fpr%2F1");
        assertThat(repository().resolve("refs/refs/pr/1")).hasContent(LocalHub.COMMIT);
        assertThat(client().cache().find(REFERENCE)).isEmpty();
        assertThat(client().cache().find(REFERENCE.at("refs/pr/1"))).isPresent();
        assertThat(client().cache().find(REFERENCE.at(LocalHub.COMMIT))).isPresent();
    }

    @Test
    @Fault(
            value = "a listing has names that lead out of the cache",
            by = "names with .. and absolute ones",
            then = "they are passed over")
    void namesThatLeadOutOfTheCacheArePassedOver() throws IOException {
        hub.files.put("tokenizer/../../../../evil.json", bytes(10, 1));
        hub.files.put("/tokenizer/evil.json", bytes(10, 1));
        hub.files.put("tokenizer/evil .json", bytes(10, 1));
        fetch();
        assertThat(files(folder)).noneMatch(name -> name.contains("evil"));
    }

    @Test
    @Fault(
            value = "the hub's cache cannot be written or read",
            by = "files in the place of its folders",
            then = "a HubException that names the file and what is wrong with it")
    void aCacheThatIsNotAsItShouldBeIsNamed() throws IOException {
        Path refs = repository().resolve("refs");
        Path blobs = repository().resolve("blobs");
        Path snapshots = repository().resolve("snapshots");
        for (Path folder : List.of(blobs, snapshots, refs)) {
            Files.createDirectories(folder.getParent());
            Files.writeString(folder, "a file");
            assertThatThrownBy(this::fetch).isInstanceOf(HubException.class).hasMessageContaining(folder.toString());
            Files.delete(folder);
        }
        assertFetched(fetch());
    }

    @Test
    void partsThatNobodyGoesOnWithAreDeletedInTheEnd() throws IOException {
        Path blobs = Files.createDirectories(repository().resolve("blobs"));
        Path old = Files.writeString(blobs.resolve("a".repeat(64) + HubCache.PART), "old");
        Path fresh = Files.writeString(blobs.resolve("b".repeat(64) + HubCache.PART), "of another process");
        Files.setLastModifiedTime(old, FileTime.from(Instant.now().minus(Duration.ofDays(31))));
        Files.setLastModifiedTime(fresh, FileTime.from(Instant.now().minus(Duration.ofDays(29))));
        fetch();
        assertThat(old).doesNotExist();
        assertThat(fresh).exists();
    }
}
