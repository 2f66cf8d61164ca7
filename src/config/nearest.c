#include "config/nearest.h"

enum { WORD_MAX = 48 };

static char folded(char c)
{
    return c == '-' ? '_' : str_lower_char(c);
}

static size_t min3(size_t a, size_t b, size_t c)
{
    size_t smaller = a < b ? a : b;
    return smaller < c ? smaller : c;
}

/* Optimal string alignment: insertions, deletions, replacements and swapped neighbours. Capitals
 * and the two ways to join words make no difference. */
static size_t distance(struct str a, struct str b)
{
    size_t rows[3][WORD_MAX + 1];
    size_t *before_last = rows[0];
    size_t *last = rows[1];
    size_t *row = rows[2];
    for (size_t j = 0; j <= b.len; j++) {
        last[j] = j;
    }
    for (size_t i = 1; i <= a.len; i++) {
        row[0] = i;
        for (size_t j = 1; j <= b.len; j++) {
            char x = folded(a.ptr[i - 1]);
            char y = folded(b.ptr[j - 1]);
            row[j] = min3(last[j] + 1, row[j - 1] + 1, last[j - 1] + (x != y));
            if (i > 1 && j > 1 && x == folded(b.ptr[j - 2]) && y == folded(a.ptr[i - 2]) &&
                row[j] > before_last[j - 2] + 1) {
                row[j] = before_last[j - 2] + 1;
            }
        }
        size_t *spare = before_last;
        before_last = last;
        last = row;
        row = spare;
    }
    return last[b.len];
}

struct nearest nearest_start(struct str typed)
{
    return (struct nearest){.typed = typed, .distance = typed.len / 3 + 1};
}

void nearest_offer(struct nearest *nearest, const char *word)
{
    struct str candidate = str_from(word);
    if (candidate.len > WORD_MAX || nearest->typed.len > WORD_MAX || nearest->typed.len == 0) {
        return;
    }
    size_t found = distance(nearest->typed, candidate);
    if (found < nearest->distance + (nearest->word == NULL)) {
        nearest->word = word;
        nearest->distance = found;
    }
}
