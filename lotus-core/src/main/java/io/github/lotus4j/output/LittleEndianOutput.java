package io.github.lotus4j.output;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/** Numbers as bytes, least significant first, in large pieces. What is not flushed is not written. */
final class LittleEndianOutput {
    private final OutputStream out;
    private final ByteBuffer piece = ByteBuffer.allocate(1 << 16).order(ByteOrder.LITTLE_ENDIAN);

    LittleEndianOutput(OutputStream out) {
        this.out = out;
    }

    void writeByte(int value) throws IOException {
        require(1);
        piece.put((byte) value);
    }

    void writeShort(int value) throws IOException {
        require(2);
        piece.putShort((short) value);
    }

    void writeInt(int value) throws IOException {
        require(4);
        piece.putInt(value);
    }

    void writeFloat(float value) throws IOException {
        require(4);
        piece.putFloat(value);
    }

    void writeFloats(float[] values, int from, int count) throws IOException {
        for (int i = from; i < from + count; i++) {
            writeFloat(values[i]);
        }
    }

    void writeBytes(byte[] bytes) throws IOException {
        flush();
        out.write(bytes);
    }

    void flush() throws IOException {
        out.write(piece.array(), 0, piece.position());
        piece.clear();
    }

    private void require(int bytes) throws IOException {
        if (piece.remaining() < bytes) {
            flush();
        }
    }
}
