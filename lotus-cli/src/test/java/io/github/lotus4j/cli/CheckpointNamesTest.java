package io.github.lotus4j.cli;

import static io.github.lotus4j.cli.Ran.failed;
import static org.assertj.core.api.Assertions.assertThat;

import io.github.lotus4j.weights.DType;
import io.github.lotus4j.weights.SyntheticCheckpoint;
import io.github.lotus4j.weights.SyntheticCheckpoint.Architecture;
import io.github.lotus4j.weights.SyntheticCheckpoint.Mode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What the names of checkpoints say, and where a name leads. */
class CheckpointNamesTest {
    private static final Path SCENE = Path.of("..", "lotus-nano", "scenes", "scene-0.png");

    @TempDir
    Path folder;

    private Ran run(Object... words) {
        Map<String, String> cache = Map.of("HF_HOME", folder.resolve("hf").toString(), "HF_HUB_OFFLINE", "1");
        return Ran.in(cache, words);
    }

    private Ran predict(String command, Object... words) {
        return run(Stream.concat(
                        Stream.of(command, "--output", folder.resolve("out"), SCENE, "--processing-res", 16),
                        Stream.of(words))
                .toArray());
    }

    /** What a prediction notes that is made all the same. */
    private static String noted(Ran ran) {
        assertThat(ran.code()).as(ran.err()).isZero();
        return ran.err();
    }

    private Path checkpoint(String name) throws IOException {
        return SyntheticCheckpoint.write(folder.resolve(name), Architecture.TINY, Mode.D, 1, DType.F16);
    }

    @Test
    void unhelpfulNamesAreMentioned() throws IOException {
        Path unnamed = checkpoint("model");
        assertThat(noted(predict("depth", "--model", unnamed)))
                .contains("does not say whether it predicts depth or disparity");
        Path depth = checkpoint("lotus-depth");
        assertThat(noted(predict("normal", "--model", depth))).contains("predicts depth");
    }

    @Test
    void checkpointsThatAreCalledAfterTheOtherAreNoted() throws IOException {
        Path depth = checkpoint("lotus-depth-d");
        Path normal = checkpoint("lotus-normal-d");
        Ran swapped = predict("geometry", "--depth-model", normal, "--normal-model", depth);
        assertThat(noted(swapped))
                .contains("lotus-normal-d says that it predicts normals; its output is taken for depth");
        assertThat(noted(swapped))
                .contains("lotus-depth-d says that it predicts depth; its output is taken for normals");
        assertThat(noted(predict("depth", "--model", normal)))
                .contains("says that it predicts normals")
                .doesNotContain("does not say");
        assertThat(noted(predict("depth", "--model", normal, "--kind", "depth")))
                .contains("says that it predicts normals");
    }

    @Test
    void aKindThatCannotBeIsRefused() {
        for (String command : new String[] {"depth", "geometry"}) {
            failed(predict(command, "--kind", "depth"), 2, "--kind", "miniature predicts disparity");
        }
        for (Object[] judged : new Object[][] {{"--predictions", folder}, {}}) {
            Object[] words = Stream.concat(
                            Stream.of(
                                    "eval",
                                    "nyuv2-normal",
                                    folder,
                                    "--output",
                                    folder.resolve("out"),
                                    "--kind",
                                    "depth"),
                            Stream.of(judged))
                    .toArray();
            failed(run(words), 2, "--kind", "normals are predicted");
        }
    }

    /** As fetched: links from a snapshot into the blobs. */
    private Path fetched(String name) throws IOException {
        Path repository = folder.resolve("hf/hub/models--jingheya--" + name);
        Path snapshot = repository.resolve("snapshots/" + "a".repeat(40));
        Files.createDirectories(snapshot.getParent());
        Files.createSymbolicLink(snapshot, checkpoint("blobs"));
        Files.createDirectories(repository.resolve("refs"));
        Files.writeString(repository.resolve("refs/main"), "a".repeat(40));
        return snapshot;
    }

    @Test
    void checkpointsThatWereFetchedAreFoundByName() throws IOException {
        String name = "lotus-depth-d-v2-0-disparity";
        for (String[] words : new String[][] {
            {"depth", SCENE.toString(), "--model", name},
            {"geometry", SCENE.toString(), "--depth-model", name, "--normal-model", "x"},
            {"inspect", name},
            {"verify", name, "--golden", "x"}
        }) {
            failed(run((Object[]) words), 1, name, "lotus fetch " + name);
        }
        failed(run("fetch", name), 1, name, "HF_HUB_OFFLINE");
        assertThat(run("models").out()).contains(name).doesNotContain("yes");
        Path snapshot = fetched(name);
        assertThat(run("models").out().lines().filter(line -> line.contains("yes")))
                .singleElement()
                .asString()
                .startsWith(name);
        assertThat(run("fetch", name).out().strip()).isEqualTo(snapshot.toString());
        assertThat(run("inspect", name).out()).startsWith(name).contains("disparity");
        Ran result = predict("depth", "--model", name, "--format", "png");
        assertThat(result.code()).as(result.err()).isZero();
        assertThat(result.err()).isEmpty();
    }

    @Test
    void modelsSaysWhichOneForWhat() {
        assertThat(run("models").out())
                .contains(
                        "lotus-normal-g-v1-1",
                        "normals",
                        "disparity",
                        "GB",
                        folder.resolve("hf/hub").toString());
    }

    @Test
    void wrongNamesOfRepositories() {
        failed(run("fetch", "lotus"), 2, "\"lotus\"", "OWNER/NAME", "lotus-depth-d-v1-0");
        failed(run("fetch", "a/b", "--revision", "../c"), 2, "../c", "branch");
        failed(run("fetch", "a/b@v1", "--revision", "v2"), 2, "said twice", "a/b@v1", "v2");
        failed(run("fetch"), 2, "NAME");
    }
}
