package io.github.lotus4j.pipeline;

import io.github.lotus4j.ops.Backend;
import io.github.lotus4j.ops.Shape;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;

/** The latest predictions' plans: one of a kind that is in use is not walked through each time. Thread-safe. */
public final class Plans {
    private static final int MOST = 32;

    /** What a plan depends on; pipelines are compared by identity. */
    private record Key(List<Pipeline> pipelines, Shape image, Settings settings) {}

    private final Backend backend;
    private final Map<Key, Pipeline.Plan> plans = new LinkedHashMap<>(MOST, 0.75f, true);

    /** @param backend on which all of them run */
    public Plans(Backend backend) {
        this.backend = backend;
    }

    /** The same as {@link Pipeline#plan}. */
    public Pipeline.Plan of(List<Pipeline> pipelines, Shape image, Settings settings) {
        Key key = new Key(List.copyOf(pipelines), image, withoutSeeds(settings));
        synchronized (this) {
            Pipeline.Plan known = plans.get(key);
            if (known != null) {
                return known;
            }
        }
        Pipeline.Plan plan = Pipeline.plan(pipelines, image, settings, backend);
        synchronized (this) {
            plans.put(key, plan);
            if (plans.size() > MOST) {
                plans.remove(plans.keySet().iterator().next());
            }
        }
        return plan;
    }

    /** Noise takes as much whatever its seed. */
    private static Settings withoutSeeds(Settings of) {
        OptionalLong latent = of.latentSampleSeed().isPresent() ? OptionalLong.of(0) : OptionalLong.empty();
        return new Settings(
                of.processingResolution(),
                of.filter(),
                of.matchInput(),
                0,
                of.steps(),
                of.ensemble(),
                of.task(),
                latent,
                of.vaeTile(),
                of.latentWeight());
    }
}
