package io.github.lotus4j.hub;

import java.io.IOException;
import java.net.http.HttpResponse.ResponseInfo;
import java.nio.ByteBuffer;

/** Takes a good response's bytes, on a thread of the client's. */
interface Body {
    /**
     * @return where in the file the first byte belongs
     * @throws HubException if the response is not what was asked for; nothing of it is read then
     */
    long begin(ResponseInfo response);

    /**
     * @param offset where in the file the bytes belong
     * @param bytes all of which are taken
     */
    void accept(long offset, ByteBuffer bytes) throws IOException;
}
