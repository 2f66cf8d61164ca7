// How long a person looks at an empty frame: from the portal's navigation to the first paint of the app inside of it.
import fs from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { framesOf, launchChromium, useWholeChromium } from "../tests/lib/chromium.mjs";
import { eventually } from "../tests/lib/eventually.mjs";
import { median, percentile, spread } from "./lib/compare.mjs";
import * as inlay from "./lib/inlay.mjs";
import { startNginx } from "./lib/nginx.mjs";
import { listening, start, stop } from "./lib/processes.mjs";

// What people have: its first paint is what they wait for.
useWholeChromium();

const here = path.dirname(fileURLToPath(import.meta.url));
const VISITS_A_ROUND = 3;
const MORE_MS_AT_MOST = 30;

/** A visit by somebody who was never there: nothing is in the cache, no connection is open. */
async function visit(browser, url) {
    const context = await browser.newContext();
    try {
        const page = await context.newPage();
        await page.goto(url, { waitUntil: "commit" });
        const painted = await eventually("the first paint", async () => {
            const [frame] = framesOf(page);
            return frame?.evaluate(() => {
                const [paint] = performance.getEntriesByName("first-contentful-paint");
                return (
                    document.querySelector("p")?.textContent === "bench" &&
                    paint !== undefined &&
                    performance.timeOrigin + paint.startTime
                );
            });
        });
        return painted - (await page.evaluate(() => performance.timeOrigin));
    } finally {
        await context.close();
    }
}

/** @param {import("./run.mjs").Bench} bench */
export async function comparePaint(world, _database, bench) {
    const own = path.join(bench.folder, "paint");
    inlay.copyWorld(world, own);
    const plainFolder = path.join(own, "plain");
    fs.mkdirSync(plainFolder, { recursive: true });
    const [server, plain, chrome] = await Promise.all([
        inlay.startInlay(own),
        startNginx(plainFolder),
        launchChromium(),
    ]);
    const words = [
        process.execPath,
        path.join(here, "portal.mjs"),
        String(world.portalPort),
        server.url,
        world.token,
        world.appId,
    ];
    const portal = start([...words, `http://plain.localhost:${plain.port}/index.html`], {
        env: { ...process.env, NODE_ENV: "production" },
    });
    await listening(portal, world.portalPort);

    const sides = ["inlay", "plain", "example"];
    const times = Object.fromEntries(sides.map((side) => [side, []]));
    const count = VISITS_A_ROUND * bench.rounds;
    for (let i = -2; i < count; i++) {
        for (const side of i % 2 === 0 ? sides : [...sides].reverse()) {
            const email = inlay.email(1 + ((i + 2) % inlay.USERS));
            const time = await visit(chrome.browser, `http://localhost:${world.portalPort}/${side}?email=${email}`);
            if (i >= 0) {
                times[side].push(time);
            }
        }
    }
    await chrome.close();
    await Promise.all([server.stop(), stop(plain), stop(portal)]);

    const more = (of, to) => times[of].map((time, i) => time - times[to][i]);
    const ms = (value) => `${value.toFixed(1)} ms`;
    const overhead = median(more("inlay", "plain"));
    const { min, max } = spread(times.inlay);
    bench.log(`    ${count} visits to each; with Inlay ${ms(min)} to ${ms(max)}`);
    bench.found({
        what:
            "from the portal's navigation to the app's first paint in the frame, mint and all; " +
            "to a plain iframe of the same files on plain nginx",
        measured: `${ms(median(times.inlay))} to ${ms(median(times.plain))}: ${ms(overhead)} more`,
        target: `≤ ${MORE_MS_AT_MOST} ms more`,
        passes: overhead <= MORE_MS_AT_MOST,
    });
    bench.found({
        what: "the same for a portal whose page asks its server for the link, as in `examples/express`",
        measured: `${ms(median(times.example))}: ${ms(median(more("example", "inlay")))} more than a frame that comes with the page`,
    });
    return Object.fromEntries(
        sides.map((side) => [
            side,
            { p50_ms: median(times[side]), p99_ms: percentile(times[side], 0.99), times: times[side] },
        ]),
    );
}
