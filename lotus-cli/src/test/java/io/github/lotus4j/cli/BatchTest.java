package io.github.lotus4j.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.lotus4j.RgbImage;
import io.github.lotus4j.error.LotusException;
import io.github.lotus4j.faults.Fault;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The order of steps, and what goes wrong in each; nothing is predicted. */
@Timeout(30)
class BatchTest {
    private static final RgbImage IMAGE = RgbImage.of(1, 1, new byte[3]);

    @TempDir
    Path folder;

    private final StringWriter out = new StringWriter();
    private final StringWriter err = new StringWriter();
    private final Thread caller = Thread.currentThread();

    private final PrintWriter errors = new PrintWriter(err, true);
    private final BatchReport report = new BatchReport(
            new PrintWriter(out, true),
            errors,
            new ProgressLine(errors, false),
            new Pace(OptionalLong.of(9), Pace.Unit.IMAGE, System::nanoTime),
            true);

    /** Counts what is under way; to be overridden. */
    private class Steps implements Batch.Work {
        final AtomicInteger underWay = new AtomicInteger();
        final AtomicInteger most = new AtomicInteger();

        @Override
        public RgbImage read(Path file) {
            assertThat(Thread.currentThread()).isNotEqualTo(caller);
            most.accumulateAndGet(underWay.incrementAndGet(), Math::max);
            return IMAGE;
        }

        @Override
        public boolean roomBeside(RgbImage image) {
            return true;
        }

        @Override
        public Supplier<List<Path>> predict(Source source, RgbImage image) {
            assertThat(Thread.currentThread()).isEqualTo(caller);
            return () -> write(source);
        }

        List<Path> write(Source source) {
            assertThat(Thread.currentThread()).isNotEqualTo(caller);
            underWay.decrementAndGet();
            return List.of(Path.of(source.name() + ".npy"));
        }
    }

    private List<Source> sources(int count) {
        return IntStream.range(0, count)
                .mapToObj(i -> new Source("i" + i, folder.resolve("i" + i + ".png")))
                .toList();
    }

    private void run(Batch.Work work, int count) {
        new Batch(work, Optional.empty(), report).run(sources(count));
    }

    private static void sleep(int millis) {
        try {
            Thread.sleep(millis);
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    private static void await(CountDownLatch latch) {
        try {
            assertThat(latch.await(10, TimeUnit.SECONDS)).isTrue();
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    @Test
    void resultsComeInTheOrderOfImages() {
        Steps steps = new Steps();
        run(steps, 20);
        assertThat(out.toString().lines())
                .containsExactlyElementsOf(
                        IntStream.range(0, 20).mapToObj(i -> "i" + i + ".npy").toList());
        assertThat(err.toString()).isEmpty();
        assertThat(report.failures()).isZero();
        run(steps, 0);
    }

    @Test
    void theNextIsReadAndTheLastIsWrittenMeanwhile() {
        CountDownLatch second = new CountDownLatch(2);
        CountDownLatch written = new CountDownLatch(1);
        run(
                new Steps() {
                    @Override
                    public RgbImage read(Path file) {
                        second.countDown();
                        return super.read(file);
                    }

                    @Override
                    public Supplier<List<Path>> predict(Source source, RgbImage image) {
                        await(second);
                        if (source.name().equals("i1")) {
                            await(written);
                        }
                        return super.predict(source, image);
                    }

                    @Override
                    List<Path> write(Source source) {
                        written.countDown();
                        return super.write(source);
                    }
                },
                2);
        assertThat(err.toString()).isEmpty();
    }

    @Test
    void noMoreThanThreeAreUnderWayHoweverSlowOneStepIs() {
        for (int slow = 0; slow < 3; slow++) {
            int step = slow;
            Steps steps = new Steps() {
                @Override
                public RgbImage read(Path file) {
                    RgbImage image = super.read(file);
                    sleep(step == 0 ? 5 : 0);
                    return image;
                }

                @Override
                public Supplier<List<Path>> predict(Source source, RgbImage image) {
                    sleep(step == 1 ? 5 : 0);
                    return super.predict(source, image);
                }

                @Override
                List<Path> write(Source source) {
                    sleep(step == 2 ? 5 : 0);
                    return super.write(source);
                }
            };
            run(steps, 20);
            assertThat(steps.most.get()).isLessThanOrEqualTo(3);
        }
        assertThat(err.toString()).isEmpty();
    }

    @Test
    void oneAtATimeWhereThereIsNoRoom() {
        Steps steps = new Steps() {
            @Override
            public boolean roomBeside(RgbImage image) {
                return false;
            }

            @Override
            List<Path> write(Source source) {
                sleep(3);
                return super.write(source);
            }
        };
        run(steps, 10);
        assertThat(steps.most).hasValue(1);
        assertThat(out.toString().lines()).hasSize(10);
    }

    @Test
    void whatGoesWrongIsReportedAndTheOthersGoOn() throws Exception {
        for (Source each : sources(9)) {
            Files.writeString(each.file(), "image");
        }
        Journal journal = new Journal(folder, "depth", "s");
        Batch.Work work = new Steps() {
            @Override
            public RgbImage read(Path file) {
                if (file.endsWith("i1.png")) {
                    throw new LotusException(file + " is no image");
                }
                return super.read(file);
            }

            @Override
            public Supplier<List<Path>> predict(Source source, RgbImage image) {
                if (source.name().equals("i3")) {
                    throw new LotusException("image: too small");
                }
                if (source.name().equals("i4")) {
                    throw new IllegalArgumentException("odd");
                }
                return super.predict(source, image);
            }

            @Override
            List<Path> write(Source source) {
                if (source.name().equals("i8")) {
                    throw new LotusException("disk full");
                }
                super.write(source);
                try {
                    return List.of(Files.writeString(folder.resolve(source.name() + ".npy"), "result"));
                } catch (IOException e) {
                    throw new IllegalStateException(e);
                }
            }
        };
        new Batch(work, Optional.of(journal), report).run(sources(9));
        assertThat(err.toString().lines())
                .containsExactlyInAnyOrder(
                        "lotus: " + folder.resolve("i1.png") + " is no image",
                        "lotus: " + folder.resolve("i3.png") + ": too small",
                        "lotus: " + folder.resolve("i4.png") + ": unexpected java.lang.IllegalArgumentException: odd",
                        "lotus: " + folder.resolve("i8.png") + ": disk full");
        assertThat(report.failures()).isEqualTo(4);
        assertThat(out.toString().lines()).hasSize(5);
        assertThat(journal.unfinished(sources(9))).extracting(Source::name).containsExactly("i1", "i3", "i4", "i8");
    }

    @Test
    @Fault(value = "a batch of images is cancelled", by = "in the middle", then = "what was predicted is written")
    void cancellationEndsItAndWhatWasPredictedIsWritten() {
        Steps steps = new Steps() {
            @Override
            public Supplier<List<Path>> predict(Source source, RgbImage image) {
                if (source.name().equals("i3")) {
                    throw new CancellationException("enough");
                }
                return super.predict(source, image);
            }
        };
        assertThatThrownBy(() -> run(steps, 9))
                .isInstanceOf(CancellationException.class)
                .hasMessage("enough");
        assertThat(out.toString().lines()).containsExactly("i0.npy", "i1.npy", "i2.npy");
        assertThat(err.toString()).isEmpty();
    }

    @Test
    void errorsOfOtherThreadsEndIt() {
        assertThatThrownBy(() -> run(
                        new Steps() {
                            @Override
                            public RgbImage read(Path file) {
                                throw new StackOverflowError("deep");
                            }
                        },
                        3))
                .isInstanceOf(StackOverflowError.class);
        assertThatThrownBy(() -> run(
                        new Steps() {
                            @Override
                            List<Path> write(Source source) {
                                throw new StackOverflowError("deep");
                            }
                        },
                        3))
                .isInstanceOf(StackOverflowError.class);
    }

    @Test
    void anImageThatMemoryIsTooShortForDoesNotStopTheOthers() {
        Steps steps = new Steps() {
            @Override
            List<Path> write(Source source) {
                if (source.name().equals("i1")) {
                    throw new OutOfMemoryError("heap");
                }
                return super.write(source);
            }
        };
        run(steps, 3);
        assertThat(out.toString().lines()).containsExactly("i0.npy", "i2.npy");
        assertThat(err.toString()).contains("i1", "Java's memory is used up (heap)");
    }

    @Test
    void anInterruptionEndsIt() {
        Steps steps = new Steps() {
            @Override
            public RgbImage read(Path file) {
                sleep(200);
                return super.read(file);
            }
        };
        Thread.currentThread().interrupt();
        assertThatThrownBy(() -> run(steps, 9)).isInstanceOf(CancellationException.class);
        assertThat(Thread.interrupted()).isTrue();
    }

    @Test
    void messagesNameTheImageOnce() {
        Source source = new Source("a", Path.of("photos", "a.png"));
        report.failed(source, new LotusException(source.file() + " is empty"));
        report.failed(source, new LotusException("image: found 1×1 pixels"));
        report.failed(source, new LotusException("the prediction came out as NaN"));
        assertThat(err.toString().lines())
                .containsExactly(
                        "lotus: photos/a.png is empty",
                        "lotus: photos/a.png: found 1×1 pixels",
                        "lotus: photos/a.png: the prediction came out as NaN");
    }
}
