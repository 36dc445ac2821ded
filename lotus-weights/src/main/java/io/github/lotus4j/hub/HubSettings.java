package io.github.lotus4j.hub;

import java.io.IOException;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Which hub to ask, with which token, and where its cache is. The environment variables are those of Python's huggingface_hub:
 *
 * <ul>
 *   <li>{@code HF_HUB_CACHE}, else {@code HF_HOME}/hub, else {@code XDG_CACHE_HOME}/huggingface/hub, else
 *       {@code ~/.cache/huggingface/hub}: the cache;
 *   <li>{@code HF_ENDPOINT}: the hub, or a mirror of it;
 *   <li>{@code HF_TOKEN}, else what is in {@code HF_TOKEN_PATH}, else in {@code HF_HOME}/token: the token, which is sent to the
 *       endpoint alone; none where {@code HF_HUB_DISABLE_IMPLICIT_TOKEN} is set;
 *   <li>{@code HF_HUB_OFFLINE}: no request is sent;
 *   <li>{@code HTTPS_PROXY}, {@code HTTP_PROXY}, {@code ALL_PROXY}, {@code NO_PROXY}: proxies; without them, what Java's
 *       properties say ({@code https.proxyHost} and others).
 * </ul>
 *
 * Immutable.
 */
public final class HubSettings {
    /** The hub, where HF_ENDPOINT names no other. */
    private static final String HUB = "https://huggingface.co";

    private static final Set<String> TRUE = Set.of("1", "on", "yes", "true");

    private final URI endpoint;
    private final Path cache;
    private final @Nullable String token;
    private final boolean offline;
    private final Proxies proxies;

    private HubSettings(Map<String, String> environment, Path userHome) {
        Path base = path(environment, "XDG_CACHE_HOME", userHome, userHome.resolve(".cache"));
        Path home = path(environment, "HF_HOME", userHome, base.resolve("huggingface"));
        Path legacy = path(environment, "HUGGINGFACE_HUB_CACHE", userHome, home.resolve("hub"));
        cache = path(environment, "HF_HUB_CACHE", userHome, legacy);
        endpoint = endpoint(environment.getOrDefault("HF_ENDPOINT", ""));
        offline = isTrue(environment, "HF_HUB_OFFLINE") || isTrue(environment, "TRANSFORMERS_OFFLINE");
        token = isTrue(environment, "HF_HUB_DISABLE_IMPLICIT_TOKEN")
                ? null
                : token(environment, path(environment, "HF_TOKEN_PATH", userHome, home.resolve("token")));
        proxies = new Proxies(environment);
    }

    /**
     * @param environment the variables above, of which any may be absent
     * @param userHome what {@code ~} is
     * @throws HubException if the endpoint is no address, or the token is none
     */
    public static HubSettings of(Map<String, String> environment, Path userHome) {
        Objects.requireNonNull(environment, "environment");
        Objects.requireNonNull(userHome, "userHome");
        return new HubSettings(environment, userHome);
    }

    /** Of this process's environment. */
    public static HubSettings fromEnvironment() {
        return of(System.getenv(), Path.of(System.getProperty("user.home")));
    }

    private static Path path(Map<String, String> environment, String variable, Path userHome, Path orElse) {
        String value = environment.getOrDefault(variable, "");
        if (value.isEmpty()) {
            return orElse;
        }
        return value.equals("~") || value.startsWith("~/")
                ? userHome.resolve(value.substring(Math.min(2, value.length())))
                : Path.of(value);
    }

    private static boolean isTrue(Map<String, String> environment, String variable) {
        return TRUE.contains(environment.getOrDefault(variable, "").toLowerCase(Locale.ROOT));
    }

    private static URI endpoint(String found) {
        String text = found.isEmpty() ? HUB : found.replaceFirst("/+$", "");
        try {
            URI uri = new URI(text);
            boolean web = "https".equals(uri.getScheme()) || "http".equals(uri.getScheme());
            if (web && uri.getHost() != null && uri.getUserInfo() == null && uri.getQuery() == null) {
                return uri;
            }
        } catch (URISyntaxException e) {
            // said below, without the text, which may hold a password
        }
        throw new HubException("HF_ENDPOINT is not an address as https://HOST, without user, password or query");
    }

    private static @Nullable String token(Map<String, String> environment, Path file) {
        String variable = environment.getOrDefault("HF_TOKEN", "").strip();
        String found = variable.isEmpty() ? read(file) : variable;
        if (found.chars().anyMatch(c -> c <= ' ' || c > '~')) { // the token itself is never shown
            throw new HubException(
                    (variable.isEmpty() ? file : "HF_TOKEN") + " holds spaces or other characters that no token has");
        }
        return found.isEmpty() ? null : found;
    }

    private static String read(Path file) {
        try {
            return Files.isRegularFile(file) ? Files.readString(file).strip() : "";
        } catch (IOException e) {
            throw HubException.file("read", file, e);
        }
    }

    public URI endpoint() {
        return endpoint;
    }

    /** The folder of the cache, which need not exist. */
    public Path cache() {
        return cache;
    }

    public boolean offline() {
        return offline;
    }

    Optional<String> token() {
        return Optional.ofNullable(token);
    }

    Proxies proxies() {
        return proxies;
    }

    /** Without the token. */
    @Override
    public String toString() {
        return endpoint + (offline ? " (offline)" : "") + ", cache " + cache + (token == null ? "" : ", with a token");
    }
}
