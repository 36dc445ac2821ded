package io.github.lotus4j.spark;

import io.github.lotus4j.Lotus;
import io.github.lotus4j.PredictionOptions;
import io.github.lotus4j.error.InsufficientMemoryException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.locks.Lock;
import java.util.concurrent.locks.ReadWriteLock;
import java.util.concurrent.locks.ReentrantLock;
import java.util.concurrent.locks.ReentrantReadWriteLock;
import java.util.function.Function;

/**
 * Models that tasks share. One is loaded when the first task asks for it, while the others wait, and stays open when no task uses it,
 * since between two tasks there often is none; it is closed when other settings are asked for, or with all. Thread-safe.
 */
final class ModelPool {
    /** What makes a model another one. */
    record Key(ModelSettings settings, Placement placement) {}

    private static final int ORDINARY_SIDE = 512;

    private static final class Shared {
        final Lotus lotus;
        /** Held together by predictions, and alone by one that memory was short for. */
        final ReadWriteLock memory = new ReentrantReadWriteLock(true);

        int tasks;

        Shared(Lotus lotus) {
            this.lotus = lotus;
        }
    }

    private final Function<Key, Lotus> loader;
    private final Lock lock = new ReentrantLock();
    private final Map<Key, Shared> open = new HashMap<>();

    ModelPool(Function<Key, Lotus> loader) {
        this.loader = loader;
    }

    /** The model for a task, which closes what it gets when it ends. */
    Lease borrow(Key key) {
        lockInterruptibly(lock);
        try {
            Shared shared = open.get(key);
            if (shared == null) {
                closeUnusedOfOtherSettings(key.settings());
                shared = new Shared(loader.apply(key));
                open.put(key, shared);
            }
            shared.tasks++;
            return new Lease(shared);
        } finally {
            lock.unlock();
        }
    }

    /** Before others are loaded, so that memory has not to hold both; of the same settings, there may be one a device. */
    private void closeUnusedOfOtherSettings(ModelSettings settings) {
        List<Key> unused = open.entrySet().stream()
                .filter(each ->
                        each.getValue().tasks == 0 && !each.getKey().settings().equals(settings))
                .map(Map.Entry::getKey)
                .toList();
        for (Key each : unused) {
            Shared shared = open.remove(each);
            if (shared != null) {
                shared.lotus.close();
            }
        }
    }

    /** Waits for predictions that run; those that come later fail. The pool can be used again. */
    void closeAll() {
        List<Shared> all;
        lock.lock();
        try {
            all = new ArrayList<>(open.values());
            open.clear();
        } finally {
            lock.unlock();
        }
        all.forEach(each -> each.lotus.close());
    }

    /** How many are open. */
    int size() {
        lock.lock();
        try {
            return open.size();
        } finally {
            lock.unlock();
        }
    }

    private static void lockInterruptibly(Lock lock) {
        try {
            lock.lockInterruptibly();
        } catch (InterruptedException e) {
            throw Interruption.cancellation(e);
        }
    }

    /** A task's use of a model. */
    final class Lease implements AutoCloseable {
        private final Shared shared;
        private boolean closed;

        private Lease(Shared shared) {
            this.shared = shared;
        }

        /**
         * Asks before the first image, so that not every image fails for it.
         *
         * @throws InsufficientMemoryException if an ordinary image does not fit into this executor
         * @throws io.github.lotus4j.error.LotusException if the checkpoint cannot be asked for this
         */
        void require(PredictionOptions options) {
            long needed = shared.lotus.predictionBytes(ORDINARY_SIDE, ORDINARY_SIDE, options);
            long heap = Runtime.getRuntime().maxMemory();
            if (shared.lotus.backend().startsWith("CPU") && needed > heap) {
                throw new InsufficientMemoryException(
                        "a prediction of %d×%d pixels".formatted(ORDINARY_SIDE, ORDINARY_SIDE),
                        needed,
                        heap,
                        "give executors more with spark.executor.memory (in local mode, the driver)");
            }
        }

        /**
         * Where memory is short, the prediction is made again when no other is running, so that whether an image fits does not depend on
         * what runs beside it.
         *
         * @throws InsufficientMemoryException if it does not fit then either
         */
        <T> T predict(Function<Lotus, T> prediction) {
            try {
                return holding(shared.memory.readLock(), prediction);
            } catch (InsufficientMemoryException e) {
                return holding(shared.memory.writeLock(), prediction);
            }
        }

        private <T> T holding(Lock held, Function<Lotus, T> prediction) {
            lockInterruptibly(held);
            try {
                return prediction.apply(shared.lotus);
            } finally {
                held.unlock();
            }
        }

        @Override
        public void close() {
            lock.lock();
            try {
                if (!closed) {
                    closed = true;
                    shared.tasks--;
                }
            } finally {
                lock.unlock();
            }
        }
    }
}
