/*
 * The schema, as the steps that lead to it. A step that was released is never changed again.
 */
#ifndef INLAY_STORE_SQLITE_MIGRATIONS_H
#define INLAY_STORE_SQLITE_MIGRATIONS_H

/* migrations[n - 1] leads from version n - 1 to version n. */
extern const char *const migrations[];
extern const int migration_count;

#endif
