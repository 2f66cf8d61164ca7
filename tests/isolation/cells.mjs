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
import { Scene, settings } from "./scene.mjs";

const attacks = [...requests, ...documents, ...storage, ...cookies, ...links, ...caches];

/** What may remain: where, and why. docs/security.md says the same to people. */
const remains = [];

const isIn = (cells, cell) => cells.some((pattern) => pattern.test(cell));

/** @param {"Chromium" | "Firefox"} browser */
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
                    } else {
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
