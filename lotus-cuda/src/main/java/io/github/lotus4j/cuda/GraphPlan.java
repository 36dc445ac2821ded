package io.github.lotus4j.cuda;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import jcuda.jcudnn.JCudnn;

/**
 * Operations of cuDNN's graph API, planned as one: heuristics propose engines, the best first, and the first whose plan can be made
 * is taken, of those that do not trade accuracy for speed. Making one may compile a kernel, which takes up to seconds; running it neither allocates nor waits. Thread-safe.
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
    private final long engine;
    private final long workspaceBytes;

    private GraphPlan(Parts parts, Descriptor plan, long engine) {
        this.parts = parts;
        this.plan = plan;
        this.engine = engine;
        workspaceBytes = plan.number(GraphApi.CUDNN_ATTR_EXECUTION_PLAN_WORKSPACE_SIZE);
    }

    /**
     * Plans operations, which are connected by the tensors that they share.
     *
     * @param parts of the operations, which are the plan's from then on, if it can be made
     * @throws CudaException if no engine can do it, with what each answered
     */
    static GraphPlan of(Parts parts, Target target, Descriptor... operations) {
        Descriptor graph = parts.make(GraphApi.CUDNN_BACKEND_OPERATIONGRAPH_DESCRIPTOR, "a graph")
                .set(GraphApi.CUDNN_ATTR_OPERATIONGRAPH_OPS, operations);
        target.ofGraph(graph);
        graph.complete();
        Set<String> refusals = new LinkedHashSet<>();
        for (int mode : MODES) {
            try {
                for (Descriptor proposal : proposals(parts, graph, mode, target)) {
                    try {
                        long engine = accurateEngine(parts, proposal);
                        return new GraphPlan(parts, planned(parts, proposal, target), engine);
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
        List<Descriptor> proposals = new ArrayList<>();
        for (int i = 0; i < MOST_PROPOSALS; i++) {
            proposals.add(parts.make(GraphApi.CUDNN_BACKEND_ENGINECFG_DESCRIPTOR, "a proposal"));
        }
        return proposals.subList(0, heuristics.fill(GraphApi.CUDNN_ATTR_ENGINEHEUR_RESULTS, proposals));
    }

    private static Descriptor planned(Parts parts, Descriptor proposal, Target target) {
        Descriptor plan = parts.make(GraphApi.CUDNN_BACKEND_EXECUTION_PLAN_DESCRIPTOR, "a plan")
                .set(GraphApi.CUDNN_ATTR_EXECUTION_PLAN_ENGINE_CONFIG, proposal);
        target.ofPlan(plan);
        return plan.complete();
    }

    /**
     * The number of a proposal's engine. Tensor cores pass, and strictness about what is not a number; all else that engines note of
     * themselves is that they round more, or not the same each time.
     */
    private static long accurateEngine(Parts parts, Descriptor proposal) {
        Descriptor engine = parts.make(GraphApi.CUDNN_BACKEND_ENGINE_DESCRIPTOR, "an engine");
        if (proposal.fill(GraphApi.CUDNN_ATTR_ENGINECFG_ENGINE, List.of(engine)) != 1) {
            throw new CudaException("a proposal has no engine");
        }
        long number = engine.number(GraphApi.CUDNN_ATTR_ENGINE_GLOBAL_INDEX);
        int[] notes = engine.choices(
                GraphApi.CUDNN_ATTR_ENGINE_NUMERICAL_NOTE,
                GraphApi.CUDNN_TYPE_NUMERICAL_NOTE,
                GraphApi.CUDNN_NUMERICAL_NOTE_TYPE_COUNT);
        for (int note : notes) {
            if (note != GraphApi.CUDNN_NUMERICAL_NOTE_TENSOR_CORE
                    && note != GraphApi.CUDNN_NUMERICAL_NOTE_STRICT_NAN_PROP) {
                throw new CudaException(
                        "engine %d has numerical note %d (cudnnBackendNumericalNote_t)".formatted(number, note));
            }
        }
        return number;
    }

    /** Which of cuDNN's for these operations runs it, by its own count. */
    long engine() {
        return engine;
    }

    /** Bytes of temporary memory that a run takes. */
    long workspaceBytes() {
        return workspaceBytes;
    }

    /**
     * Puts the operations on the handle's stream.
     *
     * @param ids of their tensors that are not virtual
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
