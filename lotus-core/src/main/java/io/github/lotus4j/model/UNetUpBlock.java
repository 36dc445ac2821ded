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

/** One level on the way up (CrossAttnUpBlock2D, UpBlock2D): each residual block reads a skip connection beside its input. */
final class UNetUpBlock {
    private final String path;
    private final int outChannels;
    private final List<UNetStage> stages = new ArrayList<>();
    private final @Nullable Conv2d upsampler; // not at the highest level

    /** @param index counted from the lowest level up */
    UNetUpBlock(Layers at, PreparedWeights once, int index, UNetConfig config) {
        path = at.path();
        int[] channels = config.channels();
        int level = config.levels() - 1 - index;
        int below = channels[Math.min(level + 1, config.levels() - 1)];
        int above = channels[Math.max(level - 1, 0)];
        outChannels = channels[level];
        boolean attends = config.upBlocks().get(index).equals(UNetConfig.CROSS_ATTENTION_UP);
        int count = config.layers() + 1;
        for (int i = 0; i < count; i++) {
            int hidden = i == 0 ? below : outChannels;
            int skip = i == count - 1 ? above : outChannels;
            stages.add(new UNetStage(at, once, i, hidden + skip, outChannels, attends, level, config));
        }
        upsampler = level == 0 ? null : at.conv2d("upsamplers.0.conv", outChannels, outChannels, Window.SAME_3X3);
    }

    List<UNetStage> stages() {
        return stages;
    }

    /** The output's shape: the size of the skip connection that the next level will read, this level's channels. */
    Shape outShape(Shape in, Deque<Tensor> skips) {
        Shape shape = in.withChannels(outChannels);
        if (upsampler == null) {
            return shape;
        }
        Tensor next = skips.stream().skip(stages.size()).findFirst().orElseThrow();
        return shape.withSize(next.shape().h(), next.shape().w());
    }

    /** @param skips as many as there are residual blocks are popped */
    void forward(Tensor out, Tensor in, Deque<Tensor> skips, Conditioning conditioning, Ops ops) {
        try (Frame frame = ops.frame()) {
            Shape shape = in.shape().withChannels(outChannels);
            Tensor[] buffers = {frame.tensor(shape), frame.tensor(shape)}; // each block reads one and writes the other
            Tensor hidden = in;
            for (int i = 0; i < stages.size(); i++) {
                boolean last = i == stages.size() - 1 && upsampler == null;
                Tensor next = last ? out : buffers[i % 2];
                stages.get(i).forward(next, Input.concat(hidden, skips.pop()), conditioning, ops);
                hidden = next;
            }
            if (upsampler != null) {
                ops.conv2d(
                        out,
                        Input.of(hidden).resized(out.shape().h(), out.shape().w()),
                        upsampler);
            }
        }
        ops.computed(path, out);
    }
}
