package io.github.lotus4j.image;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.github.lotus4j.ops.Axis;
import io.github.lotus4j.weights.Golden;
import java.io.IOException;
import java.util.List;
import java.util.Locale;
import org.junit.jupiter.api.Test;

class ResizeTest {
    @Test
    void equalsTorchvision() throws IOException {
        Golden golden = Golden.open("ops");
        List<String> cases = golden.all().keySet().stream()
                .filter(key -> key.startsWith("resize") && key.endsWith("/out"))
                .map(key -> key.substring(0, key.length() - "/out".length()))
                .toList();
        assertThat(cases).hasSizeGreaterThanOrEqualTo(3);
        for (String name : cases) {
            Golden.Values in = golden.get(name + "/x").channelsLast();
            Golden.Values expected = golden.get(name + "/out").channelsLast();
            Filter filter = filter(name);
            int[] from = in.shape();
            int[] to = expected.shape();
            float[] wide = axis(from[2], to[2], filter).apply(in.data(), from[1], from[3], () -> {});
            float[] resized = axis(from[1], to[1], filter).apply(wide, 1, to[2] * to[3], () -> {});
            assertThat(resized).as(name + ", values to 255").containsExactly(expected.data(), within(1e-3f));
        }
    }

    private static Axis axis(int from, int to, Filter filter) {
        Resize resize = Resize.of(from, to, filter);
        return new Axis(from, to, resize.taps(), resize.first(), resize.weights());
    }

    private static Filter filter(String name) {
        for (Filter filter : Filter.values()) {
            if (name.contains(filter.name().toLowerCase(Locale.ROOT))) {
                return filter;
            }
        }
        throw new IllegalArgumentException(name);
    }

    @Test
    void sameSizeIsUntouched() {
        float[] values = {1, 2, 3, 4, 5, 6};
        for (Filter filter : Filter.values()) {
            assertThat(axis(2, 2, filter).apply(values, 1, 3, () -> {})).isEqualTo(values);
            assertThat(axis(3, 3, filter).apply(values, 2, 1, () -> {})).isEqualTo(values);
        }
    }
}
