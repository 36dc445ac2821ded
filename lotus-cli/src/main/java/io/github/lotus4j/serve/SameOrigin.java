package io.github.lotus4j.serve;

import com.sun.net.httpserver.Headers;
import java.net.URI;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/**
 * Who may ask. A page of another site may make a browser send requests to this machine: such that change something are known by their
 * {@code Origin} and {@code Sec-Fetch-Site} (W3C Fetch Metadata). A site whose name is made to point at this machine (DNS rebinding)
 * is known by the {@code Host} that the browser names.
 *
 * @param hosts that requests may name; empty where every name may be this machine's
 */
record SameOrigin(Set<String> hosts) {
    /** Of a server that only this machine reaches. */
    static SameOrigin loopback(String host) {
        String named = host.contains(":") ? "[" + host + "]" : host;
        return new SameOrigin(Set.copyOf(List.of("localhost", "127.0.0.1", "[::1]", nameOf(named))));
    }

    /** Of a server that others reach, by names that are not known here. */
    static SameOrigin anyHost() {
        return new SameOrigin(Set.of());
    }

    /** Without the port, which may be another where it is forwarded. */
    private static String nameOf(String authority) {
        int port = authority.lastIndexOf(':');
        boolean bracketed = authority.startsWith("[");
        boolean named = port > (bracketed ? authority.indexOf(']') : -1);
        return (named ? authority.substring(0, port) : authority).toLowerCase(Locale.ROOT);
    }

    /** @param changes whether the request is for more than to look */
    void check(Headers headers, boolean changes) throws Refusal {
        String host = only(headers, "Host");
        if (!hosts.isEmpty() && !hosts.contains(nameOf(host))) {
            throw Refusal.forbidden("the request's Host: found " + host + ", expected localhost");
        }
        if (!changes) {
            return;
        }
        String site = headers.getFirst("Sec-Fetch-Site");
        if (site != null && !site.equals("same-origin")) {
            throw Refusal.forbidden("the request's Sec-Fetch-Site: found " + site + ", expected same-origin");
        }
        String origin = headers.getFirst("Origin");
        if (origin != null && !host.equalsIgnoreCase(authority(origin))) {
            throw Refusal.forbidden("the request's Origin: found " + origin + ", expected that of " + host);
        }
    }

    private static String only(Headers headers, String name) throws Refusal {
        List<String> values = headers.getOrDefault(name, List.of());
        if (values.size() != 1) {
            throw Refusal.badRequest("the request's " + name + ": found " + values.size() + " of them, expected one");
        }
        return values.getFirst();
    }

    /** Empty where it has none. */
    private static String authority(String origin) {
        try {
            String authority = URI.create(origin).getRawAuthority();
            return authority == null ? "" : authority;
        } catch (IllegalArgumentException e) {
            return "";
        }
    }
}
