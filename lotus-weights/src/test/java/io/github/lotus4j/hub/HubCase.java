package io.github.lotus4j.hub;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;

/** A local hub with a small checkpoint, and an empty cache. */
abstract class HubCase {
    static final String UNET = "unet/diffusion_pytorch_model.safetensors";
    static final String CONFIG = "unet/config.json";
    static final int UNET_BYTES = 200_000;

    /** Quick to lose patience. */
    static final Patience QUICK =
            new Patience(Duration.ofSeconds(2), Duration.ofMillis(400), 3, Duration.ofMillis(5), Duration.ofSeconds(3));

    /** Several segments of the UNet. */
    static final BlobDownload.Cut SMALL = new BlobDownload.Cut(30_000, 3);

    static final HubReference REFERENCE = HubReference.of(LocalHub.REPOSITORY);

    final LocalHub hub = new LocalHub();
    final Map<String, String> environment = new HashMap<>();
    final List<FetchListener.Progress> progress = new CopyOnWriteArrayList<>();

    @TempDir
    Path folder;

    @BeforeEach
    void fill() {
        hub.files.put("model_index.json", bytes(300, 1));
        hub.files.put(CONFIG, bytes(999, 2));
        hub.files.put(UNET, bytes(UNET_BYTES, 3));
        hub.files.put("unet/diffusion_pytorch_model.bin", bytes(5000, 4));
        hub.files.put("vae/config.json", bytes(20, 5));
        hub.files.put("vae/diffusion_pytorch_model.safetensors", bytes(70_001, 6));
        hub.files.put("text_encoder/config.json", bytes(20, 5)); // the same content as another
        hub.files.put("text_encoder/model.safetensors", bytes(30_000, 7));
        hub.files.put("tokenizer/vocab.json", new byte[0]);
        hub.files.put("README.md", bytes(10, 8));
        environment.put("HF_HOME", folder.resolve("home").toString());
        environment.put("HF_ENDPOINT", hub.endpoint().toString());
    }

    @AfterEach
    void close() {
        hub.close();
    }

    static byte[] bytes(int count, long seed) {
        byte[] bytes = new byte[count];
        new Random(seed).nextBytes(bytes);
        return bytes;
    }

    Hub client() {
        return new Hub(HubSettings.of(environment, folder), QUICK, SMALL);
    }

    Path fetch() {
        return client().fetch(REFERENCE, false, progress::add);
    }

    void failed(String... words) throws IOException {
        assertThatThrownBy(this::fetch)
                .isInstanceOf(HubException.class)
                .hasMessageContainingAll(words)
                .hasMessageNotContaining(LocalHub.TOKEN);
        assertThat(repository().resolve("snapshots")).doesNotExist();
        assertThat(repository().resolve("refs")).doesNotExist();
    }

    Path repository() {
        return folder.resolve("home/hub/models--someone--lotus-depth-d-test");
    }

    Path part(String file) {
        return repository().resolve("blobs").resolve(hub.hash(file) + ".lotus.incomplete");
    }

    /** Everything is there and right, and nothing else. */
    void assertFetched(Path snapshot) throws IOException {
        assertThat(snapshot).isEqualTo(repository().resolve("snapshots").resolve(LocalHub.COMMIT));
        assertThat(repository().resolve("refs/main"))
                .content(StandardCharsets.UTF_8)
                .isEqualTo(LocalHub.COMMIT);
        List<String> expected = hub.files.keySet().stream()
                .filter(name -> !name.endsWith(".bin") && !name.endsWith(".md"))
                .toList();
        assertThat(files(snapshot)).containsExactlyInAnyOrderElementsOf(expected);
        for (String name : expected) {
            Path link = snapshot.resolve(name);
            String hash = hub.hash(name);
            assertThat(link).hasBinaryContent(hub.content(name));
            assertThat(Files.readSymbolicLink(link))
                    .hasToString("../".repeat(name.contains("/") ? 3 : 2) + "blobs/" + hash);
        }
        assertThat(files(repository().resolve("blobs")))
                .containsExactlyInAnyOrderElementsOf(
                        expected.stream().map(name -> hub.hash(name)).distinct().toList());
    }

    static List<String> files(Path folder) throws IOException {
        try (Stream<Path> walk = Files.walk(folder)) {
            return walk.filter(Files::isRegularFile)
                    .map(path -> folder.relativize(path).toString())
                    .toList();
        }
    }
}
