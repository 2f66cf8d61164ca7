// Apps that work offline, built by the tools that people use for that: vite-plugin-pwa and Workbox, with their defaults.
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { build } from "vite";
import { VitePWA } from "vite-plugin-pwa";
import { generateSW } from "workbox-build";

/** Says in its own document whether a worker is there, and who the user is. */
const page = (register) => `<!doctype html><html><head><title>PWA</title><link rel="icon" href="data:,"></head><body>
<script type="module" src="/main.js"></script>${register}</body></html>`;

const main = `const { dataset } = document.body;
dataset.controlled = String(navigator.serviceWorker.controller !== null);
navigator.serviceWorker.ready.then(() => (dataset.worker = "ready"));
fetch("/_inlay/session").then(async (answer) => {
    const session = await answer.json();
    dataset.user = session.currentUser?.externalIdentifier ?? session.code;
}, () => (dataset.user = "offline"));
`;

function write(register) {
    const folder = fs.mkdtempSync(path.join(os.tmpdir(), "inlay-pwa-"));
    fs.writeFileSync(path.join(folder, "index.html"), page(register));
    fs.writeFileSync(path.join(folder, "main.js"), main);
    return folder;
}

/** What was built, as the entries of an archive. */
function entries(folder) {
    return fs
        .readdirSync(folder, { recursive: true, withFileTypes: true })
        .filter((entry) => entry.isFile())
        .map((entry) => path.join(entry.parentPath ?? entry.path, entry.name))
        .map((file) => ({ path: path.relative(folder, file), content: fs.readFileSync(file) }));
}

/** A Vite app with vite-plugin-pwa, whose worker answers every navigation from its cache. */
export async function buildVitePwa() {
    const root = write("");
    try {
        await build({
            root,
            configFile: false,
            logLevel: "silent",
            plugins: [VitePWA({ injectRegister: "script", manifest: { name: "PWA" } })],
        });
        return entries(path.join(root, "dist"));
    } finally {
        fs.rmSync(root, { recursive: true, force: true });
    }
}

/** An app with a worker that Workbox has made, and that takes over at once. */
export async function buildWorkbox() {
    const folder = write('<script>navigator.serviceWorker.register("/sw.js");</script>');
    try {
        await generateSW({
            globDirectory: folder,
            globPatterns: ["**/*.{html,js}"],
            swDest: path.join(folder, "sw.js"),
            navigateFallback: "/index.html",
            skipWaiting: true,
            clientsClaim: true,
        });
        return entries(folder);
    } finally {
        fs.rmSync(folder, { recursive: true, force: true });
    }
}
