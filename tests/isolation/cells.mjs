// The table of attacks in every cell: a browser, and where the portal and the apps are. What a hostile app, page or program
// sees is what `attack` gives back: nothing, or else the cell is named here, with the reason why no server can close it.
// `control` is the same code where nothing is in the way, and has to see something.
import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { caches } from "./attacks/caches.mjs";
import { cookies } from "./attacks/cookies.mjs";
import { documents } from "./attacks/documents.mjs";
import { links } from "./attacks/links.mjs";
import { requests } from "./attacks/requests.mjs";
import { storage } from "./attacks/storage.mjs";
import { Scene } from "./scene.mjs";
import { settings } from "./settings.mjs";

/** The hostile server has asked for reports in each of its answers, and browsers take their time with them. */
const reports = {
    name: "hears of links by the browser's reports",
    attack: (scene) => scene.collected,
};

const attacks = [...requests, ...documents, ...storage, ...cookies, ...links, ...caches, reports];

/** What may remain: where, and why. docs/security.md says the same to people. */
const remains = [
    {
        names: ["has a copy of a link that was opened: another program, with the same User-Agent, within five seconds"],
        cells: [/./],
        why: "pages mount a frame twice, and nothing tells the second request from a copy",
    },
    {
        names: ["reads window.name in a frame that the portal uses again"],
        cells: [/./],
        why: "browsers keep it for a frame, whichever origin it shows; the SDK makes a new frame for each link",
    },
    {
        names: ["leads the portal's page elsewhere after a click, where the page sets no sandbox"],
        cells: [/./],
        why: "browsers allow it; the SDK's frames have a sandbox without it",
    },
    {
        names: ["crowds out the cookies of another app by big ones"],
        cells: [/^(Chromium|Firefox), (unrelated sites|one site)/],
        varies: /^Firefox, .* allowed/, // Firefox removes them when it has the time
        why: "browsers keep 10 KB of partitioned ones for a site; a new link heals, and a public suffix makes each app a site",
    },
    {
        names: [
            "crowds out the cookies of another app by 400 small ones of its own host",
            "crowds out the cookies of another app by 400 small ones of the apps' domain",
        ],
        cells: [/^(Chromium|Firefox), (unrelated sites|one site)/],
        why: "browsers keep only so many cookies for a site; a new link heals, and a public suffix makes each app a site",
    },
    {
        names: ["leaves a cookie for the portal, which has a name without __Host-"],
        cells: [/, one site/],
        why: "scripts may set cookies for the domains above them; give the portal's cookies names with __Host-",
    },
    {
        names: [
            "Back to a page with a frame of V, which had the Cache-Control private",
            "Back to a page with a frame of U, which had the Cache-Control private",
        ],
        cells: [/Firefox|WebKit/],
        why: "the browser keeps the page of a portal as it was, without a request; the SDK notices, and no-store prevents it",
    },
    {
        names: ["sets document.domain, as does its victim and the portal"],
        cells: [/WebKit/],
        why: "it has no Origin-Agent-Cluster; frames with a sandbox refuse document.domain",
    },
    {
        names: [
            "replaces the cookie of another app's session, however it is spelled",
            "leaves a cookie for the portal, which has a name with __Host-",
        ],
        cells: [/WebKit/],
        why: "WebKitGTK's cookies have no prefixes: the session is refused, and is nobody else's",
    },
    {
        names: [
            "locks the others out by 20 cookies of 4,000 bytes for the domain of the apps",
            "locks the others out by 20 cookies of 4,000 bytes for the domains above",
            "crowds out the cookies of another app by big ones",
        ],
        cells: [/WebKit/],
        why: "WebKitGTK reads no answer with so many Set-Cookie headers as it takes to expire 160 KB",
    },
    {
        names: ["hears of the next link by the Navigation API, by events or observers"],
        cells: [/WebKit/],
        why: "a frame that is led to another link has that link among its own performance entries; the SDK makes a new frame",
    },
    {
        names: ["keeps its service worker after a logout"],
        cells: [/WebKit/],
        why: "it has no Clear-Site-Data for storage; without a session the worker is removed at its next update",
    },
    {
        names: [
            "in another portal of another site, signs the same person out of the first",
            "has a copy of a link that was opened, in another portal of another site, later",
        ],
        cells: [/WebKit/],
        why: "it has no partitioned cookies: one person has one session in all portals of a browser",
    },
];

const isIn = (cells, cell) => cells.some((pattern) => pattern.test(cell));

/** @param {"Chromium" | "Firefox" | "WebKit"} browser */
export function tryAttacks(browser) {
    const only = process.env.SETTING;
    for (const setting of Object.keys(settings).filter((name) => only === undefined || only === name)) {
        describe(`${browser}, on ${setting}`, () => {
            /** @type {Scene} */ let scene;
            before(async () => {
                scene = await Scene.start(browser, setting);
            });
            after(() => scene?.close());

            for (const { name, attack, control, only: isHere, controlOnly } of attacks) {
                const place = { browser, setting, place: settings[setting] };
                if (isHere !== undefined && !isHere(place)) {
                    continue;
                }
                it(name, async () => {
                    scene.renewPeople();
                    const seen = await attack(scene);
                    const known = remains.find((one) => one.names.includes(name) && isIn(one.cells, scene.cell));
                    if (known === undefined) {
                        assert.deepEqual(seen, []);
                    } else if (!known.varies?.test(scene.cell)) {
                        assert.notDeepEqual(seen, [], `this no longer remains: ${known.why}`);
                    }
                });
                if (control !== undefined && (controlOnly === undefined || controlOnly(place))) {
                    it(`${name}: seen where nothing is in the way`, async () => {
                        scene.renewPeople();
                        assert.notDeepEqual(await control(scene), []);
                    });
                }
            }
        });
    }
}
