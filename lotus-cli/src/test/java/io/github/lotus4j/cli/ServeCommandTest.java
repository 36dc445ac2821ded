package io.github.lotus4j.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.lotus4j.serve.EventStream;
import io.github.lotus4j.serve.Visitor;
import io.github.lotus4j.weights.DType;
import io.github.lotus4j.weights.SyntheticCheckpoint;
import io.github.lotus4j.weights.SyntheticCheckpoint.Architecture;
import io.github.lotus4j.weights.SyntheticCheckpoint.Mode;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.PipedReader;
import java.io.PipedWriter;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The page with the embedded miniature behind it. */
@Timeout(300) // where what never comes would be waited for
class ServeCommandTest {
    private static final Path SCENE = Path.of("..", "lotus-nano", "scenes", "scene-0.png");
    private static final String FORMATS = "npy,npz,tiff,png,preview,ply,glb,obj,html";

    @TempDir
    Path folder;

    /** The command on a thread of its own, which interrupting ends. */
    private static final class Served implements AutoCloseable {
        private final StringWriter err = new StringWriter();
        private final URI page;
        private final FutureTask<Integer> command;
        private final Thread thread;

        Served(Object... options) throws IOException {
            PipedReader printed = new PipedReader();
            PrintWriter out = new PrintWriter(new PipedWriter(printed), true);
            String[] words = Stream.concat(Stream.of("serve", "--port", "0"), Stream.of(options))
                    .map(Object::toString)
                    .toArray(String[]::new);
            command = new FutureTask<>(() -> {
                try (out) { // so that who reads what is printed sees its end
                    return Main.run(Map.of("HF_HUB_OFFLINE", "1"), out, new PrintWriter(err, true), words);
                }
            });
            thread = Thread.ofPlatform().start(command);
            String line = new BufferedReader(printed).readLine();
            assertThat(line).as(err.toString()).isNotNull();
            page = URI.create(line);
        }

        int end() throws ExecutionException {
            thread.interrupt();
            try {
                return command.get();
            } catch (InterruptedException e) {
                throw new IllegalStateException(e);
            }
        }

        @Override
        public void close() throws ExecutionException {
            end();
        }
    }

    private static JsonNode predicted(Visitor visitor, String name, Path image, Set<String> stages) throws Exception {
        try (EventStream events = visitor.predict(name, Files.readAllBytes(image))) {
            List<EventStream.Event> all = events.all();
            EventStream.Event last = all.getLast();
            assertThat(last.name()).as(last.data().toString()).isEqualTo("done");
            all.stream()
                    .filter(each -> each.name().equals("running"))
                    .forEach(each -> stages.add(each.data().get("stage").asText()));
            ((ObjectNode) last.data()).set("id", all.getFirst().data().get("id"));
            return last.data();
        }
    }

    private void assertWrittenFilesEqual(Visitor visitor, JsonNode done, Path written) throws Exception {
        Set<String> names = new HashSet<>();
        for (JsonNode each : done.get("files")) {
            String name = each.asText();
            names.add(name);
            byte[] sent = visitor.get("predictions/" + done.get("id").asText() + "/" + name)
                    .body();
            assertThat(sent).as(name).isEqualTo(Files.readAllBytes(written.resolve(name)));
        }
        try (Stream<Path> files = Files.list(written)) {
            assertThat(files.map(each -> each.getFileName().toString())).containsExactlyInAnyOrderElementsOf(names);
        }
    }

    @Test
    void filesAreThoseThatGeometryWrites() throws Exception {
        Path written = folder.resolve("out");
        assertThat(Ran.of("geometry", SCENE, "--format", FORMATS, "--output", written)
                        .code())
                .isZero();
        Served served = new Served();
        try (served;
                Visitor visitor = new Visitor(served.page)) {
            assertThat(served.page.getHost()).isEqualTo("127.0.0.1");
            assertThat(served.err.toString()).contains("miniature").doesNotContain("listening");
            JsonNode settings =
                    new ObjectMapper().readTree(visitor.get("settings").body());
            assertThat(settings.get("normals").asBoolean()).isTrue();
            assertThat(settings.get("bytes").asInt()).isEqualTo(32_000_000);
            Set<String> stages = new HashSet<>();
            JsonNode done = predicted(visitor, "C:\\photos\\scene-0.png", SCENE, stages);
            assertThat(done.get("kind").asText()).isEqualTo("disparity");
            assertThat(done.get("files")).hasSize(12);
            assertThat(stages).contains("encode", "denoise", "decode");
            assertWrittenFilesEqual(visitor, done, written);
            assertThat(served.end()).isZero();
            assertThatThrownBy(() -> visitor.get("")).isInstanceOf(IOException.class);
        }
    }

    @Test
    void aDepthCheckpointAloneGivesWhatDepthWrites() throws Exception {
        Path model =
                SyntheticCheckpoint.write(folder.resolve("lotus-depth-d"), Architecture.TINY, Mode.D, 1, DType.F16);
        Path image = TestImages.noise(folder.resolve("in/a.b.png"), 24, 16, 1);
        Path written = folder.resolve("out");
        Object[] options = {"--model", model, "--processing-res", 16, "--fov", 50};
        Object[] depth = Stream.concat(
                        Stream.of("depth", image, "--format", FORMATS, "--output", written), Stream.of(options))
                .toArray();
        assertThat(Ran.of(depth).code()).isZero();
        Served served = new Served(options);
        try (served;
                Visitor visitor = new Visitor(served.page)) {
            JsonNode settings =
                    new ObjectMapper().readTree(visitor.get("settings").body());
            assertThat(settings.get("normals").asBoolean()).isFalse();
            assertThat(settings.get("note").asText()).isEmpty();
            JsonNode done = predicted(visitor, "a.b.png", image, new HashSet<>());
            assertThat(done.get("name").asText()).isEqualTo("a.b");
            assertThat(done.get("kind").asText()).isEqualTo("depth");
            assertWrittenFilesEqual(visitor, done, written);
        }
    }

    @Test
    void aRunningPredictionIsCancelled() throws Exception {
        Path image = TestImages.noise(folder.resolve("large.png"), 1024, 1024, 1);
        try (Served served = new Served("--processing-res", "0", "--threads", "1");
                Visitor visitor = new Visitor(served.page);
                EventStream events = visitor.predict("large.png", Files.readAllBytes(image))) {
            String id = events.until("accepted").get("id").asText();
            while (!events.until("running").get("stage").asText().equals("encode")) {}
            assertThat(visitor.ask("DELETE", "predictions/" + id).statusCode()).isEqualTo(204);
            assertThat(events.all().getLast().name()).isEqualTo("cancelled");
        }
    }

    @Test
    void whoListensForOthersIsToldSo() throws Exception {
        try (Served served = new Served("--host", "0.0.0.0");
                Visitor visitor = new Visitor(served.page)) {
            assertThat(served.page.getHost()).isEqualTo("localhost");
            assertThat(served.err.toString()).contains("listening at 0.0.0.0", "whoever reaches this machine");
            assertThat(visitor.get("").statusCode()).isEqualTo(200);
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "--port=70000",
                "--port=-1",
                "--max-upload=0",
                "--max-pixels=701",
                "--queue=0",
                "--keep=0",
                "--keep-mb=0",
                "--host=",
                "--normal-model=x",
                "--kind=depth",
                "--steps=0",
                "--backend=abacus",
                "image.png"
            })
    void wrongCommandLines(String word) {
        Ran ran = Ran.of("serve", word);
        assertThat(ran.code()).as(ran.err()).isEqualTo(2);
        assertThat(ran.err()).contains(word.replaceAll("^--|=.*", ""));
    }

    @Test
    void whatCannotBeServedIsSaidAtOnce() throws IOException {
        Ran ensemble = Ran.of("serve", "--port", 0, "--ensemble", 2);
        assertThat(ensemble.code()).isEqualTo(1);
        assertThat(ensemble.err()).contains("ensemble: found 2", "Lotus-G");
        try (ServerSocket taken = new ServerSocket(0, 0, InetAddress.getLoopbackAddress())) {
            Ran second = Ran.of("serve", "--port", taken.getLocalPort());
            assertThat(second.code()).isEqualTo(1);
            assertThat(second.err()).contains("port " + taken.getLocalPort(), "--port");
        }
    }
}
