package io.github.lotus4j.benchmarks;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;

/**
 * An ONNX model of a few nodes, written as Protocol Buffers: a message is a row of fields, a field its number and kind in one
 * varint, then a varint, or a length and as many bytes. Numbers are those of {@code onnx.proto}:
 *
 * <pre>
 * ModelProto          ir_version 1, graph 7, opset_import 8      OperatorSetIdProto  version 2
 * GraphProto          node 1, name 2, initializer 5, input 11, output 12
 * NodeProto           input 1, output 2, op_type 4, attribute 5
 * AttributeProto      name 1, i 3, ints 8, type 20 (2: i, 7: ints)
 * TensorProto         dims 1, data_type 2 (1: float, 7: int64), name 8, raw_data 9 (little-endian)
 * ValueInfoProto      name 1, type 2                             TypeProto           tensor_type 1
 * TypeProto.Tensor    elem_type 1, shape 2                       TensorShapeProto    dim 1
 * Dimension           dim_value 1
 * </pre>
 */
final class OnnxGraph {
    private static final int IR_VERSION = 8;
    private static final int OPSET = 18;
    private static final int FLOAT = 1;
    private static final int INT64 = 7;

    private final Message graph = new Message().text(2, "operator");

    OnnxGraph input(String name, long... shape) {
        graph.message(11, value(name, shape));
        return this;
    }

    OnnxGraph constant(String name, float[] values, long... shape) {
        byte[] bytes = new byte[Float.BYTES * values.length];
        littleEndian(bytes).asFloatBuffer().put(values);
        return constant(name, FLOAT, bytes, shape);
    }

    /** A vector, such as a shape. */
    OnnxGraph constant(String name, long[] values) {
        byte[] bytes = new byte[Long.BYTES * values.length];
        littleEndian(bytes).asLongBuffer().put(values);
        return constant(name, INT64, bytes, values.length);
    }

    private static ByteBuffer littleEndian(byte[] bytes) {
        return ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
    }

    private OnnxGraph constant(String name, int type, byte[] values, long... shape) {
        Message tensor = new Message();
        for (long size : shape) {
            tensor.integer(1, size);
        }
        graph.message(5, tensor.integer(2, type).text(8, name).bytes(9, values));
        return this;
    }

    OnnxGraph node(String operator, List<String> inputs, String output) {
        return node(operator, inputs, output, Map.of());
    }

    /** @param attributes one value is written as an integer, several as a list */
    OnnxGraph node(String operator, List<String> inputs, String output, Map<String, long[]> attributes) {
        Message node = new Message();
        inputs.forEach(input -> node.text(1, input));
        node.text(2, output).text(4, operator);
        attributes.forEach((name, values) -> {
            Message attribute = new Message().text(1, name);
            boolean one = values.length == 1;
            for (long value : values) {
                attribute.integer(one ? 3 : 8, value);
            }
            node.message(5, attribute.integer(20, one ? 2 : 7));
        });
        graph.message(1, node);
        return this;
    }

    /** The whole model. */
    byte[] toBytes(String output, long... shape) {
        return new Message()
                .integer(1, IR_VERSION)
                .message(7, graph.message(12, value(output, shape)))
                .message(8, new Message().integer(2, OPSET))
                .toBytes();
    }

    private static Message value(String name, long... shape) {
        Message dimensions = new Message();
        for (long size : shape) {
            dimensions.message(1, new Message().integer(1, size));
        }
        Message tensor = new Message().integer(1, FLOAT).message(2, dimensions);
        return new Message().text(1, name).message(2, new Message().message(1, tensor));
    }

    private static final class Message {
        private static final int VARINT = 0;
        private static final int LENGTH_AND_BYTES = 2;

        private final ByteArrayOutputStream out = new ByteArrayOutputStream();

        Message integer(int field, long value) {
            varint(field << 3 | VARINT);
            varint(value);
            return this;
        }

        Message bytes(int field, byte[] value) {
            varint(field << 3 | LENGTH_AND_BYTES);
            varint(value.length);
            out.writeBytes(value);
            return this;
        }

        Message text(int field, String value) {
            return bytes(field, value.getBytes(StandardCharsets.UTF_8));
        }

        Message message(int field, Message value) {
            return bytes(field, value.toBytes());
        }

        byte[] toBytes() {
            return out.toByteArray();
        }

        /** Seven bits a byte, the lowest first; the eighth says that more follow. */
        private void varint(long value) {
            long left = value;
            while ((left & ~0x7fL) != 0) {
                out.write((int) ((left & 0x7f) | 0x80));
                left >>>= 7;
            }
            out.write((int) left);
        }
    }
}
