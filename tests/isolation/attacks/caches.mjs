// What is still to be seen of an app after its sessions have ended, by Back, in the page and in the frame.
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { bundle } from "../../../sdk/build.mjs";
import { agent } from "../../lib/agent.mjs";
import { root } from "../../lib/server.mjs";
import { unique } from "../../lib/world.mjs";

const script = await bundle(path.join(root, "sdk/embed"), { format: "iife", globalName: "inlay" });

/** Says what the document shows. */
const text = () => document.body.innerText;

const what = (scene) => scene.in(0, text).catch(() => "");

/** A page of the portal at an address of its own; content may be asked for again. */
function publish(scene, content, headers) {
    const place = `/${unique("kept")}`;
    scene.portal.pages.set(place, async (_request, response) => {
        const html = `<!doctype html><title>Portal</title>${agent(scene.masters)}<body>${await content()}`;
        response.writeHead(200, { "Content-Type": "text/html; charset=utf-8", ...headers }).end(html);
    });
    return scene.portal.origin + place;
}

/** Back to a portal's page after the app in it was taken away. */
const backInPage = (app, cacheControl) => ({
    async attack(scene, { isRevoked = true } = {}) {
        await scene.fresh();
        const link = await scene.link(app);
        const page = publish(scene, () => scene.frames([link]), { "Cache-Control": cacheControl });
        await scene.browser.goto(page);
        await scene.answers(0);
        await scene.browser.goto(scene.page("elsewhere", scene.stranger));
        if (isRevoked) {
            await scene.revoke(app);
        }
        await scene.browser.back();
        await scene.answers(0, 4000).catch(() => {});
        const shown = await what(scene);
        return /SECRET/.test(shown) ? [shown] : [];
    },
    control: (scene) => backInPage(app, cacheControl).attack(scene, { isRevoked: false }),
});

/** Back in the frame alone. */
const backInFrame = (app, end) => ({
    async attack(scene) {
        await scene.show([app]);
        await scene.in(0, () => void (location.href = "/second.html"));
        await sleep(800);
        await scene.answers(0);
        await end(scene, app);
        await scene.in(0, () => void history.back());
        await sleep(1200);
        await scene.answers(0, 3000).catch(() => {});
        const shown = await what(scene);
        return /SECRET/.test(shown) ? [shown] : [];
    },
    control: (scene) => backInFrame(app, () => sleep(11_000)).attack(scene),
});

const revoke = (scene, app) => scene.revoke(app);
const logout = (scene) => scene.in(0, () => fetch("/_inlay/logout", { method: "POST" }).then(() => true));

/** The same with the SDK, which was there for so long. */
const backWithSdk = (ms) => ({
    async attack(scene) {
        await scene.fresh();
        let asked = 0;
        const place = `/${unique("link")}`;
        scene.portal.pages.set(place, async (_request, response) => {
            asked += 1;
            // The first link opens; afterwards the person may not use the app any more.
            const link = asked === 1 ? await scene.link("V") : "";
            response.writeHead(link ? 200 : 403, { "Content-Type": "text/plain" }).end(link);
        });
        const page = publish(
            scene,
            () => `<div id="app" style="height: 300px"></div><script>${script}
                inlay.embed(app, { getUrl: async () => {
                    const answer = await fetch("${place}");
                    if (!answer.ok) throw new Error("refused");
                    return answer.text();
                } });</script>`,
            { "Cache-Control": "private" },
        );
        await scene.browser.goto(page);
        await scene.answers(0);
        await sleep(ms);
        await scene.browser.goto(scene.page("elsewhere", scene.stranger));
        await scene.revoke("V");
        await scene.browser.back();
        await sleep(2500);
        const shown = await what(scene);
        return /SECRET/.test(shown) ? [shown] : [];
    },
});

export const caches = [
    ...["V", "U"].flatMap((app) =>
        ["private", "no-store"].map((cacheControl) => ({
            name: `Back to a page with a frame of ${app}, which had the Cache-Control ${cacheControl}`,
            ...backInPage(app, cacheControl),
        })),
    ),
    { name: "Back in the frame of a bundle, after its session was ended", ...backInFrame("V", revoke) },
    { name: "Back in the frame of a server's app, after its session was ended", ...backInFrame("U", revoke) },
    { name: "Back in the frame of a bundle, after a logout", ...backInFrame("V", logout), control: undefined },
    { name: "Back in the frame of a server's app, after a logout", ...backInFrame("U", logout), control: undefined },
    { name: "Back to a page with the SDK that was there for a second", ...backWithSdk(1000) },
    { name: "Back to a page with the SDK that was there for nine seconds", ...backWithSdk(9000) },
];
