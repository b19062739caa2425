package cns.bench;

import java.nio.ByteBuffer;
import java.util.Arrays;

/**
 * The work that is measured, so that every output can be checked by itself.
 *
 * <p>Record n has key n * 7919 mod keys, so each key comes once in each round of {@code keys} records, and the row of
 * record n was written n / keys times before.
 */
final class Workload {
    static final int KEY_BYTES = 16;
    static final int ROW_BYTES = 200;
    static final int OUTPUT_BYTES = 300;
    private static final int COPIED_BYTES = OUTPUT_BYTES - ROW_BYTES;
    private static final int STARTED_AT = COPIED_BYTES - Long.BYTES;
    private static final long STRIDE = 7919;

    private Workload() {}

    static byte[] key(long n, long keys) {
        return ByteBuffer.allocate(KEY_BYTES).putLong(0x0707070707070707L).putLong(n * STRIDE % keys).array();
    }

    /** The number of the record, then filler. */
    static byte[] value(long n, int bytes) {
        byte[] value = new byte[bytes];
        Arrays.fill(value, (byte) (n % 251));
        ByteBuffer.wrap(value).putLong(0, n);
        return value;
    }

    /** The new row: how often it was written, the record's number, filler. */
    static byte[] row(byte[] value, byte[] old) {
        byte[] row = old == null ? new byte[ROW_BYTES] : old;
        ByteBuffer view = ByteBuffer.wrap(row);
        view.putLong(0, view.getLong(0) + 1);
        System.arraycopy(value, 0, row, Long.BYTES, Long.BYTES);
        row[ROW_BYTES - 1] = value[value.length - 1];
        return row;
    }

    /** The beginning of the value, when the process that wrote it was started, and the row. */
    static byte[] output(byte[] value, byte[] row, long startedMs) {
        byte[] output = new byte[OUTPUT_BYTES];
        System.arraycopy(value, 0, output, 0, STARTED_AT);
        ByteBuffer.wrap(output).putLong(STARTED_AT, startedMs);
        System.arraycopy(row, 0, output, COPIED_BYTES, ROW_BYTES);
        return output;
    }

    static long number(byte[] output) {
        return ByteBuffer.wrap(output).getLong(0);
    }

    static long startedMs(byte[] output) {
        return ByteBuffer.wrap(output).getLong(STARTED_AT);
    }

    /** Whether the row had every earlier record of its key, each once. */
    static boolean correct(byte[] output, long keys) {
        long writes = ByteBuffer.wrap(output).getLong(COPIED_BYTES);
        return output.length == OUTPUT_BYTES && writes == number(output) / keys + 1;
    }
}
