package io.github.lotus4j;

import io.github.lotus4j.error.InsufficientMemoryException;
import io.github.lotus4j.ops.Backend;
import io.github.lotus4j.ops.Finite;
import io.github.lotus4j.ops.Ops;
import io.github.lotus4j.ops.Shape;
import io.github.lotus4j.pipeline.LatentAverage;
import io.github.lotus4j.pipeline.LoadedCheckpoint;
import io.github.lotus4j.pipeline.Pipeline;
import io.github.lotus4j.pipeline.Plans;
import io.github.lotus4j.pipeline.Settings;
import io.github.lotus4j.weights.CheckpointException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalLong;
import java.util.concurrent.CancellationException;

/**
 * Checkpoints that run together on images of one size, for which there is enough memory.
 *
 * @param image [N, H, W, 3]
 */
record PlannedRun(List<LoadedCheckpoint> checkpoints, Shape image, Settings settings, Pipeline.Plan plan) {
    private static final String SMALLER_RESOLUTION = "take a smaller processing resolution";
    private static final String TILES = ", or have the VAE work in tiles (VAE tile, 512 for example)";
    private static final String SMALLER_IMAGE = "most of it for the image and a result of its size: take a smaller"
            + " image, or the result at the size that it is processed at (match input off)";
    private static final String SMALLER_ENSEMBLE = "take a smaller ensemble";
    private static final String MORE_HEAP = ", or give Java more memory (-Xmx)";

    /** @throws InsufficientMemoryException if there is not as much memory as it takes */
    static PlannedRun of(
            List<LoadedCheckpoint> checkpoints, Shape image, Settings settings, Plans plans, Backend backend) {
        Pipeline.Plan plan = plans.of(pipelines(checkpoints), image, settings);
        Shape size = Pipeline.processingShape(image, settings.processingResolution());
        String what = what(image, size);
        String smaller = settings.vaeTile().isPresent() ? SMALLER_RESOLUTION : SMALLER_RESOLUTION + TILES;
        String onHost = settings.ensemble() > 1 ? SMALLER_ENSEMBLE : SMALLER_IMAGE;
        if (backend.onHeap()) {
            String cure = plan.hostBytes() > plan.bytes() ? onHost : smaller;
            require(what, plan.bytes() + plan.hostBytes(), backend.availableBytes(), cure + MORE_HEAP);
        } else {
            require(what, plan.bytes(), backend.availableBytes(), smaller);
            long heap = Runtime.getRuntime().maxMemory();
            require(what + ", on the heap,", plan.hostBytes(), heap, onHost + MORE_HEAP);
        }
        return new PlannedRun(checkpoints, image, settings, plan);
    }

    private static String what(Shape image, Shape size) {
        return "a prediction of %d×%d pixels at %d×%d (batch of %d)"
                .formatted(image.w(), image.h(), size.w(), size.h(), size.n());
    }

    static List<Pipeline> pipelines(List<LoadedCheckpoint> checkpoints) {
        return checkpoints.stream().map(LoadedCheckpoint::pipeline).toList();
    }

    private static void require(String what, long bytes, long available, String cure) {
        if (bytes > available) {
            throw new InsufficientMemoryException(what, bytes, available, cure);
        }
    }

    /**
     * @return for each checkpoint, its answer for each image
     * @throws InsufficientMemoryException if other objects have left too little of the heap
     */
    List<List<Answer>> predict(byte[] pixels, LatentAverage average, ObservedRun observed, Backend backend) {
        try {
            return finite(pixels, average, observed, backend);
        } catch (OutOfMemoryError e) {
            Shape size = Pipeline.processingShape(image, settings.processingResolution());
            long onHeap = plan.hostBytes() + (backend.onHeap() ? plan.bytes() : 0);
            throw InsufficientMemoryException.ofSharedHeap(what(image, size), onHeap, e);
        }
    }

    /** @throws CheckpointException if the results are not */
    private List<List<Answer>> finite(byte[] pixels, LatentAverage average, ObservedRun observed, Backend backend) {
        List<String> damaged;
        try (Ops ops = backend.open(observed, plan.bytes())) {
            List<List<float[]>> members =
                    Pipeline.predict(pipelines(checkpoints), pixels, image, settings, average, ops);
            damaged = damaged(members);
            if (damaged.isEmpty()) {
                List<List<Answer>> answers = new ArrayList<>();
                for (int i = 0; i < checkpoints.size(); i++) {
                    int at = i;
                    List<float[]> own =
                            members.stream().map(member -> member.get(at)).toList();
                    answers.add(answers(checkpoints.get(i), own, observed, ops));
                }
                return answers;
            }
        }
        String block = firstNonFinite(pixels, observed, backend)
                .map(name -> ", first in what " + name + " computes")
                .orElse("");
        throw new CheckpointException(
                "the prediction of " + String.join(" and ", damaged) + " came out as NaN or infinite"
                        + block
                        + ", expected numbers from 0 to 1; weights hold values that are not finite (lotus inspect --values names"
                        + " them) or far too large");
    }

    /** The checkpoints' names whose results are no numbers. */
    private List<String> damaged(List<List<float[]>> members) {
        List<String> names = new ArrayList<>();
        for (int i = 0; i < checkpoints.size(); i++) {
            int at = i;
            if (!members.stream().map(member -> member.get(at)).allMatch(Finite::all)) {
                names.add(checkpoints.get(i).name());
            }
        }
        return names;
    }

    private Optional<String> firstNonFinite(byte[] pixels, ObservedRun observed, Backend backend) {
        FirstNonFinite search = new FirstNonFinite(observed);
        LatentAverage alone = new LatentAverage();
        alone.begin(true);
        try (Ops ops = backend.open(search)) {
            Pipeline.predict(pipelines(checkpoints), pixels, image, settings, alone, ops);
        } catch (CancellationException e) {
            if (search.block().isEmpty()) {
                throw e;
            }
        } catch (InsufficientMemoryException | OutOfMemoryError _) {
            return Optional.empty(); // it copies what it looks at
        }
        return search.block();
    }

    /** @param members a checkpoint's results for all images */
    private List<Answer> answers(LoadedCheckpoint checkpoint, List<float[]> members, ObservedRun observed, Ops ops) {
        Shape result = checkpoint.pipeline().resultShape(image, settings);
        List<Answer> answers = new ArrayList<>();
        for (int n = 0; n < image.n(); n++) {
            int index = n;
            List<float[]> one =
                    members.stream().map(member -> ofImage(member, index)).toList();
            answers.add(
                    one.size() == 1
                            ? Answer.of(one.getFirst(), result, provenance(checkpoint))
                            : merged(checkpoint, one, result, observed, ops));
        }
        return answers;
    }

    private Answer merged(
            LoadedCheckpoint checkpoint, List<float[]> members, Shape result, ObservedRun observed, Ops ops) {
        Pipeline pipeline = checkpoint.pipeline();
        boolean depth = result.c() == 1;
        Consensus consensus = depth
                ? DepthConsensus.of(members, observed::requireRunning)
                : NormalConsensus.of(members, observed::requireRunning);
        float[] values = pipeline.toResultSize(consensus.values(), result.c(), image, settings, ops);
        float[] spread = pipeline.toResultSize(consensus.spread(), 1, image, settings, ops);
        return Answer.of(values, spread, result, provenance(checkpoint));
    }

    private Provenance provenance(LoadedCheckpoint checkpoint) {
        Shape size = Pipeline.processingShape(image, settings.processingResolution());
        boolean noise = checkpoint.pipeline().generative();
        return new Provenance(
                checkpoint.name(),
                checkpoint.fingerprint(),
                size.w(),
                size.h(),
                noise ? OptionalLong.of(settings.seed()) : OptionalLong.empty(),
                settings.steps(),
                settings.ensemble(),
                settings.latentSampleSeed(),
                settings.vaeTile(),
                settings.averaged() ? OptionalDouble.of(settings.latentWeight()) : OptionalDouble.empty());
    }

    private float[] ofImage(float[] batch, int n) {
        int length = batch.length / image.n();
        return image.n() == 1 ? batch : Arrays.copyOfRange(batch, n * length, (n + 1) * length);
    }
}
