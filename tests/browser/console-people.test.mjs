// The console's pages about people: users and their sessions, usage, the audit log, and the embed tester.
import assert from "node:assert/strict";
import { execFileSync, spawnSync } from "node:child_process";
import fs from "node:fs";
import path from "node:path";
import { after, before, describe, it } from "node:test";
import { giveBack, idlePage, launchChromium } from "../lib/chromium.mjs";
import { firstAdmin } from "../lib/console.mjs";
import { Browserlike } from "../lib/browserlike.mjs";
import { seriousViolations } from "../lib/axe.mjs";
import { eventually } from "../lib/eventually.mjs";
import { startServer } from "../lib/server.mjs";
import { makeWorld, unique } from "../lib/world.mjs";

/** What a hostile portal puts wherever it can: it must show as it is, and do nothing. */
const probe = `"><img src=x onerror="window.xss=1"><script>window.xss=1</script>{{7*7}}`;
const iphone =
    "Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) " +
    "Version/17.5 Mobile/15E148 Safari/604.1";
const app = `<!doctype html><html lang="en"><title>App</title><link rel="icon" href="data:,"><p></p><script type="module">
import { session, parent } from "/_inlay/app.js";
parent.watch("theme", (value) => { document.body.dataset.theme = value; });
const { currentUser } = await session();
document.querySelector("p").textContent = currentUser.externalIdentifier ?? currentUser.email;
parent.post({ said: "good morning" });
</script></html>`;

let chrome, server, admin, world, mira, phone, desk;

async function signedIn(options) {
    const context = await chrome.browser.newContext(options);
    await context.addCookies([
        {
            name: "__Host-inlay-console",
            value: admin.cookie,
            domain: "localhost",
            path: "/",
            secure: true,
            httpOnly: true,
            sameSite: "Strict",
        },
    ]);
    return context;
}

/** A page of the console, open; the test fails if a probe runs, or if anything is refused by the policy. */
async function visit(t, address, context = desk) {
    const page = await idlePage(context);
    const broken = [];
    page.on("pageerror", (error) => broken.push(error.message));
    page.on("dialog", (dialog) => broken.push(dialog.message()));
    page.on("console", (message) => /Content Security Policy/.test(message.text()) && broken.push(message.text()));
    t.after(async () => {
        const ran = await page.evaluate(() => window.xss).catch(() => undefined);
        await giveBack(page);
        assert.equal(ran, undefined, "a probe ran");
        assert.deepEqual(broken, []);
    });
    await page.goto(server.url + address);
    await page.locator("h1").waitFor();
    return page;
}

const row = (page, text) => page.locator("tbody tr", { hasText: text });

before(async () => {
    [chrome, server] = await Promise.all([launchChromium(), startServer()]);
    admin = await firstAdmin(server);
    world = await makeWorld(server, {
        portals: ["http://localhost:5173"],
        bundle: [{ path: "index.html", content: app }],
    });
    await world.api.patch(`/apps/${world.app.id}`, { name: `Orders ${probe}`.slice(0, 120) });
    const person = {
        externalIdentifier: unique("mira"),
        userInfo: { first_name: "Mira", last_name: "Okafor", email: "mira@fernhill.example" },
        metadata: { storeId: 51, account: "whole", [probe]: probe },
    };
    const raw = JSON.stringify({ landingPageUuid: world.app.id, groupIds: [world.group.id], ...person }).replace(
        '"whole"',
        "9223372036854775807",
    );
    const wide = await world.api.send("POST", "/api/embed-url/external-user", { raw, type: "application/json" });
    mira = { ...person, session: await world.opened(wide.json.embedUrl, new Browserlike(iphone)) };
    mira.id = (await world.api.get("/users", { externalIdentifier: person.externalIdentifier })).items[0].id;
    const left = await world.opened(world.embedLink(person));
    await left.fetch("/_inlay/logout", { method: "POST" });
    await world.opened(
        world.embedLink({
            externalIdentifier: probe,
            userInfo: { first_name: probe.slice(0, 100), last_name: "Probe" },
            metadata: { [probe]: probe },
        }),
    );
    const stranger = await world.api.post("/users", { email: "nogroup@acme.example", firstName: "Nora" });
    await world.api.mintPat({ email: stranger.email, appId: world.app.id });
    desk = await signedIn({ viewport: { width: 1280, height: 900 } });
    phone = await signedIn({ viewport: { width: 390, height: 844 }, colorScheme: "dark", hasTouch: true });
});
after(async () => {
    await chrome?.close();
    await server?.discard();
});

describe("users in the console", () => {
    it("are found by a part of their name, by type and by status", async (t) => {
        const page = await visit(t, "/users");
        await row(page, "Probe").waitFor();
        await page.getByRole("searchbox").fill("okaf");
        await row(page, "nogroup@").waitFor({ state: "detached" });
        assert.equal(await page.locator("tbody tr").count(), 1);
        assert.match(await row(page, "Mira Okafor").innerText(), /External/);
        assert.match(page.url(), /search=okaf/);
        await page.getByRole("searchbox").fill("");
        await page.getByText("Internal", { exact: true }).first().click();
        await row(page, "nogroup@").waitFor();
        await row(page, "Probe").waitFor({ state: "detached" });
    });

    it("have a page with what they opened, and each session with its metadata, device and end", async (t) => {
        const page = await visit(t, `/users/${mira.id}`);
        const active = row(page, "Active");
        await active.waitFor();
        assert.match(await active.innerText(), /storeId 51[\s\S]*Safari on iOS[\s\S]*127\.0\.0\.1/);
        assert.match(await row(page, "Signed out").innerText(), /Headless Chrome|Chrome/);
        await page.getByRole("table", { name: "Apps opened" }).getByText("Orders").waitFor();
        await active.getByRole("button").first().click();
        await page.getByRole("dialog").getByText("9223372036854775807").waitFor();
        assert.deepEqual(await seriousViolations(page), []);
    });

    it("lose one session or all, with the keyboard alone", async (t) => {
        const page = await visit(t, `/users/${mira.id}`);
        await row(page, "Active").waitFor();
        await row(page, "Active")
            .getByRole("button", { name: /Actions/ })
            .focus();
        await page.keyboard.press("Enter");
        await page.getByRole("menuitem", { name: "End session" }).waitFor();
        await page.keyboard.press("End");
        await page.keyboard.press("Enter");
        await page.getByRole("dialog").waitFor();
        await page.keyboard.press("Tab");
        await page.keyboard.press("Tab");
        await page.getByRole("button", { name: "End session" }).press("Enter");
        await row(page, "Ended by an admin").waitFor();
        assert.equal(await mira.session.refusal(), "session_ended");

        const another = await world.opened(world.embedLink({ externalIdentifier: mira.externalIdentifier }));
        await page.getByRole("button", { name: "End all" }).click();
        await page.getByRole("button", { name: "End all sessions" }).click();
        await page.getByText("One session has ended").waitFor();
        assert.equal(await another.refusal(), "session_ended");
    });

    it("are archived after a question, and restored", async (t) => {
        const page = await visit(t, `/users/${mira.id}`);
        await page.getByRole("button", { name: "Archive" }).click();
        await page.getByRole("dialog").getByRole("button", { name: "Archive" }).click();
        await page.getByRole("button", { name: "Restore" }).waitFor();
        assert.equal((await world.api.get(`/users/${mira.id}`)).status, "archived");
        await page.getByRole("button", { name: "Restore" }).click();
        await page.getByRole("button", { name: "Archive" }).waitFor();
        assert.equal((await world.api.get(`/users/${mira.id}`)).status, "active");
    });
});

describe("usage in the console", () => {
    it("shows views, users and denials by reason as charts, and as tables", async (t) => {
        const page = await visit(t, "/usage");
        const { views, users } = await world.api.get("/usage");
        await page.getByRole("img", { name: new RegExp(`^Views: ${views} `) }).waitFor();
        await page.getByText("No group has access").first().waitFor();
        await page.getByRole("radiogroup", { name: "How to show views" }).getByText("Table").click();
        const today = page.getByRole("table", { name: "Views" }).locator("tbody tr").first();
        assert.match(await today.innerText(), new RegExp(`\\b${views}$`));
        assert.ok(users >= 2);
        await page.getByRole("table", { name: "Most used apps" }).getByText("Orders").waitFor();
        assert.deepEqual(await seriousViolations(page), []);
    });

    it("counts by app, by user and by hour", async (t) => {
        const page = await visit(t, `/usage?userId=${mira.id}`);
        const ofMira = await world.api.get("/usage", { userId: mira.id });
        await page.getByRole("img", { name: new RegExp(`^Views: ${ofMira.views} `) }).waitFor();
        await page.getByText("Day", { exact: true }).click();
        await page.getByRole("radiogroup", { name: "How to show views" }).getByText("Table").click();
        assert.equal(await page.getByRole("table", { name: "Views" }).locator("tbody tr").count(), 24);
    });
});

describe("the audit log in the console", () => {
    it("is filtered by type and reason, and tells it in words", async (t) => {
        const page = await visit(t, "/events?type=deny");
        const denied = row(page, "No group has access");
        await denied.filter({ hasText: "Nora" }).waitFor();
        await denied.getByRole("button", { name: /Actions/ }).click();
        await page.getByRole("menuitem", { name: "Details" }).click();
        await page.getByRole("dialog").getByText('"no_access"').waitFor();
        assert.deepEqual(await seriousViolations(page), []);
    });

    for (const [format, check] of /** @type {const} */ ([
        ["CSV", (text) => assert.match(text, /^id,at,type[^\n]*\n[^\n]*,"deny",/)],
        ["JSON", (text) => assert.deepEqual([...new Set(JSON.parse(text).map(({ type }) => type))], ["deny"])],
    ])) {
        it(`is saved as ${format}, filtered as it is shown`, async (t) => {
            const page = await visit(t, "/events?type=deny");
            await page.getByRole("button", { name: "Export" }).click();
            const [download] = await Promise.all([
                page.waitForEvent("download"),
                page.getByRole("menuitem", { name: format }).click(),
            ]);
            check(fs.readFileSync(await download.path(), "utf8"));
        });
    }

    it("grows by itself when it is followed live, and waits when it is paused", async (t) => {
        const page = await visit(t, "/events?live=1&type=group.create");
        await page.getByText("Live", { exact: true }).waitFor();
        await world.api.post("/groups", { name: unique("first") });
        await eventually("the event", async () => (await page.locator("tbody tr").count()) === 1);
        await page.getByRole("button", { name: "Pause" }).click();
        await world.api.post("/groups", { name: unique("second") });
        await page.getByText("1 new event").waitFor();
        assert.equal(await page.locator("tbody tr").count(), 1);
        await page.getByRole("button", { name: "Go on" }).click();
        assert.equal(await page.locator("tbody tr").count(), 2);
    });
});

/** How each language's text is run, and what prints the link at its end. */
const runs = {
    curl: ["bash", ["-s"], ""],
    Node: [process.execPath, ["--input-type=module", "-"], "\nconsole.log(embedUrl);"],
    Python: ["python3", ["-"], "\nprint(url)"],
    PHP: ["php", [], "\necho $url;"],
};

describe("the embed tester", () => {
    async function choose(page, label, name) {
        await page.getByRole("combobox", { name: label }).fill(name);
        await page.getByRole("option").filter({ hasText: name }).click();
    }

    /** The tester with an app, a group and a user chosen, as an admin would. */
    async function filledIn(page) {
        await choose(page, "App", world.app.slug);
        await choose(page, "Groups", world.group.name);
        await page.getByLabel("External identifier").fill('it\'s a "tester"');
        await page
            .getByLabel("Metadata")
            .fill('{"storeId": 51, "big": 9007199254740993, "note": "a\\\\b \'c\' $d {e}"}');
    }

    it("gives the request in four languages, and each does what it says", async (t) => {
        const page = await visit(t, "/tester");
        await filledIn(page);
        for (const [language, [program, words, end]] of Object.entries(runs)) {
            await page.getByRole("radiogroup", { name: "Language" }).getByText(language, { exact: true }).click();
            const text = await page.locator(".tester pre").innerText();
            const { stdout, stderr } = spawnSync(program, words, {
                input: text + end,
                env: { ...process.env, INLAY_TOKEN: server.token },
                encoding: "utf8",
                timeout: 20_000,
            });
            assert.match(stdout, /\/_inlay\/embed\//, `${language}: ${stdout}${stderr}\n${text}`);
            const [link] = (await world.api.get("/links", { limit: 1 })).items;
            assert.deepEqual(
                [link.user.externalIdentifier, link.claims.metadata.note],
                ['it\'s a "tester"', "a\\b 'c' $d {e}"],
                language,
            );
            assert.match((await world.api.send("GET", "/links?limit=1")).text, /9007199254740993/, language);
        }
    });

    it("opens the app in a frame, and shows what app and page tell each other", async (t) => {
        const page = await visit(t, `/tester?appId=${world.app.id}`);
        await choose(page, "Groups", world.group.name);
        await page.getByLabel("External identifier").fill(probe);
        await page.getByText("This link would open.").waitFor();
        await page.getByRole("button", { name: "Open the app" }).click();
        const frame = page.frameLocator(".device iframe");
        await frame.getByText(probe).waitFor();
        await page.getByRole("log").getByText('{"said":"good morning"}').waitFor();
        await page.getByLabel("data", { exact: true }).fill('{"theme": "sepia"}');
        await frame.locator('body[data-theme="sepia"]').waitFor();
        await page.getByRole("log").getByText('"result":"sepia"').waitFor();
        await page.getByText("Phone", { exact: false }).click();
        assert.equal(await frame.locator("body").evaluate(() => innerWidth), 390);
        assert.deepEqual(await seriousViolations(page), []);
        assert.equal((await world.lastEvent("mint")).detail.preview, true);
    });

    it("tells in words why a user is turned away", async (t) => {
        const page = await visit(t, `/tester?appId=${world.app.id}`);
        await page.getByText("Personal access token", { exact: true }).click();
        await choose(page, "User", "nogroup");
        await page.getByText("The user isn't in a group that has access to this app.").waitFor();
        await page.getByText(`The app may be used by ${world.group.name}.`).waitFor();
        await page.getByRole("button", { name: "Open the app" }).click();
        await page.getByText("Refused", { exact: true }).waitFor();
    });
});

describe("each of these pages", () => {
    for (const [name, address, ready] of [
        ["users", () => "/users", "Okafor"],
        ["a user", () => `/users/${mira.id}`, "Signed out"],
        ["usage", () => "/usage", "Most active users"],
        ["the audit log", () => "/events", "App opened"],
        ["the tester", () => "/tester", "The request"],
    ]) {
        it(`fits on a phone in the dark: ${name}`, async (t) => {
            const page = await visit(t, address(), phone);
            await page.getByText(ready).filter({ visible: true }).first().waitFor();
            assert.ok(
                await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth),
                "nothing sticks out",
            );
            assert.deepEqual(await seriousViolations(page), []);
        });
    }
});

describe("lists of a hundred thousand", () => {
    before(() => {
        const numbers = "WITH RECURSIVE one(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM one WHERE n < 100000)";
        const workspace = "(SELECT id FROM workspaces ORDER BY created_at LIMIT 1)";
        execFileSync("sqlite3", [
            path.join(server.data, "inlay.db"),
            ".timeout 20000",
            `INSERT INTO users (id, workspace_id, kind, external_identifier, first_name, last_name, status,
                                created_at, updated_at) ${numbers}
             SELECT CAST(printf('~crowd%010d', n) AS BLOB), ${workspace}, 'external', 'crowd-' || n,
                    'Crowd', 'No. ' || n, 'active', 0, 0 FROM one`,
            `INSERT INTO events (at, type, workspace_id, actor_kind, detail) ${numbers}
             SELECT ${Date.now()}, iif(n % 1500 = 0, 'upstream.fail', 'release.create'), ${workspace}, 'system',
                    json_object('n', n) FROM one`,
        ]);
    });

    const rows = (page) => page.locator("tbody tr");
    const next = (page) => page.getByRole("button", { name: "Next" });

    it("come a page at a time, however hastily one turns them", async (t) => {
        const page = await visit(t, "/users?search=crowd");
        await page.getByText("Rows 1 to 50", { exact: true }).waitFor();
        assert.equal(await rows(page).count(), 50);
        let answer;
        const held = new Promise((resolve) => (answer = resolve));
        await page.route("**/api/v1/users?*after=*", (route) => held.then(() => route.continue()));
        await next(page).click();
        await page.getByText("Loading", { exact: true }).waitFor();
        await next(page).click();
        answer();
        await page.getByText("Rows 51 to 100", { exact: true }).waitFor();
        assert.match(await rows(page).first().innerText(), /No\. 51\b/);
        await next(page).click();
        await page.getByText("Rows 101 to 150", { exact: true }).waitFor();
        assert.ok(
            await rows(page)
                .first()
                .evaluate((row) => row.getBoundingClientRect().top >= 0),
            "the page begins at its first row",
        );

        await page.getByRole("searchbox").fill("crowd no. 99999");
        await row(page, "crowd-99999").waitFor();
        await row(page, "crowd-51").waitFor({ state: "detached" });
        assert.equal(await rows(page).count(), 1);
        await page.getByRole("link", { name: "Users", exact: true }).click();
        await row(page, "crowd-99999").waitFor({ state: "detached" });
        assert.equal(await page.getByRole("searchbox").inputValue(), "");
    });

    it("are filtered by the server, which fills each page from wherever the rows are", async (t) => {
        const page = await visit(t, "/events?type=upstream.fail");
        await page.getByText("Rows 1 to 50", { exact: true }).waitFor();
        await next(page).focus();
        await page.keyboard.press("Enter");
        await page.getByText("Rows 51 to 66", { exact: true }).waitFor();
        assert.equal(await rows(page).count(), 16);
        await eventually("the focus to be where there is a way on", () =>
            page.getByRole("button", { name: "Previous" }).evaluate((button) => button === document.activeElement),
        );
        await page.keyboard.press("Enter");
        await page.getByText("Rows 1 to 50", { exact: true }).waitFor();
    });
});
