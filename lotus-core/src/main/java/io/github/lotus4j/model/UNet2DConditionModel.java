package io.github.lotus4j.model;

import io.github.lotus4j.ops.Conv2d;
import io.github.lotus4j.ops.Finite;
import io.github.lotus4j.ops.Frame;
import io.github.lotus4j.ops.Input;
import io.github.lotus4j.ops.Norm;
import io.github.lotus4j.ops.Ops;
import io.github.lotus4j.ops.PreparedWeights;
import io.github.lotus4j.ops.Shape;
import io.github.lotus4j.ops.Tensor;
import io.github.lotus4j.ops.Window;
import io.github.lotus4j.weights.CheckpointException;
import io.github.lotus4j.weights.Component;
import java.nio.FloatBuffer;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import java.util.stream.Stream;

/** The denoiser: a UNet over latents that knows the time, the task and the prompt. Ronneberger et al. 2015; Rombach et al. 2022. */
public final class UNet2DConditionModel {
    private final UNetConfig config;
    private final PreparedWeights prepared;

    private final Conv2d convIn;
    private final TimeEmbedding timeEmbedding;
    private final List<UNetDownBlock> downBlocks = new ArrayList<>();
    private final UNetMidBlock midBlock;
    private final List<UNetUpBlock> upBlocks = new ArrayList<>();
    private final Norm convNormOut;
    private final Conv2d convOut;

    /**
     * Declares the layers that {@code unet}'s config.json describes.
     *
     * @param once where layers are prepared that only {@link #prompt} uses; can be closed after it
     */
    public UNet2DConditionModel(Component unet, PreparedWeights prepared, PreparedWeights once) {
        this.prepared = prepared;
        config = UNetConfig.read(unet.config());
        int[] channels = config.channels();
        Layers root = new Layers(unet.weights(), prepared);
        convIn = root.conv2d("conv_in", config.inChannels(), channels[0], Window.SAME_3X3);
        timeEmbedding = new TimeEmbedding(root, config.timeProj(), config.timeChannels());
        for (int i = 0; i < config.levels(); i++) {
            downBlocks.add(new UNetDownBlock(root.child("down_blocks." + i), once, i, config));
        }
        midBlock = new UNetMidBlock(root.child("mid_block"), once, config);
        for (int i = 0; i < config.levels(); i++) {
            upBlocks.add(new UNetUpBlock(root.child("up_blocks." + i), once, i, config));
        }
        convNormOut = root.groupNorm("conv_norm_out", channels[0], config.groups());
        convOut = root.conv2d("conv_out", channels[0], config.outChannels(), Window.SAME_3X3);
    }

    /** Channels of the input: the latent's for Lotus-D, twice that for Lotus-G, which adds noise. */
    public int inChannels() {
        return config.inChannels();
    }

    public int outChannels() {
        return config.outChannels();
    }

    public int promptChannels() {
        return config.promptChannels();
    }

    /** @param embeds [1, 1, tokens, promptChannels]; their keys and values become constants of the model */
    public void prompt(Tensor embeds, Ops ops) {
        stages().forEach(stage -> stage.prompt(embeds, ops));
    }

    /**
     * Folds time and task into one shift a residual block.
     *
     * @param frame as long as which the result can be used
     */
    public Conditioning conditioning(double timestep, Task task, Frame frame, Ops ops) {
        Map<ResnetBlock2D, Tensor> shifts = new HashMap<>();
        stages().map(UNetStage::resnet)
                .forEach(block -> shifts.put(block, frame.tensor(Shape.vector(block.outChannels()))));
        try (Frame inner = ops.frame()) {
            Tensor activated = inner.tensor(Shape.vector(timeEmbedding.width()));
            timeEmbedding.forward(activated, timestep, task, ops);
            shifts.forEach((block, shift) -> block.shift(shift, activated, ops));
        }
        return new Conditioning(shifts);
    }

    /**
     * The same as a constant of the model, to be asked for when its weights are loaded.
     *
     * @param runs opens the run that computes it, if it is not known
     * @return throws {@link CheckpointException} where weights give values that are not finite
     */
    public Supplier<Conditioning> constantConditioning(double timestep, Task task, Supplier<Ops> runs) {
        List<ResnetBlock2D> blocks = stages().map(UNetStage::resnet).toList();
        int count = blocks.stream().mapToInt(ResnetBlock2D::outChannels).sum();
        String name = "conditioning at " + timestep + " on " + task;
        Supplier<float[]> values = prepared.derived(name, count, () -> {
            try (Ops ops = runs.get();
                    Frame frame = ops.frame()) {
                Conditioning conditioning = conditioning(timestep, task, frame, ops);
                FloatBuffer all = FloatBuffer.allocate(count);
                blocks.forEach(block -> all.put(ops.download(conditioning.shift(block))));
                return all.array();
            }
        });
        return () -> {
            Map<ResnetBlock2D, Tensor> constants = new HashMap<>();
            List<String> damaged = new ArrayList<>();
            FloatBuffer all = FloatBuffer.wrap(values.get());
            for (ResnetBlock2D block : blocks) {
                float[] shift = new float[block.outChannels()];
                all.get(shift);
                if (!Finite.all(shift)) {
                    damaged.add(block.path().replace('/', '.') + ".time_emb_proj");
                }
                constants.put(block, prepared.constant(Shape.vector(shift.length), shift));
            }
            if (!damaged.isEmpty()) {
                String where = damaged.size() < blocks.size()
                        ? String.join(", ", damaged)
                        : "unet.time_embedding or unet.class_embedding";
                throw new CheckpointException(where + " gives values that are NaN or infinite, expected numbers");
            }
            return new Conditioning(constants);
        };
    }

    /** @param latent [N, H, W, inChannels] → out [N, H, W, outChannels] */
    public void forward(Tensor out, Input latent, Conditioning conditioning, Ops ops) {
        try (Frame frame = ops.frame()) {
            Deque<Tensor> skips = new ArrayDeque<>();
            Tensor first = frame.tensor(latent.shape().withChannels(convIn.outChannels()));
            ops.conv2d(first, latent, convIn);
            ops.computed("unet/conv_in", first);
            skips.push(first);
            for (UNetDownBlock block : downBlocks) {
                block.forward(skips, frame, conditioning, ops);
            }
            Tensor hidden = frame.tensor(skips.getFirst().shape());
            midBlock.forward(hidden, skips.getFirst(), conditioning, ops);
            for (UNetUpBlock block : upBlocks) {
                Tensor next = frame.tensor(block.outShape(hidden.shape(), skips));
                block.forward(next, hidden, skips, conditioning, ops);
                hidden = next;
            }
            ops.computed("unet/conv_norm_out", convNormOut.of(hidden));
            ops.conv2d(out, convNormOut.silu(hidden), convOut);
        }
    }

    private Stream<UNetStage> stages() {
        return Stream.of(
                        downBlocks.stream().map(UNetDownBlock::stages),
                        Stream.of(midBlock.stages()),
                        upBlocks.stream().map(UNetUpBlock::stages))
                .flatMap(blocks -> blocks)
                .flatMap(List::stream);
    }
}
