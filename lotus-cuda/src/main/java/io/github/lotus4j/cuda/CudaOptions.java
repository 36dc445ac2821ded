package io.github.lotus4j.cuda;

import io.github.lotus4j.ops.BackendSettings;
import java.util.List;
import java.util.Locale;

/**
 * What can follow {@code cuda:}, separated by commas.
 *
 * @param index of the device, from 0
 * @param precision {@code f16}, {@code bf16} or {@code f32}; where exactness is asked for, f32
 * @param fused whether cuDNN's plans for attention and convolutions are taken where it can make them and they compute the same
 */
record CudaOptions(int index, Precision precision, boolean fused) {
    static CudaOptions of(BackendSettings settings) {
        int index = 0;
        Precision precision = settings.exact() ? Precision.F32 : Precision.F16;
        boolean fused = false;
        requireOne(settings.options(), "f16|bf16|f32");
        requireOne(settings.options(), "[0-9]+");
        for (String option : settings.options()) {
            switch (option) {
                case "f16" -> precision = Precision.F16;
                case "bf16" -> precision = Precision.BF16;
                case "f32" -> precision = Precision.F32;
                case "fused" -> fused = true;
                default -> index = index(option);
            }
        }
        if (settings.exact() && precision != Precision.F32) {
            throw new CudaException("exact computation was asked for, which "
                    + precision.name().toLowerCase(Locale.ROOT) + " cannot give; leave one of them out");
        }
        return new CudaOptions(index, precision, fused);
    }

    private static void requireOne(List<String> options, String kind) {
        List<String> found =
                options.stream().filter(each -> each.matches(kind)).distinct().toList();
        if (found.size() > 1) {
            throw new CudaException("options: found " + String.join(" and ", found) + ", expected one of them");
        }
    }

    private static int index(String option) {
        if (!option.matches("[0-9]{1,3}")) {
            throw new CudaException("option: found \"" + option
                    + "\", expected a device's number (from 0, at most three digits), f16, bf16 or f32, or fused");
        }
        return Integer.parseInt(option);
    }
}
