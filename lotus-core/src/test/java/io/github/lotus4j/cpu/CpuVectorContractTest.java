package io.github.lotus4j.cpu;

import io.github.lotus4j.ops.Backend;
import io.github.lotus4j.ops.OpsContractTest;

class CpuVectorContractTest extends OpsContractTest {
    @Override
    protected Backend backend() {
        return CpuBackends.backend(ConvolutionPlanner.Algorithm.PRODUCT, 2, new VectorKernels());
    }
}
