package io.github.lotus4j.cuda;

import io.github.lotus4j.ops.Backend;
import io.github.lotus4j.ops.OpsContractTest;
import io.github.lotus4j.weights.DType;

class CudaBf16ContractTest extends OpsContractTest {
    @Override
    protected Backend backend() {
        return SimulatedDevice.open(Precision.BF16);
    }

    @Override
    protected DType storage() {
        return DType.BF16;
    }
}
