package io.github.lotus4j;

import java.util.Arrays;
import java.util.List;

/** The mean direction of normal maps, again of unit length. Ke et al., arXiv 2505.09358 (Marigold), ensemble normals so, too. */
final class NormalConsensus {
    private NormalConsensus() {}

    /**
     * @param members of one size, each [H, W, 3], (n + 1) / 2 with n about of unit length
     * @param requireRunning called often; what it throws ends this
     * @return the mean direction as a member has it, and for each pixel the mean angle to it, in degrees
     */
    static Consensus of(List<float[]> members, Runnable requireRunning) {
        int pixels = members.getFirst().length / 3;
        float[] values = new float[3 * pixels];
        float[] spread = new float[pixels];
        double[] one = new double[3];
        double[] mean = new double[3];
        for (int pixel = 0; pixel < pixels; pixel++) {
            if (pixel % Consensus.PIXELS == 0) {
                requireRunning.run();
            }
            mean(members, pixel, one, mean);
            double angles = 0;
            for (float[] member : members) {
                Direction.read(member, 3 * pixel, one);
                angles += Direction.degrees(one, mean);
            }
            spread[pixel] = (float) (angles / members.size());
            for (int c = 0; c < 3; c++) {
                values[3 * pixel + c] = (float) ((mean[c] + 1) / 2);
            }
        }
        return new Consensus(values, spread);
    }

    private static void mean(List<float[]> members, int pixel, double[] one, double[] mean) {
        Arrays.fill(mean, 0);
        for (float[] member : members) {
            Direction.read(member, 3 * pixel, one);
            for (int c = 0; c < 3; c++) {
                mean[c] += one[c];
            }
        }
        Direction.normalise(mean);
    }
}
