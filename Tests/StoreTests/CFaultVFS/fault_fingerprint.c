#include "fault_disk.h"
#include <sqlite3.h>
#include <string.h>

// Wrapped keys change when the key-encryption key does, without a change of what they open.
static const char wrapped_key[] = "subject_key";

static bool table_fingerprint(sqlite3 *db, const char *table, int64_t lines, uint64_t *digest) {
    bool audit = strcmp(table, "audit") == 0;
    char *sql = sqlite3_mprintf("SELECT * FROM \"%w\"%s", table, audit ? " WHERE sequence <= ?1" : "");
    sqlite3_stmt *rows = NULL;
    int code = sql ? sqlite3_prepare_v2(db, sql, -1, &rows, NULL) : SQLITE_NOMEM;
    if (code == SQLITE_OK && audit) code = sqlite3_bind_int64(rows, 1, lines);
    *digest = fv_mix(*digest, table, strlen(table));
    while (code == SQLITE_OK && (code = sqlite3_step(rows)) == SQLITE_ROW) {
        for (int i = 0; i < sqlite3_column_count(rows); i++) {
            const char *name = sqlite3_column_name(rows, i);
            if (name && strcmp(name, wrapped_key) == 0) continue;
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
