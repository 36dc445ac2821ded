package io.github.lotus4j.model;

import io.github.lotus4j.ops.Activation;
import io.github.lotus4j.ops.Frame;
import io.github.lotus4j.ops.Input;
import io.github.lotus4j.ops.Linear;
import io.github.lotus4j.ops.Ops;
import io.github.lotus4j.ops.Shape;
import io.github.lotus4j.ops.Tensor;

/** The embedding of time and task: the sum of two small perceptrons. Vaswani et al. 2017; He et al. 2024, section 4.3. */
final class TimeEmbedding {
    /** Sinusoids of the time step: how many, in which order, and by how much the last frequency is moved. */
    record Sinusoids(int channels, boolean cosineFirst, double freqShift) {
        /** In single precision step by step: at t = 999 a phase rounded otherwise would be off by 6e-5. */
        float[] at(double timestep) {
            int half = channels / 2;
            float[] embedding = new float[channels];
            for (int i = 0; i < half; i++) {
                float exponent = (float) -Math.log(10000) * i / (float) (half - freqShift);
                float phase = (float) timestep * (float) Math.exp(exponent);
                embedding[cosineFirst ? half + i : i] = (float) Math.sin(phase);
                embedding[cosineFirst ? i : half + i] = (float) Math.cos(phase);
            }
            return embedding;
        }
    }

    private final Sinusoids timeProj;
    private final int width;
    private final Linear timeLinear1;
    private final Linear timeLinear2;
    private final Linear classLinear1;
    private final Linear classLinear2;

    TimeEmbedding(Layers unet, Sinusoids timeProj, int width) {
        this.timeProj = timeProj;
        this.width = width;
        timeLinear1 = unet.linear("time_embedding.linear_1", timeProj.channels(), width);
        timeLinear2 = unet.linear("time_embedding.linear_2", width, width);
        classLinear1 = unet.linear("class_embedding.linear_1", Task.CLASS_LABELS, width);
        classLinear2 = unet.linear("class_embedding.linear_2", width, width);
    }

    int width() {
        return width;
    }

    /** @param out silu(temb), [1, 1, 1, width], which is all that the blocks read */
    void forward(Tensor out, double timestep, Task task, Ops ops) {
        try (Frame frame = ops.frame()) {
            Tensor sinusoids = vector(frame, timeProj.at(timestep), ops);
            ops.computed("unet/time_proj", sinusoids);
            Tensor time = frame.tensor(out.shape());
            perceptron(time, sinusoids, timeLinear1, timeLinear2, ops);
            ops.computed("unet/time_embedding", time);
            Tensor temb = frame.tensor(out.shape());
            perceptron(temb, vector(frame, task.classLabels(), ops), classLinear1, classLinear2, ops);
            ops.computed("unet/class_embedding", temb);
            ops.combine(temb, 1, temb, 1, time);
            ops.copy(out, Input.of(temb).activated(Activation.SILU));
        }
    }

    private void perceptron(Tensor out, Tensor in, Linear linear1, Linear linear2, Ops ops) {
        try (Frame frame = ops.frame()) {
            Tensor hidden = frame.tensor(Shape.vector(width));
            ops.linear(hidden, Input.of(in), linear1);
            Tensor activated =
                    frame.tensor(hidden.shape()); // once, and not by everyone who computes a part of the outputs
            ops.copy(activated, Input.of(hidden).activated(Activation.SILU));
            ops.linear(out, Input.of(activated), linear2);
        }
    }

    private static Tensor vector(Frame frame, float[] values, Ops ops) {
        Tensor tensor = frame.tensor(Shape.vector(values.length));
        ops.upload(tensor, values);
        return tensor;
    }
}
