package io.github.lotus4j;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.github.lotus4j.eval.Alignment;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.OptionalInt;
import java.util.Random;
import java.util.concurrent.CancellationException;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What maps are merged into, on maps of which that is known. */
class ConsensusTest {
    private static final int PIXELS = 600;

    private static float[] random(long seed) {
        Random random = new Random(seed);
        float[] map = new float[PIXELS];
        for (int i = 0; i < PIXELS; i++) {
            map[i] = random.nextFloat();
        }
        return map;
    }

    private static float[] line(float[] map, double scale, double shift) {
        float[] line = new float[map.length];
        for (int i = 0; i < line.length; i++) {
            line[i] = (float) (scale * map[i] + shift);
        }
        return line;
    }

    /** Around the map, with noise that has this standard deviation. */
    private static float[] noisy(float[] map, double deviation, long seed) {
        Random random = new Random(seed);
        float[] noisy = map.clone();
        for (int i = 0; i < noisy.length; i++) {
            noisy[i] += (float) (deviation * random.nextGaussian());
        }
        return noisy;
    }

    private static Consensus depth(List<float[]> members) {
        return DepthConsensus.of(members, () -> {});
    }

    private static Consensus normals(List<float[]> members) {
        return NormalConsensus.of(members, () -> {});
    }

    /** The least-squares line from one map to another, and the largest distance to it. */
    private static double[] fit(float[] from, float[] to) {
        boolean[] all = new boolean[from.length];
        Arrays.fill(all, true);
        Alignment line = Alignment.leastSquares(from, to, all, from.length, OptionalInt.empty());
        double largest = 0;
        for (int i = 0; i < from.length; i++) {
            largest = Math.max(largest, Math.abs(line.apply(from[i]) - to[i]));
        }
        return new double[] {line.scale(), line.shift(), largest};
    }

    @Test
    void mapsInDifferentFramesAgreeExactly() {
        float[] truth = random(1);
        List<float[]> members =
                List.of(line(truth, 0.5, 0.25), line(truth, 0.9, 0), line(truth, 0.25, 0.7), line(truth, 0.4, 0.1));
        Consensus consensus = depth(members);
        double[] fit = fit(truth, consensus.values());
        assertThat(fit[2]).as("distance from a line through the truth").isLessThan(3e-7);
        assertThat(fit[0]).as("a typical member's scale").isBetween(0.25, 0.9);
        for (float spread : consensus.spread()) {
            assertThat(spread).isLessThan(3e-7f);
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {2, 3, 5})
    void identicalMapsAreTheResultToTheBitAndHaveNoSpread(int count) {
        float[] map = random(2);
        Consensus consensus = depth(Collections.nCopies(count, map));
        assertThat(consensus.values()).isEqualTo(map);
        assertThat(consensus.spread()).containsOnly(0f);
    }

    @Test
    void resultIsThatComputedByHand() {
        float[] truth = line(random(3), 0.8, 0.1);
        List<float[]> members = new ArrayList<>();
        for (int i = 0; i < 5; i++) {
            members.add(line(noisy(truth, 0.02 * i, i), 1 - 0.1 * i, 0.03 * i));
        }
        requireComputedByHand(members);
        double[] expected = ConsensusByHand.ofDepth(members, 3).values;
        double[] converged = ConsensusByHand.ofDepth(members, 20).values;
        for (int i = 0; i < PIXELS; i++) {
            assertThat(expected[i]).as("further rounds").isCloseTo(converged[i], within(1e-3));
        }
    }

    private static void requireComputedByHand(List<float[]> members) {
        Consensus consensus = depth(members);
        ConsensusByHand expected = ConsensusByHand.ofDepth(members, 3);
        assertThat(consensus.values()).hasSameSizeAs(expected.values);
        for (int i = 0; i < expected.values.length; i++) {
            assertThat((double) consensus.values()[i]).isCloseTo(expected.values[i], within(1e-6));
            assertThat((double) consensus.spread()[i]).isCloseTo(expected.spread[i], within(1e-6));
        }
    }

    @Test
    void orderDoesNotMatter() {
        float[] truth = line(random(4), 0.8, 0.1);
        List<float[]> members = new ArrayList<>();
        for (int i = 0; i < 6; i++) {
            members.add(noisy(line(truth, 0.5 + 0.08 * i, 0.02 * i), 0.05, i));
        }
        Consensus consensus = depth(members);
        for (int seed = 0; seed < 4; seed++) {
            Collections.shuffle(members, new Random(seed));
            Consensus shuffled = depth(members);
            assertThat(shuffled.values()).isEqualTo(consensus.values());
            assertThat(shuffled.spread()).isEqualTo(consensus.spread());
        }
    }

    /** By least squares alone, it would shrink. */
    @Test
    void noiseDoesNotShrinkTheResult() {
        float[] truth = line(random(5), 0.4, 0.3);
        List<float[]> members = new ArrayList<>();
        for (int i = 0; i < 9; i++) {
            members.add(noisy(truth, 0.05, i));
        }
        double[] fit = fit(truth, depth(members).values());
        assertThat(fit[0]).isBetween(0.97, 1.03);
        assertThat(fit[1]).isCloseTo(0, within(0.02));
    }

    @Test
    void spreadIsThatOfTheNoiseWhereThereIsSome() {
        float[] truth = line(random(6), 0.4, 0.3);
        List<float[]> members = new ArrayList<>();
        for (int i = 0; i < 21; i++) {
            float[] member = noisy(truth, 0.02, i);
            System.arraycopy(truth, 0, member, 0, PIXELS / 2); // all of them know one half
            members.add(member);
        }
        float[] spread = depth(members).spread();
        double known = 0;
        double guessed = 0;
        for (int i = 0; i < PIXELS / 2; i++) {
            known += spread[i] / (PIXELS / 2.0);
            guessed += spread[PIXELS / 2 + i] / (PIXELS / 2.0);
        }
        assertThat(known).isLessThan(0.002);
        assertThat(guessed).isCloseTo(0.02 / 1.4826, within(0.002)); // the normal distribution's
    }

    @Test
    void memberThatIsOffDoesNotSpoilTheResult() {
        float[] truth = line(random(7), 0.8, 0.1);
        List<float[]> members =
                List.of(truth, line(truth, 0.9, 0.05), line(truth, -0.8, 0.9), line(truth, 0.7, 0), truth);
        Consensus consensus = depth(members);
        assertThat(fit(truth, consensus.values())[2]).isLessThan(1e-6);
        assertThat(fit(truth, consensus.values())[0]).isPositive();
        requireComputedByHand(List.of(truth, line(truth, -0.2, 0.6))); // which is not turned round
    }

    @Test
    void constantMapsAndOnesWithNothingInCommonStayAsTheyAre() {
        float[] flat = new float[PIXELS];
        Arrays.fill(flat, 0.25f);
        assertThat(depth(List.of(flat, flat, flat)).values()).isEqualTo(flat);
        float[] other = new float[PIXELS];
        Arrays.fill(other, 0.75f);
        Consensus between = depth(List.of(flat, other));
        assertThat(between.values()).containsOnly(0.5f);
        assertThat(between.spread()).containsOnly(0.25f);
        float[] truth = random(8);
        for (float value : depth(List.of(truth, line(truth, -1, 1))).values()) {
            assertThat(value).isBetween(0f, 1f);
        }
    }

    /** A pixel at which two of three members are large, whose own frames lie lower than the common one. */
    @Test
    void resultThatWouldLeadBeyondOneEndsThere() {
        float[] truth = new float[10 * PIXELS];
        for (int i = 0; i < 10; i++) {
            System.arraycopy(random(10 + i), 0, truth, i * PIXELS, PIXELS);
        }
        List<float[]> members = List.of(line(truth, 0.2, 0), line(truth, 0.13, 0.13), line(truth, 0.4, 0.6));
        members.get(0)[5] = 1;
        members.get(1)[5] = 1;
        float[] values = depth(members).values();
        requireComputedByHand(members);
        for (float value : values) {
            assertThat(value).isBetween(0f, 1f);
        }
        assertThat(values[5]).isEqualTo(1);
    }

    @Test
    void normalsAreTheMeanDirectionAndTheMeanAngleToIt() {
        List<float[]> members = List.of(pixels(tilted(10), tilted(0)), pixels(tilted(-10), tilted(0)));
        Consensus consensus = normals(members);
        assertThat(consensus.values())
                .usingComparatorWithPrecision(1e-6f)
                .containsExactly(0.5f, 0.5f, 1, 0.5f, 0.5f, 1);
        assertThat(consensus.spread()[0]).isCloseTo(10, within(1e-4f));
        assertThat(consensus.spread()[1]).isZero();
    }

    @Test
    void identicalNormalsHaveNoSpread() {
        Random random = new Random(3);
        float[] map = new float[3 * PIXELS];
        for (int i = 0; i < map.length; i++) {
            map[i] = random.nextFloat();
        }
        Consensus consensus = normals(Collections.nCopies(4, map));
        for (float degrees : consensus.spread()) {
            assertThat(degrees).isLessThan(1e-13f); // the last digit of a sum
        }
        assertThat(new NormalMap(PIXELS, 1, consensus.values(), null, null).toArray())
                .usingComparatorWithPrecision(1e-6f)
                .containsExactly(new NormalMap(PIXELS, 1, map, null, null).toArray());
    }

    @Test
    void normalsThatCancelOutFaceTheCamera() {
        Consensus consensus = normals(List.of(new float[] {1, 0.5f, 0.5f}, new float[] {0, 0.5f, 0.5f}));
        assertThat(consensus.values()).containsExactly(0.5f, 0.5f, 1);
        assertThat(consensus.spread()[0]).isCloseTo(90, within(1e-4f));
    }

    /** A direction as the network has it, turned from the camera's to the side. */
    private static float[] tilted(double degrees) {
        double angle = Math.toRadians(degrees);
        return new float[] {(float) (Math.sin(angle) + 1) / 2, 0.5f, (float) (Math.cos(angle) + 1) / 2};
    }

    private static float[] pixels(float[] one, float[] other) {
        float[] both = Arrays.copyOf(one, 6);
        System.arraycopy(other, 0, both, 3, 3);
        return both;
    }

    @Test
    void mergingEndsWhenItIsCancelled() {
        List<float[]> members = List.of(random(1), random(2), random(3));
        AtomicInteger asked = new AtomicInteger();
        DepthConsensus.of(members, asked::incrementAndGet);
        int all = asked.get();
        assertThat(all).isGreaterThan(9);
        for (int at = 1; at <= all; at++) {
            int end = at;
            asked.set(0);
            assertThatThrownBy(() -> DepthConsensus.of(members, () -> {
                        if (asked.incrementAndGet() == end) {
                            throw new CancellationException();
                        }
                    }))
                    .isInstanceOf(CancellationException.class);
        }
    }
}
