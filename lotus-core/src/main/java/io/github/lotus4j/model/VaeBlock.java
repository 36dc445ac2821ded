package io.github.lotus4j.model;

import io.github.lotus4j.ops.Conv2d;
import io.github.lotus4j.ops.Frame;
import io.github.lotus4j.ops.Input;
import io.github.lotus4j.ops.Ops;
import io.github.lotus4j.ops.Shape;
import io.github.lotus4j.ops.Tensor;
import io.github.lotus4j.ops.Window;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** One level of the VAE: residual blocks, then, except at the last level, half or twice the size. */
final class VaeBlock {
    /** What happens to the size after the residual blocks. */
    enum Scaling {
        NONE,
        HALF,
        TWICE
    }

    /** Stride 2 with one pixel of padding on the right and at the bottom only. */
    private static final Window HALVING = new Window(3, 2, 0, 0, 1, 1);

    private final String path;
    private final List<ResnetBlock2D> resnets = new ArrayList<>();
    private final Scaling scaling;
    private final @Nullable Conv2d scalingConv;
    private final int outChannels;

    VaeBlock(Layers at, int in, int out, int layers, Layers.Groups groups, Scaling scaling) {
        path = at.path();
        outChannels = out;
        this.scaling = scaling;
        for (int i = 0; i < layers; i++) {
            resnets.add(new ResnetBlock2D(at.child("resnets." + i), i == 0 ? in : out, out, groups, 0));
        }
        scalingConv = switch (scaling) {
            case NONE -> null;
            case HALF -> at.conv2d("downsamplers.0.conv", out, out, HALVING);
            case TWICE -> at.conv2d("upsamplers.0.conv", out, out, Window.SAME_3X3);
        };
    }

    Shape outShape(Shape in) {
        Shape shape = in.withChannels(outChannels);
        return switch (scaling) {
            case NONE -> shape;
            case HALF -> shape.withSize(HALVING.outHeight(in.h()), HALVING.outWidth(in.w()));
            case TWICE -> shape.withSize(2 * in.h(), 2 * in.w());
        };
    }

    /** @param in [N, H, W, Ci], overwritten → out [N, H', W', Co] */
    void forward(Tensor out, Tensor in, Ops ops) {
        try (Frame frame = ops.frame()) {
            Tensor hidden = out; // [N, H, W, Co]
            if (scalingConv != null) {
                hidden = in.shape().c() == outChannels
                        ? in
                        : frame.tensor(in.shape().withChannels(outChannels));
            }
            resnets.getFirst().forward(hidden, Input.of(in), null, ops);
            for (ResnetBlock2D resnet : resnets.subList(1, resnets.size())) {
                resnet.forward(hidden, Input.of(hidden), null, ops);
            }
            if (scalingConv != null) {
                Input view = Input.of(hidden);
                ops.conv2d(
                        out,
                        scaling == Scaling.TWICE
                                ? view.resized(out.shape().h(), out.shape().w())
                                : view,
                        scalingConv);
            }
        }
        ops.computed(path, out);
    }
}
