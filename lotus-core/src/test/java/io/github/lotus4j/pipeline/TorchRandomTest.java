package io.github.lotus4j.pipeline;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.github.lotus4j.weights.Golden;
import java.io.IOException;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

class TorchRandomTest {
    private static final Pattern CASE = Pattern.compile("randn\\.seed(\\d+)\\.n(\\d+)");

    @Test
    void equalsTorch() throws IOException {
        Golden golden = Golden.open("torch-randn");
        int cases = 0;
        for (String key : golden.all().keySet()) {
            Matcher matcher = CASE.matcher(key);
            if (matcher.matches()) {
                cases++;
                int n = Integer.parseInt(matcher.group(2));
                float[] drawn = new TorchRandom(Long.parseLong(matcher.group(1))).randn(n);
                assertThat(drawn).as(key).containsExactly(golden.get(key).data(), within(3e-7f));
            }
        }
        assertThat(cases).isEqualTo(golden.all().size() - 3);
    }

    @Test
    void drawsFromOneGeneratorContinue() throws IOException {
        Golden golden = Golden.open("torch-randn");
        TorchRandom random = new TorchRandom(11);
        assertThat(random.randn(40))
                .containsExactly(golden.get("randn.seed11.first40").data(), within(3e-7f));
        assertThat(random.randn(9))
                .containsExactly(golden.get("randn.seed11.then9").data(), within(3e-7f));
        assertThat(random.randn(33))
                .containsExactly(golden.get("randn.seed11.then33").data(), within(3e-7f));
    }
}
