// Bundles the pages that use Retool's clients as they come from npm, and our component, for the browser tests.
import fs from "node:fs";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

/** @returns {Promise<{ react: string, element: string, inlay: string, app: string, appWithSdk: string }>} scripts */
export async function buildClients() {
    const folder = fileURLToPath(new URL(".", import.meta.url));
    const { outputFiles } = await build({
        absWorkingDir: folder,
        entryPoints: { react: "react.jsx", element: "element.js", inlay: "inlay.jsx" },
        outdir: ".", // nothing is written
        write: false,
        bundle: true,
        format: "iife",
        target: "es2022",
        jsx: "automatic",
        define: { "process.env.NODE_ENV": '"development"' }, // React mounts twice in StrictMode only there
    });
    const script = (name) => outputFiles.find(({ path }) => path.endsWith(`/${name}.js`))?.text ?? "";
    const app = (name) => fs.readFileSync(new URL(name, import.meta.url), "utf8");
    return {
        react: script("react"),
        element: script("element"),
        inlay: script("inlay"),
        app: app("app.js"),
        appWithSdk: app("app-sdk.js"),
    };
}
