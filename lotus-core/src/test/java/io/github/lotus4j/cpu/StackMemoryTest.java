package io.github.lotus4j.cpu;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.lotus4j.error.LotusException;
import io.github.lotus4j.ops.Frame;
import io.github.lotus4j.ops.Shape;
import org.junit.jupiter.api.Test;

class StackMemoryTest {
    private static final Shape SHAPE = new Shape(1, 3, 5, 7); // 105 floats, 112 with padding
    private static final int FIRST = 12; // floats of an array before its first cache line, with the header of 16 bytes

    @Test
    void whatWasPlannedIsEnough() {
        StackMemory plan = StackMemory.measuring();
        fill(plan);
        assertThat(plan.bytes()).isZero();
        StackMemory memory = StackMemory.planned(plan.peakBytes(), 1);
        long held = memory.bytes();
        for (int run = 0; run < 3; run++) {
            fill(memory);
            assertThat(memory.peakBytes()).isEqualTo(plan.peakBytes()).isEqualTo(4 * (FIRST + 5 * 112));
            assertThat(memory.bytes()).isEqualTo(held);
        }
    }

    /** Five tensors at most at a time. */
    private static void fill(StackMemory memory) {
        try (Frame outer = memory.frame()) {
            outer.tensor(SHAPE);
            for (int i = 0; i < 3; i++) {
                try (Frame inner = memory.frame()) {
                    for (int j = 0; j <= i + 1; j++) {
                        inner.tensor(SHAPE);
                    }
                }
            }
            outer.tensor(SHAPE);
        }
    }

    /** As a run of more than eight gigabytes has; here an array holds 300 floats. */
    @Test
    void whatIsLeftOverAtTheEndOfAnArrayIsPlanned() {
        StackMemory plan = StackMemory.measuring(300);
        fill(plan);
        assertThat(plan.peakBytes()).isEqualTo(4 * (300 + 300 + FIRST + 112));
        for (long more : new long[] {0, 64, 4000}) {
            StackMemory memory = StackMemory.planned(plan.peakBytes() + more, 1, 300);
            long held = memory.bytes();
            for (int run = 0; run < 3; run++) {
                fill(memory);
                assertThat(memory.peakBytes()).isEqualTo(plan.peakBytes());
                assertThat(memory.bytes()).isEqualTo(held);
            }
        }
    }

    @Test
    void takingMoreThanWasPlannedIsAnError() {
        StackMemory memory = StackMemory.planned(4 * (FIRST + 112), 1);
        try (Frame frame = memory.frame()) {
            frame.tensor(SHAPE);
            assertThatThrownBy(() -> frame.tensor(SHAPE))
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("496 bytes");
        }
    }

    @Test
    void tensorsDoNotOverlapAndBeginAtCacheLines() {
        StackMemory memory = StackMemory.growing(1);
        try (Frame frame = memory.frame()) {
            HostTensor first = HostTensor.of(frame.tensor(SHAPE));
            HostTensor second = HostTensor.of(frame.tensor(SHAPE));
            assertThat(second.data()).isSameAs(first.data());
            assertThat(second.offset()).isEqualTo(first.offset() + 112);
        }
        try (Frame frame = memory.frame()) {
            assertThat(HostTensor.of(frame.tensor(SHAPE)).offset()).isEqualTo(FIRST);
        }
    }

    @Test
    void growsWhereNothingWasPlanned() {
        StackMemory memory = StackMemory.growing(1);
        try (Frame frame = memory.frame()) {
            HostTensor small = HostTensor.of(frame.tensor(SHAPE));
            HostTensor large = HostTensor.of(frame.tensor(new Shape(1, 1000, 1000, 3)));
            assertThat(large.data()).isNotSameAs(small.data());
            assertThat(large.data().length - large.offset()).isGreaterThanOrEqualTo(3_000_000);
        }
    }

    @Test
    void tensorLongerThanAnArrayIsNamed() {
        assertThatThrownBy(() -> StackMemory.measuring().tensor(new Shape(1, 40_000, 40_000, 2)))
                .isInstanceOf(LotusException.class)
                .hasMessageContainingAll("[1, 40000, 40000, 2]", "3,200,000,000", "processing resolution");
        StackMemory.measuring(300).tensor(Shape.vector(300 - FIRST));
        assertThatThrownBy(() -> StackMemory.measuring(300).tensor(Shape.vector(300 - FIRST + 1)))
                .isInstanceOf(LotusException.class);
    }
}
