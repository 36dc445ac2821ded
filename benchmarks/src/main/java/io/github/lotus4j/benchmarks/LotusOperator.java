package io.github.lotus4j.benchmarks;

import io.github.lotus4j.ops.Backend;
import io.github.lotus4j.ops.Conv2d;
import io.github.lotus4j.ops.Frame;
import io.github.lotus4j.ops.Input;
import io.github.lotus4j.ops.Linear;
import io.github.lotus4j.ops.Ops;
import io.github.lotus4j.ops.PreparedWeights;
import io.github.lotus4j.ops.RunListener;
import io.github.lotus4j.ops.Shape;
import io.github.lotus4j.ops.Tensor;
import io.github.lotus4j.ops.Window;
import io.github.lotus4j.weights.Parameter;
import java.util.List;

/** Ours, with weights as a prediction packs them. */
final class LotusOperator implements PreparedOperator {
    private final Backend backend;
    private final PreparedWeights weights;
    private final Ops ops;
    private final Frame frame;
    private final Tensor out;
    private final Runnable computation;

    /** @param backend is closed with this */
    LotusOperator(Operator operator, Backend backend) {
        this.backend = backend;
        weights = backend.prepare(Backend.Reuse.MANY);
        ops = backend.open(RunListener.NONE);
        frame = ops.frame();
        Operator.Arguments arguments = operator.arguments();
        Shape shape = new Shape(1, operator.side(), operator.side(), operator.channels());
        List<Tensor> in = arguments.inputs().stream()
                .map(values -> tensor(shape, values, ops, frame))
                .toList();
        out = frame.tensor(shape.withChannels(operator.outChannels()));
        computation = computation(operator, in, arguments.weights());
        weights.load();
    }

    private Runnable computation(Operator operator, List<Tensor> in, List<Parameter> parameters) {
        return switch (operator.kind()) {
            case LINEAR -> {
                Linear linear = weights.linear(parameters.getFirst(), parameters.getLast());
                yield () -> ops.linear(out, Input.of(in.getFirst()), linear);
            }
            case CONV -> {
                Conv2d conv = weights.conv2d(parameters.getFirst(), parameters.getLast(), Window.SAME_3X3);
                yield () -> ops.conv2d(out, Input.of(in.getFirst()), conv);
            }
            case ATTENTION -> () -> ops.attention(out, in.get(0), in.get(1), in.get(2), operator.heads(), false);
        };
    }

    private static Tensor tensor(Shape shape, float[] values, Ops ops, Frame frame) {
        Tensor tensor = frame.tensor(shape);
        ops.upload(tensor, values);
        return tensor;
    }

    @Override
    public void run() {
        computation.run();
    }

    @Override
    public float[] output() {
        return ops.download(out);
    }

    /** Multiply-adds since it was made. */
    long work() {
        return ops.work();
    }

    @Override
    public void close() {
        frame.close();
        ops.close();
        weights.close();
        backend.close();
    }
}
