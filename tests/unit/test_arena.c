#include "unit.h"

#include "base/arena.h"

static struct arena arena;

static int start(void **state)
{
    (void)state;
    arena = ARENA_NONE;
    return 0;
}

static int end(void **state)
{
    (void)state;
    arena_done(&arena);
    return 0;
}

static void memory_is_zeroed_and_aligned_for_any_type(void **state)
{
    (void)state;
    for (size_t size = 0; size < 200; size++) {
        unsigned char *memory = arena_alloc(&arena, size);
        assert_int_equal((uintptr_t)memory % _Alignof(max_align_t), 0);
        for (size_t i = 0; i < size; i++) {
            assert_int_equal(memory[i], 0);
        }
        memset(memory, 0xff, size);
    }
}

static void pieces_do_not_overlap(void **state)
{
    (void)state;
    enum { PIECES = 1000, PIECE_BYTES = 33 };
    unsigned char *pieces[PIECES];
    for (size_t i = 0; i < PIECES; i++) {
        pieces[i] = arena_alloc(&arena, PIECE_BYTES);
        memset(pieces[i], (int)(i % 251), PIECE_BYTES);
    }
    for (size_t i = 0; i < PIECES; i++) {
        assert_int_equal(pieces[i][0], i % 251);
        assert_int_equal(pieces[i][PIECE_BYTES - 1], i % 251);
    }
}

static void a_piece_may_be_larger_than_a_chunk(void **state)
{
    (void)state;
    enum { LARGE = 1000 * 1000 };
    char *before = arena_alloc(&arena, 8);
    char *large = arena_alloc(&arena, LARGE);
    char *after = arena_alloc(&arena, 8);
    memset(before, 1, 8);
    memset(large, 2, LARGE);
    memset(after, 3, 8);
    assert_int_equal(before[7], 1);
    assert_int_equal(large[0], 2);
    assert_int_equal(large[LARGE - 1], 2);
}

static void copies_outlive_what_they_were_made_from(void **state)
{
    (void)state;
    char text[] = "a\0b";
    struct str copy = arena_str(&arena, (struct str){text, 3});
    memset(text, 'x', sizeof(text));
    assert_true(str_equal(copy, STR("a\0b")));
    assert_int_equal(copy.ptr[3], '\0');
    assert_string_equal(arena_cstr(&arena, STR("abc")), "abc");
    assert_string_equal(arena_cstr(&arena, STR_NONE), "");
}

static void printf_makes_room_for_any_length(void **state)
{
    (void)state;
    assert_str_equal(arena_printf(&arena, "%d-%s", 7, "x"), "7-x");
    assert_str_equal(arena_printf(&arena, "%s", ""), "");
    assert_int_equal(arena_printf(&arena, "%10000d", 1).len, 10000);
}

static void a_freed_arena_may_be_used_again(void **state)
{
    (void)state;
    arena_alloc(&arena, 10);
    arena_done(&arena);
    assert_null(arena.chunks);
    arena_done(&arena);
    assert_str_equal(arena_str(&arena, STR("again")), "again");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(memory_is_zeroed_and_aligned_for_any_type),
        cmocka_unit_test(pieces_do_not_overlap),
        cmocka_unit_test(a_piece_may_be_larger_than_a_chunk),
        cmocka_unit_test(copies_outlive_what_they_were_made_from),
        cmocka_unit_test(printf_makes_room_for_any_length),
        cmocka_unit_test(a_freed_arena_may_be_used_again),
    };
    return cmocka_run_group_tests(tests, start, end);
}
