// The console's settings of an app, what it clears, and links of strict apps in its tester.
import assert from "node:assert/strict";
import { after, before, it } from "node:test";
import { seriousViolations } from "../lib/axe.mjs";
import { framesOf, launchChromium } from "../lib/chromium.mjs";
import { firstAdmin } from "../lib/console.mjs";
import { eventually } from "../lib/eventually.mjs";
import { probeApp } from "../lib/portal.mjs";
import { startServer } from "../lib/server.mjs";
import { makeWorld } from "../lib/world.mjs";

let chrome, server, admin, world;

before(async () => {
    [chrome, server] = await Promise.all([launchChromium(), startServer()]);
    admin = await firstAdmin(server);
    world = await makeWorld(server, { bundle: probeApp });
});
after(async () => {
    await Promise.all([chrome?.close(), server?.discard()]);
});

async function visit(t, address, options = {}) {
    const context = await chrome.browser.newContext({ viewport: { width: 1280, height: 900 }, ...options });
    t.after(() => context.close());
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
    const page = await context.newPage();
    const broken = [];
    page.on("pageerror", (error) => broken.push(error.message));
    page.on("console", (message) => /Content Security Policy/.test(message.text()) && broken.push(message.text()));
    t.after(() => assert.deepEqual(broken, []));
    await page.goto(server.url + address);
    await page.locator("h1").waitFor();
    return page;
}

const settings = () => world.api.get(`/apps/${world.app.id}`);

it("an app's settings say how it opens, in words", async (t) => {
    const page = await visit(t, `/apps/${world.app.id}/settings`);
    const panel = page.locator(".panel", { has: page.getByRole("heading", { name: "Opening" }) });
    const save = panel.getByRole("button", { name: "Save" });
    assert.equal(await save.isDisabled(), true, "nothing has changed");
    await panel.getByLabel("Start path").fill("/home?tab=1");
    await panel.getByRole("checkbox", { name: /Strict: no secret in a URL/ }).check({ force: true });
    assert.match(await panel.innerText(), /Links in URLs no longer open the app/);
    await panel.getByRole("radio", { name: /Any page/ }).check({ force: true });
    await panel.getByRole("radio", { name: /^Off/ }).check({ force: true });
    assert.deepEqual(await seriousViolations(page), []);
    await save.click();
    await page.getByText("Saved").waitFor();
    const { startPath, strict, topLevel, serviceWorkers } = await settings();
    assert.deepEqual(
        { startPath, strict, topLevel, serviceWorkers },
        { startPath: "/home?tab=1", strict: true, topLevel: "any-page", serviceWorkers: "off" },
    );
    await panel.getByLabel("Start path").fill("//evil.example");
    await save.click();
    await panel.getByText(/must begin with one/).waitFor();
    await world.api.patch(`/apps/${world.app.id}`, {
        startPath: "/",
        topLevel: "own-pages",
        serviceWorkers: "guarded",
    });
});

it("the tester posts the link of a strict app, and leads to a page of it", async (t) => {
    await world.api.patch(`/apps/${world.app.id}`, { strict: true });
    const page = await visit(t, `/tester?appId=${world.app.id}`);
    await page.getByLabel(/Page of the app/).fill("/orders/5?tab=items");
    await page.getByRole("combobox", { name: "Groups" }).fill(world.group.name);
    await page.getByRole("option", { name: world.group.name }).click();
    await page.keyboard.press("Escape");
    assert.match(
        await page
            .locator("pre, code")
            .allInnerTexts()
            .then((all) => all.join()),
        /"path": "\/orders\/5\?tab=items"/,
    );
    await page.getByRole("button", { name: /Open the app/ }).click();
    await eventually("the app", () => framesOf(page)[0]?.evaluate(() => document.body?.dataset.session ?? null));
    const { pathname, search } = new URL(framesOf(page)[0].url());
    assert.equal(pathname + search, "/orders/5?tab=items");
});

it("what browsers keep is cleared after a question, for an app and for a user", async (t) => {
    for (const [address, ids] of [
        [`/apps/${world.app.id}/settings`, [world.app.id, null]],
        [`/users/${world.user.id}`, [null, world.user.id]],
    ]) {
        const page = await visit(t, address);
        await page.getByRole("button", { name: "Clear browser storage" }).click();
        const dialog = page.getByRole("dialog");
        assert.match(await dialog.innerText(), /Sessions and cookies stay/);
        await dialog.getByRole("button", { name: "Clear", exact: true }).click();
        const event = await eventually("the event", async () => {
            const last = await world.lastEvent("storage.clear");
            return last?.appId === ids[0] && last.userId === ids[1] && last;
        });
        assert.equal(event.actor.kind, "admin");
    }
});

it("ending sessions can clear what browsers keep, too", async (t) => {
    const opened = await world.opened(await (await makeWorld(server)).embedLink());
    assert.equal(await opened.refusal(), null);
    const page = await visit(t, `/apps/${world.app.id}/sessions`);
    await page.getByRole("button", { name: /End all/ }).click();
    const before = (await world.lastEvent("storage.clear"))?.id;
    await page
        .getByRole("dialog")
        .getByRole("checkbox", { name: /Also clear/ })
        .check({ force: true });
    await page
        .getByRole("dialog")
        .getByRole("button", { name: /End all/ })
        .click();
    await eventually("the event", async () => (await world.lastEvent("storage.clear"))?.id !== before);
});

it("the settings fit on a phone, light and dark", async (t) => {
    for (const colorScheme of ["light", "dark"]) {
        for (const [name, width, height] of [
            ["phone", 360, 740],
            ["desktop", 1280, 900],
        ]) {
            const page = await visit(t, `/apps/${world.app.id}/settings`, { viewport: { width, height }, colorScheme });
            await page.getByRole("heading", { name: "Opening" }).waitFor();
            const over = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
            assert.ok(over <= 0, `${name}: ${over} px too wide`);
            assert.deepEqual(await seriousViolations(page), []);
            if (process.env.INLAY_LOOK !== undefined) {
                await page.screenshot({
                    path: `${process.env.INLAY_LOOK}/settings-${name}-${colorScheme}.png`,
                    fullPage: true,
                });
            }
        }
    }
});
