import { fileURLToPath } from "node:url";
import { defineConfig } from "vite";

/** Where `npm run dev` finds the server. */
const server = process.env["INLAY_URL"] ?? "http://localhost:3000";

export default defineConfig({
    resolve: { alias: { "@inlay/embed": fileURLToPath(new URL("../../sdk/embed/src/embed.ts", import.meta.url)) } },
    esbuild: { jsx: "automatic", legalComments: "none" },
    build: {
        outDir: "../../build/console",
        emptyOutDir: true,
        target: "es2022",
        // The policy allows files of the console's own origin only: no data: URLs, no inline script.
        assetsInlineLimit: 0,
        modulePreload: { polyfill: false },
        reportCompressedSize: false,
        // What counts is the size gzipped, which a test checks.
        chunkSizeWarningLimit: 1000,
        rollupOptions: {
            // "use client" is for servers that render React; here everything is the client.
            onwarn: (warning, warn) => warning.code === "MODULE_LEVEL_DIRECTIVE" || warn(warning),
        },
    },
    server: { proxy: { "/api": server, "/.well-known": server, "/embed-apps": server, "/_inlay": server } },
});
