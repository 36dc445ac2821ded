package io.github.lotus4j.serve;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Timeout;

/** A server whose predictions take as long as a test likes, and a visitor. */
@Timeout(120) // where what never comes would be waited for
abstract class PageServerCase {
    static final int BYTES = 4000;
    static final int PIXELS = 10_000;
    static final int WAITING = 2;
    static final byte[] IMAGE = png(20, 10);

    final GatedPredictor predictor = new GatedPredictor();
    final StringWriter log = new StringWriter();
    final InetSocketAddress anyPort = new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
    final PageServer server = PageServer.start(
            new ServerSettings(
                    anyPort, "127.0.0.1", new UploadLimits(BYTES, PIXELS), WAITING, 3, 10 * GatedPredictor.BYTES),
            predictor,
            new PrintWriter(log, true));
    final Visitor visitor = new Visitor(server.page());

    @AfterEach
    void close() {
        visitor.close();
        server.close();
    }

    static byte[] png(int width, int height) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        try {
            ImageIO.write(new BufferedImage(width, height, BufferedImage.TYPE_INT_RGB), "png", out);
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
        return out.toByteArray();
    }

    static String error(HttpResponse<byte[]> response) throws IOException {
        assertThat(response.headers().firstValue("Content-Type")).contains("application/json");
        return new ObjectMapper().readTree(response.body()).get("error").asText();
    }

    HttpResponse<byte[]> post(byte[] image, String... headers) throws IOException, InterruptedException {
        return visitor.send("POST", Visitor.path("a.png"), BodyPublishers.ofByteArray(image), headers);
    }

    /** @return its id, when it is done */
    String predicted(String name) throws IOException, InterruptedException {
        predictor.mayEnd.release();
        try (EventStream events = visitor.predict(name, IMAGE)) {
            String id = events.until("accepted").get("id").asText();
            events.until("done");
            return id;
        }
    }
}
