// The packages as npm packs them: installed into a fresh project without a network, and type-checked there.
import assert from "node:assert/strict";
import { execFile, execFileSync } from "node:child_process";
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { after, before, describe, test } from "node:test";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

const sdk = fileURLToPath(new URL(".", import.meta.url));
const modules = path.join(sdk, "../node_modules");
const packages = ["app", "embed", "react", "server"];
let folder, packed;

const files = {
    "app.ts": `
        import { session, parent, onExpiring, logout, SessionError, type Session } from "@inlay/app";
        const { currentUser }: Session = await session();
        const store: unknown = currentUser.metadata["storeId"];
        const stop: () => void = parent.watch("theme", (value) => parent.post({ value, store }));
        onExpiring(({ expiresInSeconds }) => expiresInSeconds > 1 || void logout());
        stop();
        export const isEnd = (error: unknown): boolean => error instanceof SessionError && error.code === "session_ended";
        // @ts-expect-error: who is looking cannot be changed
        currentUser.email = "eve@evil.example";`,
    "embed.ts": `
        import { embed, InlayEmbed, type EmbedOptions } from "@inlay/embed";
        const options: EmbedOptions = { getUrl: async () => ({ url: "https://a.example", expiresInSeconds: 60 }) };
        embed(document.body, { ...options, onError: (code: string) => void code }).update({ theme: "dark" });
        const element: InlayEmbed = document.createElement("inlay-embed");
        element.getUrl = options.getUrl;
        // @ts-expect-error: getUrl is required
        embed(document.body, {});`,
    "react.tsx": `
        import { useRef, type ReactElement } from "react";
        import { Inlay, type InlayHandle } from "@inlay/react";
        export function Orders(): ReactElement {
            const handle = useRef<InlayHandle>(null);
            const getUrl = () => "https://a.example";
            return <Inlay handle={handle} getUrl={getUrl} data={{ theme: 1 }} onReady={() => handle.current?.reload()} />;
        }
        // @ts-expect-error: getUrl is required
        export const wrong = <Inlay />;`,
    "server.ts": `
        import { createClient, InlayError, verifier, type Identity } from "@inlay/server";
        const inlay = createClient({ url: "https://a.example", token: "t" });
        const { embedUrl } = await inlay.embedUrl({ landingPageUuid: "x", groupIds: [1], externalIdentifier: "y", metadata: { big: 1n } });
        const identity: Identity = await verifier({ url: "https://a.example", appId: "x" })(undefined);
        export const told: string[] = [embedUrl, identity.sub, ...identity.groups];
        export const isEarly = (error: unknown): boolean => error instanceof InlayError && error.code === "assertion_early";
        // @ts-expect-error: a token is required
        createClient({ url: "https://a.example" });`,
};

const npm = (cwd, ...words) => promisify(execFile)("npm", words, { cwd });

before(async () => {
    folder = fs.mkdtempSync(path.join(os.tmpdir(), "inlay-pack-"));
    fs.writeFileSync(path.join(folder, "package.json"), '{"name": "fresh", "private": true, "type": "module"}');
    packed = {};
    await Promise.all(packages.map((name) => npm(path.join(sdk, name), "pack", "--pack-destination", folder)));
    const tarballs = packages.map((name) => {
        const tarball = path.join(folder, `inlay-${name}-1.0.0.tgz`);
        packed[name] = execFileSync("tar", ["-tzf", tarball], { encoding: "utf8" }).trim().split("\n");
        return tarball;
    });
    const peers = ["react", "@types/react", "csstype"].map((name) => path.join(modules, name));
    await npm(folder, "install", "--offline", "--no-audit", "--no-fund", "--ignore-scripts", ...tarballs, ...peers);
    for (const [name, text] of Object.entries(files)) {
        fs.writeFileSync(path.join(folder, name), text);
    }
});
after(() => fs.rmSync(folder, { recursive: true, force: true }));

describe("npm packs", () => {
    for (const name of packages) {
        test(`@inlay/${name} with its script and types, and no sources or tests`, () => {
            for (const file of ["package.json", "README.md", "dist/LICENSE", "dist/index.js", "dist/index.d.ts"]) {
                assert.ok(packed[name].includes(`package/${file}`), file);
            }
            assert.deepEqual(
                packed[name].filter(
                    (file) => !/^package\/(package\.json|README\.md|dist\/(LICENSE|.+\.(js|d\.ts)))$/.test(file),
                ),
                [],
            );
        });
    }

    test("what a fresh project can load", () => {
        const names = packages.map((name) => `@inlay/${name}`);
        const script = `console.log((await Promise.all(${JSON.stringify(names)}.map((name) => import(name)))).length)`;
        const answer = execFileSync(process.execPath, ["--input-type=module", "-e", script], {
            cwd: folder,
            encoding: "utf8",
        });
        assert.equal(answer.trim(), String(packages.length));
    });

    test("types that hold", () => {
        const compilerOptions = {
            target: "ES2022",
            lib: ["ES2022", "DOM", "DOM.Iterable"],
            module: "Node16",
            moduleResolution: "Node16",
            jsx: "react-jsx",
            strict: true,
            exactOptionalPropertyTypes: true,
            skipLibCheck: false,
            types: [],
            noEmit: true,
        };
        fs.writeFileSync(
            path.join(folder, "tsconfig.json"),
            JSON.stringify({ compilerOptions, files: Object.keys(files) }),
        );
        const tsc = path.join(modules, "typescript/bin/tsc");
        try {
            execFileSync(process.execPath, [tsc], { cwd: folder, encoding: "utf8", stdio: "pipe" });
        } catch (error) {
            assert.fail(String(error.stdout));
        }
    });
});
