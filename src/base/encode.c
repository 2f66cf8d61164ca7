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

/* plus and slash: the two digits in which the alphabets of base64 differ. */
static int base64_value(char c, char plus, char slash)
{
    if (c >= 'A' && c <= 'Z') {
        return c - 'A';
    }
    if (c >= 'a' && c <= 'z') {
        return c - 'a' + 26;
    }
    if (c >= '0' && c <= '9') {
        return c - '0' + 52;
    }
    return c == plus ? 62 : c == slash ? 63 : -1;
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

bool base64url_decode(struct str text, void *out_bytes, size_t count)
{
    unsigned char *out = out_bytes;
    unsigned window = 0;
    unsigned bits = 0;
    size_t done = 0;
    if (text.len != (count * 4 + 2) / 3) {
        return false;
    }
    for (size_t i = 0; i < text.len; i++) {
        int value = base64_value(text.ptr[i], '-', '_');
        if (value < 0) {
            return false;
        }
        window = window << 6 | (unsigned)value;
        bits += 6;
        if (bits >= 8) {
            bits -= 8;
            out[done++] = (unsigned char)(window >> bits);
            window &= (1u << bits) - 1;
        }
    }
    return window == 0 && done == count; /* left-over bits must be zero */
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
        int value = base64_value(text.ptr[i], '+', '/');
        if (value < 0) {
            return false;
        }
        window = window << 6 | (unsigned)value;
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
