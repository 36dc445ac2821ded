package io.github.lotus4j.cuda;

import io.github.lotus4j.ops.Frame;
import io.github.lotus4j.ops.Input;
import io.github.lotus4j.ops.Shape;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What cuDNN's graph API computes at once, which has to prove itself: it is taken only if its first result is that of this
 * backend's plain way. Thread-safe.
 */
final class FusedPlan implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(FusedPlan.class);

    /**
     * Roundings that results may differ by, relative to the largest: both round to the storage type a few times at most, and sum in
     * floats in another order. A wrong layout, scale or operand shows; that a plan is right to the last key is not what is checked.
     */
    static final int ROUNDINGS = 16;

    /** Values that are compared at a time, which take this memory as floats, there and here. */
    private static final int MOST_COMPARED = 1 << 20;

    private enum State {
        UNTRIED,
        TRUSTED,
        REFUSED
    }

    /**
     * What one run reads and writes.
     *
     * @param ids of tensors
     * @param addresses of their values, in the same order
     */
    record Values(long[] ids, long[] addresses) {}

    private final Device device;
    private final Object problem;
    private final @Nullable GraphPlan graph;
    private final AtomicReference<State> state;

    /**
     * Takes over a plan.
     *
     * @param problem for messages
     * @param graph none where none could be made
     */
    FusedPlan(Device device, Object problem, @Nullable GraphPlan graph) {
        this.device = device;
        this.problem = problem;
        this.graph = graph;
        state = new AtomicReference<>(graph == null ? State.REFUSED : State.UNTRIED);
    }

    /** Whether its result has been found to be right. */
    boolean trusted() {
        return state.get() == State.TRUSTED;
    }

    /** Whether the plain way is to be taken. */
    boolean refused() {
        return state.get() == State.REFUSED;
    }

    /**
     * Computes {@code out}. The first time, which is not recorded, since a recording could not wait for values, the plain way does
     * so, too; where results differ, or cuDNN fails, its result is the one that stays.
     *
     * @param out not read by this, in part or whole
     * @param channels of it that are defined, from the first on
     * @param plain writes the same to another tensor
     */
    void run(CudaOps ops, Values values, DeviceTensor out, int channels, Consumer<DeviceTensor> plain) {
        try (Frame _ = ops.frame()) {
            long workspace = ops.memory().take(graph == null ? 0 : graph.workspaceBytes());
            if (!trusted()) {
                tryOut(ops, values, workspace, out, channels, plain);
            } else if (!ops.measures()) {
                launch(ops.lane(), values, workspace);
            }
        }
    }

    private void tryOut(
            CudaOps ops, Values values, long workspace, DeviceTensor out, int channels, Consumer<DeviceTensor> plain) {
        DeviceTensor expected = ops.memory().tensor(out.shape(), ops.precision());
        plain.accept(expected);
        boolean launched = ops.measures() || launched(ops.lane(), values, workspace);
        if (launched) {
            judge(ops, DeviceTensor.of(out.channels(0, channels)), DeviceTensor.of(expected.channels(0, channels)));
        }
        if (ops.measures() || refused()) {
            ops.doCopy(out, Input.of(expected));
        }
    }

    private boolean launched(Lane lane, Values values, long workspace) {
        try {
            launch(lane, values, workspace);
            return true;
        } catch (CudaException e) {
            device.requireWorking();
            refuse(String.valueOf(e.getMessage()));
            return false;
        }
    }

    /** @throws CudaException if it could not be put on the lane's stream */
    private void launch(Lane lane, Values values, long workspace) {
        if (graph == null) {
            throw new IllegalStateException("there is no plan for " + problem);
        }
        device.use();
        int status = graph.run(lane.dnn(), values.ids, values.addresses, workspace);
        if (status != Status.SUCCESS) {
            String why = Descriptor.reason().map(each -> " (" + each + ")").orElse("");
            device.checkDnn(status, "cudnnBackendExecute of " + problem + why);
        }
    }

    /** Trusts the plan from its first result on, or never. */
    private void judge(CudaOps ops, DeviceTensor found, DeviceTensor expected) {
        int pixels = found.shape().pixels();
        int most = Math.clamp(MOST_COMPARED / found.shape().c(), 1, pixels);
        float largest = 0;
        float difference = 0;
        for (int first = 0; first < pixels; first += most) {
            int count = Math.min(most, pixels - first);
            float[] ours = ops.doDownload(pixels(expected, first, count));
            float[] theirs = ops.doDownload(pixels(found, first, count));
            if (ops.measures()) {
                return; // the others take no more
            }
            for (int i = 0; i < ours.length; i++) {
                largest = Math.max(largest, Math.abs(ours[i])); // not a number if one is none
                difference = Math.max(difference, Math.abs(theirs[i] - ours[i]));
            }
        }
        float limit = ROUNDINGS * found.precision().rounding() * largest;
        if (difference <= limit) {
            state.compareAndSet(State.UNTRIED, State.TRUSTED);
            LOG.debug("{}: cuDNN computes {}, which differs by {} of {}", device.name(), problem, difference, limit);
        } else {
            refuse("its result differs by " + difference + ", expected at most " + limit);
        }
    }

    private static DeviceTensor pixels(DeviceTensor of, int first, int count) {
        long offset = (long) first * of.stride() * of.precision().bytes();
        Shape shape = new Shape(1, 1, count, of.shape().c());
        return new DeviceTensor(of.address() + offset, of.precision(), shape, of.stride());
    }

    private void refuse(String why) {
        state.set(State.REFUSED);
        LOG.warn("{}: cuDNN's plan for {} is not used: {}", device.name(), problem, why);
    }

    @Override
    public void close() {
        if (graph != null) {
            graph.close();
        }
    }
}
