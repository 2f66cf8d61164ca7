// A name server for tests: it knows the names that it is given, and every other one does not exist.
import dgram from "node:dgram";
import { once } from "node:events";
import { setTimeout as sleep } from "node:timers/promises";

const TYPE_A = 1;
const NAME_ERROR = 3;

export class NameServer {
    constructor(socket) {
        this.socket = socket;
        /** @type {Map<string, { addresses: string[], ttl: number, delay?: number }>} */
        this.names = new Map();
        /** What was asked for, in lower case. @type {string[]} */
        this.asked = [];
        socket.on("message", (question, { address, port }) => this.answer(question, port, address));
    }

    static async start() {
        const socket = dgram.createSocket("udp4");
        socket.bind(0, "127.0.0.1");
        await once(socket, "listening");
        return new NameServer(socket);
    }

    get address() {
        return `127.0.0.1:${this.socket.address().port}`;
    }

    /** @param {string} name @param {string[]} addresses @param {{ ttl?: number, delay?: number }} [more] delay in ms */
    set(name, addresses, { ttl = 1, delay = 0 } = {}) {
        this.names.set(name, { addresses, ttl, delay });
    }

    /** RFC 1035 4.1: one question, answered with IPv4 addresses. */
    async answer(question, port, address) {
        let at = 12;
        const labels = [];
        for (; question[at] !== 0; at += question[at] + 1) {
            labels.push(question.toString("latin1", at + 1, at + 1 + question[at]));
        }
        const name = labels.join(".").toLowerCase();
        const asksForA = question.readUInt16BE(at + 1) === TYPE_A;
        const known = this.names.get(name);
        this.asked.push(name);
        const records = (asksForA ? (known?.addresses ?? []) : []).map((each) => {
            const record = Buffer.from([0xc0, 0x0c, 0, 1, 0, 1, 0, 0, 0, 0, 0, 4, ...each.split(".").map(Number)]);
            record.writeUInt32BE(known.ttl, 6);
            return record;
        });
        const answer = Buffer.concat([question.subarray(0, at + 5), ...records]);
        answer.writeUInt16BE(0x8180 | (known === undefined ? NAME_ERROR : 0), 2);
        answer.writeUInt16BE(records.length, 6);
        answer.writeUInt32BE(0, 8);
        await sleep(known?.delay ?? 0);
        if (!this.closed) {
            this.socket.send(answer, port, address);
        }
    }

    close() {
        this.closed = true;
        this.socket.close();
    }
}
