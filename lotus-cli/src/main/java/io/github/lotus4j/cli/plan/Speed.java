package io.github.lotus4j.cli.plan;

import io.github.lotus4j.error.LotusException;
import java.util.List;
import java.util.stream.Collectors;

/**
 * How fast a machine predicts. A prediction takes
 *
 * <pre>{@code seconds = passes · overhead + work / throughput}</pre>
 *
 * where <i>work</i> is its multiply-adds ({@link io.github.lotus4j.PredictionPlan#work()}, in which attention has the square of the
 * pixels) and <i>passes</i> how often the UNet is run through: once for each map and each member of an ensemble. The overhead is
 * what a pass takes whatever the size: reading every weight, starting every operator, bringing the image to the processing size and
 * the result back. It is why small images take longer for their work than large ones. The throughput is taken to be the same for
 * all kinds of work and all sizes; how far that holds is found out by measuring a size that the speed was not made of.
 *
 * @param overhead seconds a pass, of one size of images
 * @param throughput multiply-adds a second
 */
public record Speed(double overhead, double throughput) {
    private static final double MOST_OVERHEAD = 1e6;
    private static final double MOST_THROUGHPUT = 1e21;

    /** @throws LotusException if they are not numbers, the overhead is negative or the throughput not positive */
    public Speed {
        if (!(overhead >= 0 && overhead <= MOST_OVERHEAD)) {
            throw new LotusException("overhead: found " + overhead + " seconds, expected 0 to " + MOST_OVERHEAD);
        }
        if (!(throughput >= 1 && throughput <= MOST_THROUGHPUT)) {
            throw new LotusException(
                    "throughput: found " + throughput + " multiply-adds a second, expected 1 to " + MOST_THROUGHPUT);
        }
    }

    /**
     * The speed by which the squares of the relative errors of all measured times sum up to least; by two, both are met. Where that
     * would be with a negative overhead, it is 0.
     *
     * @throws LotusException if those with more work did not take longer
     */
    static Speed fit(List<Measurement> measured) {
        double uu = 0; // u · overhead + v / throughput = 1, for each
        double uv = 0;
        double vv = 0;
        double u1 = 0;
        double v1 = 0;
        for (Measurement each : measured) {
            double u = each.setting().passes() / each.seconds();
            double v = each.work() / each.seconds();
            uu += u * u;
            uv += u * v;
            vv += v * v;
            u1 += u;
            v1 += v;
        }
        double determinant = uu * vv - uv * uv;
        double overhead = (u1 * vv - v1 * uv) / determinant;
        double perWork = (v1 * uu - u1 * uv) / determinant;
        if (!(perWork > 0) || determinant <= 1e-9 * uu * vv) {
            String found = measured.stream()
                    .map(each -> "%.3g s for %s pixels".formatted(each.seconds(), each.size()))
                    .collect(Collectors.joining(", "));
            throw new LotusException(
                    "measured " + found + ", expected that more work takes longer; measure sizes that lie farther"
                            + " apart, or larger ones");
        }
        return overhead >= 0 ? new Speed(overhead, 1 / perWork) : new Speed(0, vv / v1);
    }

    double seconds(Setting setting, long work) {
        return setting.passes() * overhead + work / throughput;
    }
}
