// Plain nginx with the files of the bundle, with and without auth_request. What src/cli/nginx_conf.c sets for
// sending files is set here alike, and nothing else is.
import fs from "node:fs";
import path from "node:path";
import { freePort } from "../../tests/lib/server.mjs";
import { files } from "./inlay.mjs";
import { onServerCore } from "./machine.mjs";
import { listening, start } from "./processes.mjs";

/** @param {string} folder @param {{ backend?: number }} [options] backend: port of the session backend */
export async function startNginx(folder, { backend } = {}) {
    const port = await freePort();
    // As deep as the folder that Inlay serves a bundle from: nginx makes a checksum of the path of each request.
    const root = path.join(folder, "data/cache", "0".repeat(64));
    for (const file of files) {
        fs.mkdirSync(path.dirname(path.join(root, file.path)), { recursive: true });
        fs.writeFileSync(path.join(root, file.path), file.content);
    }
    const check = `
        location = /_check {
            internal;
            proxy_pass http://sessions;
            proxy_http_version 1.1;
            proxy_set_header Connection "";
            proxy_set_header Host $host;
            proxy_set_header Content-Length "";
            proxy_pass_request_body off;
        }`;
    const temporary = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"]
        .map((name) => `    ${name}_temp_path "${folder}/${name}";`)
        .join("\n");
    fs.writeFileSync(path.join(folder, "nginx.conf"), `
${process.geteuid?.() === 0 ? "user root;" : ""}
daemon off;
worker_processes 1;
error_log stderr warn;
pid "${folder}/nginx.pid";
pcre_jit on;
events {
    worker_connections 16384;
}
http {
    include /etc/nginx/mime.types;
    types_hash_max_size 2048;
    default_type application/octet-stream;
    server_tokens off;
    sendfile on;
    tcp_nopush on;
    keepalive_timeout 75s;
    keepalive_requests 10000;
    reset_timedout_connection on;
    open_file_cache max=10000 inactive=60s;
    open_file_cache_valid 60s;
    log_not_found off;
    access_log off;
${temporary}
${backend === undefined ? "" : `    upstream sessions {\n        server 127.0.0.1:${backend};\n        keepalive 64;\n    }`}
    server {
        listen 127.0.0.1:${port};
        location / {
            root "${root}";
            ${backend === undefined ? "" : "auth_request /_check;"}
        }${backend === undefined ? "" : check}
    }
}
`);
    const nginx = start([...onServerCore, "/usr/sbin/nginx", "-e", "stderr", "-p", folder, "-c", path.join(folder, "nginx.conf")]);
    await listening(nginx, port);
    return { ...nginx, port };
}
