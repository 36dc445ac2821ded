package example.service;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.github.lotus4j.Lotus;
import io.github.lotus4j.RgbImage;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.LongTaskTimer;
import io.micrometer.core.instrument.MeterRegistry;
import java.awt.image.BufferedImage;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.annotation.Value;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.test.context.SpringBootTest;
import org.springframework.boot.test.context.SpringBootTest.WebEnvironment;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.core.io.ByteArrayResource;
import org.springframework.core.io.FileSystemResource;
import org.springframework.core.io.Resource;
import org.springframework.http.HttpStatus;
import org.springframework.http.MediaType;
import org.springframework.http.client.MultipartBodyBuilder;
import org.springframework.test.web.reactive.server.WebTestClient;
import org.springframework.web.reactive.function.BodyInserters;

/** The whole service on a port, with the miniature; to be cancelled, it works on more pixels. */
@SpringBootTest(
        webEnvironment = WebEnvironment.RANDOM_PORT,
        properties = "spring.webflux.multipart.max-disk-usage-per-part=1MB")
class DepthServiceTest {
    private static final Path SCENE = Path.of(System.getProperty("image"));
    private static final Duration LONG = Duration.ofMinutes(5); // before a test that waits in vain fails

    @Value("${local.server.port}")
    private int port;

    private WebTestClient client;

    @BeforeEach
    void connect() {
        client = WebTestClient.bindToServer()
                .baseUrl("http://localhost:" + port)
                .responseTimeout(LONG)
                .build();
    }

    @Test
    void depthIsAPictureOfTheImagesSize() throws Exception {
        BufferedImage scene = ImageIO.read(SCENE.toFile());
        byte[] png = post("/depth.png", new FileSystemResource(SCENE))
                .expectStatus()
                .isOk()
                .expectHeader()
                .contentType(MediaType.IMAGE_PNG)
                .expectBody()
                .returnResult()
                .getResponseBody();
        BufferedImage depth = ImageIO.read(new ByteArrayInputStream(png));
        assertThat(depth.getWidth()).isEqualTo(scene.getWidth());
        assertThat(depth.getHeight()).isEqualTo(scene.getHeight());
        assertThat(depth.getColorModel().getPixelSize()).isEqualTo(16);
    }

    @Test
    void summaryHasTheSize() throws Exception {
        BufferedImage scene = ImageIO.read(SCENE.toFile());
        post("/depth.json", new FileSystemResource(SCENE))
                .expectStatus()
                .isOk()
                .expectBody()
                .jsonPath("$.width")
                .isEqualTo(scene.getWidth())
                .jsonPath("$.height")
                .isEqualTo(scene.getHeight())
                .jsonPath("$.kind")
                .isEqualTo("AFFINE_DISPARITY");
    }

    @Test
    void whatIsNoImageIsAProblem() {
        String problem = problem(bytes("hello".getBytes(UTF_8)), HttpStatus.UNPROCESSABLE_CONTENT);
        assertThat(problem).contains("the image is no image of a known format").doesNotContain("upload");
    }

    @Test
    void tooLargeAnUploadIsAProblem() {
        problem(bytes(new byte[2 << 20]), HttpStatus.CONTENT_TOO_LARGE);
    }

    @Test
    void requestWithoutAnImageIsAProblem() {
        client.post()
                .uri("/depth.png")
                .contentType(MediaType.MULTIPART_FORM_DATA)
                .body(BodyInserters.fromMultipartData("other", "text"))
                .exchange()
                .expectStatus()
                .isBadRequest()
                .expectHeader()
                .contentType(MediaType.APPLICATION_PROBLEM_JSON);
    }

    @Test
    void healthNamesModelAndBackend() {
        client.get()
                .uri("/actuator/health")
                .exchange()
                .expectStatus()
                .isOk()
                .expectBody()
                .jsonPath("$.components.lotus.status")
                .isEqualTo("UP")
                .jsonPath("$.components.lotus.details.model")
                .isEqualTo("nano")
                .jsonPath("$.components.lotus.details.backend")
                .value(String.class, backend -> assertThat(backend).contains("CPU", "threads"));
    }

    @Test
    void clientThatGoesAwayCancelsItsPrediction() throws Exception {
        String[] slow = {"--server.port=0", "--lotus.processing-resolution=768"};
        try (ConfigurableApplicationContext service = SpringApplication.run(DepthApplication.class, slow)) {
            MeterRegistry meters = service.getBean(MeterRegistry.class);
            LongTaskTimer running = meters.get("lotus.predictions.running").longTaskTimer();
            Counter cancelled = meters.get("lotus.predictions.cancelled").counter();
            int at = Integer.parseInt(service.getEnvironment().getRequiredProperty("local.server.port"));
            try (Socket socket = new Socket("localhost", at)) {
                send(socket.getOutputStream(), Files.readAllBytes(SCENE));
                await().atMost(LONG).until(() -> running.activeTasks() == 1);
            }
            await().atMost(LONG).until(() -> running.activeTasks() == 0);
            await().atMost(LONG).until(() -> cancelled.count() == 1);
        }
    }

    @Test
    void moreThanMayWaitAreRefused() throws Exception {
        String[] slow = {
            "--server.port=0", "--lotus.processing-resolution=768", "--lotus.concurrent=2", "--lotus.waiting=0"
        };
        try (ConfigurableApplicationContext service = SpringApplication.run(DepthApplication.class, slow)) {
            LongTaskTimer running = service.getBean(MeterRegistry.class)
                    .get("lotus.predictions.running")
                    .longTaskTimer();
            port = Integer.parseInt(service.getEnvironment().getRequiredProperty("local.server.port"));
            connect();
            try (Socket one = new Socket("localhost", port);
                    Socket other = new Socket("localhost", port)) {
                send(one.getOutputStream(), Files.readAllBytes(SCENE));
                send(other.getOutputStream(), Files.readAllBytes(SCENE));
                await().atMost(LONG).until(() -> running.activeTasks() == 2);
                String problem = problem(new FileSystemResource(SCENE), HttpStatus.SERVICE_UNAVAILABLE);
                assertThat(problem).contains("too many images wait");
            }
            Resource scene = new FileSystemResource(SCENE); // whoever went has left a place
            await().atMost(LONG)
                    .untilAsserted(() -> post("/depth.json", scene).expectStatus().isOk());
        }
    }

    private static void send(OutputStream out, byte[] image) throws IOException {
        byte[] head = "--part\r\nContent-Disposition: form-data; name=\"image\"; filename=\"a.png\"\r\n\r\n".getBytes(UTF_8);
        byte[] tail = "\r\n--part--\r\n".getBytes(UTF_8);
        String request = "POST /depth.png HTTP/1.1\r\nHost: localhost\r\nContent-Type: multipart/form-data; boundary=part\r\n"
                + "Content-Length: " + (head.length + image.length + tail.length) + "\r\n\r\n";
        out.write(request.getBytes(UTF_8));
        out.write(head);
        out.write(image);
        out.write(tail);
        out.flush();
    }

    @Test
    void modelIsClosedWithTheContext() {
        Lotus lotus;
        try (ConfigurableApplicationContext service = SpringApplication.run(DepthApplication.class, "--server.port=0")) {
            lotus = service.getBean(Lotus.class);
        }
        RgbImage image = RgbImage.read(SCENE);
        assertThatThrownBy(() -> lotus.predictDepth(image)).hasMessageContaining("closed");
    }

    private WebTestClient.ResponseSpec post(String path, Resource image) {
        MultipartBodyBuilder body = new MultipartBodyBuilder();
        body.part("image", image);
        return client.post().uri(path).body(BodyInserters.fromMultipartData(body.build())).exchange();
    }

    private String problem(Resource image, HttpStatus status) {
        return post("/depth.png", image)
                .expectStatus()
                .isEqualTo(status)
                .expectHeader()
                .contentType(MediaType.APPLICATION_PROBLEM_JSON)
                .expectBody(String.class)
                .returnResult()
                .getResponseBody();
    }

    private static Resource bytes(byte[] content) {
        return new ByteArrayResource(content) {
            @Override
            public String getFilename() {
                return "photo.png"; // without a name it would be a field, and no file
            }
        };
    }
}
