package io.github.lotus4j.hub;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.net.httpserver.HttpHandler;
import com.sun.net.httpserver.HttpServer;
import io.github.lotus4j.weights.Checkpoint;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Proxy;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The environment, names of checkpoints, and what is taken for a cached one. */
class HubSettingsTest {
    @TempDir
    Path home;

    private HubSettings settings(String... variables) {
        Map<String, String> environment = new HashMap<>();
        for (int i = 0; i < variables.length; i += 2) {
            environment.put(variables[i], variables[i + 1]);
        }
        return HubSettings.of(environment, home);
    }

    @Test
    void theCacheIsWherePythonHasIt() {
        assertThat(settings().cache()).isEqualTo(home.resolve(".cache/huggingface/hub"));
        assertThat(settings("XDG_CACHE_HOME", "/x").cache()).isEqualTo(Path.of("/x/huggingface/hub"));
        assertThat(settings("XDG_CACHE_HOME", "/x", "HF_HOME", "~/h").cache()).isEqualTo(home.resolve("h/hub"));
        assertThat(settings("HF_HOME", "/h", "HF_HUB_CACHE", "/c", "HUGGINGFACE_HUB_CACHE", "/l")
                        .cache())
                .isEqualTo(Path.of("/c"));
        assertThat(settings("HF_HOME", "/h", "HUGGINGFACE_HUB_CACHE", "/l").cache())
                .isEqualTo(Path.of("/l"));
        assertThat(settings("HF_HOME", "").cache()).isEqualTo(settings().cache());
    }

    @Test
    void theTokenIsOfTheVariableOrOfTheFile() throws IOException {
        assertThat(settings().token()).isEmpty();
        Files.writeString(home.resolve("token"), "hf_file\n");
        String folder = home.toString();
        assertThat(settings("HF_HOME", folder).token()).contains("hf_file");
        assertThat(settings("HF_HOME", folder, "HF_TOKEN", "hf_variable").token())
                .contains("hf_variable");
        assertThat(settings("HF_TOKEN_PATH", folder + "/token").token()).contains("hf_file");
        assertThat(settings("HF_HOME", folder, "HF_HUB_DISABLE_IMPLICIT_TOKEN", "1")
                        .token())
                .isEmpty();
        assertThatThrownBy(() -> settings("HF_TOKEN", "hf_a\r\nX: b"))
                .hasMessageContaining("HF_TOKEN")
                .hasMessageNotContaining("hf_a");
    }

    @ParameterizedTest
    @ValueSource(strings = {"mirror", "ftp://mirror", "https://", "https://user:secret@mirror", "https://a b"})
    void anEndpointIsAnAddress(String text) {
        assertThatThrownBy(() -> settings("HF_ENDPOINT", text))
                .hasMessageContaining("HF_ENDPOINT")
                .hasMessageNotContaining("secret");
    }

    @Test
    void anEndpointMayHaveAPath() {
        assertThat(settings("HF_ENDPOINT", "https://mirror/hf/").endpoint()).isEqualTo(URI.create("https://mirror/hf"));
        assertThat(settings().endpoint().getScheme()).isEqualTo("https");
    }

    @ParameterizedTest
    @CsvSource({
        "https://hub.example/a, proxy:3128",
        "http://hub.example/a, other:80",
        "https://inside.example/a, ''",
        "https://x.inside.example/a, ''",
        "https://notinside.example/a, proxy:3128"
    })
    void proxies(String target, String expected) {
        Proxies proxies = new Proxies(Map.of(
                "https_proxy",
                "http://user:secret@proxy:3128",
                "HTTP_PROXY",
                "other",
                "NO_PROXY",
                "inside.example, b"));
        Proxy proxy = proxies.select(URI.create(target)).getFirst();
        String found = proxy.address() instanceof InetSocketAddress a ? a.getHostString() + ":" + a.getPort() : "";
        assertThat(found).isEqualTo(expected);
        assertThatThrownBy(() -> new Proxies(Map.of("ALL_PROXY", "socks5://user:secret@x")))
                .hasMessageContaining("ALL_PROXY")
                .hasMessageNotContaining("secret");
    }

    /**
     * Asks a hub that does not exist, through a proxy that answers 404 in the end.
     *
     * @param user before the proxy's host in its address, or nothing
     */
    private void askThrough(HttpHandler answers, String user) throws IOException {
        askThrough(answers, user, "404");
    }

    private void askThrough(HttpHandler answers, String user, String expected) throws IOException {
        HttpServer proxy = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        proxy.createContext("/", answers);
        proxy.start();
        try {
            String address =
                    "http://" + user + "127.0.0.1:" + proxy.getAddress().getPort();
            Hub hub = new Hub(settings("HF_ENDPOINT", "http://hub.invalid", "HTTP_PROXY", address));
            assertThatThrownBy(() -> hub.fetch(HubReference.of("a/b"), false, FetchListener.NONE))
                    .hasMessageContaining(expected)
                    .hasMessageNotContaining("secret");
        } finally {
            proxy.stop(0);
        }
    }

    @Test
    void requestsGoThroughTheProxy() throws IOException {
        List<String> asked = new CopyOnWriteArrayList<>();
        HttpHandler answers = exchange -> {
            asked.add(exchange.getRequestURI().toString());
            exchange.sendResponseHeaders(404, -1);
            exchange.close();
        };
        askThrough(answers, "");
        assertThat(asked).containsExactly("http://hub.invalid/api/models/a/b/revision/main");
    }

    @ParameterizedTest
    @CsvSource({"me:secret, me:secret", "me, me:"})
    void aProxyThatAsksForAPasswordGetsItsOwn(String written, String expected) throws IOException {
        List<String> told = new CopyOnWriteArrayList<>();
        HttpHandler answers = exchange -> {
            List<String> credentials = exchange.getRequestHeaders().get("Proxy-Authorization");
            if (credentials != null) {
                told.addAll(credentials);
            }
            exchange.getResponseHeaders().add("Proxy-Authenticate", "Basic realm=\"proxy\"");
            exchange.sendResponseHeaders(credentials == null ? 407 : 404, -1);
            exchange.close();
        };
        askThrough(answers, written + "@");
        byte[] plain = expected.getBytes(StandardCharsets.UTF_8);
        assertThat(told).containsExactly("Basic " + Base64.getEncoder().encodeToString(plain));
    }

    /** Each try has some of Java's own: more of them may lock an account. */
    @Test
    void aWrongPasswordIsNotTriedAgain() throws IOException {
        AtomicInteger refused = new AtomicInteger();
        HttpHandler answers = exchange -> {
            refused.incrementAndGet();
            exchange.getResponseHeaders().add("Proxy-Authenticate", "Basic realm=\"proxy\"");
            exchange.sendResponseHeaders(407, -1);
            exchange.close();
        };
        askThrough(answers, "me:secret@", "the proxy does not take the user and password");
        assertThat(refused.get()).isBetween(2, 5);
    }

    @ParameterizedTest
    @CsvSource({
        "https://hub/a, https://hub/b?c, true",
        "https://hub/a, https://HUB:443/, true",
        "http://hub, http://hub:80/, true",
        "https://hub/, https://hub2/, false",
        "https://hub/, https://cdn.hub/, false",
        "http://127.0.0.1:8080/, http://127.0.0.2:8080/, false",
        "https://hub/, http://hub/, false",
        "https://hub:80/, http://hub:80/, false",
        "https://hub/, https://hub:444/, false"
    })
    void whoIsTheHubItself(URI one, URI other, boolean same) {
        assertThat(HubClient.sameOrigin(one, other)).isEqualTo(same);
        assertThat(HubClient.sameOrigin(other, one)).isEqualTo(same);
    }

    @ParameterizedTest
    @CsvSource({
        "lotus-depth-d-v1-0, jingheya/lotus-depth-d-v1-0, main",
        "lotus-depth-d-v1-0@v1, jingheya/lotus-depth-d-v1-0, v1",
        "a/b, a/b, main",
        "a/b@refs/pr/2, a/b, refs/pr/2"
    })
    void names(String written, String repository, String revision) {
        HubReference reference = HubReference.of(written);
        assertThat(reference.repository()).isEqualTo(repository);
        assertThat(reference.revision()).isEqualTo(revision);
        assertThat(reference).hasToString(written);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"", "lotus", "a/b/c", "../b", "a/..", "a--b/c", "a/b@", "a/b@../c", "a/b@x//y", "/a/b", "-a/b"})
    void whatIsNoName(String written) {
        assertThatThrownBy(() -> HubReference.of(written))
                .isInstanceOf(HubException.class)
                .hasMessageContaining("lotus-normal-g-v1-1");
    }

    @Test
    void aCheckpointIsAPathOrWhatIsInTheCache() throws IOException {
        HubCache cache = new HubCache(home.resolve("hub"));
        assertThat(cache.locate(home.toString())).isEqualTo(home);
        assertThat(cache.locate("/nowhere/at/all")).isEqualTo(Path.of("/nowhere/at/all"));
        assertThat(cache.locate("lotus-typo")).isEqualTo(Path.of("lotus-typo"));
        assertThatThrownBy(() -> cache.locate("lotus-normal-d-v1-1"))
                .isInstanceOf(HubException.class)
                .hasMessageContainingAll(
                        "lotus fetch lotus-normal-d-v1-1", home.resolve("hub").toString());
        Path repository = home.resolve("hub/models--jingheya--lotus-normal-d-v1-1");
        String commit = "c".repeat(40);
        Path snapshot = repository.resolve("snapshots").resolve(commit);
        for (String network : List.of("unet", "vae", "text_encoder")) {
            assertThatThrownBy(() -> cache.locate("lotus-normal-d-v1-1")).hasMessageContaining("lotus fetch");
            Files.createDirectories(snapshot.resolve(network));
            Files.createFile(snapshot.resolve(network).resolve("model.safetensors"));
            Files.createDirectories(repository.resolve("refs"));
            Files.writeString(repository.resolve("refs/main"), commit);
        }
        assertThat(cache.locate("lotus-normal-d-v1-1")).isEqualTo(snapshot);
        assertThat(Checkpoint.nameOf(snapshot)).isEqualTo("lotus-normal-d-v1-1");
    }

    @ParameterizedTest
    @CsvSource({
        "https://hub/a, https://store/b, https://store/b",
        "https://hub/a, /b?c=d, https://hub/b?c=d",
        "http://hub/a, http://store/b, http://store/b",
        "http://hub/a, https://store/b, https://store/b",
        "https://hub/a, http://hub/a, ",
        "https://hub/a, ftp://hub/a, ",
        "https://hub/a, https:///a, ",
        "https://hub/a, https://a b, "
    })
    void redirectsLeadToWhatIsAsSafe(URI from, String location, @Nullable String target) {
        if (target == null) {
            assertThatThrownBy(() -> HubClient.target(from, Optional.of(location), "file"))
                    .hasMessageContaining("as safe as its own");
        } else {
            assertThat(HubClient.target(from, Optional.of(location), "file")).hasToString(target);
        }
    }
}
