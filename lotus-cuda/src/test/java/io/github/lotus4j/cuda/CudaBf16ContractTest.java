package io.github.lotus4j.cuda;

import io.github.lotus4j.ops.Backend;
import io.github.lotus4j.ops.OpsContractTest;
import io.github.lotus4j.weights.DType;
import org.junit.jupiter.api.Tag;

@Tag("full") // the same kernels as for f16, of another type
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
