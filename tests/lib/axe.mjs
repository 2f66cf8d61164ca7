// axe-core in a page of Chromium.
import fs from "node:fs";
import { createRequire } from "node:module";

/** The minified file: all of it goes to the browser for each document. Its value would come back. */
const source = `${fs.readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8")};0`;

/** Serious and critical violations, each in a line; frames, which are others' pages, are left out. */
export async function seriousViolations(page) {
    // What floats in and out is half transparent on its way.
    await page.waitForFunction(() =>
        document
            .getAnimations()
            .every(({ effect, playState }) => playState !== "running" || effect?.getTiming().iterations === Infinity),
    );
    if (!(await page.evaluate(() => "axe" in window))) {
        await page.evaluate(source);
    }
    const { violations } = await page.evaluate(() =>
        window.axe.run(document, { iframes: false, resultTypes: ["violations"] }),
    );
    return violations
        .filter(({ impact }) => impact === "serious" || impact === "critical")
        .flatMap(({ id, help, nodes }) =>
            nodes.map(({ html, any }) => `${id}: ${help}: ${html.slice(0, 200)} ${any[0]?.message ?? ""}`),
        );
}
