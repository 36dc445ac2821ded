package io.github.lotus4j.hub;

import java.time.Duration;

/**
 * How long to wait for a server.
 *
 * @param connect for a connection
 * @param stall for the next byte, the first one's included
 * @param tries in a row that bring nothing
 * @param firstPause before the second try; each further one is twice as long, or what the server asks for
 * @param longestPause the longest that a server may ask for
 */
record Patience(Duration connect, Duration stall, int tries, Duration firstPause, Duration longestPause) {
    static final Patience USUAL = new Patience(
            Duration.ofSeconds(10), Duration.ofSeconds(30), 6, Duration.ofMillis(500), Duration.ofMinutes(5));
}
