// A script of test pages that runs what it is asked to: so that a test can act in any frame of a page, in any browser, by
// scripts of the page at the top alone.

/** For pages of portals and of apps. masters: origins whose pages may ask; others are heard like anybody. */
export const agent = (masters) => `<script>
window.heard = [];
const waiting = new Map();
const evaluate = async (code, args) => {
    try {
        return { value: (await (0, eval)("(" + code + ")")(...args)) ?? null };
    } catch (error) {
        return { error: String(error) };
    }
};
addEventListener("message", async ({ data, origin, source }) => {
    if (waiting.has(data?.answered)) {
        waiting.get(data.answered)(data);
    } else if (data?.asked === undefined || !${JSON.stringify(masters)}.includes(origin)) {
        heard.push({ data, origin });
    } else {
        source.postMessage({ answered: data.asked, ...(await evaluate(data.code, data.args)) }, "*");
    }
});
/** Lets a page in a frame run a function, and gives back what it returns. */
window.ask = (frame, code, args = [], ms = 20000) => new Promise((resolve, reject) => {
    const asked = Math.random();
    waiting.set(asked, ({ value, error }) => (error === undefined ? resolve(value) : reject(new Error(error))));
    setTimeout(() => reject(new Error("no answer")), ms);
    frame.postMessage({ asked, code, args }, "*");
});
/** The same in the page itself, for drivers that share nothing but the document with it. */
window.perform = async (id, code, args) => {
    document.documentElement.setAttribute(id, JSON.stringify(await evaluate(code, args)));
};
onclick = () => window.armed?.();
</script>`;
