package io.github.lotus4j.model;

import io.github.lotus4j.ops.Conv2d;
import io.github.lotus4j.ops.Frame;
import io.github.lotus4j.ops.Input;
import io.github.lotus4j.ops.Ops;
import io.github.lotus4j.ops.PreparedWeights;
import io.github.lotus4j.ops.Shape;
import io.github.lotus4j.ops.Tensor;
import io.github.lotus4j.ops.Window;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** One level on the way down (CrossAttnDownBlock2D, DownBlock2D); every output is kept as a skip connection. */
final class UNetDownBlock {
    private final String path;
    private final int outChannels;
    private final List<UNetStage> stages = new ArrayList<>();
    private final @Nullable Conv2d downsampler; // not at the lowest level

    UNetDownBlock(Layers at, PreparedWeights once, int level, UNetConfig config) {
        path = at.path();
        int in = config.channels()[Math.max(level - 1, 0)];
        outChannels = config.channels()[level];
        boolean attends = config.downBlocks().get(level).equals(UNetConfig.CROSS_ATTENTION_DOWN);
        for (int i = 0; i < config.layers(); i++) {
            stages.add(new UNetStage(at, once, i, i == 0 ? in : outChannels, outChannels, attends, level, config));
        }
        downsampler = level == config.levels() - 1
                ? null
                : at.conv2d("downsamplers.0.conv", outChannels, outChannels, Window.padded(3, 2, 1));
    }

    List<UNetStage> stages() {
        return stages;
    }

    /** @param skips the newest is the input; each output is pushed */
    void forward(Deque<Tensor> skips, Frame frame, Conditioning conditioning, Ops ops) {
        for (UNetStage stage : stages) {
            Tensor in = skips.getFirst();
            Tensor out = frame.tensor(in.shape().withChannels(outChannels));
            stage.forward(out, Input.of(in), conditioning, ops);
            skips.push(out);
        }
        if (downsampler != null) {
            Tensor in = skips.getFirst();
            Shape shape = in.shape();
            Window window = downsampler.window();
            Tensor out = frame.tensor(shape.withSize(window.outHeight(shape.h()), window.outWidth(shape.w())));
            ops.conv2d(out, Input.of(in), downsampler);
            skips.push(out);
        }
        ops.computed(path, skips.getFirst());
    }
}
