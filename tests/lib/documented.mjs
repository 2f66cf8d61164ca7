// The configuration of other proxies, as the documentation shows it, for the ports and names of a test.
import assert from "node:assert/strict";
import fs from "node:fs";
import path from "node:path";
import { root } from "./server.mjs";

/**
 * The one block of a language in a page of docs/, with every left text in it replaced by its right one.
 * @param {string} page
 * @param {string} language
 * @param {[string, string][]} replacements
 */
export function documented(page, language, replacements) {
    const text = fs.readFileSync(path.join(root, "docs", page), "utf8");
    let [, block] = /** @type {RegExpMatchArray} */ (text.match(new RegExp(`^\`\`\`${language}\n(.*?)^\`\`\`$`, "ms")));
    for (const [before, after] of replacements) {
        assert.ok(block.includes(before), `${page}, ${language}: ${before}`);
        block = block.replaceAll(before, after);
    }
    return block;
}

/** The words that start nginx with what stands in its http block, in a folder of its own. */
export function nginxWith(block, folder) {
    const temp = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"].map(
        (name) => `${name}_temp_path ${folder}/${name};`,
    );
    const file = path.join(folder, "nginx.conf");
    fs.writeFileSync(
        file,
        `daemon off; master_process off; pid ${folder}/pid; error_log stderr error; events {}
http { access_log off; ${temp.join(" ")}\n${block}\n}`,
    );
    return ["/usr/sbin/nginx", "-e", "stderr", "-p", folder, "-c", file];
}

/** The words that start Caddy with a Caddyfile, which may begin with options of its own. */
export function caddyWith(caddyfile, folder) {
    const file = path.join(folder, "Caddyfile");
    const [options, sites] = caddyfile.startsWith("{\n") ? ["", caddyfile.slice(2)] : ["}\n", caddyfile];
    fs.writeFileSync(file, `{\n\tadmin off\n\tauto_https off\n${options}${sites}`);
    return [
        "/usr/bin/env",
        `HOME=${folder}`,
        `XDG_DATA_HOME=${folder}`,
        `XDG_CONFIG_HOME=${folder}`,
        "caddy",
        "run",
        "--config",
        file,
        "--adapter",
        "caddyfile",
    ];
}
