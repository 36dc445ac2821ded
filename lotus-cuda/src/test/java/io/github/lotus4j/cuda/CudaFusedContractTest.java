package io.github.lotus4j.cuda;

import io.github.lotus4j.ops.Backend;
import io.github.lotus4j.ops.OpsContractTest;
import io.github.lotus4j.weights.DType;

/** What is computed with fused attention is in the contract, too. */
class CudaFusedContractTest extends OpsContractTest {
    @Override
    protected Backend backend() {
        return SimulatedDevice.open(new CudaOptions(0, Precision.F16, true));
    }

    @Override
    protected DType storage() {
        return DType.F16;
    }
}
