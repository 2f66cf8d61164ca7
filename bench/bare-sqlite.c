/*
 * The least that SQLite can do for a mint: one row of links, with its indexes, for each commit.
 *     bare-sqlite DATABASE LABEL MILLISECONDS
 * The database is one of Inlay's, with its settings: WAL, synchronous=FULL, 4000 pages a checkpoint.
 * Prints {"rows":N,"seconds":S,"busy":B}; B: the part of the time in which it used the processor.
 */
#include <sqlite3.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/random.h>
#include <time.h>

static sqlite3 *db;

static void check(int code)
{
    if (code != SQLITE_OK && code != SQLITE_DONE) {
        fprintf(stderr, "bare-sqlite: %s\n", sqlite3_errmsg(db));
        exit(1);
    }
}

static double now(clockid_t clock)
{
    struct timespec time;
    clock_gettime(clock, &time);
    return (double)time.tv_sec + (double)time.tv_nsec / 1e9;
}

int main(int argc, char **argv)
{
    sqlite3_stmt *insert = NULL;
    unsigned char random[48]; /* an id and a digest */
    int64_t rows = 0;
    if (argc != 4) {
        fprintf(stderr, "usage: bare-sqlite DATABASE LABEL MILLISECONDS\n");
        return 2;
    }
    check(sqlite3_open_v2(argv[1], &db, SQLITE_OPEN_READWRITE, NULL));
    check(sqlite3_exec(db,
                       "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA foreign_keys=ON;"
                       "PRAGMA wal_autocheckpoint=4000; PRAGMA cache_size=-32000;",
                       NULL, NULL, NULL));
    check(sqlite3_prepare_v2(db,
                             "INSERT INTO links (id, kind, label, digest, session_ms, created_at,"
                             " created_by, expires_at)"
                             " VALUES (?1, 'single-use', ?2, ?3, 3600000, ?4, 'bench', ?5)",
                             -1, &insert, NULL));
    check(sqlite3_bind_text(insert, 2, argv[2], -1, SQLITE_STATIC));
    double start = now(CLOCK_MONOTONIC);
    double busy = now(CLOCK_PROCESS_CPUTIME_ID);
    double end = start + atof(argv[3]) / 1e3;
    while (now(CLOCK_MONOTONIC) < end) {
        sqlite3_int64 time_ms = (sqlite3_int64)time(NULL) * 1000;
        if (getrandom(random, sizeof(random), 0) != (ssize_t)sizeof(random)) {
            return 1;
        }
        check(sqlite3_bind_blob(insert, 1, random, 16, SQLITE_STATIC));
        check(sqlite3_bind_blob(insert, 3, random + 16, 32, SQLITE_STATIC));
        check(sqlite3_bind_int64(insert, 4, time_ms));
        check(sqlite3_bind_int64(insert, 5, time_ms + 3600000));
        check(sqlite3_step(insert));
        check(sqlite3_reset(insert));
        rows++;
    }
    double seconds = now(CLOCK_MONOTONIC) - start;
    busy = (now(CLOCK_PROCESS_CPUTIME_ID) - busy) / seconds;
    printf("{\"rows\":%lld,\"seconds\":%.6f,\"busy\":%.4f}\n", (long long)rows, seconds, busy);
    sqlite3_finalize(insert);
    return sqlite3_close(db) == SQLITE_OK ? 0 : 1;
}
