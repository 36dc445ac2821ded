package io.github.lotus4j.cpu;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicIntegerArray;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(60)
class WorkerTeamTest {
    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3, 7})
    void everyItemRunsOnceByAWorkerThatDoesNothingElse(int threads) {
        try (WorkerTeam team = new WorkerTeam(threads)) {
            for (int items : new int[] {0, 1, 2, 100, 5000}) {
                AtomicIntegerArray runs = new AtomicIntegerArray(items);
                AtomicIntegerArray busy = new AtomicIntegerArray(threads);
                team.run(items, () -> false, (item, worker) -> {
                    assertThat(busy.incrementAndGet(worker)).isOne();
                    runs.incrementAndGet(item);
                    busy.decrementAndGet(worker);
                });
                assertThat(IntStream.range(0, items).map(runs::get)).allMatch(count -> count == 1);
            }
        }
    }

    @Test
    void callersAreServedAtTheSameTime() throws Exception {
        try (WorkerTeam team = new WorkerTeam(2);
                ExecutorService callers = Executors.newFixedThreadPool(3)) {
            CountDownLatch allRunning = new CountDownLatch(3);
            Stream<Future<?>> jobs = IntStream.range(0, 3)
                    .<Future<?>>mapToObj(caller -> callers.submit(() -> team.run(10, () -> false, (item, worker) -> {
                        if (item == 0) {
                            allRunning.countDown();
                            await(allRunning); // passes only when each caller works on its own job
                        }
                    })))
                    .toList()
                    .stream();
            for (Future<?> job : jobs.toList()) {
                job.get();
            }
        }
    }

    /** The callers hold on to their first items, so that the one worker takes all others. */
    @Test
    void workersServeCallersInTurn() throws Exception {
        List<Integer> served = new ArrayList<>();
        try (WorkerTeam team = new WorkerTeam(2);
                ExecutorService callers = Executors.newFixedThreadPool(2)) {
            CountDownLatch bothWait = new CountDownLatch(2);
            CountDownLatch allServed = new CountDownLatch(200);
            List<Future<?>> jobs = new ArrayList<>();
            for (int each = 0; each < 2; each++) {
                int caller = each;
                jobs.add(callers.submit(() -> team.run(102, () -> false, (item, worker) -> {
                    if (worker == 0 && allServed.getCount() > 0) {
                        bothWait.countDown();
                        await(allServed);
                    } else if (worker == 1) {
                        await(bothWait);
                        served.add(caller);
                        allServed.countDown();
                    }
                })));
            }
            for (Future<?> job : jobs) {
                job.get();
            }
        }
        // the item during which the worker waited for both may be followed by another of the same caller
        for (int i = 2; i < 200; i++) {
            assertThat(served.get(i)).as("item %d in %s", i, served).isNotEqualTo(served.get(i - 1));
        }
    }

    /** A caller that joins while a worker looks for work is seen whole: no worker ends over it. */
    @Test
    void workersOutliveCallersThatComeAndGo() {
        int threads = 3;
        try (WorkerTeam team = new WorkerTeam(threads)) {
            for (int i = 0; i < 100_000; i++) {
                team.run(threads, () -> false, (item, worker) -> {}); // keeps the workers awake
            }
            CountDownLatch all = new CountDownLatch(threads);
            team.run(threads, () -> false, (item, worker) -> {
                all.countDown();
                await(all);
            });
        }
    }

    private static void await(CountDownLatch latch) {
        try {
            if (!latch.await(20, TimeUnit.SECONDS)) {
                throw new IllegalStateException("somebody did not come");
            }
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    /** Each worker waits for the other, so the item that fails can be made to be the caller's or the other's. */
    @ParameterizedTest
    @ValueSource(ints = {0, 1})
    void whatAnItemThrowsReachesTheCaller(int failing) {
        try (WorkerTeam team = new WorkerTeam(2)) {
            for (Throwable thrown : new Throwable[] {new IllegalStateException("broken"), new StackOverflowError()}) {
                CountDownLatch both = new CountDownLatch(2);
                assertThatThrownBy(() -> team.run(2, () -> false, (item, worker) -> {
                            both.countDown();
                            await(both);
                            if (worker == failing) {
                                WorkerTeamTest.<RuntimeException>raise(thrown);
                            }
                        }))
                        .isSameAs(thrown);
            }
            CountDownLatch both = new CountDownLatch(2);
            assertThatThrownBy(() -> team.run(2, () -> false, (item, worker) -> {
                        both.countDown();
                        await(both);
                        if (worker == failing) {
                            WorkerTeamTest.<RuntimeException>raise(new IOException("checked"));
                        }
                    }))
                    .hasRootCauseMessage("checked");
            AtomicInteger after = new AtomicInteger();
            team.run(100, () -> false, (item, worker) -> after.incrementAndGet());
            assertThat(after).hasValue(100);
        }
    }

    @SuppressWarnings("unchecked")
    private static <T extends Throwable> void raise(Throwable thrown) throws T {
        throw (T) thrown;
    }

    /** The other's item is still running when the caller has none left, or has failed. */
    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void returnsWhenTheOthersAreDone(boolean callerFails) {
        try (WorkerTeam team = new WorkerTeam(2)) {
            AtomicInteger done = new AtomicInteger();
            CountDownLatch both = new CountDownLatch(2);
            WorkerTeam.Task task = (item, worker) -> {
                both.countDown();
                await(both);
                if (worker == 0) {
                    if (callerFails) {
                        throw new IllegalStateException("the caller's");
                    }
                } else {
                    join(Thread.startVirtualThread(() -> LockSupport.parkNanos(200_000_000)));
                    done.incrementAndGet();
                }
            };
            if (callerFails) {
                assertThatThrownBy(() -> team.run(2, () -> false, task)).hasMessage("the caller's");
            } else {
                team.run(2, () -> false, task);
            }
            assertThat(done).hasValue(1);
        }
    }

    @Test
    void whatIsLeftIsNotBegunAfterAFailure() {
        try (WorkerTeam team = new WorkerTeam(1)) {
            AtomicInteger begun = new AtomicInteger();
            assertThatThrownBy(() -> team.run(100, () -> false, (item, worker) -> {
                        begun.incrementAndGet();
                        throw new IllegalStateException();
                    }))
                    .isInstanceOf(IllegalStateException.class);
            assertThat(begun).hasValue(1);
        }
    }

    @Test
    void cancelledJobsEndBetweenItems() {
        try (WorkerTeam team = new WorkerTeam(2)) {
            AtomicInteger runs = new AtomicInteger();
            assertThatThrownBy(
                            () -> team.run(1_000_000, () -> runs.get() >= 10, (item, worker) -> runs.incrementAndGet()))
                    .isInstanceOf(CancellationException.class);
            assertThat(runs.get()).isBetween(10, 20);
        }
    }

    @Test
    void closingEndsTheThreads() {
        Thread[] workers = new Thread[3];
        try (WorkerTeam team = new WorkerTeam(3)) {
            CountDownLatch all = new CountDownLatch(3);
            team.run(3, () -> false, (item, worker) -> {
                workers[worker] = Thread.currentThread();
                all.countDown();
                await(all);
            });
        }
        assertThat(workers[0]).isSameAs(Thread.currentThread());
        for (int i = 1; i < workers.length; i++) {
            assertThat(join(workers[i])).as("worker %d has ended", i).isTrue();
        }
    }

    private static boolean join(Thread thread) {
        try {
            return thread.join(Duration.ofSeconds(30));
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }
}
