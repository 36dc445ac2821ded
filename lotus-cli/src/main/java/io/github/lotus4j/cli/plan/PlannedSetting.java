package io.github.lotus4j.cli.plan;

import io.github.lotus4j.Lotus;
import io.github.lotus4j.PredictionPlan;

/**
 * A setting, and what it takes whatever the machine.
 *
 * @param memory of a process, in bytes
 * @param weights of that
 */
public record PlannedSetting(Setting setting, PredictionPlan plan, long memory, long weights) {
    /** Of a process, beside weights and prediction: Java itself, what it compiles, threads. */
    private static final long JAVA = 250_000_000;

    /**
     * @param lotus that has loaded what is predicted
     * @param besideBytes of the next image and the last results, which are under way at the same time
     * @throws io.github.lotus4j.error.LotusException if setting or size do not fit the checkpoint
     */
    public static PlannedSetting of(Lotus lotus, Setting setting, ImageSize image, long besideBytes) {
        PredictionPlan plan = lotus.plan(image.width(), image.height(), setting.options());
        long weights = lotus.weightBytes();
        return new PlannedSetting(setting, plan, weights + plan.bytes() + besideBytes + JAVA, weights);
    }

    ImageSize size() {
        return new ImageSize(plan.processingHeight(), plan.processingWidth());
    }

    double workOfPass() {
        return (double) plan.work() / setting.passes();
    }

    /** Whether these tiles change nothing, since the whole image fits into one. */
    public boolean fitsOneTile() {
        return setting.tile() >= Math.max(plan.processingHeight(), plan.processingWidth());
    }

    /** Whether images are processed alike, as where their own size is also asked for by its longer edge. */
    public boolean sameAs(PlannedSetting other) {
        return setting.predicted() == other.setting.predicted()
                && setting.tile() == other.setting.tile()
                && setting.ensemble() == other.setting.ensemble()
                && size().equals(other.size());
    }

    /** Whether it was this that was measured. */
    boolean isOf(Measurement measured) {
        return measured.work() == plan.work()
                && measured.size().equals(size())
                && measured.setting().predicted() == setting.predicted()
                && measured.setting().passes() == setting.passes();
    }
}
