// Plain nginx with the files of the bundle, or as a proxy, each with and without auth_request. What
// src/serve/nginx.conf.in sets for sending files and for proxying is set here alike, and nothing else is.
import fs from "node:fs";
import path from "node:path";
import { freePort } from "../../tests/lib/server.mjs";
import { files } from "./inlay.mjs";
import { onServerCore } from "./machine.mjs";
import { listening, start } from "./processes.mjs";

/**
 * @param {string} folder
 * @param {{ backend?: number, upstream?: number, core?: string[] }} [options]
 *     ports of the session backend and of what is proxied; core: words before the command
 */
export async function startNginx(folder, { backend, upstream, core = onServerCore } = {}) {
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
    const proxy = `
            proxy_pass http://app;
            proxy_http_version 1.1;
            proxy_request_buffering off;
            proxy_max_temp_file_size 0;
            proxy_buffer_size 16k;
            proxy_buffers 8 16k;
            proxy_busy_buffers_size 32k;
            proxy_socket_keepalive on;
            proxy_read_timeout 60s;
            proxy_set_header Host $host;
            proxy_set_header Connection $connection_to_app;
            proxy_set_header Upgrade $http_upgrade;
            proxy_set_header X-Forwarded-For $remote_addr;
            proxy_set_header X-Forwarded-Host $host;
            proxy_set_header X-Forwarded-Proto $scheme;
            proxy_set_header X-Real-IP $remote_addr;`;
    const kept = (name, at) =>
        at === undefined ? "" : `    upstream ${name} {\n        server 127.0.0.1:${at};\n        keepalive 64;\n    }`;
    const temporary = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"]
        .map((name) => `    ${name}_temp_path "${folder}/${name}";`)
        .join("\n");
    fs.writeFileSync(
        path.join(folder, "nginx.conf"),
        `
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
    map $http_upgrade $connection_to_app {
        default upgrade;
        "" "";
    }
${kept("sessions", backend)}
${kept("app", upstream)}
    server {
        listen 127.0.0.1:${port};
        location / {
            ${upstream === undefined ? `root "${root}";` : proxy}
            ${backend === undefined ? "" : "auth_request /_check;"}
        }${backend === undefined ? "" : check}
    }
}
`,
    );
    // Detached, as Inlay is: a group of processes has its share of a busy machine.
    const nginx = start(
        [...core, "/usr/sbin/nginx", "-e", "stderr", "-p", folder, "-c", path.join(folder, "nginx.conf")],
        { detached: true },
    );
    await listening(nginx, port);
    return { ...nginx, port };
}
