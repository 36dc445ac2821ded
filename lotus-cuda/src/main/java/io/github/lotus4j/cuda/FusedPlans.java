package io.github.lotus4j.cuda;

import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import jcuda.jcudnn.JCudnn;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Plans of cuDNN's graph API, each made when it is first asked for. Thread-safe.
 *
 * @param <P> what tells one from another, and says in words what it is
 */
final class FusedPlans<P> implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(FusedPlans.class);

    /** How a problem is put to cuDNN. */
    interface Planner<P> {
        /**
         * Plans without running.
         *
         * @param parts to add to; the plan's from then on, if it can be made
         * @throws CudaException if it cannot be made, with cuDNN's reasons
         */
        GraphPlan plan(GraphPlan.Parts parts, P problem, GraphPlan.Target target);
    }

    private final Device device;
    private final Planner<P> planner;
    private final Map<P, FusedPlan> plans = new ConcurrentHashMap<>();
    private final Set<String> reasons = ConcurrentHashMap.newKeySet(); // that have been said
    private final DnnHandle dnn = new DnnHandle(); // which plans refer to as long as they live

    FusedPlans(Device device, Planner<P> planner) {
        this.device = device;
        this.planner = planner;
        device.use();
        device.checkDnn(JCudnn.cudnnCreate(dnn), "cudnnCreate");
    }

    /** The plan of a problem, which may be that it is refused. */
    FusedPlan plan(P problem) {
        FusedPlan known = plans.get(problem);
        return known != null ? known : plans.computeIfAbsent(problem, this::made);
    }

    /** Problems that cuDNN computes. */
    long trusted() {
        return plans.values().stream().filter(FusedPlan::trusted).count();
    }

    private FusedPlan made(P problem) {
        device.use();
        long start = System.nanoTime();
        GraphPlan.Parts parts = new GraphPlan.Parts();
        try {
            GraphPlan graph = planner.plan(parts, problem, GraphPlan.Target.device(dnn));
            long taken = (System.nanoTime() - start) / 1_000_000;
            LOG.debug("{}: engine {} for {}, found in {} ms", device.name(), graph.engine(), problem, taken);
            return new FusedPlan(device, problem, graph);
        } catch (CudaException e) {
            parts.close();
            String why = String.valueOf(e.getMessage());
            if (reasons.add(why)) { // a model has many problems
                LOG.warn("{}: cuDNN has no plan for {}: {}", device.name(), problem, why);
            } else {
                LOG.debug("{}: cuDNN has no plan for {}, either", device.name(), problem);
            }
            return new FusedPlan(device, problem, null);
        }
    }

    @Override
    public void close() {
        plans.values().forEach(FusedPlan::close);
        plans.clear();
        JCudnn.cudnnDestroy(dnn);
    }
}
