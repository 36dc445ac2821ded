package io.github.lotus4j.cli.plan;

import java.math.BigDecimal;
import java.math.MathContext;
import java.text.DecimalFormat;
import java.text.DecimalFormatSymbols;
import java.util.Locale;

/** Numbers that are known roughly: three digits count. */
final class Figures {
    private Figures() {}

    /** As 12,300 or 4.56. */
    static String grouped(double value) {
        return new DecimalFormat("#,##0.############", DecimalFormatSymbols.getInstance(Locale.ROOT))
                .format(rounded(value));
    }

    /** As an option takes it. */
    static String plain(double value) {
        return rounded(value).toPlainString();
    }

    private static BigDecimal rounded(double value) {
        return BigDecimal.valueOf(value).round(new MathContext(3)).stripTrailingZeros();
    }
}
