package io.github.lotus4j.cuda;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.github.lotus4j.ops.Backend;
import io.github.lotus4j.ops.Conv2d;
import io.github.lotus4j.ops.Epilogue;
import io.github.lotus4j.ops.Frame;
import io.github.lotus4j.ops.Input;
import io.github.lotus4j.ops.Ops;
import io.github.lotus4j.ops.PreparedWeights;
import io.github.lotus4j.ops.RunListener;
import io.github.lotus4j.ops.Shape;
import io.github.lotus4j.ops.Tensor;
import io.github.lotus4j.ops.Window;
import io.github.lotus4j.weights.DType;
import io.github.lotus4j.weights.Parameter;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Objects;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
