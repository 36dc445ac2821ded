package io.github.lotus4j.hub;

import java.net.http.HttpResponse.ResponseInfo;
import java.nio.ByteBuffer;

/** Of a request for headers. */
final class NoBody implements Body {
    @Override
    public long begin(ResponseInfo response) {
        return 0;
    }

    @Override
    public void accept(long offset, ByteBuffer bytes) {
        // there are none
    }
}
