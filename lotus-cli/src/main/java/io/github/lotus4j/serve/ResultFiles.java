package io.github.lotus4j.serve;

import io.github.lotus4j.error.LotusException;
import io.github.lotus4j.output.PredictionFile;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.Semaphore;
import org.jspecify.annotations.Nullable;

/** Sends files of predictions, each made while it is sent. Thread-safe. */
final class ResultFiles {
    /** At the same time: a large image's mesh takes far more memory than the prediction that is kept. */
    private static final int MOST = 4;

    private static final Duration LONGEST = Duration.ofMinutes(10);
    private static final int BUFFER = 1 << 16;

    /** What is shown is a page of another origin, which sees nothing of this one. */
    private static final String SHOWN_POLICY = "sandbox allow-scripts; frame-ancestors 'self'";

    private final ScheduledExecutorService clock;
    private final Semaphore places = new Semaphore(MOST);

    ResultFiles(ScheduledExecutorService clock) {
        this.clock = clock;
    }

    void send(PredictionFile file, Answer answer) throws IOException, Refusal {
        if (!places.tryAcquire()) {
            throw Refusal.busy(MOST + " files are being sent, which is all that may; try again later");
        }
        try (TimeLimit _ = new TimeLimit(clock, LONGEST)) {
            sendNow(file, answer);
        } finally {
            places.release();
        }
    }

    /** Once a part is sent, failing ends the connection, by which a client knows that it has not all. */
    private static void sendNow(PredictionFile file, Answer answer) throws IOException, Refusal {
        Begun begun = new Begun(answer, file.name());
        try {
            OutputStream out = new BufferedOutputStream(begun, BUFFER);
            file.content().writeTo(out);
            out.flush();
        } catch (LotusException e) {
            throw begun.failed(file.name() + ": " + e.getMessage(), e);
        } catch (OutOfMemoryError e) {
            throw begun.failed(file.name() + ": Java's memory is used up (" + e.getMessage() + ")", e);
        }
        begun.close();
    }

    /** An answer that begins with its first byte: until then, it may become a refusal. */
    private static final class Begun extends OutputStream {
        private final Answer answer;
        private final String name;
        private @Nullable OutputStream out;

        Begun(Answer answer, String name) {
            this.answer = answer;
            this.name = name;
        }

        private OutputStream out() throws IOException {
            if (out == null) {
                if (name.endsWith(".html")) {
                    answer.header("Content-Security-Policy", SHOWN_POLICY);
                }
                boolean shown = name.endsWith(".html") || name.endsWith(".png");
                answer.header(
                        "Content-Disposition", (shown ? "inline" : "attachment") + "; filename*=UTF-8''" + escaped());
                out = answer.begin(type());
            }
            return out;
        }

        /** As RFC 8187 has it. */
        private String escaped() {
            return URLEncoder.encode(name, StandardCharsets.UTF_8)
                    .replace("+", "%20")
                    .replace("*", "%2A");
        }

        private String type() {
            return switch (name.substring(name.lastIndexOf('.') + 1)) {
                case "html" -> "text/html; charset=utf-8";
                case "png" -> "image/png";
                case "tiff" -> "image/tiff";
                case "glb" -> "model/gltf-binary";
                default -> "application/octet-stream";
            };
        }

        @Override
        public void write(int value) throws IOException {
            out().write(value);
        }

        @Override
        public void write(byte[] bytes, int from, int count) throws IOException {
            out().write(bytes, from, count);
        }

        @Override
        public void close() throws IOException {
            out().close();
        }

        Refusal failed(String reason, Throwable cause) throws IOException {
            if (out != null) {
                throw new IOException(reason, cause);
            }
            return Refusal.failed(reason);
        }
    }
}
