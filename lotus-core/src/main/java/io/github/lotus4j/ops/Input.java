package io.github.lotus4j.ops;

import org.jspecify.annotations.Nullable;

/**
 * How an operator reads: one tensor, or two side by side on the channels (a skip connection, never copied together), seen
 * at another size by nearest neighbour (an upsampling, never written out), optionally through a normalisation and then an
 * activation. Order of effects: concatenation, normalisation, activation, resizing (the last two commute).
 *
 * @param height rows as the operator sees them
 * @param width columns as the operator sees them
 */
public record Input(
        Tensor first,
        @Nullable Tensor second,
        int height,
        int width,
        @Nullable Norm norm,
        Activation activation) {

    public static Input of(Tensor tensor) {
        Shape shape = tensor.shape();
        return new Input(tensor, null, shape.h(), shape.w(), null, Activation.NONE);
    }

    /** Both tensors side by side on the channels, {@code first} in front. */
    public static Input concat(Tensor first, Tensor second) {
        Shape a = first.shape();
        if (!a.equals(second.shape().withChannels(a.c()))) {
            throw new IllegalArgumentException(
                    "concat: " + a + " and " + second.shape() + " differ in more than channels");
        }
        return new Input(first, second, a.h(), a.w(), null, Activation.NONE);
    }

    /** The same, seen at another size: row y reads source row {@code floor(y · sourceHeight / height)}. */
    public Input resized(int newHeight, int newWidth) {
        return new Input(first, second, newHeight, newWidth, norm, activation);
    }

    public Input normalized(Norm by, Activation then) {
        if (norm != null || activation != Activation.NONE) {
            throw new IllegalStateException(
                    "input is already read through " + (norm == null ? activation : norm.name()));
        }
        return new Input(first, second, height, width, by, then);
    }

    public Input activated(Activation by) {
        if (activation != Activation.NONE) {
            throw new IllegalStateException("input is already read through " + activation);
        }
        return new Input(first, second, height, width, norm, by);
    }

    public int channels() {
        return first.shape().c() + (second == null ? 0 : second.shape().c());
    }

    /** The shape that the operator sees. */
    public Shape shape() {
        return new Shape(first.shape().n(), height, width, channels());
    }

    /** Whether this is a tensor as it lies, with nothing to do while reading. */
    public boolean plain() {
        return second == null && norm == null && activation == Activation.NONE && !resized();
    }

    public boolean resized() {
        return height != first.shape().h() || width != first.shape().w();
    }

    /** Whether each source pixel is seen as two rows of two. */
    public boolean doubled() {
        return height == 2 * first.shape().h() && width == 2 * first.shape().w();
    }
}
