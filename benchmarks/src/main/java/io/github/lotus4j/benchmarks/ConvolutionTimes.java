package io.github.lotus4j.benchmarks;

import io.github.lotus4j.ops.Backend;
import io.github.lotus4j.ops.Conv2d;
import io.github.lotus4j.ops.Frame;
import io.github.lotus4j.ops.Input;
import io.github.lotus4j.ops.Ops;
import io.github.lotus4j.ops.PreparedWeights;
import io.github.lotus4j.ops.RunListener;
import io.github.lotus4j.ops.Shape;
import io.github.lotus4j.ops.Tensor;
import io.github.lotus4j.ops.Window;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Random;

/**
 * Measures each way to compute a 3×3 convolution on the CPU, at shapes of the model and around them, and writes the table from
 * which the CPU backend picks. Runs in the repository's root.
 */
public final class ConvolutionTimes {
    private static final Path TABLE =
            Path.of("lotus-core", "src", "main", "resources", "io", "github", "lotus4j", "cpu", "convolutions.tsv");
    /** What the CPU backend calls them, in the order of the table's columns. */
    private static final List<String> ALGORITHMS = List.of("PRODUCT", "WINOGRAD_2", "WINOGRAD_4", "WINOGRAD_6");

    private static final String OVERRIDE = "lotus.cpu.convolution";
    private static final int ROUNDS = 5;

    /** @param side of the output, in pixels */
    private record Shapes(int side, int in, int out, boolean doubled) {}

    private ConvolutionTimes() {}

    public static void main(String[] arguments) throws IOException {
        List<String> lines = new ArrayList<>();
        int threads = Machine.processors();
        lines.add("# Milliseconds of a 3x3 convolution. Written by ./lotus-bench --convolutions; not edited.");
        lines.add("# " + Machine.description(threads));
        lines.add("# height\twidth\tin\tout\tdoubled\t"
                + String.join("\t", ALGORITHMS).toLowerCase(Locale.ROOT));
        for (Shapes shapes : shapes()) {
            StringBuilder line = new StringBuilder(String.format(
                    Locale.ROOT,
                    "%d\t%d\t%d\t%d\t%b",
                    shapes.side,
                    shapes.side,
                    shapes.in,
                    shapes.out,
                    shapes.doubled));
            for (double time : times(shapes, threads)) {
                line.append(String.format(Locale.ROOT, "\t%.3f", time));
            }
            System.err.println(line);
            lines.add(line.toString());
        }
        Files.createDirectories(TABLE.getParent());
        Files.write(TABLE, lines);
    }

    /** The model's at 512×512 and 768×768, and some of smaller models. */
    private static List<Shapes> shapes() {
        int[][] sides = {
            {8, 1280, 1280},
            {8, 2560, 1280},
            {12, 1280, 1280},
            {16, 640, 1280},
            {16, 1280, 1280},
            {16, 2560, 1280},
            {24, 1280, 1280},
            {32, 320, 640},
            {32, 640, 640},
            {32, 960, 640},
            {32, 1920, 640},
            {48, 640, 640},
            {64, 320, 320},
            {64, 640, 320},
            {64, 960, 320},
            {64, 512, 512},
            {96, 320, 320},
            {96, 512, 512},
            {128, 256, 256},
            {128, 256, 512},
            {128, 512, 512},
            {192, 512, 512},
            {256, 128, 128},
            {256, 128, 256},
            {256, 256, 256},
            {256, 512, 256},
            {384, 256, 256},
            {512, 128, 128},
            {512, 256, 128},
            {768, 128, 128},
            {64, 4, 320},
            {64, 320, 4},
            {64, 4, 512},
            {64, 512, 8},
            {512, 3, 128},
            {512, 128, 3},
            {4, 128, 128},
            {8, 64, 64},
            {8, 128, 128},
            {16, 64, 64},
            {16, 128, 128},
            {32, 32, 32},
            {32, 64, 64},
            {64, 32, 32},
            {64, 64, 64},
            {128, 32, 32},
            {128, 32, 3},
            {128, 64, 64}
        };
        int[][] doubled = {
            {16, 1280, 1280},
            {32, 1280, 1280},
            {64, 640, 640},
            {128, 512, 512},
            {256, 512, 512},
            {512, 256, 256},
            {32, 64, 64},
            {128, 64, 64}
        };
        List<Shapes> shapes = new ArrayList<>();
        Arrays.stream(sides).forEach(each -> shapes.add(new Shapes(each[0], each[1], each[2], false)));
        Arrays.stream(doubled).forEach(each -> shapes.add(new Shapes(each[0], each[1], each[2], true)));
        return shapes;
    }

    /** The least of each, taken in turn: what else the machine did at the time only makes them longer. */
    private static double[] times(Shapes shapes, int threads) {
        List<Prepared> prepared = ALGORITHMS.stream()
                .map(each -> new Prepared(shapes, each, threads))
                .toList();
        double[] least = new double[prepared.size()];
        Arrays.fill(least, Double.MAX_VALUE);
        for (int round = 0; round <= ROUNDS; round++) {
            for (int i = 0; i < least.length; i++) {
                double time = prepared.get(i).time();
                least[i] = round == 0 ? least[i] : Math.min(least[i], time);
            }
        }
        prepared.forEach(Prepared::close);
        return least;
    }

    private static final class Prepared {
        private static final double SHORTEST = 10; // milliseconds

        private final Backend backend;
        private final PreparedWeights weights;
        private final Ops ops;
        private final Frame frame;
        private final Runnable run;

        Prepared(Shapes shapes, String algorithm, int threads) {
            System.setProperty(OVERRIDE, algorithm);
            backend = Machine.backend("cpu", threads);
            System.clearProperty(OVERRIDE);
            weights = backend.prepare(Backend.Reuse.MANY);
            ops = backend.open(RunListener.NONE);
            frame = ops.frame();
            Random random = new Random(1);
            int side = shapes.doubled ? shapes.side / 2 : shapes.side;
            Tensor in = frame.tensor(new Shape(1, side, side, shapes.in));
            ops.upload(in, Operator.noise(random, side * side * shapes.in));
            Tensor out = frame.tensor(new Shape(1, shapes.side, shapes.side, shapes.out));
            Conv2d conv = weights.conv2d(
                    Operator.parameter(random, shapes.out, shapes.in, 3, 3),
                    Operator.parameter(random, shapes.out),
                    Window.SAME_3X3);
            weights.load();
            Input view = Input.of(in).resized(shapes.side, shapes.side);
            run = () -> ops.conv2d(out, view, conv);
        }

        double time() {
            long start = System.nanoTime();
            int runs = 0;
            double elapsed;
            do {
                run.run();
                runs++;
                elapsed = (System.nanoTime() - start) / 1e6;
            } while (elapsed < SHORTEST);
            return elapsed / runs;
        }

        void close() {
            frame.close();
            ops.close();
            weights.close();
            backend.close();
        }
    }
}
