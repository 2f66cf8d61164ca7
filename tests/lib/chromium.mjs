// Debian's Chromium as it is: started by us with clean flags, because Playwright's own switch off storage partitioning,
// and attached to over CDP. The headless shell is the same engine, network and isolation of sites without the windows of
// a desktop, which cost two thirds of the processor time. CHROMIUM names another program, such as /usr/bin/chromium.
import { spawn } from "node:child_process";
import { once } from "node:events";
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { chromium } from "playwright-core";

/** For tests that print, or show PDFs, which the shell cannot do. */
export const useWholeChromium = () => (process.env.CHROMIUM ??= "/usr/bin/chromium");

/** @type {WeakMap<object, any[]>} pages that no test uses now, by their context */
const idle = new WeakMap();

/** A page of a context that several tests share: one that was given back, since each new one starts a process. */
export async function idlePage(context) {
    return idle.get(context)?.pop() ?? (await context.newPage());
}

/** What is in the page goes with the next address. */
export async function giveBack(page) {
    if (page.isClosed()) {
        return;
    }
    page.removeAllListeners("pageerror").removeAllListeners("console").removeAllListeners("dialog");
    await page.unrouteAll({ behavior: "ignoreErrors" });
    const context = page.context();
    idle.set(context, [...(idle.get(context) ?? []), page]);
}

/** The frames that the page itself shows. */
export const framesOf = (page) => page.mainFrame().childFrames();

/**
 * Every name resolves to this machine. Third-party cookies are blocked, as the strictest of today's browsers do.
 * @param {{ trusted?: string[], restored?: string, allowsThirdParties?: boolean }} [options]
 *     trusted: SPKI hashes of certificates to accept; restored: the profile of one that was left, whose tabs come back
 */
export async function launchChromium({ trusted = [], restored, allowsThirdParties = false } = {}) {
    const profile = restored ?? fs.mkdtempSync(path.join(os.tmpdir(), "inlay-chromium-"));
    if (restored === undefined) {
        const preferences = path.join(profile, "Default");
        fs.mkdirSync(preferences);
        fs.writeFileSync(
            path.join(preferences, "Preferences"),
            JSON.stringify({
                profile: {
                    cookie_controls_mode: allowsThirdParties ? 0 : 1,
                    block_third_party_cookies: !allowsThirdParties,
                },
            }),
        );
    }
    fs.rmSync(path.join(profile, "DevToolsActivePort"), { force: true });
    const child = spawn(
        process.env.CHROMIUM ?? "/usr/bin/chromium-headless-shell",
        [
            "--headless=new",
            ...(process.getuid?.() === 0 ? ["--no-sandbox"] : []),
            `--user-data-dir=${profile}`,
            "--remote-debugging-port=0",
            "--host-resolver-rules=MAP * 127.0.0.1",
            ...(trusted.length > 0 ? [`--ignore-certificate-errors-spki-list=${trusted.join(",")}`] : []),
            ...(allowsThirdParties ? [] : ["--test-third-party-cookie-phaseout"]),
            "--no-first-run",
            "--no-default-browser-check",
            "--no-pings",
            "--disable-background-networking",
            "--disable-component-update",
            "--disable-default-apps",
            "--disable-dev-shm-usage",
            "--disable-domain-reliability",
            "--disable-gpu",
            "--disable-sync",
            "--metrics-recording-only",
            "--mute-audio",
            "--password-store=basic",
            ...(restored === undefined ? ["about:blank"] : ["--restore-last-session"]),
        ],
        { stdio: ["ignore", "ignore", "pipe"], detached: true },
    );
    let errors = "";
    child.stderr.setEncoding("utf8").on("data", (text) => (errors += text));
    const end = () => {
        try {
            process.kill(-(/** @type {number} */ (child.pid)), "SIGKILL");
        } catch {
            // It was gone already.
        }
    };
    process.once("exit", end);

    const portFile = path.join(profile, "DevToolsActivePort");
    for (const deadline = Date.now() + 30_000; ; await sleep(50)) {
        if (fs.existsSync(portFile) && fs.readFileSync(portFile, "utf8").includes("\n")) {
            break;
        }
        if (child.exitCode !== null || Date.now() > deadline) {
            end();
            throw new Error(`Chromium did not start:\n${errors}`);
        }
    }
    const [port, address] = fs.readFileSync(portFile, "utf8").split("\n");
    const browser = await chromium.connectOverCDP(`ws://127.0.0.1:${port}${address}`);
    async function ended() {
        await browser.close().catch(() => {});
        end();
        if (child.exitCode === null && child.signalCode === null) {
            await once(child, "exit");
        }
        process.removeListener("exit", end);
    }
    /** Closes it as a person would, and keeps its profile. */
    async function leave() {
        const gone = once(child, "exit");
        const session = await browser.newBrowserCDPSession();
        void session.send("Browser.close").catch(() => {}); // it may have gone before it answers
        await Promise.race([gone, sleep(5000)]);
        await ended();
        return profile;
    }
    return {
        browser,
        leave,
        async close() {
            await ended();
            fs.rmSync(profile, { recursive: true, force: true, maxRetries: 5 });
        },
    };
}
