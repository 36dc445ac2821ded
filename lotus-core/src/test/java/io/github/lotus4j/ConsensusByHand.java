package io.github.lotus4j;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** What an ensemble agrees on, computed as the textbook has it: sums, whole arrays, doubles. */
final class ConsensusByHand {
    final double[] values;
    final double[] spread;

    private ConsensusByHand(double[] values, double[] spread) {
        this.values = values;
        this.spread = spread;
    }

    /** Least squares to the median in turns; after each turn the typical member has scale 1 and shift 0. */
    static ConsensusByHand ofDepth(List<float[]> members, int rounds) {
        int n = members.size();
        int pixels = members.getFirst().length;
        List<double[]> aligned = new ArrayList<>();
        members.forEach(member -> aligned.add(doubles(member)));
        for (int round = 0; round < rounds; round++) {
            double[] reference = medians(aligned);
            double[] scales = new double[n];
            double[] shifts = new double[n];
            for (int i = 0; i < n; i++) {
                double x = 0;
                double y = 0;
                double xx = 0;
                double xy = 0;
                for (int p = 0; p < pixels; p++) {
                    double value = members.get(i)[p];
                    x += value;
                    y += reference[p];
                    xx += value * value;
                    xy += value * reference[p];
                }
                double scale = (pixels * xy - x * y) / (pixels * xx - x * x);
                scales[i] = Math.max(scale, 0);
                shifts[i] = (y - scales[i] * x) / pixels;
            }
            double scale = median(scales.clone());
            double shift = median(shifts.clone());
            for (int i = 0; i < n; i++) {
                for (int p = 0; p < pixels; p++) {
                    aligned.get(i)[p] = (scales[i] * members.get(i)[p] + shifts[i] - shift) / scale;
                }
            }
        }
        double[] values = medians(aligned);
        double[] spread = new double[pixels];
        for (int p = 0; p < pixels; p++) {
            int at = p;
            spread[p] = median(aligned.stream()
                    .mapToDouble(member -> Math.abs(member[at] - values[at]))
                    .toArray());
        }
        double smallest = Math.min(0, Arrays.stream(values).min().orElseThrow());
        double range = Math.max(1, Arrays.stream(values).max().orElseThrow()) - smallest;
        return new ConsensusByHand(
                Arrays.stream(values).map(value -> (value - smallest) / range).toArray(),
                Arrays.stream(spread).map(value -> value / range).toArray());
    }

    /** The mean of unit vectors, of unit length, and the mean of the angles to it by the arc cosine, in degrees. */
    static ConsensusByHand ofNormals(List<float[]> members) {
        int pixels = members.getFirst().length / 3;
        double[] mean = new double[3 * pixels];
        double[] spread = new double[pixels];
        for (int p = 0; p < pixels; p++) {
            double length = 0;
            for (int c = 3 * p; c < 3 * p + 3; c++) {
                for (float[] member : members) {
                    mean[c] += member[c];
                }
                length += mean[c] * mean[c];
            }
            for (int c = 3 * p; c < 3 * p + 3; c++) {
                mean[c] /= Math.sqrt(length);
            }
            for (float[] member : members) {
                double cosine = 0;
                for (int c = 3 * p; c < 3 * p + 3; c++) {
                    cosine += member[c] * mean[c];
                }
                spread[p] += Math.toDegrees(Math.acos(Math.min(cosine, 1))) / members.size();
            }
        }
        return new ConsensusByHand(mean, spread);
    }

    private static double[] medians(List<double[]> maps) {
        double[] medians = new double[maps.getFirst().length];
        for (int p = 0; p < medians.length; p++) {
            int at = p;
            medians[p] = median(maps.stream().mapToDouble(map -> map[at]).toArray());
        }
        return medians;
    }

    private static double median(double[] values) {
        Arrays.sort(values);
        int half = values.length / 2;
        return values.length % 2 == 1 ? values[half] : (values[half - 1] + values[half]) / 2;
    }

    private static double[] doubles(float[] values) {
        double[] doubles = new double[values.length];
        for (int i = 0; i < doubles.length; i++) {
            doubles[i] = values[i];
        }
        return doubles;
    }
}
