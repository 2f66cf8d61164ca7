#include "base/encode.h"

static const char hex_digits[] = "0123456789abcdef";
static const char base32_digits[] = "abcdefghijklmnopqrstuvwxyz234567";
static const char base64url_digits[] =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

static int hex_value(char c)
{
    if (c >= '0' && c <= '9') {
        return c - '0';
    }
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* 1 and the value of a digit of base64url; 0 for what is none. */
static const unsigned char base64url_values[256] = {
    ['A'] = 1,  ['B'] = 2,  ['C'] = 3,  ['D'] = 4,  ['E'] = 5,  ['F'] = 6,  ['G'] = 7,  ['H'] = 8,
    ['I'] = 9,  ['J'] = 10, ['K'] = 11, ['L'] = 12, ['M'] = 13, ['N'] = 14, ['O'] = 15, ['P'] = 16,
    ['Q'] = 17, ['R'] = 18, ['S'] = 19, ['T'] = 20, ['U'] = 21, ['V'] = 22, ['W'] = 23, ['X'] = 24,
    ['Y'] = 25, ['Z'] = 26, ['a'] = 27, ['b'] = 28, ['c'] = 29, ['d'] = 30, ['e'] = 31, ['f'] = 32,
    ['g'] = 33, ['h'] = 34, ['i'] = 35, ['j'] = 36, ['k'] = 37, ['l'] = 38, ['m'] = 39, ['n'] = 40,
    ['o'] = 41, ['p'] = 42, ['q'] = 43, ['r'] = 44, ['s'] = 45, ['t'] = 46, ['u'] = 47, ['v'] = 48,
    ['w'] = 49, ['x'] = 50, ['y'] = 51, ['z'] = 52, ['0'] = 53, ['1'] = 54, ['2'] = 55, ['3'] = 56,
    ['4'] = 57, ['5'] = 58, ['6'] = 59, ['7'] = 60, ['8'] = 61, ['9'] = 62, ['-'] = 63, ['_'] = 64,
};

/* The value of a digit; 2^32 - 1 for what is none. */
static inline uint32_t base64url_value(char digit)
{
    return base64url_values[(unsigned char)digit] - 1U;
}

/* The same for base64 as HTTP's Basic has it, with "+" and "/". */
static inline uint32_t base64_value(char digit)
{
    switch (digit) {
    case '+':
        return base64url_value('-');
    case '/':
        return base64url_value('_');
    case '-':
    case '_':
        return UINT32_MAX;
    default:
        return base64url_value(digit);
    }
}

void hex_encode(const void *bytes, size_t count, char *out_text)
{
    const unsigned char *in = bytes;
    for (size_t i = 0; i < count; i++) {
        out_text[i * 2] = hex_digits[in[i] >> 4];
        out_text[i * 2 + 1] = hex_digits[in[i] & 15];
    }
    out_text[count * 2] = '\0';
}

bool hex_decode(struct str text, void *out_bytes, size_t count)
{
    unsigned char *out = out_bytes;
    if (text.len != count * 2) {
        return false;
    }
    for (size_t i = 0; i < count; i++) {
        int high = hex_value(text.ptr[i * 2]);
        int low = hex_value(text.ptr[i * 2 + 1]);
        if (high < 0 || low < 0) {
            return false;
        }
        out[i] = (unsigned char)(high << 4 | low);
    }
    return true;
}

void base32_encode(const void *bytes, size_t count, char *out_text, size_t chars)
{
    const unsigned char *in = bytes;
    REQUIRE(chars * 5 <= count * 8);
    for (size_t i = 0; i < chars; i++) {
        size_t bit = i * 5;
        unsigned window = (unsigned)in[bit / 8] << 8;
        if (bit / 8 + 1 < count) {
            window |= in[bit / 8 + 1];
        }
        out_text[i] = base32_digits[window >> (11 - bit % 8) & 31];
    }
    out_text[chars] = '\0';
}

void base64url_encode(const void *bytes, size_t count, char *out_text)
{
    const unsigned char *in = bytes;
    size_t chars = (count * 4 + 2) / 3;
    for (size_t i = 0; i < chars; i++) {
        size_t bit = i * 6;
        unsigned window = (unsigned)in[bit / 8] << 8;
        if (bit / 8 + 1 < count) {
            window |= in[bit / 8 + 1];
        }
        out_text[i] = base64url_digits[window >> (10 - bit % 8) & 63];
    }
    out_text[chars] = '\0';
}

void base64_encode(const void *bytes, size_t count, char *out_text)
{
    base64url_encode(bytes, count, out_text);
    size_t chars = 0;
    for (; out_text[chars] != '\0'; chars++) {
        out_text[chars] = out_text[chars] == '-'   ? '+'
                          : out_text[chars] == '_' ? '/'
                                                   : out_text[chars];
    }
    while (chars % 4 != 0) {
        out_text[chars++] = '=';
    }
    out_text[chars] = '\0';
}

bool base64url_decode(struct str text, void *out_bytes, size_t count)
{
    unsigned char *out = out_bytes;
    const char *in = text.ptr;
    size_t rest = count % 3;
    if (text.len != (count * 4 + 2) / 3) {
        return false;
    }
    for (const unsigned char *end = out + count - rest; out < end; out += 3, in += 4) {
        uint32_t group = base64url_value(in[0]) << 18 | base64url_value(in[1]) << 12 |
                         base64url_value(in[2]) << 6 | base64url_value(in[3]);
        if (group > 0xffffff) {
            return false;
        }
        out[0] = (unsigned char)(group >> 16);
        out[1] = (unsigned char)(group >> 8);
        out[2] = (unsigned char)group;
    }
    if (rest == 0) {
        return true;
    }
    uint32_t group = base64url_value(in[0]) << 18 | base64url_value(in[1]) << 12 |
                     (rest == 2 ? base64url_value(in[2]) << 6 : 0);
    if (group > 0xffffff || (group & (rest == 1 ? 0xffff : 0xff)) != 0) {
        return false; /* left-over bits must be zero */
    }
    out[0] = (unsigned char)(group >> 16);
    if (rest == 2) {
        out[1] = (unsigned char)(group >> 8);
    }
    return true;
}

bool base64_decode(struct str text, char *out_bytes, size_t size, size_t *out_count)
{
    unsigned window = 0;
    unsigned bits = 0;
    size_t done = 0;
    if (text.len % 4 != 0) {
        return false;
    }
    while (text.len > 0 && text.ptr[text.len - 1] == '=' && bits < 2) {
        text.len--;
        bits++;
    }
    bits = 0;
    for (size_t i = 0; i < text.len; i++) {
        uint32_t value = base64_value(text.ptr[i]);
        if (value > 63) {
            return false;
        }
        window = window << 6 | value;
        bits += 6;
        if (bits >= 8) {
            bits -= 8;
            if (done == size) {
                return false;
            }
            out_bytes[done++] = (char)(window >> bits);
            window &= (1u << bits) - 1;
        }
    }
    if (window != 0) { /* left-over bits must be zero */
        return false;
    }
    *out_count = done;
    return true;
}
