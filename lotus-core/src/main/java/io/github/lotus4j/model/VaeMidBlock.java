package io.github.lotus4j.model;

import io.github.lotus4j.ops.Frame;
import io.github.lotus4j.ops.Input;
import io.github.lotus4j.ops.Ops;
import io.github.lotus4j.ops.Tensor;

/** The lowest level of the VAE, the same in encoder and decoder: residual block, attention, residual block. */
final class VaeMidBlock {
    private final String path;
    private final ResnetBlock2D resnet0;
    private final AttentionBlock attention;
    private final ResnetBlock2D resnet1;

    VaeMidBlock(Layers at, int channels, Layers.Groups groups) {
        path = at.path();
        resnet0 = new ResnetBlock2D(at.child("resnets.0"), channels, channels, groups, 0);
        attention = new AttentionBlock(at.child("attentions.0"), channels, groups);
        resnet1 = new ResnetBlock2D(at.child("resnets.1"), channels, channels, groups, 0);
    }

    void forward(Tensor out, Tensor in, Ops ops) {
        try (Frame frame = ops.frame()) {
            Tensor attended = frame.tensor(in.shape());
            resnet0.forward(out, Input.of(in), null, ops);
            attention.forward(attended, out, ops);
            resnet1.forward(out, Input.of(attended), null, ops);
        }
        ops.computed(path, out);
    }
}
