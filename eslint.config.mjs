// What eslint looks for in TypeScript and JavaScript. Layout is prettier's, types are the compiler's.
import js from "@eslint/js";
import reactHooks from "eslint-plugin-react-hooks";
import { defineConfig } from "eslint/config";
import globals from "globals";
import tseslint from "typescript-eslint";

export default defineConfig([
    {
        ignores: [
            "build/",
            "data/",
            "**/dist/",
            "**/.angular/",
            "sdk/fixtures/",
            "web/console/src/api/codes.ts",
            "web/console/src/api/schema.ts",
        ],
    },
    { linterOptions: { reportUnusedDisableDirectives: "error" } },
    js.configs.recommended,
    tseslint.configs.recommended,
    { rules: { "@typescript-eslint/no-unused-vars": ["error", { ignoreRestSiblings: true }] } },
    {
        files: ["**/*.{js,mjs}"],
        languageOptions: { globals: globals.node },
    },
    {
        // Tests hand functions to the browser, and serve it scripts.
        files: ["tests/**/*.{js,jsx,mjs}", "bench/*.mjs", "examples/*/src/**", "docs/recipes/*.js"],
        languageOptions: { globals: globals.browser },
    },
    {
        // Jupyter's classic notebook loads scripts by RequireJS.
        files: ["docs/recipes/jupyter_custom.js"],
        languageOptions: { globals: { define: "readonly" } },
    },
    {
        files: ["{web/console,sdk/react,examples,tests/clients}/**/*.{ts,tsx,jsx}"],
        extends: [reactHooks.configs.flat.recommended],
        languageOptions: { parserOptions: { ecmaFeatures: { jsx: true } } },
    },
]);
