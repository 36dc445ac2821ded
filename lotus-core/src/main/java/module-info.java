/** Depth and surface normals from one photograph. */
module io.github.lotus4j.core {
    requires transitive io.github.lotus4j.weights;
    requires static transitive org.jspecify;
    requires static jdk.incubator.vector;

    exports io.github.lotus4j.ops;
    exports io.github.lotus4j.model;

    provides io.github.lotus4j.ops.BackendProvider with
            io.github.lotus4j.cpu.CpuBackendProvider;
}
