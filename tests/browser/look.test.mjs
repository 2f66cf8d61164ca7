// Theme, language and brand as people see them: apps that follow the portal's page, Inlay's own pages in frames, and the
// console's page about the brand.
import assert from "node:assert/strict";
import path from "node:path";
import { after, before, describe, it } from "node:test";
import { bundle } from "../../sdk/build.mjs";
import { startApart } from "../lib/apart.mjs";
import { seriousViolations } from "../lib/axe.mjs";
import { Browserlike } from "../lib/browserlike.mjs";
import { framesOf } from "../lib/chromium.mjs";
import { firstAdmin } from "../lib/console.mjs";
import { eventually } from "../lib/eventually.mjs";
import { root } from "../lib/server.mjs";
import { makeWorld, unique } from "../lib/world.mjs";

const script = await bundle(path.join(root, "sdk/embed"), { format: "iife", globalName: "inlay" });

/** Writes down each theme and language that it hears of. */
const app = `<!doctype html><title>App</title><link rel="icon" href="data:,"><script type="module">
import { parent, session } from "/_inlay/app.js";
window.heard = [];
parent.watch("theme", (theme) => heard.push(theme));
parent.watch("locale", (locale) => heard.push(locale));
window.told = (await session()).session;
</script>`;

const brand = {
    name: "Nordwind Versicherungsgesellschaft",
    color: "#ffe600",
    support: "Fragen? hilfe@nordwind.example",
};

let apart, world, brandPath, logo;

before(async () => {
    apart = await startApart();
    world = await makeWorld(apart.server, {
        portals: [apart.portal.origin],
        bundle: [{ path: "index.html", content: app }],
    });
    const { items } = await world.api.get("/workspaces");
    brandPath = `/workspaces/${items[0].id}/brand`;
    const page = await apart.launched.browser.newPage();
    logo = await page.evaluate(() => {
        const canvas = Object.assign(document.createElement("canvas"), { width: 240, height: 60 });
        const draw = canvas.getContext("2d");
        draw.fillStyle = "#123a7a";
        draw.arc(30, 30, 28, 0, 7);
        draw.fill();
        draw.font = "bold 30px sans-serif";
        draw.fillText("Nordwind", 70, 42);
        return canvas.toDataURL("image/png");
    });
    await page.close();
});
after(() => apart.close());

/** A page in a browser profile of its own, gone after the test; refusals of its policy fail the test. */
async function open(t, address, options = {}) {
    const context = await apart.launched.browser.newContext(options);
    const page = await context.newPage();
    const refused = [];
    page.on("console", (message) => /Content Security Policy/.test(message.text()) && refused.push(message.text()));
    t.after(async () => {
        await context.close();
        assert.deepEqual(refused, []);
    });
    await page.goto(address);
    return page;
}

/** The only frame of a portal's page, once that shows something. */
async function frameOf(page, shown = "h1") {
    const [frame] = await eventually("a frame", () => framesOf(page).length === 1 && framesOf(page));
    await frame.waitForSelector(shown, { state: "attached" });
    return frame;
}

const portalPage = (body) =>
    apart.portal.add(`<!doctype html><title>Portal</title><script>${script}</script><div id="app"></div>${body}`);

describe("an app", () => {
    /** In the end: on a slow machine, an app hears those of its link before those of the portal. */
    const heard = (frame, theme, locale) =>
        eventually(`what it heard: ${theme}, ${locale}`, async () => {
            const all = await frame.evaluate(() => window.heard);
            const themes = all.filter((value) => ["dark", "light", "system"].includes(value));
            const locales = all.filter((value) => !themes.includes(value));
            return themes.at(-1) === theme && locales.at(-1) === locale;
        });

    /** Links as the portal's server asks for them, with what the SDK gives it. */
    async function links() {
        const place = `/${unique("link")}`;
        apart.portal.pages.set(place, async (request, response) => {
            const wanted = JSON.parse(new URL(request.url, apart.portal.origin).searchParams.get("wanted") ?? "{}");
            response.end(await world.embedLink(wanted));
        });
        return `async (wanted) => (await fetch("${place}?wanted=" + encodeURIComponent(JSON.stringify(wanted)))).text()`;
    }

    it("hears the portal's theme and language, and that they have changed", async (t) => {
        const page = await open(
            t,
            portalPage(`<script>window.shown = inlay.embed(app, {
                getUrl: ${await links()}, theme: "dark", locale: "pt-br", data: { theme: "unused" } });</script>`),
        );
        const frame = await frameOf(page, "script");
        await heard(frame, "dark", "pt-br");
        assert.deepEqual(await frame.evaluate(() => [window.told.theme, window.told.locale]), ["dark", "pt-BR"]);
        await page.evaluate(() => (window.shown.setTheme("light"), window.shown.setLocale("de")));
        await heard(frame, "light", "de");
    });

    it("hears them from the element's attributes", async (t) => {
        const page = await open(
            t,
            portalPage(`<inlay-embed theme="dark" locale="de"></inlay-embed>
                <script>document.querySelector("inlay-embed").getUrl = ${await links()};</script>`),
        );
        const frame = await frameOf(page, "script");
        await heard(frame, "dark", "de");
        await page.evaluate(() => document.querySelector("inlay-embed").setAttribute("theme", "system"));
        await heard(frame, "system", "de");
    });

    it("in a frame without Inlay's SDK around it gets those of its link", async (t) => {
        const link = await world.embedLink({ theme: "dark", locale: "ja" });
        const page = await open(t, apart.portal.framing([link]));
        await heard(await frameOf(page, "script"), "dark", "ja");
    });
});

describe("a page of Inlay's own", () => {
    before(() => world.api.patch(brandPath, { ...brand, logo }));
    after(() => world.api.patch(brandPath, { name: null, color: null, support: null, logo: null }));

    /** A portal's page with a frame whose link was used by somebody else. */
    async function spent(more) {
        const link = await world.embedLink(more);
        await world.opened(link, new Browserlike());
        return apart.portal.add(
            `<!doctype html><style>body{margin:0}iframe{width:100vw;height:100vh;border:0;display:block}</style><iframe src="${link}"></iframe>`,
        );
    }

    /** The contrast of two CSS colors, by WCAG. */
    const ratio = (a, b) => {
        const [x, y] = [a, b].map((color) => {
            const [red, green, blue] = color.match(/\d+/g).map((part) => {
                const value = Number(part) / 255;
                return value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
            });
            return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
        });
        return (Math.max(x, y) + 0.05) / (Math.min(x, y) + 0.05);
    };

    for (const [locale, title, theme, width] of [
        ["de", "Dieser Link wurde bereits verwendet", "light", 320],
        ["ja", "このリンクはすでに使用されています", "dark", 320],
        ["fr", "Ce lien a déjà été utilisé", "system", 1280],
    ]) {
        it(`shows the brand in ${locale}, theme ${theme}, ${width} pixels wide`, async (t) => {
            const page = await open(t, await spent({ locale, theme }), {
                viewport: { width, height: 640 },
                colorScheme: theme === "light" ? "dark" : "light",
            });
            const frame = await frameOf(page);
            assert.equal(await frame.textContent("h1"), title);
            const seen = await frame.evaluate(() => {
                const body = getComputedStyle(document.body);
                const image = document.querySelector("img");
                return {
                    paper: body.backgroundColor,
                    ink: body.color,
                    bar: body.borderTopColor,
                    barWidth: body.borderTopWidth,
                    logo: image.complete && image.naturalWidth,
                    alt: image.alt,
                    text: document.querySelector("main").innerText,
                    origin: window.origin,
                    overflow: document.documentElement.scrollWidth - innerWidth,
                };
            });
            assert.equal(seen.origin, "null");
            assert.equal(seen.logo, 240);
            assert.equal(seen.alt, brand.name);
            assert.match(seen.text, /hilfe@nordwind\.example/);
            assert.equal(seen.overflow, 0);
            assert.equal(seen.barWidth, "4px");
            assert.equal(seen.bar, "rgb(255, 230, 0)");
            assert.ok(ratio(seen.ink, seen.paper) >= 7);
            assert.equal(ratio(seen.paper, "rgb(255, 255, 255)") > 10, theme === "dark", seen.paper);
        });
    }

    it("has a button that can be read, whatever the color is", async (t) => {
        const page = await open(t, await spent({ theme: "light" }));
        const frame = await frameOf(page);
        const [back, front, edge, paper] = await frame.evaluate(() => {
            document.body.dataset.code = "unavailable";
            const { backgroundColor, color, borderTopColor } = getComputedStyle(document.querySelector("a"));
            return [backgroundColor, color, borderTopColor, getComputedStyle(document.body).backgroundColor];
        });
        assert.ok(ratio(edge, paper) >= 3, `${edge} on ${paper}`);
        assert.ok(ratio(back, front) >= 4.5, `${front} on ${back}`);
    });
});

describe("the console's page about the brand", () => {
    let admin;

    before(async () => {
        admin = await firstAdmin(apart.server);
    });

    async function visit(t, options) {
        const page = await open(t, "about:blank", options);
        const { hostname } = new URL(apart.server.url);
        await page.context().addCookies([
            {
                ...{ name: "__Host-inlay-console", value: admin.cookie, domain: hostname, path: "/" },
                ...{ secure: true, httpOnly: true, sameSite: "Strict" },
            },
        ]);
        await page.goto(`${apart.server.url}/settings/brand`);
        await page.getByLabel("Support line").waitFor();
        return page;
    }

    it("shows a draft as it will look, saves it, and takes a logo", async (t) => {
        const page = await visit(t);
        const preview = page.frameLocator("iframe.brand-preview");
        await page.getByLabel("Name").fill("Acme & <b>Söhne</b>");
        await page.getByLabel(/^Color/).fill("#ffe600");
        await page.getByLabel("Support line").fill("help@acme.example");
        await preview.getByText("Acme & <b>Söhne</b>").waitFor();
        await preview.getByText("help@acme.example").waitFor();
        const look = (name) => preview.locator("body").evaluate((body, name) => getComputedStyle(body)[name], name);
        assert.equal(await look("borderTopColor"), "rgb(255, 230, 0)");
        assert.equal(await look("backgroundColor"), "rgb(247, 247, 245)");
        await page.getByText("Dark", { exact: true }).click();
        await eventually("the dark page", async () => (await look("backgroundColor")) === "rgb(21, 25, 24)");
        assert.deepEqual(await seriousViolations(page), []);

        await page.getByRole("button", { name: "Save" }).click();
        await page.getByText("Saved").first().waitFor();
        await page.locator("input[type=file]").setInputFiles({
            name: "logo.png",
            mimeType: "image/png",
            buffer: Buffer.from(logo.split(",")[1], "base64"),
        });
        await page.getByRole("button", { name: "Upload" }).click();
        await preview.locator("img").waitFor();
        assert.equal(
            await preview.locator("img").evaluate((image) => image.decode().then(() => image.naturalWidth)),
            240,
        );
        const saved = await world.api.get(brandPath);
        assert.deepEqual(
            [saved.name, saved.color, saved.support],
            ["Acme & <b>Söhne</b>", "#ffe600", "help@acme.example"],
        );
        await page.getByRole("button", { name: "Remove logo" }).click();
        await eventually("no logo", async () => (await world.api.get(brandPath)).logo === null);
    });

    it("has the embed tester beside it, whose request asks for a theme and a language", async (t) => {
        const page = await visit(t);
        await page.goto(`${apart.server.url}/tester`);
        await page.getByText("Personal access token", { exact: true }).click();
        await page.getByLabel("Locale").fill("pt-BR");
        await page.getByRole("button", { name: "Theme" }).click();
        await page.getByRole("option", { name: "Dark" }).click();
        const request = page.locator(".tester pre");
        await eventually("the request", async () =>
            /"theme": ?"dark",\s*"locale": ?"pt-BR"/.test(await request.innerText()),
        );
    });

    it("says what is wrong with a color and a file, and fits on a phone", async (t) => {
        const page = await visit(t, { viewport: { width: 320, height: 700 } });
        await page.getByLabel(/^Color/).fill("red");
        await page.getByText("# and six hexadecimal digits").waitFor();
        const upload = (buffer) =>
            page.locator("input[type=file]").setInputFiles({ name: "logo.png", mimeType: "image/png", buffer });
        await upload(Buffer.from("<svg/>"));
        await page.getByRole("button", { name: "Upload" }).click();
        await page.getByText(/PNG, JPEG or WebP image/).waitFor();
        await upload(Buffer.alloc(40_000));
        await page.getByRole("button", { name: "Upload" }).click();
        await page.getByText(/larger than 32 KB/).waitFor();
        assert.ok(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth));
        assert.deepEqual(await seriousViolations(page), []);
    });
});
