/** The operators of lotus-core on NVIDIA GPUs. */
@SuppressWarnings("requires-automatic") // JCuda's jars are not modules
module io.github.lotus4j.cuda {
    requires io.github.lotus4j.core;
    requires jcuda;
    requires jcublas;
    requires jcudnn;
    requires org.slf4j;
    requires static org.jspecify;

    provides io.github.lotus4j.ops.BackendProvider with
            io.github.lotus4j.cuda.CudaBackendProvider;
}
