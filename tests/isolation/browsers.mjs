// Three browsers with one set of verbs: what an attack needs, and no more. Pages of ours have the script of agent.mjs.
import { setTimeout as sleep } from "node:timers/promises";
import { idlePage, launchChromium } from "../lib/chromium.mjs";
import { eventually } from "../lib/eventually.mjs";
import { launchFirefox } from "../lib/firefox.mjs";
import { launchWebKit } from "../lib/webkit.mjs";

/**
 * @typedef {object} Browser
 * @property {string} name
 * @property {(url: string) => Promise<unknown>} goto
 * @property {() => Promise<unknown>} back
 * @property {(fn: Function | string, ...args: any[]) => Promise<any>} run in the page at the top, in its own world
 * @property {() => Promise<string>} text what the page at the top shows
 * @property {(index: number) => Promise<unknown>} click somewhere in a frame of the page
 * @property {() => Promise<number>} windows how many there are
 * @property {(index: number) => Promise<unknown>} enterWindow the first is 0
 * @property {() => Promise<unknown>} fresh one window, and nothing is remembered
 * @property {() => Promise<unknown>} close
 */

/** @returns {Promise<Browser>} */
async function startChromium(options) {
    const { browser, close } = await launchChromium(options);
    let context, page;
    const fresh = async () => {
        await context?.close();
        context = await browser.newContext({ viewport: { width: 1000, height: 700 } });
        page = await idlePage(context);
    };
    await fresh();
    return {
        name: "Chromium",
        goto: (url) => page.goto(url, { waitUntil: "load" }).catch((error) => error),
        // Playwright waits for a load that a page from the cache does not have.
        back: () =>
            page
                .evaluate(() => void history.back())
                .catch(() => {})
                .then(() => sleep(1500)),
        run: (fn, ...args) => page.evaluate(([code, list]) => (0, eval)(`(${code})`)(...list), [String(fn), args]),
        text: () => page.evaluate(() => document.body?.innerText ?? ""),
        async click(index) {
            const { left, top } = await page.evaluate(
                (at) => document.querySelectorAll("iframe")[at].getBoundingClientRect().toJSON(),
                index,
            );
            await page.mouse.click(left + 60, top + 120);
        },
        windows: async () => context.pages().length,
        enterWindow: async (index) => (page = context.pages()[index]),
        fresh,
        close,
    };
}

/** @returns {Promise<Browser>} */
async function startFirefox(options) {
    const firefox = await launchFirefox(options);
    let count = 0;
    const run = async (fn, ...args) => {
        await firefox.enter();
        const id = `run-${(count += 1)}`;
        await firefox.run(`perform(${JSON.stringify(id)}, ${JSON.stringify(String(fn))}, ${JSON.stringify(args)})`);
        const text = await eventually(
            "the page's answer",
            () => firefox.read((name) => document.documentElement.getAttribute(name), id),
            30_000,
        );
        const { value, error } = JSON.parse(text);
        if (error !== undefined) {
            throw new Error(error);
        }
        return value;
    };
    return {
        name: "Firefox",
        goto: (url) => firefox.goto(url).catch((error) => error),
        back: () => firefox.enter().then(firefox.back),
        run,
        text: () => firefox.enter().then(() => firefox.read(() => document.body?.innerText ?? "")),
        click: (index) =>
            firefox
                .enter()
                .then(() => firefox.enter(index))
                .then(() => firefox.click(60, 120)),
        windows: async () => (await firefox.windows()).length,
        enterWindow: async (index) => firefox.enterWindow((await firefox.windows())[index]),
        async fresh() {
            const [first, ...others] = await firefox.windows();
            for (const handle of others) {
                await firefox.enterWindow(handle);
                await firefox.closeWindow();
            }
            await firefox.enterWindow(first);
            await firefox.goto("about:blank");
            await firefox.forget();
        },
        close: firefox.close,
    };
}

/** @returns {Promise<Browser>} */
async function startWebKit(options) {
    const webkit = await launchWebKit({ ...options, allowsThirdParties: true }); // it has no partitioned ones
    /** In the order of their opening. @type {string[]} */
    let handles = [];
    const known = async () => {
        const open = await webkit.windows();
        handles = [...handles.filter((one) => open.includes(one)), ...open.filter((one) => !handles.includes(one))];
        return handles;
    };
    const top = (act) => webkit.enter().then(act);
    return {
        name: "WebKit",
        goto: (url) => top(() => webkit.goto(url)).catch((error) => error),
        back: () => top(webkit.back),
        run: (fn, ...args) => top(() => webkit.run(fn, ...args)),
        text: () => top(() => webkit.read(() => document.body?.innerText ?? "")),
        click: (index) =>
            top(() => webkit.enter(index))
                .then(() => webkit.click(60, 120))
                .finally(() => webkit.enter()),
        windows: async () => (await known()).length,
        enterWindow: async (index) => webkit.enterWindow((await known())[index]),
        fresh: webkit.fresh,
        close: webkit.close,
    };
}

export const browsers = { Chromium: startChromium, Firefox: startFirefox, WebKit: startWebKit };
