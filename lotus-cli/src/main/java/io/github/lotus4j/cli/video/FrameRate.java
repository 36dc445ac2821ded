package io.github.lotus4j.cli.video;

import io.github.lotus4j.error.LotusException;
import java.math.BigDecimal;
import java.math.BigInteger;

/** Frames a second, as a fraction: 30000/1001 is no number with a few digits. */
public record FrameRate(long numerator, long denominator) {
    /** Where nothing says how fast frames are shown. */
    public static final FrameRate USUAL = new FrameRate(25, 1);

    private static final int MOST = 1000;

    /** In lowest terms. */
    public FrameRate {
        if (numerator < 1 || denominator < 1) {
            throw new LotusException("frame rate: found " + numerator + "/" + denominator + ", expected more than 0");
        }
        long divisor = BigInteger.valueOf(numerator)
                .gcd(BigInteger.valueOf(denominator))
                .longValueExact();
        numerator /= divisor;
        denominator /= divisor;
    }

    /**
     * A number, as 25 or 23.976, or a fraction, as 30000/1001.
     *
     * @throws LotusException if it is neither, not from 0.001 to 1000, or has too many digits
     */
    public static FrameRate of(String text) {
        try {
            int slash = text.indexOf('/');
            BigDecimal above = new BigDecimal(slash < 0 ? text : text.substring(0, slash));
            BigDecimal below = slash < 0 ? BigDecimal.ONE : new BigDecimal(text.substring(slash + 1));
            BigDecimal thousand = BigDecimal.valueOf(MOST);
            boolean possible = below.signum() > 0
                    && above.multiply(thousand).compareTo(below) >= 0
                    && above.compareTo(below.multiply(thousand)) <= 0;
            if (possible) {
                int digits = Math.max(Math.max(above.scale(), below.scale()), 0);
                return new FrameRate(
                        above.movePointRight(digits).longValueExact(),
                        below.movePointRight(digits).longValueExact());
            }
        } catch (NumberFormatException e) {
            // said below
        } catch (ArithmeticException e) {
            throw new LotusException("found " + text + ", expected fewer digits: nine behind the point are enough", e);
        }
        throw new LotusException(
                "found " + text + ", expected frames a second, 0.001 to 1000, as 25, 23.976 or 30000/1001");
    }

    /** How many there are in as long as {@code frames} take at another rate. */
    long frames(long frames, FrameRate other) {
        return Math.round((double) frames * other.denominator / other.numerator * numerator / denominator);
    }

    @Override
    public String toString() {
        return numerator + "/" + denominator;
    }
}
