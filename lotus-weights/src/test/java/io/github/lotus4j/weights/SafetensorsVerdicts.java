package io.github.lotus4j.weights;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.lotus4j.error.LotusException;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import java.util.zip.CRC32;

/**
 * What this library makes of each file in a folder, a line of JSON a file: its tensors and metadata, the message with which it is
 * refused, or what was thrown and should not have been. {@code scripts/check-safetensors.py} compares that with the format's own
 * reader.
 */
final class SafetensorsVerdicts {
    private SafetensorsVerdicts() {}

    public static void main(String[] folders) throws IOException {
        PrintStream out = new PrintStream(System.out, false, StandardCharsets.UTF_8);
        List<Path> files;
        try (Stream<Path> all = Files.list(Path.of(folders[0]))) {
            files = all.sorted().toList();
        }
        for (Path file : files) {
            out.println(verdict(file).put("file", String.valueOf(file.getFileName())));
        }
        out.flush();
    }

    @SuppressWarnings("CatchingUnchecked") // whatever else is thrown is what the script looks for
    private static ObjectNode verdict(Path file) {
        try (SafetensorsFile opened = SafetensorsFile.open(file)) {
            ObjectNode accepted = Json.object();
            ArrayNode tensors = accepted.putArray("tensors");
            opened.tensors().forEach(tensor -> tensors.add(described(tensor)));
            ObjectNode metadata = accepted.putObject("metadata");
            opened.metadata().forEach(metadata::put);
            return accepted;
        } catch (LotusException e) {
            return Json.object().put("refused", e.getMessage());
        } catch (Exception | Error e) {
            return Json.object().put("crashed", e.toString());
        }
    }

    private static ObjectNode described(Parameter tensor) {
        ObjectNode described = Json.object().put("name", tensor.name()).put("dtype", String.valueOf(tensor.dtype()));
        ArrayNode shape = described.putArray("shape");
        for (int dimension : tensor.shape()) {
            shape.add(dimension);
        }
        described.put("bytes", checksum(tensor.data().asByteBuffer()));
        if (tensor.dtype().convertible()) {
            float[] floats = tensor.toFloats();
            ByteBuffer bits = ByteBuffer.allocate(Float.BYTES * floats.length).order(ByteOrder.LITTLE_ENDIAN);
            for (float value : floats) {
                bits.putInt(Float.floatToIntBits(value)); // which makes every NaN the same
            }
            described.put("floats", checksum(bits.flip()));
        }
        return described;
    }

    private static long checksum(ByteBuffer bytes) {
        CRC32 sum = new CRC32();
        sum.update(bytes);
        return sum.getValue();
    }
}
