package io.github.lotus4j.model;

import io.github.lotus4j.ops.Conv2d;
import io.github.lotus4j.ops.Epilogue;
import io.github.lotus4j.ops.Frame;
import io.github.lotus4j.ops.Input;
import io.github.lotus4j.ops.Linear;
import io.github.lotus4j.ops.Norm;
import io.github.lotus4j.ops.Ops;
import io.github.lotus4j.ops.Tensor;
import io.github.lotus4j.ops.Window;
import org.jspecify.annotations.Nullable;

/** Two 3×3 convolutions around a channel-wise shift by the time embedding, with a shortcut. He et al. 2016; Ho et al. 2020. */
final class ResnetBlock2D {
    private final String path;
    private final int outChannels;
    private final Norm norm1;
    private final Conv2d conv1;
    private final @Nullable Linear timeEmbProj; // not in the VAE
    private final Norm norm2;
    private final Conv2d conv2;
    private final @Nullable Conv2d convShortcut; // only where the channel count changes

    /** @param timeChannels width of the time embedding, 0 for none */
    ResnetBlock2D(Layers at, int in, int out, Layers.Groups groups, int timeChannels) {
        path = at.path();
        outChannels = out;
        norm1 = at.groupNorm("norm1", in, groups);
        conv1 = at.conv2d("conv1", in, out, Window.SAME_3X3);
        timeEmbProj = timeChannels == 0 ? null : at.linear("time_emb_proj", timeChannels, out);
        norm2 = at.groupNorm("norm2", out, groups);
        conv2 = at.conv2d("conv2", out, out, Window.SAME_3X3);
        convShortcut = in == out ? null : at.conv2d("conv_shortcut", in, out, Window.POINT);
    }

    String path() {
        return path;
    }

    int outChannels() {
        return outChannels;
    }

    /**
     * What the time embedding adds to every pixel after conv1: a constant while time and task stay.
     *
     * @param out [1, 1, 1, outChannels]
     * @param activated silu(temb)
     */
    void shift(Tensor out, Tensor activated, Ops ops) {
        if (timeEmbProj == null) {
            throw new IllegalStateException(path + " takes no time embedding");
        }
        ops.linear(out, Input.of(activated), timeEmbProj);
    }

    /**
     * @param out [N, H, W, out]; may be the input itself where the channels stay the same
     * @param in [N, H, W, in]; a concatenation only where there is a shortcut convolution
     */
    void forward(Tensor out, Input in, @Nullable Tensor shift, Ops ops) {
        try (Frame frame = ops.frame()) {
            Tensor hidden = frame.tensor(out.shape());
            ops.conv2d(hidden, norm1.silu(in), conv1, shift == null ? Epilogue.NONE : Epilogue.shift(shift));
            Tensor shortcut = in.first();
            if (convShortcut != null) {
                ops.conv2d(out, in, convShortcut);
                shortcut = out;
            }
            ops.conv2d(out, norm2.silu(hidden), conv2, Epilogue.plus(shortcut));
        }
        ops.computed(path, out);
    }
}
