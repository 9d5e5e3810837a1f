"""What the two-tenant matrix has to know beyond the document. Every entry says why it is there."""

from __future__ import annotations

from dataclasses import dataclass

# Paths whose objects belong to the device and not to a tenant: both tenants see the same.
SHARED = {
    "/api/webhooks/events/": "the catalogue of events, which is part of the program",
    "/api/core/config/": "settings of the device",
    "/api/config/": "the same under its short name",
    "/api/analytics/model-performance/": "figures of the networks, which are the device's",
    "/api/analytics/system-metrics/": "figures of the process",
}

# Of members and administrators; no tenant has anything there.
FLEET = "/api/sync/v1/"

# Where an administrator may see other tenants.
OF_THE_DEVICE = {
    "/api/clients/clients/": "the scope admin manages the clients of the device",
    "/api/core/audit-logs/": "the scope admin reads what was done to clients; lines about people are their tenant's",
    "/api/audit-logs/": "the same under its short name",
}


@dataclass(frozen=True)
class Reference:
    """A member of a body or a query that names an object."""

    # What of the other tenant is put there: see `objects` in test_tenants.
    kind: str
    # Statuses that tell nothing and do nothing; 404 unless there is a reason.
    statuses: tuple[int, ...] = (404,)
    reason: str = ""


OPENS_OWN = "ids of users are each tenant's own words: the session opens for a user of that name of its own"
NOWHERE = "the path leads nowhere"
IN_A_BODY = "credentials in a body are 401"
REFUSED = "an object that is not the caller's own is an invalid value of the field"

# By method, path without the slash at its end, and member.
REFERENCES = {
    ("POST", "/api/auth/process-image", "session_token"): Reference("session_token"),
    ("POST", "/api/auth/enrollment", "user_id"): Reference("person", (201, 400, 404), OPENS_OWN),
    ("POST", "/api/auth/authentication", "user_id"): Reference("person", (201, 400, 404), OPENS_OWN),
    ("POST", "/api/core/auth/user", "external_user_id"): Reference("person", (401, 404), IN_A_BODY),
    ("POST", "/api/auth/user", "external_user_id"): Reference("person", (401, 404), IN_A_BODY),
    ("POST", "/api/core/auth/user", "client_id"): Reference("client", (401, 404), IN_A_BODY),
    ("POST", "/api/auth/user", "client_id"): Reference("client", (401, 404), IN_A_BODY),
    ("POST", "/api/clients/users", "external_user_id"): Reference("person", (201,), OPENS_OWN),
    ("PUT", "/api/clients/users/{}", "external_user_id"): Reference("person", (404,), NOWHERE),
    ("PATCH", "/api/clients/users/{}", "external_user_id"): Reference("person", (404,), NOWHERE),
    ("POST", "/api/auth/enrollments", "client_user"): Reference("person_uuid", (400, 404), REFUSED),
    ("POST", "/api/auth/enrollments", "enrollment_session"): Reference("session_id", (400, 404), REFUSED),
    ("POST", "/api/auth/enrollments", "client"): Reference("client_uuid", (400, 404), REFUSED),
    ("PUT", "/api/auth/enrollments/{}", "client_user"): Reference("person_uuid", (404,), NOWHERE),
    ("PUT", "/api/auth/enrollments/{}", "enrollment_session"): Reference("session_id", (404,), NOWHERE),
    ("PUT", "/api/auth/enrollments/{}", "client"): Reference("client_uuid", (404,), NOWHERE),
    ("PATCH", "/api/auth/enrollments/{}", "client_user"): Reference("person_uuid", (404,), NOWHERE),
    ("PATCH", "/api/auth/enrollments/{}", "enrollment_session"): Reference("session_id", (404,), NOWHERE),
    ("PATCH", "/api/auth/enrollments/{}", "client"): Reference("client_uuid", (404,), NOWHERE),
    ("POST", "/api/webhooks/endpoints", "client"): Reference("client_uuid", (201, 400, 404), "ignored: own endpoint"),
    ("POST", "/api/streaming/signaling", "session_token"): Reference("session_token"),
}

# Members that look like ids and are none of an object of ours.
NO_REFERENCES = {
    "external_user_uuid": "a second id in the client's own system",
    "client_id": "the name of the client that asks, checked with its secret",
    "session_id": "a word of the caller's own in a free object",
}
