// An app that asks its portal for values by the raw protocol, with no library. Which ones, is in metadata.ask.
const { app, currentUser } = await (await fetch("/_inlay/session")).json();
const names = String(currentUser.metadata.ask ?? "")
    .split(",")
    .filter(Boolean);
const document_ = crypto.randomUUID(); // two frames of one app hear each other's answers
const queries = new Map(names.map((selector) => [`${app.id}/${document_}/${selector}`, { selector, answered: false }]));
const values = {};

function show(selector, value) {
    values[selector] = value;
    document.body.dataset.values = JSON.stringify(values);
}

addEventListener("message", ({ source, data }) => {
    const query = queries.get(data?.id);
    if (
        source === parent &&
        data.type === "PARENT_WINDOW_RESULT" &&
        data.pageName === app.slug &&
        query !== undefined
    ) {
        query.answered = true;
        show(query.selector, data.result ?? null);
    }
});

function ask() {
    for (const [id, { selector, answered }] of queries) {
        if (!answered) {
            parent.postMessage(
                { type: "PARENT_WINDOW_QUERY", selector, pageName: app.slug, id },
                location.ancestorOrigins[0],
            );
        }
    }
}
[0, 300, 1000, 3000].forEach((delay) => setTimeout(ask, delay));
setTimeout(() => [...queries.values()].forEach(({ selector, answered }) => answered || show(selector, null)), 1200);

window.tell = (data) => parent.postMessage(data, location.ancestorOrigins[0]);
document.querySelector("p").textContent = currentUser.fullName;
document.body.dataset.ready = "yes";
