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

/// Lines about an opening come after those that were answered, in the trail and in its lane for central.
static const char *part_of(const char *table) {
    if (strcmp(table, "audit") == 0) return " WHERE sequence <= ?1";
    return strcmp(table, "outbox") == 0 ? " WHERE lane <> 2 OR source <= ?1" : "";
}

static bool table_fingerprint(sqlite3 *db, const char *table, int64_t lines, uint64_t *digest) {
    char *sql = sqlite3_mprintf("SELECT * FROM \"%w\"%s", table, part_of(table));
    sqlite3_stmt *rows = NULL;
    int code = sql ? sqlite3_prepare_v2(db, sql, -1, &rows, NULL) : SQLITE_NOMEM;
    if (code == SQLITE_OK && sqlite3_bind_parameter_count(rows) > 0) code = sqlite3_bind_int64(rows, 1, lines);
    *digest = fv_mix(*digest, table, strlen(table));
    while (code == SQLITE_OK && (code = sqlite3_step(rows)) == SQLITE_ROW) {
        for (int i = 0; i < sqlite3_column_count(rows); i++) {
            if (is_exchanged(sqlite3_column_name(rows, i))) continue;
            int kind = sqlite3_column_type(rows, i);
            *digest = fv_mix(*digest, &kind, sizeof kind);
            const void *bytes = sqlite3_column_blob(rows, i);
            if (bytes) *digest = fv_mix(*digest, bytes, (size_t)sqlite3_column_bytes(rows, i));
        }
        code = SQLITE_OK;
    }
    sqlite3_finalize(rows);
    sqlite3_free(sql);
    return code == SQLITE_DONE;
}

uint64_t fv_fingerprint(struct sqlite3 *db, const char *skipped, int64_t lines) {
    sqlite3_stmt *tables = NULL;
    uint64_t digest = 1;
    const char *sql = "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%' "
                      "AND instr(?1, ',' || name || ',') = 0 ORDER BY name";
    int code = sqlite3_prepare_v2(db, sql, -1, &tables, NULL);
    if (code == SQLITE_OK) code = sqlite3_bind_text(tables, 1, skipped, -1, SQLITE_TRANSIENT);
    while (code == SQLITE_OK && (code = sqlite3_step(tables)) == SQLITE_ROW) {
        const char *table = (const char *)sqlite3_column_text(tables, 0);
        code = table && table_fingerprint(db, table, lines, &digest) ? SQLITE_OK : SQLITE_ERROR;
    }
    sqlite3_finalize(tables);
    return code == SQLITE_DONE ? digest : 0;
}
