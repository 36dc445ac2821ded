package io.github.lotus4j.hub;

import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Named.named;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import io.github.lotus4j.weights.Checkpoint;
import io.github.lotus4j.weights.DType;
import io.github.lotus4j.weights.SafetensorsFile;
import io.github.lotus4j.weights.SafetensorsWriter;
import java.nio.file.Path;
import java.util.Map;
import java.util.stream.Stream;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** A null is refused under the argument's name, before anything is done. */
@SuppressWarnings("NullAway") // which forbids it where it is used
class NullArgumentsTest {
    private static final Path NOWHERE = Path.of("never-written");

    @ParameterizedTest
    @MethodSource({"hub", "files"})
    void nullIsNamed(ThrowingCallable call, String argument) {
        assertThatThrownBy(call).isExactlyInstanceOf(NullPointerException.class).hasMessage(argument);
    }

    private static Arguments refuses(String argument, String what, ThrowingCallable call) {
        return arguments(named(what, call), argument);
    }

    static Stream<Arguments> hub() {
        Hub hub = new Hub(HubSettings.of(Map.of("HF_HUB_OFFLINE", "1"), NOWHERE));
        Hub online = new Hub(HubSettings.of(Map.of(), NOWHERE));
        HubReference reference = HubReference.of("owner/name");
        return Stream.of(
                refuses("settings", "Hub", () -> new Hub(null)),
                refuses("reference", "fetch", () -> hub.fetch(null, false, FetchListener.NONE)),
                refuses("reference", "fetch", () -> online.fetch(null, false, FetchListener.NONE)),
                refuses("listener", "fetch", () -> hub.fetch(reference, false, null)),
                refuses("environment", "HubSettings.of", () -> HubSettings.of(null, NOWHERE)),
                refuses("userHome", "HubSettings.of", () -> HubSettings.of(Map.of(), null)),
                refuses("folder", "HubCache", () -> new HubCache(null)),
                refuses("checkpoint", "locate", () -> hub.cache().locate(null)),
                refuses("reference", "find", () -> hub.cache().find(null)),
                refuses("written", "HubReference.of", () -> HubReference.of(null)),
                refuses("owner", "HubReference", () -> new HubReference(null, "name", "main")),
                refuses("name", "HubReference", () -> new HubReference("owner", null, "main")),
                refuses("revision", "HubReference", () -> new HubReference("owner", "name", null)));
    }

    static Stream<Arguments> files() {
        SafetensorsWriter writer = new SafetensorsWriter();
        SafetensorsWriter.Source source = (offset, piece) -> {};
        int[] shape = {1};
        return Stream.of(
                refuses("path", "Checkpoint.open", () -> Checkpoint.open(null)),
                refuses("path", "Checkpoint.open", () -> Checkpoint.open(null, NOWHERE)),
                refuses("vae", "Checkpoint.open", () -> Checkpoint.open(NOWHERE, null)),
                refuses("path", "SafetensorsFile.open", () -> SafetensorsFile.open(null)),
                refuses("key", "metadata", () -> writer.metadata(null, "value")),
                refuses("value", "metadata", () -> writer.metadata("key", null)),
                refuses("name", "tensor", () -> writer.tensor(null, DType.F32, shape, source)),
                refuses("dtype", "tensor", () -> writer.tensor("a", null, shape, source)),
                refuses("shape", "tensor", () -> writer.tensor("a", DType.F32, null, source)),
                refuses(
                        "source",
                        "tensor",
                        () -> writer.tensor("a", DType.F32, shape, (SafetensorsWriter.Source) null)),
                refuses("name", "tensor", () -> writer.tensor(null, DType.F32, shape, new float[1])),
                refuses("dtype", "tensor", () -> writer.tensor("a", null, shape, new float[1])),
                refuses("shape", "tensor", () -> writer.tensor("a", DType.F32, null, new float[1])),
                refuses("values", "tensor", () -> writer.tensor("a", DType.F32, shape, (float[]) null)),
                refuses("parameter", "tensor", () -> writer.tensor("a", null)),
                refuses("path", "write", () -> writer.write(null)));
    }
}
