#include "http/linkform.h"

#include "http/percent.h"

static enum err refuse(struct fault *fault, const char *reason)
{
    return fault_set(fault, ERR_INVALID, "bad_request", "This form holds no valid link: %s",
                     reason);
}

static bool is_form(struct str content_type)
{
    struct str type = {content_type.ptr, str_find(content_type, ';')};
    return str_equal_nocase(str_trim(type), STR("application/x-www-form-urlencoded"));
}

enum err linkform_parse(struct arena *arena, struct str content_type, struct str body,
                        struct linkform *out_form, struct fault *fault)
{
    struct linkform form = {.secret = STR("")};
    bool has_secret = false;
    if (!is_form(content_type)) {
        return refuse(fault, "post it as application/x-www-form-urlencoded, which is what forms "
                             "without enctype do.");
    }
    while (body.len > 0) {
        struct str value = str_cut(&body, '&');
        struct str name = str_cut(&value, '=');
        if (!str_equal(name, STR("secret"))) {
            continue;
        }
        if (!percent_decode(arena, value, PERCENT_FORM, &value)) {
            return refuse(fault, "its field \"secret\" is not escaped as forms escape it.");
        }
        form.is_doubled = has_secret;
        form.secret = value;
        has_secret = true;
    }
    *out_form = form;
    return ERR_OK;
}
