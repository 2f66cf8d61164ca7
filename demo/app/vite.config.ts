import { defineConfig } from "vite";

export default defineConfig({
    build: {
        target: "es2022",
        // A strict Content-Security-Policy allows files of the app's own origin only: no data: URLs.
        assetsInlineLimit: 0,
        modulePreload: { polyfill: false },
    },
});
