package io.github.lotus4j.cuda;

import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import jcuda.jcudnn.JCudnn;

/**
 * Plans attention and convolutions of full-size checkpoints by cuDNN for devices that are only described, on a machine without one, for
 * {@code scripts/gpu/plans}. That a plan can be made does not say that it computes the right thing.
 */
final class PlansRun {
    private static final List<Described> DEVICES = List.of(
            new Described(750, 68, 64 << 10, 0, 16, 1024, 6 << 20),
            new Described(800, 108, 163 << 10, 1 << 10, 32, 2048, 40 << 20),
            new Described(860, 82, 99 << 10, 1 << 10, 16, 1536, 6 << 20),
            new Described(890, 128, 99 << 10, 1 << 10, 24, 1536, 72 << 20),
            new Described(900, 132, 227 << 10, 1 << 10, 32, 2048, 50 << 20),
            new Described(1000, 148, 227 << 10, 1 << 10, 32, 2048, 126 << 20),
            new Described(1200, 170, 99 << 10, 1 << 10, 24, 1536, 96 << 20));

    private PlansRun() {}

    /**
     * A device of an architecture, from its data sheet and CUDA's table of technical specifications.
     *
     * @param version a hundred times the compute capability
     * @param shared bytes of shared memory that a block can have
     * @param reserved bytes of it that each block takes for the system
     */
    private record Described(
            int version, int multiprocessors, int shared, int reserved, int blocks, int threads, int cache) {
        int architecture() {
            return version / 10;
        }

        /** As cuDNN asks for it; names that a version does not know are passed over. */
        String json(int driver) {
            return """
                    {"deviceVer":%d,"multiProcessorCount":%d,"maxSharedMemoryPerBlockOptin":%d,"reservedSharedMemoryPerBlock":%d,
                    "maxCtasPerSM":%d,"maxThreadsPerSM":%d,"l2CacheSize":%d,"driverVer":%d,"warpSize":32,
                    "maxSharedMemoryPerBlock":49152,"oversizedSharedMemoryPerBlock":0,"maxRegistersPerSM":65536,
                    "regsPerBlock":65536,"maxThreadsPerBlock":1024,"maxBlockSize":[1024,1024,64],
                    "maxGridSize":[2147483647,65535,65535],"totalGlobalMem":25757220864,"memoryBusWidth":5120,
                    "smClockRateKHz":1410000,"memClockRateKHz":1215000,"supportCoopLaunch":1,"smCountOrigin":0,
                    "pciDeviceId":0,"isTccDriver":0,"cudaDeviceId":0,"deviceName":"described"}""".formatted(version, multiprocessors, shared, reserved, blocks, threads, cache, driver)
                    .replace("\n", "");
        }
    }

    /** What a UNet attends to at each of its levels, and a VAE at its lowest. */
    private static List<FusedAttention.Problem> attentions() {
        int[] heads = {5, 10, 20, 20};
        List<FusedAttention.Problem> all = new ArrayList<>();
        for (int side : new int[] {64, 96}) { // latents of 512 × 512 and 768 × 768
            for (int level = 0; level < heads.length; level++) {
                int tokens = (side >> level) * (side >> level);
                all.add(self(Precision.F16, 1, heads[level], 64, tokens));
                all.add(cross(1, heads[level], tokens));
            }
            all.add(self(Precision.F16, 1, 1, 512, side * side));
        }
        all.add(self(Precision.BF16, 1, 5, 64, 64 * 64));
        all.add(self(Precision.F16, 3, 5, 64, 64 * 64));
        all.add(cross(3, 5, 64 * 64));
        all.add(self(Precision.F16, 1, 5, 64, 67 * 43)); // images have any sides
        return all;
    }

    /** Of queries, keys and values side by side. */
    private static FusedAttention.Problem self(Precision precision, int n, int heads, int size, int tokens) {
        int channels = heads * size;
        int side = 3 * channels;
        return new FusedAttention.Problem(precision, n, heads, size, tokens, n, tokens, side, side, side, channels);
    }

    /** To the empty prompt: its beginning and its end. */
    private static FusedAttention.Problem cross(int n, int heads, int tokens) {
        int channels = heads * 64;
        return new FusedAttention.Problem(
                Precision.F16, n, heads, 64, tokens, 1, 2, channels, 2 * channels, 2 * channels, channels);
    }

    /** @param arguments the driver's version, as in 13000 */
    public static void main(String[] arguments) {
        LibrarySearch search = new LibrarySearch();
        int version = Integer.parseInt(arguments[0]);
        NativeLibraries.load(
                search, new Driver(search.find("libcuda.so.1").orElseThrow().path(), version, List.of()));
        System.out.printf("cuDNN %d%n%n", JCudnn.cudnnGetVersion());
        List<String> totals = new ArrayList<>();
        List<FusedAttention.Problem> attentions = attentions();
        Set<Convolver.Problem> convolutions = ConvolutionProblems.of(1, 64); // of 512 × 512
        System.out.println("| architecture | problem | plan | workspace, bytes | seconds |");
        System.out.println("|---|---|---|---|---|");
        for (Described device : DEVICES) {
            GraphDevice on = new GraphDevice(device, version);
            totals.add(on.plan("attention", attentions, FusedAttention::plan));
            for (Precision precision : List.of(Precision.F16, Precision.BF16)) {
                FusedPlans.Planner<Convolver.Problem> planner =
                        (parts, problem, target) -> FusedConvolution.plan(parts, problem, precision, target);
                totals.add(on.plan("convolution, " + precision, convolutions, planner));
            }
        }
        System.out.println();
        System.out.println("| architecture | problems | plans | most workspace, bytes | seconds | most seconds |");
        System.out.println("|---|---|---|---|---|---|");
        totals.forEach(System.out::println);
    }

    private record GraphDevice(Described device, int driver) {
        /**
         * Prints a row for each problem.
         *
         * @return a row for all
         */
        <P> String plan(String name, Collection<P> problems, FusedPlans.Planner<P> planner) {
            int made = 0;
            long mostWorkspace = 0;
            double seconds = 0;
            double mostSeconds = 0;
            for (P problem : problems) {
                long start = System.nanoTime();
                String plan;
                long workspace = 0;
                try (GraphPlan.Parts parts = new GraphPlan.Parts()) {
                    GraphPlan.Target target = GraphPlan.Target.described(parts, device.json(driver));
                    GraphPlan graph = planner.plan(parts, problem, target);
                    plan = "engine " + graph.engine();
                    workspace = graph.workspaceBytes();
                    made++;
                } catch (CudaException e) {
                    plan = "none: " + e.getMessage();
                }
                double taken = (System.nanoTime() - start) / 1e9;
                seconds += taken;
                mostSeconds = Math.max(mostSeconds, taken);
                mostWorkspace = Math.max(mostWorkspace, workspace);
                System.out.printf(
                        Locale.ROOT,
                        "| sm_%d | %s | %s | %d | %.2f |%n",
                        device.architecture(),
                        problem,
                        plan,
                        workspace,
                        taken);
            }
            return String.format(
                    Locale.ROOT,
                    "| sm_%d | %s | %d of %d | %d | %.1f | %.2f |",
                    device.architecture(),
                    name,
                    made,
                    problems.size(),
                    mostWorkspace,
                    seconds,
                    mostSeconds);
        }
    }
}
