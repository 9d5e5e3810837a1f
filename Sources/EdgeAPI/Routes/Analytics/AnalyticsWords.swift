import EdgeCore

/// What a security event is as an alert, in the reference's words; the first three name what this device never
/// claims to see.
enum AlertType: String, CaseIterable, Sendable {
    case newDevice = "new_device"
    case locationAnomaly = "location_anomaly"
    case timeAnomaly = "time_anomaly"
    case failedAttempts = "failed_attempts"
    case qualityDegradation = "quality_degradation"
    case systemBreach = "system_breach"
    case dataAnomaly = "data_anomaly"

    init(_ type: SecurityEventType) {
        switch type {
        case .loginAttempt, .failedAuthentication: self = .failedAttempts
        case .spoofingAttempt, .livenessCheckFailed: self = .systemBreach
        case .multipleFaces, .obstacleDetected: self = .qualityDegradation
        case .unusualActivity, .systemError: self = .dataAnomaly
        }
    }

    /// The events that are alerts of this type.
    var events: [SecurityEventType] { SecurityEventType.allCases.filter { AlertType($0) == self } }
}

/// How bad an alert is; `info` and `low` events are no alerts, but clients may ask for them.
enum AlertSeverity: String, CaseIterable, Sendable {
    case info, low, medium, high, critical

    /// The events that are alerts.
    static let alerting: [SecuritySeverity] = [.medium, .high, .critical]

    /// The events of this severity that are alerts.
    var events: [SecuritySeverity] { Self.alerting.filter { $0.rawValue == rawValue } }
}

/// The time that the dashboard looks back on.
enum DashboardPeriod: String, CaseIterable, Sendable {
    case week = "7_days"
    case month = "30_days"
    case quarter = "90_days"
    case year = "1_year"

    var days: Int {
        switch self {
        case .week: 7
        case .month: 30
        case .quarter: 90
        case .year: 365
        }
    }
}

/// How a metric behaves.
enum MetricType: String, CaseIterable, Sendable {
    case counter, gauge, histogram, timer
}

/// What is measured in each hour.
enum MetricName: String, CaseIterable, Sendable {
    case enrollmentCompleted = "enrollment.completed"
    case enrollmentFailed = "enrollment.failed"
    case enrollmentQuality = "enrollment.quality_score"
    case enrollmentLiveness = "enrollment.liveness_score"
    case enrollmentFrames = "enrollment.frames_processed"
    case authenticationSuccess = "authentication.success"
    case authenticationFailure = "authentication.failure"
    case authenticationSimilarity = "authentication.similarity_score"
    case authenticationFrames = "authentication.frames_processed"
    case authenticationTime = "authentication.response_time"
    case securityEvent = "security.event"

    var type: MetricType {
        switch self {
        case .enrollmentCompleted, .enrollmentFailed, .authenticationSuccess, .authenticationFailure, .securityEvent,
            .enrollmentFrames, .authenticationFrames:
            .counter
        case .enrollmentQuality, .enrollmentLiveness, .authenticationSimilarity: .gauge
        case .authenticationTime: .timer
        }
    }

    var unit: String {
        switch self {
        case .enrollmentCompleted, .enrollmentFailed, .authenticationSuccess, .authenticationFailure: "sessions"
        case .securityEvent: "events"
        case .enrollmentFrames, .authenticationFrames: "frames"
        case .enrollmentQuality, .enrollmentLiveness, .authenticationSimilarity: "score"
        case .authenticationTime: "milliseconds"
        }
    }

    /// The hour's value; `nil` where there is nothing to tell.
    func value(in figures: SessionFigures) -> Double? {
        func count(_ number: Int) -> Double? { number > 0 ? Double(number) : nil }
        return switch self {
        case .enrollmentCompleted: count(figures.enrollmentsCompleted)
        case .enrollmentFailed: count(figures.enrollmentsFailed)
        case .enrollmentQuality: figures.enrollmentQuality
        case .enrollmentLiveness: figures.enrollmentLiveness
        case .enrollmentFrames: count(figures.enrollmentFrames)
        case .authenticationSuccess: count(figures.successes)
        case .authenticationFailure: count(figures.failures)
        case .authenticationSimilarity: figures.similarity.map { max($0, 0) }
        case .authenticationFrames: count(figures.authenticationFrames)
        case .authenticationTime: figures.meanMilliseconds
        case .securityEvent: nil
        }
    }
}
