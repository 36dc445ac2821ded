package io.github.lotus4j.cuda;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import jcuda.jcudnn.JCudnn;

/**
 * An operation of cuDNN's graph API, planned: heuristics propose engines, the best first, and the first whose plan can be made is
 * taken. Making one may compile a kernel, which takes up to seconds; running it neither allocates nor waits. Thread-safe.
 */
final class GraphPlan implements AutoCloseable {
    private static final int MOST_PROPOSALS = 8;
    private static final int[] MODES = {GraphApi.CUDNN_HEUR_MODE_A, GraphApi.CUDNN_HEUR_MODE_FALLBACK};

    /** Most are compiled when they are planned; without a compiler, heuristics propose none of those. */
    private static final String NO_ENGINE = "cuDNN has no engine for it, or no NVRTC (libnvrtc.so) to compile one with";

    /** What a plan is for: the device of a handle, or one that is only described. */
    interface Target {
        void ofGraph(Descriptor graph);

        void ofHeuristics(Descriptor heuristics);

        void ofPlan(Descriptor plan);

        static Target device(DnnHandle dnn) {
            return new Target() {
                @Override
                public void ofGraph(Descriptor graph) {
                    graph.set(GraphApi.CUDNN_ATTR_OPERATIONGRAPH_HANDLE, dnn);
                }

                @Override
                public void ofHeuristics(Descriptor heuristics) {} // the graph's

                @Override
                public void ofPlan(Descriptor plan) {
                    plan.set(GraphApi.CUDNN_ATTR_EXECUTION_PLAN_HANDLE, dnn);
                }
            };
        }

        /**
         * From cuDNN 9.8 on, plans can be made where there is no device; they cannot run there.
         *
         * @param parts that the description becomes one of
         * @param json the device's properties
         */
        static Target described(Parts parts, String json) {
            Descriptor properties = parts.make(GraphApi.CUDNN_BACKEND_DEVICEPROP_DESCRIPTOR, "a device's properties")
                    .set(GraphApi.CUDNN_ATTR_DEVICEPROP_JSON_REPRESENTATION, json)
                    .complete();
            return new Target() {
                @Override
                public void ofGraph(Descriptor graph) {}

                @Override
                public void ofHeuristics(Descriptor heuristics) {
                    heuristics.set(GraphApi.CUDNN_ATTR_ENGINEHEUR_DEVICEPROP, properties);
                }

                @Override
                public void ofPlan(Descriptor plan) {
                    plan.set(GraphApi.CUDNN_ATTR_EXECUTION_PLAN_DEVICEPROP, properties);
                }
            };
        }
    }

    /** Descriptors that refer to each other, and so live equally long. */
    static final class Parts implements AutoCloseable {
        private final List<Descriptor> all = new ArrayList<>();

        Descriptor make(int type, String name) {
            Descriptor made = new Descriptor(type, name);
            all.add(made);
            return made;
        }

        @Override
        public void close() {
            all.reversed().forEach(Descriptor::close);
            all.clear();
        }
    }

    private final Parts parts;
    private final Descriptor plan;
    private final long workspaceBytes;

    private GraphPlan(Parts parts, Descriptor plan) {
        this.parts = parts;
        this.plan = plan;
        workspaceBytes = plan.number(GraphApi.CUDNN_ATTR_EXECUTION_PLAN_WORKSPACE_SIZE);
    }

    /**
     * Plans one operation.
     *
     * @param parts of the operation, which are the plan's from then on, if it can be made
     * @throws CudaException if no engine can do it, with what each answered
     */
    static GraphPlan of(Parts parts, Descriptor operation, Target target) {
        Descriptor graph = parts.make(GraphApi.CUDNN_BACKEND_OPERATIONGRAPH_DESCRIPTOR, "a graph")
                .set(GraphApi.CUDNN_ATTR_OPERATIONGRAPH_OPS, operation);
        target.ofGraph(graph);
        graph.complete();
        Set<String> refusals = new LinkedHashSet<>();
        for (int mode : MODES) {
            try {
                for (Descriptor engine : proposals(parts, graph, mode, target)) {
                    try {
                        return new GraphPlan(parts, planned(parts, engine, target));
                    } catch (CudaException e) {
                        refusals.add(String.valueOf(e.getMessage()));
                    }
                }
            } catch (CudaException e) {
                refusals.add(String.valueOf(e.getMessage()));
            }
        }
        throw new CudaException(refusals.isEmpty() ? NO_ENGINE : String.join("; ", refusals));
    }

    private static List<Descriptor> proposals(Parts parts, Descriptor graph, int mode, Target target) {
        Descriptor heuristics = parts.make(GraphApi.CUDNN_BACKEND_ENGINEHEUR_DESCRIPTOR, "heuristics")
                .set(GraphApi.CUDNN_ATTR_ENGINEHEUR_OPERATION_GRAPH, graph)
                .choose(GraphApi.CUDNN_ATTR_ENGINEHEUR_MODE, GraphApi.CUDNN_TYPE_HEUR_MODE, mode);
        target.ofHeuristics(heuristics);
        heuristics.complete();
        List<Descriptor> engines = new ArrayList<>();
        for (int i = 0; i < MOST_PROPOSALS; i++) {
            engines.add(parts.make(GraphApi.CUDNN_BACKEND_ENGINECFG_DESCRIPTOR, "an engine"));
        }
        return engines.subList(0, heuristics.fill(GraphApi.CUDNN_ATTR_ENGINEHEUR_RESULTS, engines));
    }

    private static Descriptor planned(Parts parts, Descriptor engine, Target target) {
        Descriptor plan = parts.make(GraphApi.CUDNN_BACKEND_EXECUTION_PLAN_DESCRIPTOR, "a plan")
                .set(GraphApi.CUDNN_ATTR_EXECUTION_PLAN_ENGINE_CONFIG, engine);
        target.ofPlan(plan);
        return plan.complete();
    }

    /** Bytes of temporary memory that a run takes. */
    long workspaceBytes() {
        return workspaceBytes;
    }

    /**
     * Puts the operation on the handle's stream.
     *
     * @param ids of the operation's tensors
     * @param addresses of their values, in the same order; on the host of those that are given by value
     * @return cuDNN's status
     */
    int run(DnnHandle dnn, long[] ids, long[] addresses, long workspace) {
        try (Descriptor values = new Descriptor(GraphApi.CUDNN_BACKEND_VARIANT_PACK_DESCRIPTOR, "a plan's values")) {
            values.set(GraphApi.CUDNN_ATTR_VARIANT_PACK_UNIQUE_IDS, ids)
                    .point(GraphApi.CUDNN_ATTR_VARIANT_PACK_DATA_POINTERS, addresses)
                    .point(GraphApi.CUDNN_ATTR_VARIANT_PACK_WORKSPACE, workspace)
                    .complete();
            return JCudnn.cudnnBackendExecute(dnn, plan.handle(), values.handle());
        }
    }

    @Override
    public void close() {
        parts.close();
    }
}
