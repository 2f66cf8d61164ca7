
#include "gate/serve/kind.h"
#include "gate/serve/bundle.h"
#include "gate/serve/proxy.h"


const inlay_kind_t inlay_kinds[APP_KINDS] = {
    [APP_BUNDLE] = { NULL, inlay_bundle_serve },
    [APP_UPSTREAM] = { inlay_upstream_prepare, inlay_upstream_serve }
};
