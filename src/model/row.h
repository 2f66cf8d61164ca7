/*
 * From rows to structs: readers made of the lists in store/columns.h, and the two ways in which
 * queries are read.
 *
 *     static ROW_READER(pet_from_row, pet, PET_ROW);
 *     static ROW_ONE(pet_one, pet, pet_from_row);
 *     static ROW_ALL(pet_all, pet, pet_from_row);
 *
 *     return pet_one(work, store_query(work->store, SQL_PET_BY_ID, SQL_ARGS(…)), out_pet);
 *     return pet_all(work, store_query(work->store, SQL_PET_LIST, SQL_ARGS(…)), out_pets,
 * out_count);
 */
#ifndef INLAY_MODEL_ROW_H
#define INLAY_MODEL_ROW_H

#include "model/work.h"
#include "store/columns.h"

/* A function that reads the current row into a struct of that type, all of it. */
#define ROW_READER(name, type, row)                                                                \
    void name(struct work *work, const struct rows *rows, struct type *out_row)                    \
    {                                                                                              \
        (void)work;                                                                                \
        *out_row = (struct type){0};                                                               \
        ROW_READ(row, 0);                                                                          \
    }                                                                                              \
    _Static_assert(true, "wants a semicolon")

/* One that reads the only row of a query and ends it: ERR_NOT_FOUND, without words, if there is
 * none. */
#define ROW_ONE(name, type, reader)                                                                \
    enum err name(struct work *work, struct rows rows, struct type *out_row)                       \
    {                                                                                              \
        enum err err = rows_one(&rows);                                                            \
        if (!err) {                                                                                \
            reader(work, &rows, out_row);                                                          \
        }                                                                                          \
        enum err end = rows_end(&rows);                                                            \
        return work_store_fault(work, end ? end : err);                                            \
    }                                                                                              \
    _Static_assert(true, "wants a semicolon")

/* One that reads all rows of a query, which has a limit that the array has room for, and ends it.
 */
#define ROW_ALL(name, type, reader)                                                                \
    enum err name(struct work *work, struct rows rows, struct type *out_rows, size_t *out_count)   \
    {                                                                                              \
        size_t count = 0;                                                                          \
        while (rows_next(&rows)) {                                                                 \
            reader(work, &rows, &out_rows[count++]);                                               \
        }                                                                                          \
        *out_count = count;                                                                        \
        return work_store_fault(work, rows_end(&rows));                                            \
    }                                                                                              \
    _Static_assert(true, "wants a semicolon")

/* The statement in such a function: reads the columns from first on into members of *out_row. Needs
 * rows (a pointer), and work for texts. */
#define ROW_READ(row, first)                                                                       \
    do {                                                                                           \
        int column = (first);                                                                      \
        row(ROW_MEMBER, ROW_MEMBER)                                                                \
    } while (0)
#define ROW_MEMBER(type, member, sql) out_row->member = ROW_##type(column++);

#define ROW_UUID(column) rows_uuid(rows, column)
#define ROW_INT(column) rows_int(rows, column)
#define ROW_BOOL(column) (rows_int(rows, column) != 0)
#define ROW_TEXT(column) work_column(work, rows, column)
#define ROW_BORROWED(column) rows_text(rows, column)
#define ROW_DIGEST(column) row_digest(rows, column)

/* Zeros if the column is NULL or holds something else. */
static inline struct digest row_digest(const struct rows *rows, int column)
{
    struct digest digest = {{0}};
    struct str bytes = rows_text(rows, column);
    if (bytes.len == DIGEST_BYTES) {
        memcpy(digest.bytes, bytes.ptr, DIGEST_BYTES);
    }
    return digest;
}

#endif
