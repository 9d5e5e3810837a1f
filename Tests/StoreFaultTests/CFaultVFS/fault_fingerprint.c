#include "fault_disk.h"
#include <sqlite3.h>
#include <string.h>

// What an exchange of the key-encryption key changes step by step, without a change of what anybody was answered: the keys
// as they are wrapped, and what receipts say of the exchange.
static const char *const exchanged[] = {"subject_key", "is_taken", "completion", "key_destroyed_at"};

static bool is_exchanged(const char *column) {
    for (size_t i = 0; column && i < sizeof exchanged / sizeof *exchanged; i++) {
        if (strcmp(column, exchanged[i]) == 0) return true;
    }
    return false;
}

uint64_t fv_fingerprint(struct sqlite3_stmt *rows, const char *table, int64_t lines, uint64_t digest) {
    int code = sqlite3_bind_parameter_count(rows) > 0 ? sqlite3_bind_int64(rows, 1, lines) : SQLITE_OK;
    digest = fv_mix(digest, table, strlen(table));
    while (code == SQLITE_OK && (code = sqlite3_step(rows)) == SQLITE_ROW) {
        for (int i = 0; i < sqlite3_column_count(rows); i++) {
            if (is_exchanged(sqlite3_column_name(rows, i))) continue;
            int kind = sqlite3_column_type(rows, i);
            digest = fv_mix(digest, &kind, sizeof kind);
            const void *bytes = sqlite3_column_blob(rows, i);
            if (bytes) digest = fv_mix(digest, bytes, (size_t)sqlite3_column_bytes(rows, i));
        }
        code = SQLITE_OK;
    }
    sqlite3_reset(rows);
    return code == SQLITE_DONE ? digest : 0;
}
