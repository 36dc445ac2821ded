package io.github.lotus4j.spark;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.lotus4j.error.LotusException;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PredictFolderArgumentsTest {
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "--depth nano in | --output is missing",
                "--output out --depth nano | no input was named",
                "--output out[1] --depth nano in | --output: found out[1], expected a folder without any of",
                "--output out --depth nano --list l in | both inputs and --list",
                "--output out in | no weights were named",
                "--output out --depth nano --nothing 3 in | --nothing is no option",
                "--output out --depth nano in --seed | --seed: found nothing after it",
                "--output out --depth nano --steps 0 in | --steps: found 0, expected a number from 1",
                "--output out --depth nano --images-per-task 1e3 in | --images-per-task: found 1e3",
                "--output out --depth nano --encoding jpeg in | --encoding: found jpeg, expected png or floats"
            })
    void aWrongCommandLineIsExplained(String line, String message) {
        assertThatThrownBy(() -> PredictFolderArguments.parse(List.of(line.split(" "))))
                .isInstanceOf(LotusException.class)
                .hasMessageContaining(message);
    }
}
