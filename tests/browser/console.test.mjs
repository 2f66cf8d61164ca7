// The console in a browser, against the real server: signing in, apps, tokens, groups, and what holds for every page.
import assert from "node:assert/strict";
import { createHmac } from "node:crypto";
import fs from "node:fs";
import path from "node:path";
import { after, before, describe, it } from "node:test";
import { gunzipSync } from "node:zlib";
import { seriousViolations } from "../lib/axe.mjs";
import { tarGz } from "../lib/bundle.mjs";
import { giveBack, idlePage, launchChromium } from "../lib/chromium.mjs";
import { firstAdmin, password, setupLink } from "../lib/console.mjs";
import { eventually } from "../lib/eventually.mjs";
import { freshFolder, root, startServer } from "../lib/server.mjs";
import { makeWorld, unique } from "../lib/world.mjs";

/** What somebody hostile puts wherever a name is wanted: it must show as it is, and do nothing. */
const probe = `"><img src=x onerror="window.xss=1">{{7*7}}`;

let chrome, server, admin, world, desk;

async function signedIn(who, options = {}) {
    const context = await chrome.browser.newContext({ viewport: { width: 1280, height: 900 }, ...options });
    await context.addCookies([
        {
            name: "__Host-inlay-console",
            value: who.cookie,
            domain: "localhost",
            path: "/",
            secure: true,
            httpOnly: true,
            sameSite: "Strict",
        },
    ]);
    await context.grantPermissions(["clipboard-read", "clipboard-write"], { origin: server.url });
    return context;
}

/** A page of the console; the test fails if a probe ran, a script broke, or the policy refused something. */
async function visit(t, address, context = desk) {
    const page = await idlePage(context);
    const broken = [];
    page.on("pageerror", (error) => broken.push(error.message));
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
const dialog = (page) => page.getByRole("dialog");
const clipboard = (page) => page.evaluate(() => navigator.clipboard.readText());

async function fromMenu(page, of, entry) {
    await page.getByRole("button", { name: `Actions for ${of}` }).click();
    await page.getByRole("menuitem", { name: entry }).click();
}

/** A code of an authenticator app (RFC 6238). */
function totp(secret) {
    const bits = [...secret]
        .map((letter) => "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567".indexOf(letter).toString(2).padStart(5, "0"))
        .join("");
    const key = Buffer.from(bits.match(/.{8}/g).map((byte) => Number.parseInt(byte, 2)));
    const counter = Buffer.alloc(8);
    counter.writeBigUInt64BE(BigInt(Math.floor(Date.now() / 30_000)));
    const mac = createHmac("sha1", key).update(counter).digest();
    return String((mac.readUInt32BE(mac[19] & 15) & 0x7fffffff) % 1_000_000).padStart(6, "0");
}

before(async () => {
    [chrome, server] = await Promise.all([launchChromium(), startServer()]);
    admin = await firstAdmin(server);
    world = await makeWorld(server);
    await world.api.patch(`/apps/${world.app.id}`, { name: `Orders ${probe}` });
    await world.api.patch(`/groups/${world.group.id}`, { name: `Stores ${probe}` });
    await world.api.post("/api-tokens", { name: `Shop ${probe}`, description: probe, scopes: ["embed", "apps:read"] });
    await world.api.post("/environments", { name: "staging", config: { [probe]: probe } });
    await world.opened();
    desk = await signedIn(admin);
});
after(async () => {
    await chrome?.close();
    await server?.discard();
});

describe("signing in to the console", () => {
    it("begins with the one-time link, which works once", async (t) => {
        const fresh = await startServer();
        const context = await chrome.browser.newContext();
        t.after(() => Promise.all([context.close(), fresh.discard()]));
        const link = await setupLink(fresh);
        const page = await context.newPage();
        await page.goto(link);
        await page.getByLabel("Email").fill("kim@acme.example");
        await page.getByLabel("Password").fill("too short");
        assert.ok(await page.getByRole("button", { name: "Save and sign in" }).isDisabled());
        await page.getByLabel("Password").fill(password);
        assert.deepEqual(await seriousViolations(page), []);
        await page.keyboard.press("Enter");
        await page.getByRole("heading", { name: "Getting started" }).waitFor();
        assert.doesNotMatch(page.url(), /#/);
        await context.clearCookies();
        await page.goto(link);
        await page.reload(); // the address differs by its fragment only
        await page.getByRole("heading", { name: "This link does not work" }).waitFor();
        await page.getByRole("link", { name: "Go to sign-in" }).click();
        await page.getByRole("heading", { name: "Sign in" }).waitFor();
    });

    it("takes email and password, and a code once the second factor is on", async (t) => {
        const builder = await admin.invite("builder");
        const context = await chrome.browser.newContext();
        t.after(() => context.close());
        const page = await visit(t, "/settings/account", context);
        await page.getByLabel("Email").fill(builder.email);
        await page.getByLabel("Password").fill("not the right one");
        await page.keyboard.press("Enter");
        await page.getByRole("alert").waitFor();
        assert.deepEqual(await seriousViolations(page), []);
        await page.getByLabel("Password").fill(password);
        await page.keyboard.press("Enter");

        await page.getByRole("button", { name: "Turn on" }).click();
        const secret = await dialog(page).locator(".copyable code").innerText();
        await dialog(page).getByLabel("Code that the app shows").fill(totp(secret));
        await dialog(page).getByLabel("Your password").fill(password);
        await page.keyboard.press("Enter");
        const codes = (await dialog(page).getByRole("region").innerText()).split("\n");
        assert.equal(codes.length, 10);
        await dialog(page).getByRole("button", { name: "I have kept them" }).click();

        await page.getByRole("button", { name: builder.email }).click();
        await page.getByRole("menuitem", { name: "Sign out" }).click();
        await page.getByLabel("Email").fill(builder.email);
        await page.getByLabel("Password").fill(password);
        await page.keyboard.press("Enter");
        await page.getByLabel("Code").fill(codes[0]);
        await page.keyboard.press("Enter");
        await page.getByText("9 recovery codes left").waitFor();
    });

    it("shows where one is signed in, and ends what is elsewhere; an ended session sees the sign-in", async (t) => {
        const viewer = await admin.invite("viewer");
        const elsewhere = await signedIn(viewer);
        t.after(() => elsewhere.close());
        const there = await visit(t, "/apps", elsewhere);
        const here = await chrome.browser.newContext();
        t.after(() => here.close());
        const page = await visit(t, "/settings/account", here);
        await page.getByLabel("Email").fill(viewer.email);
        await page.getByLabel("Password").fill(password);
        await page.keyboard.press("Enter");
        const sessions = page.getByRole("table", { name: "Where you are signed in" });
        await sessions.getByText("This one").waitFor();
        await sessions.getByRole("button", { name: "Sign out" }).click();
        await sessions.getByRole("button", { name: "Sign out" }).waitFor({ state: "detached" });
        await there.getByRole("link", { name: "Permissions" }).click();
        await there.getByRole("heading", { name: "Sign in" }).waitFor();
    });

    it("shows admins who is signed in, and signs somebody out", async (t) => {
        const viewer = await admin.invite("viewer");
        const theirs = await signedIn(viewer);
        t.after(() => theirs.close());
        const there = await visit(t, "/apps", theirs);
        const page = await visit(t, "/settings/admins");
        const button = page
            .getByRole("table", { name: "Who is signed in" })
            .getByRole("button", { name: `Sign out ${viewer.email}` });
        await button.click();
        await button.waitFor({ state: "detached" });
        await there.getByRole("link", { name: "Permissions" }).click();
        await there.getByRole("heading", { name: "Sign in" }).waitFor();
    });

    it("shows each role what it may do, and no more", async (t) => {
        for (const [role, create, admins] of [
            ["viewer", 0, 0],
            ["builder", 1, 0],
        ]) {
            const context = await signedIn(await admin.invite(role));
            t.after(() => context.close());
            const page = await visit(t, "/apps", context);
            await row(page, "Orders").waitFor();
            assert.equal(await page.getByRole("link", { name: "Create app" }).count(), create, role);
            assert.equal(
                await page.getByRole("navigation", { name: "Pages" }).getByRole("link", { name: "Admins" }).count(),
                admins,
                role,
            );
            await page.goto(`${server.url}/settings/api`);
            await row(page, "Shop").waitFor();
            assert.equal(await page.getByRole("button", { name: "Create new" }).count(), 0);
            await page.goto(`${server.url}/settings/admins`);
            await page.getByRole("heading", { name: "Apps", exact: true }).waitFor();
        }
    });

    it("is by invitation for others, whose role can change", async (t) => {
        const page = await visit(t, "/settings/admins");
        await page.getByRole("button", { name: "Invite" }).click();
        const email = `${unique("new")}@acme.example`;
        await dialog(page).getByLabel("Email").fill(email);
        await dialog(page).getByText("Viewer", { exact: true }).click();
        await dialog(page).getByRole("button", { name: "Make an invitation" }).click();
        const link = await dialog(page).locator(".copyable code").innerText();
        await dialog(page).getByRole("button", { name: "Done" }).click();
        const guest = await chrome.browser.newContext();
        t.after(() => guest.close());
        const theirs = await guest.newPage();
        await theirs.goto(link);
        await theirs.getByRole("heading", { name: "You are invited" }).waitFor();
        await fromMenu(page, email, "Change role");
        await dialog(page).getByText("Builder", { exact: true }).click();
        await dialog(page).getByRole("button", { name: "Change" }).click();
        await row(page, email).getByText("Builder").waitFor();
        await fromMenu(page, email, "Remove");
        await dialog(page).getByRole("button", { name: "Remove" }).click();
        await row(page, email).waitFor({ state: "detached" });
    });
});

/** Drags a file or a folder from the desktop, and lets it go. */
async function drop(target, file) {
    const page = target.page();
    // A dialog that is still opening moves: this waits until the place stands still and nothing covers it.
    await target.hover({ trial: true });
    const { x, y, width, height } = await target.boundingBox();
    const devtools = await page.context().newCDPSession(page);
    for (const type of ["dragEnter", "dragOver", "drop"]) {
        const data = { items: [], files: [file], dragOperationsMask: 1 };
        await devtools.send("Input.dispatchDragEvent", { type, x: x + width / 2, y: y + height / 4, data });
    }
    await devtools.detach();
}

describe("apps in the console", () => {
    it("are made of a folder of files, released, and set back", async (t) => {
        const folder = path.join(freshFolder(), "dist");
        t.after(() => fs.rmSync(path.dirname(folder), { recursive: true, force: true }));
        const long = `assets/${"deeply-nested-folder/".repeat(5)}größe.txt`;
        fs.mkdirSync(path.join(folder, path.dirname(long)), { recursive: true });
        fs.writeFileSync(path.join(folder, "index.html"), "<!doctype html><title>One</title>");
        fs.writeFileSync(path.join(folder, ".env"), "SECRET=1");
        fs.writeFileSync(path.join(folder, long), "42");
        const page = await visit(t, "/apps/new");
        const name = unique("Folder");
        await page.getByLabel("Name", { exact: true }).fill(name);
        await page.locator("input[webkitdirectory]").setInputFiles(folder);
        await page.getByText("to upload").waitFor();
        await page.getByLabel("Portal 1").fill("https://portal.acme.example/");
        await page.getByRole("combobox", { name: "Groups" }).fill("Stores");
        await page.getByRole("option", { name: "Stores" }).first().click();
        await page.getByRole("button", { name: "Create app" }).click();
        await page.getByRole("heading", { name }).waitFor();
        await row(page, "1.0.0").getByText("2 files").waitFor();
        const [app] = (await world.api.get("/apps", { search: name })).items;
        assert.deepEqual(app.portals, ["https://portal.acme.example"]);
        assert.deepEqual(
            (await world.api.get("/groups", { appId: app.id })).items.map(({ id }) => id),
            [world.group.id],
        );
        const opened = await world.opened(await world.embedLink({ landingPageUuid: app.id }));
        assert.equal((await opened.fetch(`/${encodeURI(long)}`)).text, "42");

        await page.getByRole("button", { name: "Upload a bundle" }).click();
        const archive = tarGz([{ path: "index.html", content: "<!doctype html><title>Two</title>" }]);
        fs.writeFileSync(path.join(path.dirname(folder), "two.tar.gz"), archive);
        await drop(
            dialog(page).getByRole("group", { name: "The app's files" }),
            path.join(path.dirname(folder), "two.tar.gz"),
        );
        await dialog(page).getByText("two.tar.gz").waitFor();
        assert.equal(await dialog(page).getByLabel("Version").inputValue(), "1.0.1");
        assert.deepEqual(await seriousViolations(page), []);
        await dialog(page).getByRole("button", { name: "Upload", exact: true }).click();
        await row(page, "1.0.1").getByText("Current").waitFor();
        await fromMenu(page, "1.0.0", "Make it current");
        await dialog(page).getByRole("button", { name: "Make it current" }).click();
        await row(page, "1.0.0").getByText("Current").waitFor();
        assert.match((await opened.navigate()).text, /One/);
    });

    it("say what is wrong with an archive, and keep what was written", async (t) => {
        const page = await visit(t, `/apps/${world.app.id}`);
        await page.getByRole("button", { name: "Upload a bundle" }).click();
        await page
            .locator("input[accept]")
            .setInputFiles({ name: "x.zip", mimeType: "application/zip", buffer: Buffer.from("no archive") });
        await dialog(page).getByText("As a branch").click();
        await dialog(page).getByRole("textbox", { name: "Branch" }).fill("next");
        await dialog(page).getByRole("button", { name: "Upload", exact: true }).click();
        await dialog(page).getByRole("alert").waitFor();
        assert.equal(await dialog(page).getByRole("textbox", { name: "Branch" }).inputValue(), "next");
    });

    it("stand in front of a server, whose address can be tried", async (t) => {
        const page = await visit(t, "/apps/new");
        const name = unique("Server");
        await page.getByText("A server that runs", { exact: true }).click();
        await page.getByLabel("Name", { exact: true }).fill(name);
        await page.getByLabel("Address").fill("http://127.0.0.1:1");
        await page.getByRole("button", { name: "Try it" }).click();
        await page.getByText("Nothing answers at this address and port.").waitFor();
        await page.getByLabel("Address").fill(server.url);
        await page.getByRole("button", { name: "Try it" }).click();
        // Inlay itself, which knows no app by the name that the check makes up.
        await page.getByText(/refuses the app's host with status 421, and answers with status 200/).waitFor();
        await page.getByRole("button", { name: "Create app" }).click();
        await page.getByRole("heading", { name }).waitFor();
        await page.getByRole("textbox", { name: "staging" }).fill("http://127.0.0.1:8080");
        await page.getByRole("button", { name: "Save" }).click();
        await page.getByText("Saved").waitFor();
        const { upstream } = (await world.api.get("/apps", { search: name })).items[0];
        assert.deepEqual([upstream.url, upstream.environments], [server.url, { staging: "http://127.0.0.1:8080" }]);
    });

    it("have portals, groups and live sessions, which end with a button", async (t) => {
        const own = await makeWorld(server);
        const page = await visit(t, `/apps/${own.app.slug}/portals`);
        await page.getByLabel("Portal 1").fill("nonsense");
        await page.getByRole("button", { name: "Save" }).click();
        await page.getByRole("alert").waitFor();
        await page.getByLabel("Portal 1").fill("https://*.acme.example");
        await page.getByRole("button", { name: "Save" }).click();
        await page.getByText("Saved").waitFor();
        assert.deepEqual((await own.api.get(`/apps/${own.app.id}`)).portals, ["https://*.acme.example"]);

        await page.getByRole("tab", { name: "Sessions" }).click();
        await page.getByText("Nobody has this app open").waitFor();
        const opened = await own.opened();
        await page.reload();
        await row(page, own.user.email).getByRole("button", { name: "End" }).click();
        await row(page, own.user.email).waitFor({ state: "detached" });
        assert.equal(await opened.refusal(), "session_ended");
        await page.getByText("Ended", { exact: true }).click();
        await row(page, "Ended by an admin").waitFor();

        await page.getByRole("tab", { name: "Access" }).click();
        await fromMenu(page, own.group.name, "Take access away");
        await dialog(page).getByRole("button", { name: "Take away" }).click();
        await page.getByText("Nobody may use it yet").waitFor();

        await page.getByRole("tab", { name: "Settings" }).click();
        await page.getByRole("button", { name: /^Delete/ }).click();
        await dialog(page).getByRole("button", { name: "Delete app" }).click();
        await page.getByRole("heading", { name: "Apps" }).waitFor();
        await own.api.refused(404, "not_found", "GET", `/apps/${own.app.id}`);
    });
});

describe("the console's settings", () => {
    it("show a token's secret once, and revoke it", async (t) => {
        const page = await visit(t, "/settings/api");
        await page.getByRole("button", { name: "Create new" }).click();
        const name = unique("Portal");
        await dialog(page).getByLabel("Name", { exact: true }).fill(name);
        await dialog(page).getByText("Choose", { exact: true }).click();
        await dialog(page).getByRole("radiogroup", { name: "Group" }).getByText("Read & Write").click();
        assert.deepEqual(await seriousViolations(page), []);
        await page.getByRole("button", { name: "Create", exact: true }).click();
        const secret = await dialog(page).locator(".copyable code").innerText();
        await dialog(page).getByRole("button", { name: "Copy the token" }).click();
        assert.equal(await clipboard(page), secret);
        await page.keyboard.press("Escape");
        await dialog(page).getByRole("button", { name: "Done" }).click();
        assert.match(
            await row(page, name).innerText(),
            new RegExp(`App: Embed\\s+Group: Read & Write[^]*…${secret.slice(-4)}[^]*${admin.email}`),
        );
        assert.ok(!(await page.content()).includes(secret));
        const api = world.api.as(secret);
        await api.get("/groups");
        await fromMenu(page, name, "Revoke");
        await dialog(page).getByRole("button", { name: "Revoke" }).click();
        await row(page, name).waitFor({ state: "detached" });
        await api.refused(401, "api_token_invalid", "GET", "/groups");
    });

    it("keep groups, whose members are added several at once, and whose IDs are copied", async (t) => {
        const people = [];
        for (const first of ["Mia", "Omar", "Lena"]) {
            people.push(
                await world.api.post("/users", {
                    email: `${unique(first)}@acme.example`,
                    firstName: first,
                    lastName: unique("Quist"),
                }),
            );
        }
        const name = unique("Managers");
        const page = await visit(t, "/settings/permissions");
        await page.getByRole("button", { name: "Create group" }).click();
        await dialog(page).getByLabel("Name").fill(name);
        await page.keyboard.press("Enter");
        await page.getByRole("heading", { name }).waitFor();
        await page.getByRole("button", { name: "Add members" }).click();
        for (const { firstName, lastName } of people) {
            await page.getByRole("combobox", { name: "Members" }).fill(lastName);
            await page.getByRole("option", { name: `${firstName} ${lastName}` }).click();
        }
        await dialog(page).getByRole("button", { name: "Add 3" }).click();
        await page.getByText("3 members, 0 apps").waitFor();
        await page.getByRole("tab", { name: "Apps" }).click();
        await page.getByRole("button", { name: "Add apps" }).click();
        await page.getByRole("combobox", { name: "Apps" }).fill("Orders");
        await page.getByRole("option", { name: "Orders" }).click();
        await dialog(page).getByRole("button", { name: "Add", exact: true }).click();
        await page.getByText("3 members, 1 app", { exact: true }).waitFor();

        const [group] = (await world.api.get("/groups", { search: name })).items;
        await page.goto(`${server.url}/settings/permissions`);
        await page.getByRole("searchbox").fill(name.toUpperCase());
        await row(page, "Stores").waitFor({ state: "detached" });
        assert.match(await row(page, name).innerText(), /3\s+1/);
        await fromMenu(page, name, "Copy group ID");
        await page.getByText(`Copied group ID "${group.id}" to clipboard`).waitFor();
        assert.equal(await clipboard(page), String(group.id));
    });

    it("keep environments, whose settings must be an object of JSON", async (t) => {
        const page = await visit(t, "/settings/environments");
        await page.getByRole("button", { name: "Create environment" }).click();
        const name = unique("env");
        await dialog(page).getByLabel("Name").fill(name);
        await dialog(page).getByLabel("Settings").fill("[1]");
        await dialog(page).getByRole("button", { name: "Create" }).click();
        await dialog(page).getByText("must be a JSON object").waitFor();
        await dialog(page).getByLabel("Settings").fill('{"currency": "EUR"}');
        await dialog(page).getByRole("button", { name: "Create" }).click();
        await row(page, name).getByText("currency").waitFor();
        assert.deepEqual((await world.api.get(`/environments/${name}`)).config, { currency: "EUR" });
    });
});

describe("every page of the console", () => {
    const pages = () => [
        ["/start"],
        ["/apps", "tbody tr"],
        ["/apps/new"],
        [`/apps/${world.app.id}`, "tbody tr"],
        [`/apps/${world.app.id}/access`, "tbody tr"],
        [`/apps/${world.app.id}/portals`],
        [`/apps/${world.app.id}/sessions`, "tbody tr"],
        [`/apps/${world.app.id}/settings`],
        ["/settings/permissions", "tbody tr"],
        [`/settings/permissions/group/${world.group.id}`, "tbody tr"],
        ["/settings/api", "tbody tr"],
        ["/settings/environments", "tbody tr"],
        ["/settings/admins", "tbody tr"],
        ["/settings/account", "tbody tr"],
    ];

    const load = (page, address) => page.goto(server.url + address);
    /** Goes to another page as links of the console do, by way of one that is not taken for it. */
    async function follow(page, address) {
        const go = (to) => page.evaluate((path) => history.pushState(null, "", path), to);
        const between = page.getByRole("heading", { name: /^(Getting started|All set)$/ });
        await go("/start");
        await between.waitFor();
        if (address !== "/start") {
            await go(address);
            await between.waitFor({ state: "detached" });
        }
    }

    for (const [what, options, go] of [
        ["on a desk, in light", { colorScheme: "light" }, load],
        ["on a phone, in dark", { colorScheme: "dark", viewport: { width: 360, height: 740 }, hasTouch: true }, follow],
    ]) {
        it(`${what}: nothing serious for axe, no probe runs, nothing sticks out`, async (t) => {
            const context = await signedIn(admin, options);
            t.after(() => context.close());
            const page = await visit(t, "/apps", context);
            for (const [address, content = "h1"] of pages()) {
                await go(page, address);
                await page.locator(content).first().waitFor();
                assert.deepEqual(await seriousViolations(page), [], address);
                assert.ok(
                    await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth),
                    `${address} is wider than the window`,
                );
                assert.equal(await page.evaluate(() => window.xss), undefined, address);
            }
        });
    }

    it("is reached by the keyboard: Ctrl+K finds apps, users, groups and actions", async (t) => {
        const page = await visit(t, "/settings/account");
        const find = async (text) => {
            await page.keyboard.press("Control+k");
            await page.getByRole("combobox").waitFor();
            await page.keyboard.type(text);
        };
        const first = (name) => page.locator("[role=option][aria-selected=true]", { hasText: name }).waitFor();
        await find("orders");
        await first("Orders");
        assert.deepEqual(await seriousViolations(page), []);
        await page.keyboard.press("Enter");
        await page.keyboard.type("uuid");
        await first("Copy app UUID");
        await page.keyboard.press("Enter");
        await page.getByText("Copied the app's UUID").waitFor();
        assert.equal(await clipboard(page), world.app.id);
        await find(world.user.email);
        await first(world.user.email);
        await page.keyboard.press("Escape");
        await find("stores");
        await page.keyboard.press("Enter"); // at once: what is found first is opened when it is there
        await page.waitForURL(`**/group/${world.group.id}`);
        await find("create a gr");
        await first("Create a group");
        await page.keyboard.press("Enter");
        const name = unique("Typed");
        await dialog(page).getByLabel("Name").waitFor();
        await page.keyboard.type(name);
        await page.keyboard.press("Enter");
        await page.getByRole("heading", { name }).waitFor();
    });

    it("loads at most 200 KB of script, compressed, at first", async (t) => {
        const context = await signedIn(admin);
        t.after(() => context.close());
        const page = await context.newPage();
        const scripts = [];
        page.on(
            "response",
            (response) =>
                response.request().resourceType() === "script" && scripts.push(new URL(response.url()).pathname),
        );
        await page.goto(`${server.url}/apps`);
        await row(page, "Orders").waitFor();
        const sizes = scripts.map((name) => {
            const file = path.join(root, "build/console", `${name}.gz`);
            assert.ok(gunzipSync(fs.readFileSync(file)).length > 0);
            return fs.statSync(file).size;
        });
        const total = sizes.reduce((sum, size) => sum + size, 0);
        assert.ok(sizes.length > 1 && total <= 200_000, `${total} bytes in ${sizes.length} files`);
    });

    it("keeps the theme that was chosen", async (t) => {
        const page = await visit(t, "/apps");
        const background = () => page.evaluate(() => getComputedStyle(document.documentElement).backgroundColor);
        const light = await background();
        await page.getByRole("button", { name: admin.email }).click();
        await page.getByRole("menuitem", { name: "Dark" }).click();
        assert.notEqual(await background(), light);
        await page.reload();
        await page.locator("h1").waitFor();
        assert.notEqual(await background(), light);
        await page.evaluate(() => localStorage.clear());
    });

    it("keeps the focus where it was when something fails, and on the page when what had it is gone", async (t) => {
        const { name } = await world.api.post("/groups", { name: unique("Focused") });
        const page = await visit(t, "/settings/permissions");
        const holds = (what) => what.evaluate((element) => element === document.activeElement);
        await page.getByRole("button", { name: "Create group" }).press("Enter");
        await dialog(page).getByLabel("Name").fill(name);
        const create = dialog(page).getByRole("button", { name: "Create" });
        await create.press("Enter");
        await dialog(page).getByRole("alert").waitFor();
        assert.ok(await holds(create));
        await page.keyboard.press("Escape");
        await eventually("the focus on what opened the dialog", () =>
            holds(page.getByRole("button", { name: "Create group" })),
        );
        await row(page, name).getByRole("button").press("Enter");
        await page.getByRole("menuitem", { name: "Delete group" }).press("Enter");
        await dialog(page).getByRole("button", { name: "Delete group" }).press("Enter");
        await row(page, name).waitFor({ state: "detached" });
        await eventually("the focus on the page", () => holds(page.locator("main")));
    });

    it("says so when the server is away, and goes on when it is back", async (t) => {
        const page = await visit(t, "/apps");
        await row(page, "Orders").waitFor();
        await page.route("**/api/v1/groups**", (route) => route.abort());
        await page.getByRole("link", { name: "Permissions" }).click();
        await page.getByText("This list could not be loaded").waitFor();
        await page.unroute("**/api/v1/groups**");
        await page.getByRole("button", { name: "Try again" }).click();
        await row(page, "Stores").waitFor();

        await page.route("**/assets/usage-*", (route) => route.abort());
        await page.getByRole("link", { name: "Usage" }).click();
        await page.getByText("This page could not be loaded").waitFor();
        await page.unroute("**/assets/usage-*");
        await page.getByRole("button", { name: "Load it again" }).click();
        await page.getByRole("heading", { name: "Usage", exact: true }).waitFor();
    });
});
