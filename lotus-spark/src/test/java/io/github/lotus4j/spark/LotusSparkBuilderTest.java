package io.github.lotus4j.spark;

import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.lotus4j.error.LotusException;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** What is wrong is said on the driver, before anything runs. */
class LotusSparkBuilderTest {
    static Stream<Arguments> whatIsWrongIsNamed() {
        return Stream.of(
                wrong("processing resolution: found -1", each -> each.processingResolution(-1)),
                wrong("steps: found 0", each -> each.steps(0)),
                wrong("ensemble: found 1001", each -> each.ensemble(1001)),
                wrong("VAE tile: found 0", each -> each.vaeTile(0)),
                wrong("most pixels: found 0", each -> each.maxPixels(0)),
                wrong("most pixels: found 134217728", each -> each.maxPixels(134_217_728)),
                wrong("both the miniature and a checkpoint", each -> each.normal("lotus-normal-d-v1-1")),
                wrong("weights: found \" \"", each -> each.depth(" ")),
                wrong("weights: found \"spark:\"", each -> each.depth("spark:")));
    }

    private static Arguments wrong(String message, UnaryOperator<LotusSparkBuilder> change) {
        return Arguments.of(message, change);
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource
    void whatIsWrongIsNamed(String message, UnaryOperator<LotusSparkBuilder> change) {
        assertThatThrownBy(
                        () -> change.apply(LotusSpark.builder().depth("nano")).build())
                .isInstanceOf(LotusException.class)
                .hasMessageContaining(message);
    }

    @Test
    void weightsAreNeeded() {
        assertThatThrownBy(() -> LotusSpark.builder().build()).hasMessageContaining("no weights were named");
        assertThatCode(() -> LotusSpark.builder().depth("nano").normal("nano").build())
                .doesNotThrowAnyException();
    }
}
