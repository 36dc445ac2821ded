package io.github.lotus4j.hub;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpResponse.ResponseInfo;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * What a repository holds.
 *
 * @param commit that the revision stands for
 * @param files their paths
 * @param licence as the repository's page states it
 */
record RepositoryListing(String commit, List<String> files, Optional<String> licence) {
    private static final JsonFactory JSON = new JsonFactory();
    private static final int LARGEST = 16_000_000;
    private static final String LICENCE = "license:";

    /** What is taken into the cache as it is called; anything else is passed over. */
    private static final Pattern PLAIN =
            Pattern.compile("(?:[A-Za-z0-9_][A-Za-z0-9._-]*/)*[A-Za-z0-9_][A-Za-z0-9._-]*");

    /** Asks the hub. */
    static RepositoryListing ask(HubClient client, Retries retries, HubReference reference) {
        String revision = URLEncoder.encode(reference.revision(), StandardCharsets.UTF_8);
        URI uri = client.resolve("/api/models/" + reference.repository() + "/revision/" + revision);
        String what = reference.toString();
        return retries.call(what, () -> 0, () -> {
            Memory memory = new Memory();
            client.get(uri, Map.of("Accept", "application/json"), what, memory);
            return parse(memory.bytes.toByteArray(), what);
        });
    }

    static RepositoryListing parse(byte[] json, String what) {
        String commit = "";
        List<String> files = new ArrayList<>();
        Optional<String> licence = Optional.empty();
        try (JsonParser parser = JSON.createParser(json)) {
            if (parser.nextToken() == JsonToken.START_OBJECT) {
                while (parser.nextToken() == JsonToken.FIELD_NAME) {
                    String key = parser.currentName();
                    parser.nextToken();
                    switch (key) {
                        case "sha" -> commit = parser.getValueAsString("");
                        case "siblings" -> siblings(parser, files);
                        case "tags" -> licence = licence(parser);
                        default -> parser.skipChildren();
                    }
                }
            }
        } catch (JsonProcessingException e) {
            throw new HubException(what + ": the hub's answer is not valid JSON: " + e.getOriginalMessage(), e);
        } catch (IOException e) {
            throw new HubException(what + ": the hub's answer cannot be read: " + e.getMessage(), e);
        }
        if (!HubReference.isCommit(commit)) {
            throw new HubException(what + ": the hub's answer names no commit (sha), expected 40 hexadecimal digits");
        }
        return new RepositoryListing(commit, List.copyOf(files), licence);
    }

    private static void siblings(JsonParser parser, List<String> files) throws IOException {
        if (parser.currentToken() != JsonToken.START_ARRAY) {
            return;
        }
        while (parser.nextToken() == JsonToken.START_OBJECT) {
            while (parser.nextToken() == JsonToken.FIELD_NAME) {
                String key = parser.currentName();
                parser.nextToken();
                String text = parser.getValueAsString("");
                if (key.equals("rfilename") && PLAIN.matcher(text).matches()) {
                    files.add(text);
                }
                parser.skipChildren();
            }
        }
    }

    private static Optional<String> licence(JsonParser parser) throws IOException {
        Optional<String> licence = Optional.empty();
        if (parser.currentToken() == JsonToken.START_ARRAY) {
            while (parser.nextToken() != JsonToken.END_ARRAY) {
                String tag = parser.getValueAsString("");
                if (tag.startsWith(LICENCE)) {
                    licence = Optional.of(tag.substring(LICENCE.length()));
                }
                parser.skipChildren();
            }
        }
        return licence;
    }

    /** An answer that is read as a whole. */
    private static final class Memory implements Body {
        private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();

        @Override
        public long begin(ResponseInfo response) {
            return 0;
        }

        @Override
        public void accept(long offset, ByteBuffer more) {
            if (offset + more.remaining() > LARGEST) {
                throw new HubException("the hub's answer is longer than " + LARGEST + " bytes");
            }
            byte[] copy = new byte[more.remaining()];
            more.get(copy);
            bytes.writeBytes(copy);
        }
    }
}
