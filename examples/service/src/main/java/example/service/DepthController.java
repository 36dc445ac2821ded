package example.service;

import io.github.lotus4j.DepthKind;
import io.github.lotus4j.DepthMap;
import io.github.lotus4j.output.Format;
import io.github.lotus4j.output.PredictionFiles;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Set;
import org.springframework.http.MediaType;
import org.springframework.http.codec.multipart.FilePart;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestPart;
import org.springframework.web.bind.annotation.RestController;
import reactor.core.publisher.Mono;

@RestController
class DepthController {
    private static final PredictionFiles FILES = new PredictionFiles(Set.of(Format.PNG));

    private final Predictions predictions;

    DepthController(Predictions predictions) {
        this.predictions = predictions;
    }

    /** Of the image's size, 16 bits: 65535 is 1. */
    @PostMapping(
            path = "/depth.png",
            consumes = MediaType.MULTIPART_FORM_DATA_VALUE,
            produces = MediaType.IMAGE_PNG_VALUE)
    Mono<byte[]> picture(@RequestPart("image") FilePart image) {
        return predictions.depth(image).map(DepthController::png);
    }

    @PostMapping(
            path = "/depth.json",
            consumes = MediaType.MULTIPART_FORM_DATA_VALUE,
            produces = MediaType.APPLICATION_JSON_VALUE)
    Mono<Summary> summary(@RequestPart("image") FilePart image) {
        return predictions.depth(image).map(Summary::of);
    }

    /** @param middle the value in the middle of the image, 0 to 1 */
    record Summary(int width, int height, DepthKind kind, float middle) {
        static Summary of(DepthMap depth) {
            float middle = depth.at(depth.width() / 2, depth.height() / 2);
            return new Summary(depth.width(), depth.height(), depth.kind(), middle);
        }
    }

    private static byte[] png(DepthMap depth) {
        try (ByteArrayOutputStream out = new ByteArrayOutputStream()) {
            FILES.of("image", depth).getFirst().content().writeTo(out); // what lotus depth writes as image_depth.png
            return out.toByteArray();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
