package io.github.lotus4j.spark;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.lotus4j.error.LotusException;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;

class ChunkJobsTest {
    /** What is under way is done, and what waits is not begun. */
    @Test
    void aFailureEndsARunWhenWhatIsUnderWayIsDone() {
        CountDownLatch failed = new CountDownLatch(1);
        List<String> done = new CopyOnWriteArrayList<>();
        List<Runnable> jobs = List.of(
                () -> {
                    await(failed);
                    done.add("first");
                    throw new IllegalStateException("first");
                },
                () -> {
                    failed.countDown();
                    throw new LotusException("second");
                },
                () -> done.add("third"));
        assertThatThrownBy(() -> ChunkJobs.run(jobs, 2))
                .isInstanceOf(RuntimeException.class)
                .satisfies(thrown -> assertThat(
                                List.of(String.valueOf(thrown.getMessage()), thrown.getSuppressed()[0].getMessage()))
                        .containsExactlyInAnyOrder("first", "second"));
        assertThat(done).containsExactly("first");
    }

    private static void await(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }
}
