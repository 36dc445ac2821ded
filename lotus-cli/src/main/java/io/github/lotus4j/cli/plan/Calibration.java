package io.github.lotus4j.cli.plan;

import io.github.lotus4j.Lotus;
import io.github.lotus4j.PredictionPlan;
import io.github.lotus4j.RgbImage;
import io.github.lotus4j.error.InsufficientMemoryException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import java.util.stream.Stream;

/**
 * A machine's speed, and what it was made of.
 *
 * @param fitted the predictions that gave the speed; none where it was given
 * @param checks others that were measured, to see how well the formula meets them
 */
public record Calibration(Speed speed, List<Measurement> fitted, List<Measurement> checks) {
    public static Calibration given(Speed speed) {
        return new Calibration(speed, List.of(), List.of());
    }

    /** What is measured, and how often. */
    public record Sizes(List<Integer> fitted, List<Integer> checks, int rounds) {}

    /**
     * Measures here.
     *
     * @param lotus that has loaded what is predicted
     * @param told which resolution is predicted next
     * @param clock in nanoseconds
     * @throws io.github.lotus4j.error.LotusException if predictions fail, or those with more work did not take longer
     */
    public static Calibration measure(
            Lotus lotus, Predicted predicted, ImageSize image, Sizes sizes, Consumer<String> told, LongSupplier clock) {
        List<Setting> settings = Stream.concat(sizes.fitted().stream(), sizes.checks().stream())
                .map(resolution -> Setting.at(predicted, resolution))
                .toList();
        List<PredictionPlan> plans = settings.stream()
                .map(each -> lotus.plan(image.width(), image.height(), each.options()))
                .toList();
        RgbImage noise = noise(image);
        List<Runnable> pieces = new ArrayList<>();
        for (Setting each : settings) {
            pieces.add(() -> {
                told.accept("measuring at " + each.resolution());
                predicted.predict(lotus, noise, each.options());
            });
        }
        double[] seconds = new Stopwatch(clock).medians(pieces, sizes.rounds());
        List<Measurement> measured = new ArrayList<>();
        for (int i = 0; i < settings.size(); i++) {
            PredictionPlan plan = plans.get(i);
            ImageSize size = new ImageSize(plan.processingHeight(), plan.processingWidth());
            measured.add(new Measurement(settings.get(i), size, plan.work(), seconds[i]));
        }
        int fitted = sizes.fitted().size();
        List<Measurement> first = List.copyOf(measured.subList(0, fitted));
        return new Calibration(Speed.fit(first), first, List.copyOf(measured.subList(fitted, measured.size())));
    }

    /** Times do not depend on what an image shows. */
    private static RgbImage noise(ImageSize size) {
        long bytes = 2 * 3 * size.pixels(); // they are copied
        long heap = Runtime.getRuntime().maxMemory();
        if (bytes > heap) {
            throw new InsufficientMemoryException(
                    "an image of " + size + " pixels to measure with",
                    bytes,
                    heap,
                    "give Java more memory (-Xmx), or the speed with --throughput");
        }
        byte[] pixels = new byte[(int) (3 * size.pixels())];
        new Random(1).nextBytes(pixels);
        return RgbImage.of(size.width(), size.height(), pixels);
    }

    double formula(Measurement of) {
        return speed.seconds(of.setting(), of.work());
    }

    /** What a setting's time rests on. */
    enum Basis {
        MEASURED("measured"),
        /** By the formula, between sizes that were measured. */
        BETWEEN("interpolated"),
        /** By the formula, beyond them. */
        BEYOND("extrapolated"),
        /** By the formula, with a speed that was given. */
        GIVEN("calculated");

        private final String word;

        Basis(String word) {
            this.word = word;
        }

        @Override
        public String toString() {
            return word;
        }
    }

    Basis basis(PlannedSetting planned) {
        if (fitted.isEmpty()) {
            return Basis.GIVEN;
        }
        if (measured(planned).isPresent()) {
            return Basis.MEASURED;
        }
        double work = planned.workOfPass();
        boolean beyond =
                all().allMatch(each -> each.workOfPass() < work) || all().allMatch(each -> each.workOfPass() > work);
        return beyond ? Basis.BEYOND : Basis.BETWEEN;
    }

    /** As measured, else by the formula. */
    double seconds(PlannedSetting planned) {
        return measured(planned)
                .map(Measurement::seconds)
                .orElseGet(() -> speed.seconds(planned.setting(), planned.plan().work()));
    }

    private Optional<Measurement> measured(PlannedSetting planned) {
        return all().filter(planned::isOf).findFirst();
    }

    private Stream<Measurement> all() {
        return Stream.concat(fitted.stream(), checks.stream());
    }
}
