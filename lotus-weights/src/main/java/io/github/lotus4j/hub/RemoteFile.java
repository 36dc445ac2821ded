package io.github.lotus4j.hub;

import java.net.URI;
import java.net.http.HttpHeaders;
import java.net.http.HttpResponse;
import java.util.Optional;

/**
 * A file of a repository, at a commit.
 *
 * @param path in the repository
 * @param uri where it is downloaded from, perhaps by way of redirects
 * @param hash of its content
 * @param size in bytes
 */
record RemoteFile(String path, URI uri, ContentHash hash, long size) {
    private static final int REDIRECTS = 3;

    /** Asks the hub for hash and size. */
    static RemoteFile ask(HubClient client, Retries retries, HubReference reference, String commit, String path) {
        String what = reference.repository() + " " + path;
        URI uri = client.resolve("/" + reference.repository() + "/resolve/" + commit + "/" + path);
        return retries.call(what, () -> 0, () -> {
            Answer answer = new Answer();
            client.head(uri, what, answer::take);
            answer.commit.filter(found -> !found.equals(commit)).ifPresent(found -> {
                throw new HubException(what + ": the hub answers with commit " + found + ", expected " + commit);
            });
            ContentHash hash = answer.tag
                    .flatMap(ContentHash::ofTag)
                    .orElseThrow(
                            () -> new HubException(
                                    what + ": the hub gives "
                                            + answer.tag
                                                    .map(tag -> "the tag " + tag)
                                                    .orElse("no tag")
                                            + ", expected the file's SHA-256 or git's SHA-1: what cannot be checked is not downloaded"));
            long size = answer.size
                    .filter(text -> text.matches("\\d{1,15}"))
                    .map(Long::parseLong)
                    .orElseThrow(() -> new HubException(
                            what + ": the hub gives the size " + answer.size.orElse("") + ", expected a number"));
            return new RemoteFile(path, uri, hash, size);
        });
    }

    /** What the responses on the way to a file say; the hub, who is asked first, has the last word. */
    private static final class Answer {
        private Optional<String> commit = Optional.empty();
        private Optional<String> tag = Optional.empty();
        private Optional<String> size = Optional.empty();

        /** Whether nothing is left to know. */
        boolean take(HttpResponse<?> response) {
            HttpHeaders headers = response.headers();
            commit = commit.or(() -> headers.firstValue("X-Repo-Commit"));
            tag = tag.or(() -> headers.firstValue("X-Linked-Etag"));
            size = size.or(() -> headers.firstValue("X-Linked-Size"));
            if (response.statusCode() / 100 != REDIRECTS) { // whose own tag and length are not the file's
                tag = tag.or(() -> headers.firstValue("ETag"));
                size = size.or(() -> headers.firstValue("Content-Length"));
            }
            return tag.isPresent() && size.isPresent();
        }
    }
}
