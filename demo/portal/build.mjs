// Bundles what the browser gets into dist/.
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

await build({
    absWorkingDir: fileURLToPath(new URL(".", import.meta.url)),
    entryPoints: ["browser/portal.ts", "browser/portal.css", "browser/mark.svg"],
    outdir: "dist",
    bundle: true,
    minify: true,
    format: "esm",
    target: "es2022",
    loader: { ".svg": "copy" },
});
