package io.github.lotus4j.cpu;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.lotus4j.cpu.ConvolutionPlanner.Algorithm;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class ConvolutionTableTest {
    private static final String OVERRIDE = "lotus.cpu.convolution";

    @AfterEach
    void clear() {
        System.clearProperty(OVERRIDE);
    }

    private static List<String[]> rows() throws IOException {
        try (InputStream table = ConvolutionTable.class.getResourceAsStream("convolutions.tsv")) {
            return new String(table.readAllBytes(), StandardCharsets.UTF_8)
                    .lines()
                    .filter(line -> !line.startsWith("#"))
                    .map(line -> line.split("\t", -1))
                    .toList();
        }
    }

    private static Algorithm chosen(String[] row, double larger) {
        return ConvolutionTable.best()
                .choose(
                        (int) (Integer.parseInt(row[0]) * larger),
                        Integer.parseInt(row[1]),
                        Integer.parseInt(row[2]),
                        Integer.parseInt(row[3]),
                        Boolean.parseBoolean(row[4]));
    }

    @Test
    void whatWasFastestIsTakenForAMeasuredShapeAndForOneBesideIt() throws IOException {
        for (String[] row : rows()) {
            double least = Arrays.stream(row, 5, row.length)
                    .mapToDouble(Double::parseDouble)
                    .min()
                    .orElseThrow();
            List<Algorithm> fastest = new ArrayList<>();
            int column = 5;
            for (Algorithm algorithm : Algorithm.values()) {
                if (Double.parseDouble(row[column]) == least) {
                    fastest.add(algorithm);
                }
                column++;
            }
            assertThat(fastest).as(String.join(" ", row)).contains(chosen(row, 1), chosen(row, 1.05));
        }
    }

    @Test
    void oneAlgorithmCanBeNamedForAll() throws IOException {
        for (Algorithm algorithm : Algorithm.values()) {
            System.setProperty(OVERRIDE, algorithm.name());
            for (String[] row : rows()) {
                assertThat(chosen(row, 1)).isEqualTo(algorithm);
            }
        }
    }

    @Test
    void aNameThatIsNoAlgorithmIsAnError() {
        System.setProperty(OVERRIDE, "fft");
        assertThatThrownBy(ConvolutionTable::best)
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage(
                        "lotus.cpu.convolution: found fft, expected one of [PRODUCT, WINOGRAD_2, WINOGRAD_4, WINOGRAD_6]");
    }
}
