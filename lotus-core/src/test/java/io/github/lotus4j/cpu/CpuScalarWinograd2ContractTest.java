package io.github.lotus4j.cpu;

import io.github.lotus4j.ops.Backend;
import io.github.lotus4j.ops.ConvolutionContractTest;

class CpuScalarWinograd2ContractTest extends ConvolutionContractTest {
    @Override
    protected Backend backend() {
        return CpuBackends.backend(ConvolutionPlanner.Algorithm.WINOGRAD_2, 3, new ScalarKernels());
    }

    @Override
    protected double roughness() {
        return 3;
    }
}
