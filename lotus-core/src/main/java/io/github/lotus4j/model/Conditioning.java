package io.github.lotus4j.model;

import io.github.lotus4j.ops.Tensor;
import java.util.Map;

/** Time and task, folded into the one shift that each residual block adds. */
public final class Conditioning {
    private final Map<ResnetBlock2D, Tensor> shifts;

    Conditioning(Map<ResnetBlock2D, Tensor> shifts) {
        this.shifts = shifts;
    }

    Map<ResnetBlock2D, Tensor> shifts() {
        return shifts;
    }

    Tensor shift(ResnetBlock2D block) {
        Tensor shift = shifts.get(block);
        if (shift == null) {
            throw new IllegalArgumentException("this conditioning belongs to another model");
        }
        return shift;
    }
}
