#include "CSQLiteHooks.h"

#define SQLITE_ENABLE_PREUPDATE_HOOK
#include <math.h>
#include <sqlite3.h>
#include <stdlib.h>
#include <string.h>

struct edged_row_watch {
    sqlite3 *db;
    char *except;
    edged_row_seen seen;
    void *context;
    uint8_t *row;
    size_t length, room;
    int failed;
};

static int append(edged_row_watch *watch, const void *bytes, size_t count)
{
    if (watch->room - watch->length < count) {
        size_t room = (watch->length + count) * 2 + 256;
        uint8_t *grown = realloc(watch->row, room);
        if (!grown) return 0;
        watch->row = grown;
        watch->room = room;
    }
    if (count) memcpy(watch->row + watch->length, bytes, count);
    watch->length += count;
    return 1;
}

static int append_number(edged_row_watch *watch, uint8_t type, uint64_t number)
{
    uint8_t form[9] = {type};
    for (int place = 0; place < 8; place++) form[1 + place] = (uint8_t)(number >> (56 - 8 * place));
    return append(watch, form, sizeof form);
}

enum { type_null, type_integer, type_real, type_text, type_blob };

static int append_value(edged_row_watch *watch, sqlite3_value *value)
{
    switch (sqlite3_value_type(value)) {
    case SQLITE_INTEGER: return append_number(watch, type_integer, (uint64_t)sqlite3_value_int64(value));
    case SQLITE_FLOAT: {
        double real = sqlite3_value_double(value);
        // SQLite keeps a whole number of a REAL column as an integer and shows it one way or the other.
        if (fabs(real) < 9e15 && real == floor(real)) return append_number(watch, type_integer, (uint64_t)(int64_t)real);
        uint64_t bits;
        memcpy(&bits, &real, sizeof bits);
        return append_number(watch, type_real, bits);
    }
    case SQLITE_TEXT: {
        const void *text = sqlite3_value_text(value);
        size_t count = (size_t)sqlite3_value_bytes(value);
        return (text || !count) && append_number(watch, type_text, count) && append(watch, text, count);
    }
    case SQLITE_BLOB: {
        const void *blob = sqlite3_value_blob(value);
        size_t count = (size_t)sqlite3_value_bytes(value);
        return (blob || !count) && append_number(watch, type_blob, count) && append(watch, blob, count);
    }
    default: {
        uint8_t type = type_null;
        return append(watch, &type, 1);
    }
    }
}

static int begin_row(edged_row_watch *watch, const char *table)
{
    watch->length = 0;
    return append(watch, table, strlen(table) + 1);
}

static void tell(edged_row_watch *watch, const char *table, int sign)
{
    int columns = sqlite3_preupdate_count(watch->db);
    int good = begin_row(watch, table);
    for (int column = 0; good && column < columns; column++) {
        sqlite3_value *value = NULL;
        int code = sign < 0 ? sqlite3_preupdate_old(watch->db, column, &value)
                            : sqlite3_preupdate_new(watch->db, column, &value);
        good = code == SQLITE_OK && value && append_value(watch, value);
    }
    if (good) watch->seen(watch->context, table, sign, watch->row, watch->length);
    else watch->failed = 1;
}

static void before_change(
    void *context, sqlite3 *db, int change, const char *schema, const char *table, sqlite3_int64 key, sqlite3_int64 new_key)
{
    edged_row_watch *watch = context;
    (void)key;
    (void)new_key;
    if (strcmp(schema, "main") != 0 || strcmp(table, watch->except) == 0) return;
    // A blob that is written in place is not told with its new bytes.
    if (sqlite3_preupdate_blobwrite(db) >= 0) watch->failed = 1;
    if (change != SQLITE_INSERT) tell(watch, table, -1);
    if (change != SQLITE_DELETE) tell(watch, table, 1);
}

edged_row_watch *edged_row_watch_begin(sqlite3 *db, const char *except, edged_row_seen seen, void *context)
{
    edged_row_watch *watch = calloc(1, sizeof *watch);
    if (!watch) return NULL;
    watch->except = strdup(except);
    if (!watch->except) {
        free(watch);
        return NULL;
    }
    watch->db = db;
    watch->seen = seen;
    watch->context = context;
    sqlite3_preupdate_hook(db, before_change, watch);
    // The store's schema has none of these: one that somebody put into the file would act with the store's authority.
    sqlite3_db_config(db, SQLITE_DBCONFIG_ENABLE_TRIGGER, 0, NULL);
    sqlite3_db_config(db, SQLITE_DBCONFIG_ENABLE_VIEW, 0, NULL);
    sqlite3_db_config(db, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, NULL);
    return watch;
}

void edged_row_watch_free(edged_row_watch *watch)
{
    if (!watch) return;
    free(watch->row);
    free(watch->except);
    free(watch);
}

int edged_row_watch_failed(edged_row_watch *watch)
{
    if (!watch) return 0;
    int failed = watch->failed;
    watch->failed = 0;
    return failed;
}

int edged_row_watch_scan(edged_row_watch *watch, sqlite3_stmt *select, const char *table)
{
    int code;
    while ((code = sqlite3_step(select)) == SQLITE_ROW) {
        int columns = sqlite3_column_count(select);
        int good = begin_row(watch, table);
        for (int column = 0; good && column < columns; column++)
            good = append_value(watch, sqlite3_column_value(select, column));
        if (!good) return SQLITE_NOMEM;
        watch->seen(watch->context, table, 1, watch->row, watch->length);
    }
    return code == SQLITE_DONE ? SQLITE_OK : code;
}

static sqlite3_file *main_file(sqlite3 *db)
{
    sqlite3_file *file = NULL;
    if (sqlite3_file_control(db, "main", SQLITE_FCNTL_FILE_POINTER, &file) != SQLITE_OK) return NULL;
    return file && file->pMethods ? file : NULL;
}

int64_t edged_file_size(sqlite3 *db)
{
    sqlite3_file *file = main_file(db);
    sqlite3_int64 size = -1;
    if (!file || file->pMethods->xFileSize(file, &size) != SQLITE_OK) return -1;
    return size;
}

int edged_file_read(sqlite3 *db, int64_t offset, void *bytes, int count)
{
    sqlite3_file *file = main_file(db);
    return file ? file->pMethods->xRead(file, bytes, count, offset) : SQLITE_MISUSE;
}

/* Damaged pages show as any of these: a length that is wrong asks for too much memory, a wrong type mismatches. */
static int is_damage(int code)
{
    switch (code & 0xff) {
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
    case SQLITE_TOOBIG:
    case SQLITE_NOMEM:
    case SQLITE_MISMATCH:
    case SQLITE_ERROR:
        return 1;
    default:
        return 0;
    }
}

int edged_next_readable(sqlite3 *db, const char *select, int64_t first, int64_t last, int64_t *found)
{
    sqlite3_stmt *statement = NULL;
    int code = sqlite3_prepare_v2(db, select, -1, &statement, NULL);
    if (code != SQLITE_OK)
        return code;
    int outcome = SQLITE_NOTFOUND;
    for (int64_t key = first; key <= last && outcome == SQLITE_NOTFOUND; key++) {
        code = sqlite3_bind_int64(statement, 1, key);
        if (code == SQLITE_OK)
            code = sqlite3_step(statement);
        if (code == SQLITE_DONE || (code == SQLITE_ROW && sqlite3_column_int64(statement, 0) >= key)) {
            *found = key;
            outcome = SQLITE_OK;
        } else if (code != SQLITE_ROW && !is_damage(code)) {
            outcome = code;
        }
        sqlite3_reset(statement);
        if (key == INT64_MAX)
            break;
    }
    sqlite3_finalize(statement);
    return outcome;
}

static int is_spent(void *context)
{
    int64_t *left = context;
    *left -= 1000;
    return *left <= 0;
}

void edged_limit_steps(sqlite3 *db, int64_t *left)
{
    sqlite3_progress_handler(db, left ? 1000 : 0, left ? is_spent : NULL, left);
}
