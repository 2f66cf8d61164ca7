#include "http/page.h"

#include "error_page.h"

#define PIECE(when, text, field) {text, when, field},
static const struct {
    const char *text;
    enum page_field when;  /* the piece is left out if this field is empty */
    enum page_field field; /* comes after the text */
} pieces[] = {ERROR_PAGE_PIECES(PIECE)};
#undef PIECE

enum language page_language(struct str locale, struct str accept_language, const char *title)
{
    enum language language = language_of_locale(locale);
    if (language == LANGUAGE_NONE) {
        language = language_accepted(accept_language);
    }
    return language_say(language, title) != NULL ? language : LANGUAGE_EN;
}

static struct str said(const struct page *page, const char *english)
{
    const char *text = language_say(page->language, english);
    return text != NULL ? str_from(text) : STR("");
}

static struct str field_text(const struct page *page, enum page_field field)
{
    const struct look *look = &page->look;
    switch (field) {
    case PAGE_FIELD_LANG:
        return str_from(language_tag(page->language));
    case PAGE_FIELD_THEME:
        return look->theme;
    case PAGE_FIELD_TITLE:
        return said(page, page->title);
    case PAGE_FIELD_MESSAGE:
        return said(page, page->message);
    case PAGE_FIELD_HINT:
        return said(page, page->hint);
    case PAGE_FIELD_AGAIN:
        return said(page, "Try again");
    case PAGE_FIELD_CODE:
        return str_from(page->code);
    case PAGE_FIELD_REQUEST_ID:
        return page->request_id;
    case PAGE_FIELD_PORTALS:
        return page->portals;
    case PAGE_FIELD_COLOR:
        return look->color;
    case PAGE_FIELD_NAME:
        return look->name;
    case PAGE_FIELD_LOGO:
        return look->logo;
    case PAGE_FIELD_SUPPORT:
        return look->support;
    case PAGE_FIELD_NONE:
    case PAGE_FIELD_COUNT:
        break;
    }
    return STR("");
}

void page_write(const struct page *page, struct buf *out)
{
    for (size_t i = 0; i < COUNT_OF(pieces); i++) {
        if (pieces[i].when == PAGE_FIELD_NONE || field_text(page, pieces[i].when).len > 0) {
            buf_add(out, str_from(pieces[i].text));
            buf_add_html(out, field_text(page, pieces[i].field));
        }
    }
}
