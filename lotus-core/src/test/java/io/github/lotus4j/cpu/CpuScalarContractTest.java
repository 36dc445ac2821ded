package io.github.lotus4j.cpu;

import io.github.lotus4j.ops.Backend;
import io.github.lotus4j.ops.OpsContractTest;

class CpuScalarContractTest extends OpsContractTest {
    @Override
    protected Backend backend() {
        return CpuBackends.backend(ConvolutionPlanner.Algorithm.PRODUCT, 3, new ScalarKernels());
    }
}
