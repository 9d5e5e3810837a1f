import Glibc

/// `e` to the power of `value`.
func exponential(_ value: Float) -> Float { expf(value) }

/// 1 / (1 + e^-value).
func logistic(_ value: Float) -> Float { 1 / (1 + expf(-value)) }

/// The angle of a vector in degrees, from the x axis towards the y axis.
func degrees(y: Float, x: Float) -> Float { atan2f(y, x) * 180 / .pi }

/// The natural logarithm.
func naturalLogarithm(_ value: Float) -> Float { logf(value) }

/// The binary logarithm.
func binaryLogarithm(_ value: Float) -> Float { log2f(value) }

/// Where `value` lies between `low` (0) and `high` (1), clamped; `low` may be the larger one.
func ramp(_ value: Float, from low: Float, to high: Float) -> Float {
    min(max((value - low) / (high - low), 0), 1)
}

/// The cosine of an angle in radians.
func cosine(_ angle: Double) -> Double { cos(angle) }

/// The sine of an angle in radians.
func sine(_ angle: Double) -> Double { sin(angle) }
