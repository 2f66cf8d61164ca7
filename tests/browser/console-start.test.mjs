// The newcomer's way: from the first start to an app in a portal's page, by the console alone.
// INLAY_SCREENSHOTS=docs/images makes the pictures of the docs on the way.
import assert from "node:assert/strict";
import fs from "node:fs";
import path from "node:path";
import { after, before, describe, it } from "node:test";
import { seriousViolations } from "../lib/axe.mjs";
import { framesOf, launchChromium } from "../lib/chromium.mjs";
import { password, setupLink } from "../lib/console.mjs";
import { eventually } from "../lib/eventually.mjs";
import { Portal } from "../lib/portal.mjs";
import { freshFolder, startServer } from "../lib/server.mjs";

const app = `<!doctype html><html lang="en"><meta charset="utf-8"><title>Orders</title><link rel="icon" href="data:,"><style>
body{margin:0;padding:1.5rem;font:15px/1.5 system-ui,sans-serif;color:#17201e;background:#fff}
h1{margin:0 0 1rem;font-size:1.15rem} table{width:100%;border-collapse:collapse}
td,th{padding:.55rem .4rem;text-align:left;border-bottom:1px solid #e1e6e4}
th{color:#58625f;font-weight:550;font-size:.85rem} td:last-child,th:last-child{text-align:right}
</style><h1></h1><table><tr><th>Order<th>Placed<th>Total
<tr><td>10482<td>Today, 09:12<td>€ 214.00
<tr><td>10479<td>Yesterday<td>€ 86.50
<tr><td>10461<td>Monday<td>€ 1,240.00</table>
<script type="module">import { session } from "/_inlay/app.js";
const { currentUser } = await session();
document.querySelector("h1").textContent = "Orders of " + currentUser.firstName;
document.body.dataset.user = currentUser.externalIdentifier;</script></html>`;

const portalPage = (link) => `<!doctype html>
<html lang="en"><meta charset="utf-8"><title>Fernhill portal</title><link rel="icon" href="data:,"><style>
body{margin:0;font:15px/1.5 system-ui,sans-serif;color:#20242e;background:#f4f5f8}
header{display:flex;gap:1.6rem;align-items:center;padding:.9rem 2rem;background:#2d3a63;color:#fff}
header b{font-size:1.05rem;margin-right:1rem}
main{max-width:60rem;margin:2rem auto;padding:0 1.5rem} h1{font-size:1.4rem}
iframe{width:100%;height:19rem;border:1px solid #d9dce6;border-radius:10px;background:#fff}
</style><header><b>Fernhill</b><span>Home</span><span>Orders</span><span>Invoices</span></header>
<main><h1>Good morning, Mira</h1><p>Your latest orders, straight from our warehouse.</p>
<iframe title="Orders" src="${link}"></iframe></main></html>`;

describe("from the first start", () => {
    let chrome, server, portal;
    const folder = path.join(freshFolder(), "orders");

    before(async () => {
        fs.mkdirSync(folder);
        fs.writeFileSync(path.join(folder, "index.html"), app);
        [chrome, server, portal] = await Promise.all([
            launchChromium(),
            startServer(),
            new Portal("localhost").start(),
        ]);
    });
    after(async () => {
        portal?.close();
        fs.rmSync(path.dirname(folder), { recursive: true, force: true });
        await Promise.all([chrome?.close(), server?.discard()]);
    });

    it("the console leads to an app in a portal's page", async () => {
        const context = await chrome.browser.newContext({
            viewport: { width: 1280, height: 800 },
            colorScheme: "light",
        });
        const page = await context.newPage();
        const picture = async (name, of = page) => {
            assert.deepEqual(await seriousViolations(page), [], name);
            if (process.env.INLAY_SCREENSHOTS !== undefined) {
                await page.locator(".toast").waitFor({ state: "detached" });
                await of.screenshot({ path: path.join(process.env.INLAY_SCREENSHOTS, `${name}.png`) });
            }
        };
        const next = (title) => page.locator("[aria-current=step]", { hasText: title }).waitFor();

        await page.goto(await setupLink(server));
        await page.getByLabel("Email").fill("kim@fernhill.example");
        await page.getByLabel("Password").fill(password);
        assert.deepEqual(await seriousViolations(page), []);
        await page.getByRole("button", { name: "Save and sign in" }).click();

        await next("Create an app");
        await picture("console-start");
        await page.getByRole("link", { name: "Create an app" }).click();
        await page.getByLabel("Name", { exact: true }).fill("Orders");
        await page.locator("input[webkitdirectory]").setInputFiles(folder);
        await page.getByText("to upload").waitFor();
        await picture("console-new-app");
        await page.getByLabel("Portal 1").fill(portal.origin);
        await page.getByRole("combobox", { name: "Groups" }).fill("Customers");
        await page.getByRole("option", { name: 'Create "Customers"' }).click();
        await page.locator(".picked", { hasText: "Customers" }).waitFor();
        await page.getByRole("button", { name: "Create app" }).click();
        await page.getByText("Current", { exact: true }).waitFor();
        await picture("console-app");

        await page.getByRole("link", { name: /Getting started/ }).click();
        await next("Make an API token");
        await page.getByRole("link", { name: "Create a token" }).click();
        await page.getByRole("dialog").getByLabel("Name", { exact: true }).fill("Fernhill portal");
        await page.getByRole("button", { name: "Create", exact: true }).click();
        const token = await page.getByRole("dialog").locator(".copyable code").innerText();
        await page.getByRole("button", { name: "Done" }).click();

        await page.getByRole("link", { name: /Getting started/ }).click();
        await next("Ask for the first link");
        const request = await page.getByRole("region", { name: "the request" }).innerText();
        await eventually("the group's ID in the request", async () =>
            /"groupIds": \[\s*\d+/.test(await page.getByRole("region", { name: "the request" }).innerText()),
        );
        await picture("console-first-link");
        const [, address] = /^curl (\S+)/.exec(request) ?? [];
        const [, body] = /-d '([^']+)'/.exec(await page.getByRole("region", { name: "the request" }).innerText()) ?? [];
        const answer = await fetch(address, {
            method: "POST",
            headers: { Authorization: `Bearer ${token}`, "Content-Type": "application/json" },
            body: JSON.stringify({
                ...JSON.parse(body),
                externalIdentifier: "mira",
                userInfo: { firstName: "Mira", lastName: "Okafor" },
            }),
        });
        assert.equal(answer.status, 200);
        await next("Show it in your page"); // by itself

        const visitor = await chrome.browser.newContext({ viewport: { width: 1280, height: 640 } });
        const shown = await visitor.newPage();
        await shown.goto(portal.add(portalPage((await answer.json()).embedUrl)));
        const user = await eventually("the app in the portal's page", () =>
            framesOf(shown)[0]?.evaluate(() => document.body.dataset.user ?? null),
        );
        assert.equal(user, "mira");
        await picture("console-portal", shown);
        await page.getByRole("heading", { name: "All set" }).waitFor();
        assert.equal(
            await page
                .getByRole("navigation", { name: "Pages" })
                .getByRole("link", { name: /Getting started/ })
                .count(),
            0,
        );
        assert.deepEqual(await seriousViolations(page), []);

        await page.emulateMedia({ colorScheme: "dark" });
        await page.setViewportSize({ width: 390, height: 760 });
        await page.goto(`${server.url}/apps`);
        await page.getByRole("link", { name: "Orders" }).waitFor();
        await picture("console-phone");
    });
});
