import EdgeCore

/// Clients as the API tells them.
enum ClientBody {
    /// The reference's object; secrets are never in it.
    static func resource(_ client: ClientRecord) -> JSONObject {
        [
            "id": .string(client.id.description), "client_id": .string(client.publicID),
            "name": .string(client.name), "description": .string(client.profile.about),
            "domain": .text(client.profile.domain), "api_key": .null, "secret_key": .null,
            "scope": .string(client.scope.rawValue), "status": .string(client.status.rawValue),
            "tier": .string(client.tier.rawValue), "webhook_url": .text(client.profile.webhookURL),
            "allowed_domains": .array(client.profile.allowedDomains.map(JSONValue.string)),
            "rate_limit_per_hour": .integer(Int64(client.rateLimit.perHour)),
            "rate_limit_per_day": .integer(Int64(client.rateLimit.perDay)),
            "features": .object(features(client.features)), "metadata": metadata(client.profile),
            "contact_email": .text(client.profile.contactEmail), "contact_name": .text(client.profile.contactName),
            "created_at": .date(client.createdAt), "updated_at": .date(client.updatedAt),
            "last_activity": .date(client.lastActivityAt),
        ]
    }

    /// A new client with its secrets, under the reference's names and the guide's.
    static func created(_ made: ClientCredentials) -> JSONObject {
        var body = resource(made.client)
        body.merge([
            "api_key": .string(made.apiKey.reveal()), "api_secret": .string(made.apiSecret.reveal()),
            "secret_key": .string(made.apiSecret.reveal()), "webhook_secret": .string(made.webhookSecret.reveal()),
            "message": "Keep the secrets now: they cannot be shown again.",
        ])
        return body
    }

    static func features(_ features: ClientFeatures) -> JSONObject {
        [
            "enrollment": .bool(features.enrollment), "recognition": .bool(features.recognition),
            "liveness_detection": .bool(features.livenessDetection), "anti_spoofing": .bool(features.antiSpoofing),
            "batch_processing": .bool(features.batchProcessing), "analytics": .bool(features.analytics),
            "webhook_events": .array(features.webhookEvents.map(JSONValue.string)),
            "max_users_per_client": .integer(Int64(features.maximumUsers)),
            "max_embeddings_per_user": .integer(Int64(features.maximumTemplatesPerUser)),
        ]
    }

    static func rateLimits(_ limit: RateLimit) -> JSONObject {
        ["per_hour": .integer(Int64(limit.perHour)), "per_day": .integer(Int64(limit.perDay))]
    }

    static func metadata(_ profile: ClientProfile) -> JSONValue {
        // Written by us, so it reads; an empty object is better than no answer.
        (try? JSONValue.parse(Array(profile.metadataJSON.utf8))) ?? .object([:])
    }
}
