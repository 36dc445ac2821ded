package io.github.lotus4j.cli.eval;

import java.util.List;

/**
 * A figure by which predictions are judged.
 *
 * @param key in files of numbers; of depth as Marigold's evaluation has it
 * @param title in tables
 */
record Measure(String key, String title) {
    /** In the order of {@link io.github.lotus4j.eval.DepthMetrics}. */
    static final List<Measure> OF_DEPTH = List.of(
            new Measure("abs_relative_difference", "AbsRel"),
            new Measure("squared_relative_difference", "SqRel, m"),
            new Measure("rmse_linear", "RMSE, m"),
            new Measure("rmse_log", "RMSE of ln"),
            new Measure("log10", "log10"),
            new Measure("delta1_acc", "δ < 1.25"),
            new Measure("delta2_acc", "δ < 1.25²"),
            new Measure("delta3_acc", "δ < 1.25³"),
            new Measure("i_rmse", "iRMSE, 1/m"),
            new Measure("silog_rmse", "SILog"));

    /** In the order of {@link io.github.lotus4j.eval.NormalMetrics}. */
    static final List<Measure> OF_NORMALS = List.of(
            new Measure("mean", "mean, °"),
            new Measure("median", "median, °"),
            new Measure("rmse", "RMSE, °"),
            new Measure("below_5", "< 5°, %"),
            new Measure("below_7.5", "< 7.5°, %"),
            new Measure("below_11.25", "< 11.25°, %"),
            new Measure("below_22.5", "< 22.5°, %"),
            new Measure("below_30", "< 30°, %"));
}
