package io.github.lotus4j.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What goes wrong on the way. */
@Timeout(60)
class ConveyorTest {
    /** Each is put away on a thread of its own, which ends when that is done. */
    @Test
    void whatCannotBePutAwayEndsItBeforeTheNextIsWorkedOn() {
        CompletableFuture<Thread> failing = new CompletableFuture<>();
        List<Integer> worked = new ArrayList<>();
        Conveyor<Integer> conveyor = new Conveyor<>(new Conveyor.Steps<>() {
            private int fetched;

            @Override
            public Optional<Integer> fetch() {
                fetched++;
                if (fetched == 2) {
                    awaitEnd(failing.join());
                }
                return Optional.of(fetched);
            }

            @Override
            public boolean roomBeside(Integer number) {
                return true;
            }

            @Override
            public Runnable work(Integer number) {
                worked.add(number);
                return () -> {
                    failing.complete(Thread.currentThread());
                    throw new IllegalArgumentException("disk full");
                };
            }
        });
        assertThatThrownBy(conveyor::run)
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("disk full");
        assertThat(worked).containsExactly(1);
    }

    private static void awaitEnd(Thread thread) {
        try {
            thread.join();
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }
}
