// The writers' turn at the database, held by another program.
import { spawn } from "node:child_process";
import { once } from "node:events";
import path from "node:path";

/**
 * While another program has the writer's turn.
 * @param {import("../lib/server.mjs").Server} server
 * @param {() => Promise<void>} action
 */
export async function withoutTurn(server, action) {
    const holder = spawn("flock", [path.join(server.data, "inlay.db.turn"), "-c", "echo held; read -r line"], {
        stdio: ["pipe", "pipe", "inherit"],
    });
    await once(holder.stdout, "data");
    try {
        await action();
    } finally {
        holder.stdin.end("\n");
        await once(holder, "exit");
    }
}
