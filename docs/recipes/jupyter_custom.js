// The classic notebook only, as custom/custom.js of its configuration folder: notebooks open in the frame. A new tab
// would be a page of its own, which has no session.
define(["base/js/namespace"], (jupyter) => {
    jupyter._target = "_self";
    // The list of files may have been drawn before.
    addEventListener(
        "click",
        ({ target }) => target.closest("a[target=_blank]")?.setAttribute("target", "_self"),
        true,
    );
});
