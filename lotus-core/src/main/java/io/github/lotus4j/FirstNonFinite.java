package io.github.lotus4j;

import io.github.lotus4j.ops.Finite;
import io.github.lotus4j.ops.Frame;
import io.github.lotus4j.ops.Input;
import io.github.lotus4j.ops.Ops;
import io.github.lotus4j.ops.RunListener;
import io.github.lotus4j.ops.Tensor;
import java.util.Map;
import java.util.Optional;

/** Finds the block of the model whose output is the first that is not finite, in a run that is repeated for that. */
final class FirstNonFinite implements RunListener {
    /** What is told under a name of its own comes out of these. */
    private static final Map<String, String> NAMES = Map.of(
            "latent_moments",
            "vae.encoder.conv_out or vae.quant_conv",
            "unet_out",
            "unet.conv_out",
            "decoder_out",
            "vae.decoder.conv_out");

    private final RunListener run;
    private String block = "";

    /** @param run whose cancellation is heeded; what is found cancels, too */
    FirstNonFinite(RunListener run) {
        this.run = run;
    }

    /** Its name in the checkpoint; nothing where all are finite. */
    Optional<String> block() {
        return block.isEmpty() ? Optional.empty() : Optional.of(block);
    }

    @Override
    public boolean cancelled() {
        return !block.isEmpty() || run.cancelled();
    }

    @Override
    public boolean observes() {
        return true;
    }

    @Override
    public void computed(String path, Input view, Ops ops) {
        if (!block.isEmpty()) {
            return;
        }
        try (Frame frame = ops.frame()) {
            Tensor copy = frame.tensor(view.shape());
            ops.copy(copy, view);
            if (!Finite.all(ops.download(copy))) {
                block = NAMES.getOrDefault(path, path.replace('/', '.'));
            }
        }
    }
}
