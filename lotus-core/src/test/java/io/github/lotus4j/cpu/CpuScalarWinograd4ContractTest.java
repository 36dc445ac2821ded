package io.github.lotus4j.cpu;

import io.github.lotus4j.ops.Backend;
import io.github.lotus4j.ops.ConvolutionContractTest;

class CpuScalarWinograd4ContractTest extends ConvolutionContractTest {
    @Override
    protected Backend backend() {
        return CpuBackends.backend(ConvolutionPlanner.Algorithm.WINOGRAD_4, 3, new ScalarKernels());
    }
}
