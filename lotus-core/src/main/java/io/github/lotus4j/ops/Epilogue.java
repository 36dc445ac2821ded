package io.github.lotus4j.ops;

import org.jspecify.annotations.Nullable;

/**
 * What is added to a convolution's or linear layer's result before it is written.
 *
 * @param shift one value a channel, {@code [1, 1, 1, C]}: a time embedding
 * @param residual a tensor of the result's shape; may be the destination itself
 */
public record Epilogue(@Nullable Tensor shift, @Nullable Tensor residual) {
    public static final Epilogue NONE = new Epilogue(null, null);

    public static Epilogue plus(Tensor residual) {
        return new Epilogue(null, residual);
    }

    public static Epilogue shift(Tensor shift) {
        return new Epilogue(shift, null);
    }
}
