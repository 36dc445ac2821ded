package io.github.lotus4j.hub;

import java.io.IOException;
import java.net.Authenticator;
import java.net.InetSocketAddress;
import java.net.PasswordAuthentication;
import java.net.Proxy;
import java.net.ProxySelector;
import java.net.SocketAddress;
import java.net.URI;
import java.net.URISyntaxException;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** The proxies that the environment names, in either case; where it names none, Java's own. */
final class Proxies extends ProxySelector {
    private static final int DEFAULT_PORT = 80;

    private final Optional<URI> http;
    private final Optional<URI> https;
    private final List<String> direct;

    Proxies(Map<String, String> environment) {
        http = proxy(environment, "HTTP_PROXY");
        https = proxy(environment, "HTTPS_PROXY");
        direct = Arrays.stream(variable(environment, "NO_PROXY").split("[,\\s]+", -1))
                .map(each -> each.toLowerCase(Locale.ROOT).replaceFirst("^\\*?\\.", ""))
                .filter(each -> !each.isEmpty())
                .toList();
    }

    private static String variable(Map<String, String> environment, String name) {
        return environment.getOrDefault(name.toLowerCase(Locale.ROOT), environment.getOrDefault(name, ""));
    }

    private static Optional<URI> proxy(Map<String, String> environment, String name) {
        String own = variable(environment, name);
        String text = own.isEmpty() ? variable(environment, "ALL_PROXY") : own;
        if (text.isEmpty()) {
            return Optional.empty();
        }
        try {
            URI uri = new URI(text.contains("://") ? text : "http://" + text);
            if ("http".equals(uri.getScheme()) && uri.getHost() != null) {
                return Optional.of(uri);
            }
        } catch (URISyntaxException e) {
            // said below, without the text, which may hold a password
        }
        throw new HubException((own.isEmpty() ? "ALL_PROXY" : name)
                + " is not an address as http://HOST:PORT, which alone is supported");
    }

    private Optional<URI> proxyOf(URI target) {
        return "https".equals(target.getScheme()) ? https : http;
    }

    @Override
    public List<Proxy> select(URI target) {
        if (http.isEmpty() && https.isEmpty()) {
            ProxySelector general = getDefault();
            return general == null ? List.of(Proxy.NO_PROXY) : general.select(target);
        }
        Optional<URI> proxy = proxyOf(target);
        return proxy.isEmpty() || isDirect(target) ? List.of(Proxy.NO_PROXY) : List.of(of(proxy.get()));
    }

    private boolean isDirect(URI target) {
        String host = target.getHost().toLowerCase(Locale.ROOT);
        return direct.stream()
                .anyMatch(each -> each.equals("*")
                        || host.equals(each)
                        || host.endsWith("." + each)
                        || (host + ":" + target.getPort()).equals(each));
    }

    private static Proxy of(URI proxy) {
        int port = proxy.getPort() < 0 ? DEFAULT_PORT : proxy.getPort();
        return new Proxy(Proxy.Type.HTTP, new InetSocketAddress(proxy.getHost(), port));
    }

    /** Answers a proxy that asks for a password with the one in its address, and nobody else; absent where there is none. */
    Optional<Authenticator> authenticator() {
        List<URI> named = Stream.of(http, https)
                .flatMap(Optional::stream)
                .filter(each -> each.getUserInfo() != null)
                .toList();
        return named.isEmpty() ? Optional.empty() : Optional.of(new Passwords(named));
    }

    private static final class Passwords extends Authenticator {
        private final List<URI> proxies;

        Passwords(List<URI> proxies) {
            this.proxies = proxies;
        }

        @Override
        protected @Nullable PasswordAuthentication getPasswordAuthentication() {
            return proxies.stream()
                    .filter(each -> getRequestorType() == RequestorType.PROXY
                            && each.getHost().equalsIgnoreCase(getRequestingHost()))
                    .map(each -> password(each.getUserInfo()))
                    .findFirst()
                    .orElse(null);
        }
    }

    private static PasswordAuthentication password(String userInfo) {
        int colon = userInfo.indexOf(':');
        return colon < 0
                ? new PasswordAuthentication(userInfo, new char[0])
                : new PasswordAuthentication(
                        userInfo.substring(0, colon),
                        userInfo.substring(colon + 1).toCharArray());
    }

    @Override
    public void connectFailed(URI target, SocketAddress address, IOException cause) {
        // the request fails, too, and says so
    }
}
