package io.github.lotus4j.cpu;

/**
 * The transposition in packing a panel: from stored rows, {@code [output][channel][tap]}, to packed ones, {@code
 * [tap][channel][output]}. In small loops, each in a method of its own: they are compiled early, and loading is over soon.
 */
final class PanelTurn {
    /** Halves in a long, which are moved four outputs by four weights at a time. */
    static final int HALVES = Long.BYTES / Short.BYTES;

    private static final int CHANNELS_IN_TURN = 256;
    private static final long EVEN = 0x0000_FFFF_0000_FFFFL;
    private static final long LOW = 0x0000_0000_FFFF_FFFFL;

    private PanelTurn() {}

    /** Block by block, to stay in cache. */
    static void floats(float[] from, int at, int width, float[] to, int toAt, int panelWidth, int channels, int taps) {
        int depth = channels * taps;
        for (int first = 0; first < channels; first += CHANNELS_IN_TURN) {
            int count = Math.min(CHANNELS_IN_TURN, channels - first);
            for (int tap = 0; tap < taps; tap++) {
                for (int j = 0; j < width; j++) {
                    int target = toAt + (tap * channels + first) * panelWidth + j;
                    strided(from, at + j * depth + first * taps + tap, taps, to, target, panelWidth, count);
                }
            }
        }
    }

    private static void strided(float[] from, int at, int step, float[] to, int toAt, int toStep, int count) {
        int source = at;
        int target = toAt;
        for (int i = 0; i < count; i++) {
            to[target] = from[source];
            source += step;
            target += toStep;
        }
    }

    /**
     * Where each stored weight of an output goes, in longs from the panel's start; those that fill up the last long of a row go
     * behind the panel.
     */
    static int[] targets(int panelWidth, int channels, int taps) {
        int depth = channels * taps;
        int[] targets = new int[Math.ceilDiv(depth, HALVES) * HALVES];
        for (int i = 0; i < targets.length; i++) {
            int row = i < depth ? i % taps * channels + i / taps : depth;
            targets[i] = row * (panelWidth / HALVES);
        }
        return targets;
    }

    /**
     * Of halves, four in a long, the first the lowest. Panels are to be turned in their order: up to one row behind each is
     * overwritten.
     *
     * @param from rows of {@code targets.length / 4} longs
     */
    static void halves(long[] from, int at, int width, long[] to, int toAt, int[] targets) {
        int row = targets.length / HALVES;
        for (int j = 0; j < width; j += HALVES) {
            int first = at + j * row;
            // what lies in columns beyond the width does not matter, but it is read
            int second = at + Math.min(j + 1, width - 1) * row;
            int third = at + Math.min(j + 2, width - 1) * row;
            int fourth = at + Math.min(j + 3, width - 1) * row;
            fourRows(from, first, second, third, fourth, row, to, toAt + j / HALVES, targets);
        }
    }

    private static void fourRows(
            long[] from, int first, int second, int third, int fourth, int count, long[] to, int toAt, int[] targets) {
        for (int i = 0; i < count; i++) {
            long a = from[first + i];
            long b = from[second + i];
            long c = from[third + i];
            long d = from[fourth + i];
            long evenAB = (a & EVEN) | ((b & EVEN) << 16); // a0 b0 a2 b2
            long oddAB = ((a >>> 16) & EVEN) | (b & ~EVEN); // a1 b1 a3 b3
            long evenCD = (c & EVEN) | ((d & EVEN) << 16);
            long oddCD = ((c >>> 16) & EVEN) | (d & ~EVEN);
            to[toAt + targets[4 * i]] = (evenAB & LOW) | (evenCD << 32); // a0 b0 c0 d0
            to[toAt + targets[4 * i + 1]] = (oddAB & LOW) | (oddCD << 32);
            to[toAt + targets[4 * i + 2]] = (evenAB >>> 32) | (evenCD & ~LOW);
            to[toAt + targets[4 * i + 3]] = (oddAB >>> 32) | (oddCD & ~LOW);
        }
    }
}
