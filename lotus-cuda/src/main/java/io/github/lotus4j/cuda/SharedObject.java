package io.github.lotus4j.cuda;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashSet;
import java.util.Set;

/**
 * A 64-bit little-endian ELF library in memory. JCuda's natives name CUDA 12's libraries; those of CUDA 13 have the same functions
 * under names of the same length, which are put in their place. Format: System V ABI, chapters 4 and 5; versions: LSB, symbol
 * versioning.
 */
final class SharedObject {
    private static final int SECTION_OFFSET = 0x28;
    private static final int SECTION_SIZE = 0x3A;
    private static final int SECTION_COUNT = 0x3C;
    private static final int DYNAMIC = 6;
    private static final int VERSIONS_NEEDED = 0x6ffffffe;
    private static final long NEEDED = 1;

    private final byte[] bytes;
    private final ByteBuffer buffer;

    SharedObject(byte[] bytes) {
        this.bytes = bytes.clone();
        buffer = ByteBuffer.wrap(this.bytes).order(ByteOrder.LITTLE_ENDIAN);
        if (bytes.length < 64 || buffer.getInt(0) != 0x464c457f || bytes[4] != 2 || bytes[5] != 1) {
            throw new IllegalArgumentException("not a 64-bit little-endian ELF file");
        }
    }

    byte[] bytes() {
        return bytes.clone();
    }

    private record Section(int type, int offset, int size, int link) {}

    private Section section(int index) {
        int at = (int) buffer.getLong(SECTION_OFFSET) + index * buffer.getShort(SECTION_SIZE);
        return new Section(
                buffer.getInt(at + 4),
                (int) buffer.getLong(at + 0x18),
                (int) buffer.getLong(at + 0x20),
                buffer.getInt(at + 0x28));
    }

    /** Puts one needed library in another's place. */
    void replaceNeeded(String library, String by) {
        if (library.length() != by.length()) {
            throw new IllegalArgumentException(library + " and " + by + " differ in length");
        }
        Set<Integer> names = new LinkedHashSet<>();
        for (int i = 0; i < buffer.getShort(SECTION_COUNT); i++) {
            Section section = section(i);
            if (section.type == DYNAMIC) {
                collectNeeded(section, section(section.link).offset, names);
            } else if (section.type == VERSIONS_NEEDED) {
                replaceVersions(section, section(section.link).offset, library, by, names);
            }
        }
        for (int name : names) { // in the end, since they are shared
            if (text(name).equals(library)) {
                System.arraycopy(by.getBytes(StandardCharsets.US_ASCII), 0, bytes, name, by.length());
            }
        }
    }

    private void collectNeeded(Section dynamic, int strings, Set<Integer> names) {
        for (int at = dynamic.offset; at < dynamic.offset + dynamic.size; at += 16) {
            if (buffer.getLong(at) == NEEDED) {
                names.add(strings + (int) buffer.getLong(at + 8));
            }
        }
    }

    /** Versions are named like their libraries, and found by a hash of the name. */
    private void replaceVersions(Section section, int strings, String library, String by, Set<Integer> names) {
        int at = section.offset;
        for (int next = -1; next != 0; at += next) {
            names.add(strings + buffer.getInt(at + 4));
            int version = at + buffer.getInt(at + 8);
            for (int i = 0; i < buffer.getShort(at + 2); i++) {
                int name = strings + buffer.getInt(version + 8);
                if (text(name).equals(library)) {
                    names.add(name);
                    buffer.putInt(version, hash(by));
                }
                version += buffer.getInt(version + 12);
            }
            next = buffer.getInt(at + 12);
        }
    }

    private String text(int from) {
        int to = from;
        while (bytes[to] != 0) {
            to++;
        }
        return new String(bytes, from, to - from, StandardCharsets.US_ASCII);
    }

    /** System V ABI, figure 5-13. */
    private static int hash(String name) {
        int hash = 0;
        for (byte each : name.getBytes(StandardCharsets.US_ASCII)) {
            hash = (hash << 4) + each;
            int top = hash & 0xf0000000;
            hash ^= top >>> 24;
            hash &= ~top;
        }
        return hash;
    }
}
