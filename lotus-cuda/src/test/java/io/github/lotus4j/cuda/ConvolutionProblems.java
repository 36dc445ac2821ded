package io.github.lotus4j.cuda;

import io.github.lotus4j.ops.Shape;
import io.github.lotus4j.ops.Window;
import java.util.LinkedHashSet;
import java.util.Set;

/**
 * The convolutions of checkpoints of Stable Diffusion 2's size that are no matrix products, each once; but for those of doubled
 * images, which no plan computes.
 */
final class ConvolutionProblems {
    private static final int[] UNET = {320, 640, 1280, 1280};
    private static final int[] VAE = {128, 256, 512, 512};

    /** What three, four and eight channels are padded to, in f16 and bf16. */
    private static final int FEW = 8;

    private final Set<Convolver.Problem> all = new LinkedHashSet<>();
    private final int images;

    private ConvolutionProblems(int images) {
        this.images = images;
    }

    /** @param side of the latents: an eighth of the image's */
    static Set<Convolver.Problem> of(int images, int side) {
        ConvolutionProblems problems = new ConvolutionProblems(images);
        problems.encoder(8 * side);
        problems.unet(side);
        problems.decoder(side);
        return problems.all;
    }

    private void encoder(int side) {
        same(side, FEW, VAE[0]);
        for (int level = 0; level < VAE.length; level++) {
            int at = side >> level;
            resnet(at, VAE[Math.max(level - 1, 0)], VAE[level]);
            resnet(at, VAE[level], VAE[level]);
            if (level < VAE.length - 1) {
                Window halving = new Window(3, 2, 0, 0, 1, 1); // its padding is written out before
                add(at + 1, at / 2, VAE[level], VAE[level], false, halving);
            }
        }
        same(side >> (VAE.length - 1), VAE[VAE.length - 1], FEW);
    }

    private void decoder(int side) {
        same(side, FEW, VAE[VAE.length - 1]);
        for (int level = VAE.length - 1; level >= 0; level--) {
            int at = side << (VAE.length - 1 - level);
            resnet(at, VAE[Math.min(level + 1, VAE.length - 1)], VAE[level]);
            resnet(at, VAE[level], VAE[level]);
        }
        same(side << (VAE.length - 1), VAE[0], FEW);
    }

    private void unet(int side) {
        same(side, FEW, UNET[0]);
        for (int level = 0; level < UNET.length; level++) {
            int at = side >> level;
            resnet(at, UNET[Math.max(level - 1, 0)], UNET[level]);
            resnet(at, UNET[level], UNET[level]);
            if (level < UNET.length - 1) {
                add(at, at / 2, UNET[level], UNET[level], false, Window.padded(3, 2, 1));
            }
        }
        for (int level = UNET.length - 1; level >= 0; level--) {
            int at = side >> level;
            int below = UNET[Math.min(level + 1, UNET.length - 1)];
            int above = UNET[Math.max(level - 1, 0)];
            resnet(at, below + UNET[level], UNET[level]); // beside what was kept on the way down
            resnet(at, UNET[level] + UNET[level], UNET[level]);
            resnet(at, UNET[level] + above, UNET[level]);
        }
        same(side, UNET[0], FEW);
    }

    private void resnet(int side, int in, int out) {
        same(side, in, out);
        add(side, side, out, out, true, Window.SAME_3X3);
    }

    private void same(int side, int in, int out) {
        add(side, side, in, out, false, Window.SAME_3X3);
    }

    private void add(int side, int outSide, int in, int out, boolean adds, Window window) {
        Shape shape = new Shape(images, side, side, in);
        all.add(new Convolver.Problem(shape, new Shape(images, outSide, outSide, out), adds, window));
    }
}
