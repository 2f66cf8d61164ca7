// What a hostile app tries by cookies.

const toss = (cookies) => {
    for (const cookie of cookies) {
        document.cookie = cookie;
    }
    return document.cookie.length;
};

/** Cookies of `bytes` bytes, for a domain or for its own host alone. */
const fill = (count, bytes, domain, name = "w") => {
    for (let i = 0; i < count; i++) {
        const base = `${name}${i}=${"x".repeat(bytes)}; Path=/; Secure; SameSite=None; Max-Age=34560000${domain ? `; Domain=${domain}` : ""}`;
        document.cookie = base;
        document.cookie = base.replace("=", "p=") + "; Partitioned";
    }
    return document.cookie.length;
};

/** The ways to write the name of Inlay's cookie so that a careless reader takes it for its own. */
const spellings = [
    "__Host-inlay=EVIL",
    "__host-inlay=EVIL",
    "__HOST-INLAY=EVIL",
    "=__Host-inlay=EVIL",
    " __Host-inlay=EVIL",
    "x,__Host-inlay=EVIL",
    '"__Host-inlay"=EVIL',
    "__Host-inlay\u200b=EVIL",
    "__Host-inlay-pending=EVIL",
    "__Host-inlay-entered=EVIL",
    "__Secure-inlay=EVIL",
    "inlay=EVIL",
];

const withDomains = (cookies, { apps, above }) =>
    cookies.flatMap((cookie) =>
        [apps, ...above].flatMap((domain) =>
            ["", "; Partitioned"].flatMap((partitioned) =>
                ["/", "/second.html", "/_inlay"].map(
                    (path) => `${cookie}; Path=${path}; Secure; SameSite=None${partitioned}; Domain=${domain}`,
                ),
            ),
        ),
    );

/** What U's server gets as cookies. */
async function received(scene, at = 2) {
    scene.u.requests.length = 0;
    await scene.in(at, async () => {
        await fetch("/echo/deep");
        await fetch("/second.html");
    });
    return scene.u.requests.map(({ headers }) => headers.cookie ?? "").join("; ");
}

async function consoleFails(scene) {
    await scene.browser.goto(`${scene.consoleUrl}/`);
    let text;
    for (let i = 0; i < 50; i++) {
        text = await scene.browser.text().catch(() => "");
        if (/sign in/i.test(text)) {
            return [];
        }
        await new Promise((resolve) => setTimeout(resolve, 100));
    }
    return [`the console shows ${text.slice(0, 80)}`];
}

/** Whether links of V open afterwards in both portals, and what the console's host says. */
async function healed(scene) {
    const seen = [];
    for (const portal of [scene.portal, scene.portal2]) {
        seen.push(...((await scene.opens("V", portal)) ? [] : [`V is locked out in ${portal.host}`]));
    }
    return [...seen, ...(await consoleFails(scene))];
}

/** An attack that fills the jar. */
const filling = (name, act) => ({
    name,
    async attack(scene) {
        await scene.fresh();
        await scene.stage();
        await act(scene);
        const seen = await healed(scene);
        await scene.fresh();
        return seen;
    },
});

/** An attack that ends V's present session at most. */
const evicting = (name, act) => ({
    name,
    async attack(scene) {
        await scene.fresh();
        await scene.stage();
        await act(scene);
        const works = await scene.works(1).catch(() => false);
        await scene.fresh();
        return works ? [] : ["V has lost its cookie"];
    },
});

export const cookies = [
    {
        name: "replaces the cookie of another app's session, however it is spelled",
        async attack(scene) {
            await scene.fresh();
            const { V } = await scene.stage();
            const idOf = () => scene.in(1, async () => (await (await fetch("/_inlay/session")).json()).session.id);
            const before = await idOf();
            await scene.in(0, toss, withDomains(spellings, scene.place));
            const after = await idOf().catch(() => "none");
            const works = await scene.opens();
            const names = (await scene.opens("U"))
                ? await received(scene, 0)
                : "none, since it does not open: __Host-inlay=";
            await scene.fresh();
            return [
                ...(before === after ? [] : [`${V} has session ${after}`]),
                ...(works ? [] : ["a new link does not open"]),
                ...(/__Host-inlay(-\w+)?=/.test(names) ? [`U's server gets ${names}`] : []),
            ];
        },
    },
    {
        name: "replaces ordinary cookies that another app's server has set",
        async attack(scene) {
            await scene.fresh();
            const { U } = await scene.stage();
            await scene.in(2, async () => {
                const set = ["appsid=GOOD; Path=/; HttpOnly", "csrftoken=GOOD; Path=/", "XSRF-TOKEN=GOOD; Path=/"];
                await fetch(`/echo?${new URLSearchParams(set.map((one) => ["set", one]))}`);
            });
            await scene.in(0, toss, withDomains(["appsid=EVIL", "csrftoken=EVIL", "XSRF-TOKEN=EVIL"], scene.place));
            const got = await received(scene);
            await scene.fresh();
            const evil = got.match(/[\w-]+=EVIL/g) ?? [];
            const lost = ["appsid", "csrftoken", "XSRF-TOKEN"].filter((name) => !got.includes(`${name}=GOOD`));
            return [...evil, ...lost.map((name) => `${U} has lost ${name}`)];
        },
        // A cookie that U's server has never set comes there, by the same code.
        async control(scene) {
            await scene.stage();
            const domain = `Domain=${scene.place.apps}`;
            await scene.in(0, toss, [
                `never-set=EVIL; Path=/; Secure; SameSite=None; Partitioned; ${domain}`,
                `never-sent=EVIL; Path=/; Secure; SameSite=None; ${domain}`,
            ]);
            const got = await received(scene);
            await scene.fresh();
            return got.match(/[\w-]+=EVIL/g) ?? [];
        },
        controlOnly: ({ place }) => !["github.io"].includes(place.apps),
    },
    {
        name: "leaves cookies for Inlay's console",
        async attack(scene) {
            await scene.fresh();
            await scene.stage();
            await scene.in(
                0,
                toss,
                withDomains(
                    ["inlay_console=EVIL", "__Host-inlay-console=EVIL", "__Host-inlay-admin=EVIL"],
                    scene.place,
                ),
            );
            const seen = await consoleFails(scene);
            await scene.fresh();
            return seen;
        },
    },
    {
        name: "leaves a cookie for the portal, which has a name without __Host-",
        async attack(scene) {
            await scene.fresh();
            await scene.stage();
            await scene.in(0, toss, withDomains(["sid=EVIL"], scene.place));
            const got = new Promise((resolve) => {
                scene.portal.pages.set("/who", (request, response) => {
                    resolve(request.headers.cookie ?? "");
                    response.writeHead(200, { "Content-Type": "text/html" }).end("who");
                });
            });
            await scene.browser.goto(`${scene.portal.origin}/who`);
            const seen = (await got).match(/sid=EVIL/g) ?? [];
            await scene.fresh();
            return seen;
        },
    },
    {
        name: "leaves a cookie for the portal, which has a name with __Host-",
        async attack(scene) {
            await scene.fresh();
            await scene.stage();
            await scene.in(0, toss, withDomains(["__Host-sid=EVIL"], scene.place));
            const got = new Promise((resolve) => {
                scene.portal.pages.set("/who", (request, response) => {
                    resolve(request.headers.cookie ?? "");
                    response.writeHead(200, { "Content-Type": "text/html" }).end("who");
                });
            });
            await scene.browser.goto(`${scene.portal.origin}/who`);
            const seen = (await got).match(/sid=EVIL/g) ?? [];
            await scene.fresh();
            return seen;
        },
    },
    filling("locks the others out by 20 cookies of 4,000 bytes for the domain of the apps", (scene) =>
        scene.in(0, fill, 20, 4000, scene.place.apps),
    ),
    filling("locks the others out by 20 cookies of 4,000 bytes for the domains above", async (scene) => {
        for (const domain of scene.place.above) {
            await scene.in(0, fill, 20, 4000, domain);
        }
    }),
    filling("locks the others out by 400 small cookies for each domain", async (scene) => {
        for (const domain of [scene.place.apps, ...scene.place.above]) {
            await scene.in(0, fill, 200, 10, domain, domain.length);
        }
    }),
    evicting("crowds out the cookies of another app by big ones", (scene) =>
        scene.in(0, fill, 20, 4000, scene.place.apps),
    ),
    evicting("crowds out the cookies of another app by 400 small ones of its own host", (scene) =>
        scene.in(0, fill, 200, 10, ""),
    ),
    evicting("crowds out the cookies of another app by 400 small ones of the apps' domain", (scene) =>
        scene.in(0, fill, 200, 10, scene.place.apps),
    ),
    {
        name: "sends headers from its server that concern other apps",
        async attack(scene) {
            await scene.fresh();
            await scene.stage();
            const headers = await scene.in(3, async () => {
                const answer = await fetch("/second.html", { headers: { "X-Seen": "1" } });
                return Object.fromEntries(answer.headers);
            });
            const passed = [
                "nel",
                "report-to",
                "reporting-endpoints",
                "clear-site-data",
                "access-control-allow-origin",
                "alt-svc",
            ].filter((name) => headers[name] !== undefined);
            const wrong = [
                ...(headers["origin-agent-cluster"] === "?1" ? [] : ["origin-agent-cluster"]),
                ...(headers["x-seen"] === "1" ? [] : ["its server was not asked"]),
            ];
            const works = (await scene.works(1)) && (await scene.works(3));
            const got = await received(scene);
            return [
                ...passed,
                ...wrong,
                ...(works ? [] : ["a session has ended"]),
                ...(got.match(/tossed=EVIL/g) ?? []),
                ...scene.collected,
            ];
        },
    },
];
