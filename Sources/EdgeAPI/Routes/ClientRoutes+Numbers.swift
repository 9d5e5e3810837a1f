import EdgeCore
import FoundationEssentials
import Hummingbird

/// A client in numbers.
extension ClientRoutes {
    func stats(_ call: APICall) async throws -> Response {
        let id = try await visible(call).id
        let now = services.clock.wall
        let usage = services.insight.usage
        let users = try await services.clients.userCounts(of: id)
        let figures = try await services.insight.figures.figures(of: id, in: TimeSpan())
        let day = try await usage.callCount(of: id, in: TimeSpan(from: now.addingTimeInterval(-UTCDay.seconds)))
        let week = try await usage.callCount(of: id, in: TimeSpan(from: now.addingTimeInterval(-7 * UTCDay.seconds)))
        let webhooks = try await webhooks(of: id, days: 7)
        return .json([
            "total_users": .whole(users.users), "enrolled_users": .whole(users.enrolled),
            "active_face_auth": .whole(users.active), "total_enrollments": .whole(figures.enrollmentsCompleted),
            "successful_authentications": .whole(figures.successes),
            "failed_authentications": .whole(figures.failures), "api_calls_last_24h": .whole(day.calls),
            "api_calls_last_7d": .whole(week.calls), "webhook_success_rate": .number(webhooks.successRate),
        ])
    }

    /// The calling client and how it does, in the reference's form.
    func info(of client: ClientRecord) async throws -> JSONObject {
        [
            "client": [
                "id": .string(client.id.description), "client_id": .string(client.publicID),
                "name": .string(client.name), "scope": .string(client.scope.rawValue),
                "status": .string(client.status.rawValue), "tier": .string(client.tier.rawValue),
                "last_activity": .date(client.lastActivityAt),
                "contact": ["email": .text(client.profile.contactEmail), "name": .text(client.profile.contactName)],
            ],
            "rate_limits": .object(ClientBody.rateLimits(client.rateLimit)),
            "features": .object(ClientBody.features(client.features)),
            "allowed_domains": .array(client.allowedDomains.map(JSONValue.string)),
            "webhook": .object(try await webhookInfo(of: client)), "usage": .object(try await usageInfo(of: client.id)),
            "analytics": .object(try await analyticsInfo(of: client.id)),
            "timestamps": ["created_at": .date(client.createdAt), "updated_at": .date(client.updatedAt)],
        ]
    }

    private func webhookInfo(of client: ClientRecord) async throws -> JSONObject {
        let numbers = try await webhooks(of: client.id, days: 30)
        return [
            "url": .text(client.profile.webhookURL), "secret_configured": .bool(client.hasWebhookSecret),
            "events": .array(client.features.webhookEvents.map(JSONValue.string)),
            "summary": [
                "total": .whole(numbers.total), "success": .whole(numbers.successful),
                "failed": .whole(numbers.failed), "retrying": .whole(numbers.pending),
            ],
            "recent_failures": .array(
                numbers.recentFailures.prefix(5).map { delivery in
                    [
                        "event_type": .string(delivery.eventName), "status": .string(delivery.status.rawValue),
                        "response_status_code": delivery.statusCode.map(JSONValue.whole) ?? .null,
                        "attempt_count": .whole(delivery.attempt), "created_at": .date(delivery.createdAt),
                    ]
                }),
        ]
    }

    private func usageInfo(of client: ClientID) async throws -> JSONObject {
        let usage = services.insight.usage
        let now = services.clock.wall
        let today = try await usage.callCount(of: client, in: TimeSpan(lastDays: 1, until: now))
        let week = try await usage.callCount(of: client, in: TimeSpan(lastDays: 7, until: now))
        let recent = try await usage.calls(of: client, page: PageRequest())
        return [
            "today": .whole(today.calls), "last_7_days": .whole(week.calls),
            "recent": .array(
                recent.items.prefix(5).map { call in
                    [
                        "endpoint": .string(call.category.rawValue), "method": .string(call.method),
                        "status_code": .whole(call.status),
                        "response_time_ms": .rounded(call.milliseconds, places: 3), "created_at": .date(call.at),
                    ]
                }),
        ]
    }

    private func analyticsInfo(of client: ClientID) async throws -> JSONObject {
        let users = try await services.clients.userCounts(of: client)
        let figures = try await services.insight.figures.figures(of: client, in: TimeSpan())
        let totals = try await services.insight.figures.totals(of: client)
        return [
            "total_users": .whole(users.users), "enrolled_users": .whole(users.enrolled),
            "active_face_auth": .whole(users.active), "total_enrollments": .whole(figures.enrollmentsCompleted),
            "auth_success": .whole(figures.successes), "auth_failed": .whole(figures.failures),
            "active_sessions": .whole(totals.openSessions),
        ]
    }

    private func webhooks(of client: ClientID, days: Int) async throws -> WebhookStatistics {
        let now = services.clock.wall
        let start = now.addingTimeInterval(-UTCDay.seconds * Double(days))
        return try await services.webhooks.webhookStatistics(of: client, in: start..<now.addingTimeInterval(1))
    }
}
