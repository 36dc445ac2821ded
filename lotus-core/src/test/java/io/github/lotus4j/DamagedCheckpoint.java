package io.github.lotus4j;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.lotus4j.weights.DType;
import io.github.lotus4j.weights.Parameter;
import io.github.lotus4j.weights.SafetensorsFile;
import io.github.lotus4j.weights.SafetensorsWriter;
import io.github.lotus4j.weights.SyntheticCheckpoint;
import io.github.lotus4j.weights.SyntheticCheckpoint.Architecture;
import io.github.lotus4j.weights.SyntheticCheckpoint.Mode;
import java.io.IOException;
import java.nio.file.Path;

/** A checkpoint one of whose weights is something else. */
public final class DamagedCheckpoint {
    private DamagedCheckpoint() {}

    /**
     * @param component its folder
     * @param tensor whose value in the middle becomes {@code value}
     * @return the folder
     */
    public static Path write(Path folder, String component, String tensor, float value) throws IOException {
        Path checkpoint = SyntheticCheckpoint.write(folder, Architecture.TINY, Mode.D, 1, DType.F32);
        String name = component.equals("text_encoder") ? "model.safetensors" : "diffusion_pytorch_model.safetensors";
        Path file = checkpoint.resolve(component).resolve(name);
        SafetensorsWriter writer = new SafetensorsWriter();
        boolean found = false;
        try (SafetensorsFile stored = SafetensorsFile.open(file)) {
            for (Parameter each : stored.tensors()) {
                float[] values = each.toFloats();
                if (each.name().equals(tensor)) {
                    values[values.length / 2] = value;
                    found = true;
                }
                writer.tensor(each.name(), DType.F32, each.shape(), values);
            }
            writer.write(file);
        }
        assertThat(found).as(tensor).isTrue();
        return checkpoint;
    }
}
