package io.github.lotus4j.spark;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.lotus4j.Lotus;
import io.github.lotus4j.PredictionOptions;
import io.github.lotus4j.error.ClosedException;
import io.github.lotus4j.error.InsufficientMemoryException;
import io.github.lotus4j.error.LotusException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class ModelPoolTest {
    private static final ModelSettings DEPTH = new ModelSettings("nano", null, "cpu", false, null);
    private static final ModelSettings NORMAL = new ModelSettings(null, "nano", "cpu", false, null);

    private final AtomicInteger loads = new AtomicInteger();
    private final ModelPool pool = new ModelPool(key -> {
        loads.incrementAndGet();
        return key.settings().load(key.placement());
    });

    @AfterEach
    void close() {
        pool.closeAll();
    }

    private static ModelPool.Key key(ModelSettings settings, int threads) {
        return new ModelPool.Key(settings, new Placement("cpu", threads));
    }

    @Test
    void tasksThatComeTogetherShareOneModel() throws Exception {
        try (ExecutorService tasks = Executors.newFixedThreadPool(4)) {
            List<Future<Lotus>> found = new ArrayList<>();
            for (int i = 0; i < 16; i++) {
                found.add(tasks.submit(() -> {
                    try (ModelPool.Lease lease = pool.borrow(key(DEPTH, 1))) {
                        return lease.predict(lotus -> lotus);
                    }
                }));
            }
            Lotus first = found.getFirst().get();
            for (Future<Lotus> each : found) {
                assertThat(each.get()).isSameAs(first);
            }
        }
        assertThat(loads).hasValue(1);
    }

    @Test
    void otherSettingsTakeThePlaceOfWhatNobodyUses() {
        ModelPool.Lease lease = pool.borrow(key(DEPTH, 1));
        Lotus depth = lease.predict(lotus -> lotus);
        pool.borrow(key(NORMAL, 1)).close();
        assertThat(pool.size()).isEqualTo(2); // the first is in use
        lease.close();
        lease.close(); // counted once
        pool.borrow(key(NORMAL, 2)).close();
        assertThat(pool.size()).isEqualTo(2); // of one setting, one a device
        assertThatThrownBy(() -> depth.predictionBytes(8, 8, PredictionOptions.DEFAULT))
                .isInstanceOf(ClosedException.class);
        assertThat(loads).hasValue(3);
    }

    @Test
    void closingEndsThemAndThePoolGoesOn() {
        ModelPool.Lease lease = pool.borrow(key(DEPTH, 1));
        pool.closeAll();
        assertThatThrownBy(() -> lease.require(PredictionOptions.DEFAULT)).isInstanceOf(ClosedException.class);
        lease.close();
        try (ModelPool.Lease again = pool.borrow(key(DEPTH, 1))) {
            again.require(PredictionOptions.DEFAULT);
        }
        assertThat(loads).hasValue(2);
    }

    @Test
    void whatTheCheckpointCannotDoIsSaidBeforeTheFirstImage() {
        try (ModelPool.Lease lease = pool.borrow(key(DEPTH, 1))) {
            assertThatThrownBy(() -> lease.require(PredictionOptions.DEFAULT.withSteps(2)))
                    .isInstanceOf(LotusException.class)
                    .hasMessageContaining("steps: found 2");
        }
    }

    /** The other prediction ends only after the first has failed for want of memory, and the second try begins only after that. */
    @Test
    void whatMemoryWasShortForIsTriedAlone() throws Exception {
        AtomicInteger running = new AtomicInteger();
        AtomicInteger tries = new AtomicInteger();
        try (ExecutorService tasks = Executors.newFixedThreadPool(1);
                ModelPool.Lease lease = pool.borrow(key(DEPTH, 1))) {
            Future<?> other = tasks.submit(() -> lease.predict(lotus -> {
                running.incrementAndGet();
                await(() -> tries.get() == 1);
                sleep();
                return running.decrementAndGet();
            }));
            await(() -> running.get() == 1);
            int seen = lease.predict(lotus -> {
                if (tries.incrementAndGet() == 1) {
                    throw new InsufficientMemoryException("this", 2, 1, "wait");
                }
                return running.get();
            });
            other.get();
            assertThat(seen).isZero();
            assertThat(tries).hasValue(2);
            assertThatThrownBy(() -> lease.predict(lotus -> {
                        throw new InsufficientMemoryException("that", 2, 1, "give up");
                    }))
                    .isInstanceOf(InsufficientMemoryException.class);
        }
    }

    private static void await(java.util.function.BooleanSupplier condition) {
        while (!condition.getAsBoolean()) {
            sleep();
        }
    }

    private static void sleep() {
        try {
            Thread.sleep(20);
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }
}
