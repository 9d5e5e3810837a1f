#pragma once
#include <stddef.h>
#include <stdint.h>

struct sqlite3;
struct sqlite3_stmt;

/// Tells each row that a connection's main database takes in or lets go, while the statement runs.
///
/// Cascades and rows that a REPLACE drops are told too. What SQLite undoes afterwards is not told again.
typedef struct edged_row_watch edged_row_watch;

/// One row in its canonical form: the table's name, then every column with its type and length. `sign` is +1 for a row that
/// comes and -1 for one that goes. The bytes are lent for the call.
typedef void (*edged_row_seen)(void *context, const char *table, int sign, const uint8_t *row, size_t length);

/// Begins to watch; rows of the table `except` are not told. NULL when there is no memory.
///
/// The watch must live as long as the connection.
edged_row_watch *edged_row_watch_begin(struct sqlite3 *db, const char *except, edged_row_seen seen, void *context);

/// Frees a watch whose connection is closed.
void edged_row_watch_free(edged_row_watch *watch);

/// Whether a row could not be told since the last call; no watch has missed none.
int edged_row_watch_failed(edged_row_watch *watch);

/// Tells every remaining row of `SELECT * FROM table` as one that comes. An SQLite result code.
int edged_row_watch_scan(edged_row_watch *watch, struct sqlite3_stmt *select, const char *table);

/// The size of the main database's file without its log, as SQLite's own file handle tells it; -1 when it does not.
///
/// The file is not opened a second time: closing that would drop SQLite's locks on it.
int64_t edged_file_size(struct sqlite3 *db);

/// Reads from the main database's file. An SQLite result code.
int edged_file_read(struct sqlite3 *db, int64_t offset, void *bytes, int count);

/// Finds where a table goes on behind rows that cannot be read: tries every key from `first` to `last`.
///
/// `select` gives the rows from the key ?1 on, in their order, the key first; a row with a smaller one is none of them. `*found` is the first key from which it can be read, also when there
/// are no rows any more: SQLITE_OK then, SQLITE_NOTFOUND when no key will do, another SQLite result code when that failed.
int edged_next_readable(struct sqlite3 *db, const char *select, int64_t first, int64_t last, int64_t *found);

/// Ends the connection's statements with SQLITE_INTERRUPT once `*left` steps of SQLite's machine are done, counted in thousands;
/// NULL takes the limit away.
///
/// In a damaged tree a page may lead back to itself, and a statement would go round for ever. `left` must live as long as the limit.
void edged_limit_steps(struct sqlite3 *db, int64_t *left);
