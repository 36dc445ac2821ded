package io.github.lotus4j.model;

import io.github.lotus4j.ops.Conv2d;
import io.github.lotus4j.ops.Linear;
import io.github.lotus4j.ops.Norm;
import io.github.lotus4j.ops.PreparedWeights;
import io.github.lotus4j.ops.Window;
import io.github.lotus4j.weights.JsonConfig;
import io.github.lotus4j.weights.ModuleWeights;
import io.github.lotus4j.weights.Parameter;
import java.util.Arrays;
import java.util.List;

/** A place in the checkpoint's tree of names, and where the layers found there are prepared. */
record Layers(ModuleWeights weights, PreparedWeights prepared) {
    /** Halvings of the resolution that a config may ask for, and the first. */
    static final JsonConfig.Range LEVELS = new JsonConfig.Range(1, 8);

    /** Layers in a row that a config may ask for: more than any published network has. */
    static final JsonConfig.Range DEPTH = new JsonConfig.Range(1, 64);

    /** How a model normalises over groups of channels. */
    record Groups(int count, double eps) {}

    static double eps(JsonConfig config, String key, double orElse) {
        return config.number(key, orElse, 1e-12, 1);
    }

    Layers child(String name) {
        return new Layers(weights.child(name), prepared);
    }

    String path() {
        return weights.path();
    }

    Conv2d conv2d(String name, int in, int out, Window window) {
        ModuleWeights at = weights.child(name);
        return prepared.conv2d(
                at.parameter("weight", out, in, window.kernel(), window.kernel()), at.parameter("bias", out), window);
    }

    Linear linear(String name, int in, int out) {
        return prepared.linear(weight(name, in, out), bias(name, out));
    }

    /** Layers on one input, as one: their outputs, each of {@code out} features, lie side by side. */
    Linear stacked(int in, int out, boolean biased, String... names) {
        List<Parameter> matrices =
                Arrays.stream(names).map(name -> weight(name, in, out)).toList();
        List<Parameter> biases =
                biased ? Arrays.stream(names).map(name -> bias(name, out)).toList() : List.of();
        return prepared.linear(matrices, biases);
    }

    Linear geglu(String name, int in, int features) {
        return prepared.geglu(weight(name, in, 2 * features), bias(name, 2 * features));
    }

    Norm groupNorm(String name, int channels, Groups groups) {
        ModuleWeights at = weights.child(name);
        return prepared.groupNorm(
                at.parameter("weight", channels), at.parameter("bias", channels), groups.count(), groups.eps());
    }

    Norm layerNorm(String name, int channels, double eps) {
        ModuleWeights at = weights.child(name);
        return prepared.layerNorm(at.parameter("weight", channels), at.parameter("bias", channels), eps);
    }

    private Parameter weight(String name, int in, int out) {
        return weights.child(name).parameter("weight", out, in);
    }

    private Parameter bias(String name, int out) {
        return weights.child(name).parameter("bias", out);
    }
}
