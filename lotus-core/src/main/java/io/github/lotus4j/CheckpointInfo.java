package io.github.lotus4j;

import io.github.lotus4j.ops.Backend;
import io.github.lotus4j.ops.BackendSettings;
import io.github.lotus4j.ops.Backends;
import io.github.lotus4j.pipeline.CheckpointInspection;
import io.github.lotus4j.weights.Checkpoint;
import io.github.lotus4j.weights.Component;
import io.github.lotus4j.weights.DType;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * What a checkpoint holds, without loading it.
 *
 * @param name the folder's or, in the hub's cache, the repository's
 * @param prediction what the name says that it predicts: depth, disparity or normals
 * @param generative whether it starts from noise (Lotus-G)
 * @param defaultProcessingResolution of its own, in pixels
 * @param networks UNet, VAE and, where present, text encoder
 * @param problems why it could not be loaded, or not be used, a line each; empty where it can
 */
public record CheckpointInfo(
        String name,
        Optional<String> prediction,
        boolean generative,
        OptionalInt defaultProcessingResolution,
        List<Network> networks,
        List<String> problems) {

    /**
     * One network of a checkpoint.
     *
     * @param parameters how many numbers
     * @param bytes as stored
     * @param types how many numbers are stored as which type
     * @param files that they are in
     */
    public record Network(String name, long parameters, long bytes, Map<DType, Long> types, List<Path> files) {
        static Network of(Component component) {
            Map<DType, Long> types = component.elementsByType();
            long parameters = types.values().stream().mapToLong(Long::longValue).sum();
            return new Network(component.name(), parameters, component.bytes(), types, component.files());
        }
    }

    /**
     * @param path the folder, or the UNet's file
     * @throws io.github.lotus4j.weights.CheckpointException if it is no checkpoint, or a file of it cannot be read
     */
    public static CheckpointInfo read(Path path) {
        return read(path, false);
    }

    /**
     * As {@link #read}, and reads every value: tensors that hold NaN or infinity are problems, too.
     *
     * @param path the folder, or the UNet's file
     * @throws io.github.lotus4j.weights.CheckpointException as {@link #read}
     */
    public static CheckpointInfo readWithValues(Path path) {
        return read(path, true);
    }

    private static CheckpointInfo read(Path path, boolean values) {
        try (Checkpoint checkpoint = Checkpoint.open(path);
                Backend backend = Backends.open("cpu", new BackendSettings(1, true))) {
            CheckpointInspection inspection = CheckpointInspection.of(checkpoint, backend);
            List<String> problems = new ArrayList<>(inspection.problems());
            if (values) {
                problems.addAll(checkpoint.nonFiniteTensors());
            }
            return new CheckpointInfo(
                    checkpoint.name(),
                    CheckpointName.of(checkpoint.name()).prediction(),
                    inspection.generative(),
                    checkpoint.defaultProcessingResolution(),
                    checkpoint.components().stream().map(Network::of).toList(),
                    List.copyOf(problems));
        }
    }
}
