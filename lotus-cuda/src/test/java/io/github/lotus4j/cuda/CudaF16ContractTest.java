package io.github.lotus4j.cuda;

import io.github.lotus4j.ops.Backend;
import io.github.lotus4j.ops.OpsContractTest;
import io.github.lotus4j.weights.DType;

class CudaF16ContractTest extends OpsContractTest {
    @Override
    protected Backend backend() {
        return SimulatedDevice.openLarge(Precision.F16);
    }

    @Override
    protected DType storage() {
        return DType.F16;
    }
}
