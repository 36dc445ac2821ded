package io.github.lotus4j.weights;

/**
 * A node in the tree of a component's tensor names. A module asks its node for its parameters and hands child nodes to
 * its children; what could not be given is remembered, and reported by {@link Component#requireComplete()}. Safe for use
 * by several threads.
 */
public final class ModuleWeights {
    private final TensorTable tensors;
    private final String prefix;

    ModuleWeights(TensorTable tensors) {
        this(tensors, "");
    }

    private ModuleWeights(TensorTable tensors, String prefix) {
        this.tensors = tensors;
        this.prefix = prefix;
    }

    /** The node below: {@code child("down_blocks.0").child("resnets.1")}. */
    public ModuleWeights child(String name) {
        return new ModuleWeights(tensors, prefix + name + ".");
    }

    /** Whether the tensor is there; {@code name} may have several steps. Asking does not count as using it. */
    public boolean has(String name) {
        return tensors.find(prefix + name).isPresent();
    }

    /**
     * The tensor of that name and shape, where ones at the end of either shape do not matter.
     *
     * @return what is stored; or, where it is missing, of another shape or of no floating-point type, a stand-in of the
     *     expected shape whose data cannot be read
     */
    public Parameter parameter(String name, int... expectedShape) {
        return tensors.parameter(prefix + name, expectedShape);
    }

    /** The path of this node, from the component on: {@code unet/down_blocks.0.resnets.1}. */
    public String path() {
        return prefix.isEmpty()
                ? tensors.component()
                : tensors.component() + "/" + prefix.substring(0, prefix.length() - 1);
    }
}
