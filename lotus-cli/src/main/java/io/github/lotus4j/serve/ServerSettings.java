package io.github.lotus4j.serve;

import java.net.InetSocketAddress;

/**
 * Where the server listens, and how much it takes.
 *
 * @param address resolved; port 0 for any that is free
 * @param host as it was named: requests to a loopback address may name it, too
 * @param upload what an image may be
 * @param waiting images that may wait while another is predicted, at least 1
 * @param keptResults predictions that are kept, at least 1
 * @param keptBytes bytes of memory that they may take together
 */
public record ServerSettings(
        InetSocketAddress address, String host, UploadLimits upload, int waiting, int keptResults, long keptBytes) {}
