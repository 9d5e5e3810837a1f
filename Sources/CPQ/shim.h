#pragma once
#include <libpq-fe.h>

/// The five characters of a failed result's SQLSTATE; NULL when there are none. Here because the field's name is a macro
/// over a character.
static inline const char *edged_pq_state(const PGresult *result) { return PQresultErrorField(result, PG_DIAG_SQLSTATE); }

/// The server's own sentence about a failure, without the values that it was about.
static inline const char *edged_pq_sentence(const PGresult *result)
{
    return PQresultErrorField(result, PG_DIAG_MESSAGE_PRIMARY);
}

/// Keeps libpq from writing what the server remarks to the daemon's standard error.
static inline void edged_pq_ignore(void *argument, const PGresult *result) { (void)argument; (void)result; }
static inline void edged_pq_hush(PGconn *connection) { PQsetNoticeReceiver(connection, edged_pq_ignore, NULL); }
