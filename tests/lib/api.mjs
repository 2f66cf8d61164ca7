// A client of the API that holds every answer against docs/openapi.yaml: status, content type, headers and body.
import assert from "node:assert/strict";
import fs from "node:fs";
import path from "node:path";
import Ajv2020 from "ajv/dist/2020.js";
import addFormats from "ajv-formats";
import YAML from "yaml";
import { request } from "./browserlike.mjs";
import { root } from "./server.mjs";

export const document = YAML.parse(fs.readFileSync(path.join(root, "docs/openapi.yaml"), "utf8"));

const ajv = new Ajv2020.default({ strict: false, allErrors: true, validateFormats: true });
addFormats.default(ajv);
ajv.addSchema(document, "openapi");

/** @typedef {{ method: string, template: string, pattern: RegExp, pointer: string, operation: any }} Operation */

/** @param {string} word */
const pointerWord = (word) => word.replaceAll("~", "~0").replaceAll("/", "~1");

/** @type {Operation[]} */
export const operations = Object.entries(document.paths).flatMap(([template, item]) =>
    ["get", "post", "put", "patch", "delete"]
        .filter((method) => item[method] !== undefined)
        .map((method) => ({
            method: method.toUpperCase(),
            template,
            pattern: new RegExp(`^${template.replaceAll(/\{[^}]+\}/g, "[^/]+")}$`),
            pointer: `/paths/${pointerWord(template)}/${method}`,
            operation: item[method],
        })),
);

/** Follows a $ref of the document. */
function resolve(value, pointer) {
    if (value?.$ref === undefined) {
        return { value, pointer };
    }
    const target = value.$ref.slice(1);
    const words = target
        .slice(1)
        .split("/")
        .map((word) => word.replaceAll("~1", "/").replaceAll("~0", "~"));
    return { value: words.reduce((at, word) => at[word], document), pointer: target };
}

/** @type {Map<string, import("ajv").ValidateFunction>} */
const validators = new Map();

/** The validator of the schema at a JSON pointer of the document. */
function validator(pointer) {
    let validate = validators.get(pointer);
    if (validate === undefined) {
        validate = ajv.compile({ $ref: `openapi#${encodeURI(pointer)}` });
        validators.set(pointer, validate);
    }
    return validate;
}

/** @param {string} method @param {string} pathname */
function operationOf(method, pathname) {
    const found = operations.filter((one) => one.method === method && one.pattern.test(pathname));
    return found.find((one) => one.template === pathname) ?? found[0];
}

/**
 * Throws unless the document describes this answer.
 * @param {string} method
 * @param {import("./browserlike.mjs").Answer} answer
 */
export function conforms(method, answer) {
    const { pathname } = new URL(answer.url);
    const what = `${method} ${pathname} → ${answer.status}`;
    const operation = operationOf(method, pathname);
    assert.ok(operation, `${what}: openapi.yaml has no such operation`);
    const declared = operation.operation.responses[String(answer.status)];
    assert.ok(declared, `${what}: openapi.yaml does not have this status: ${answer.text.slice(0, 500)}`);
    const { value: response, pointer } = resolve(declared, `${operation.pointer}/responses/${answer.status}`);

    for (const [name, header] of Object.entries(response.headers ?? {})) {
        const { value, pointer: at } = resolve(header, `${pointer}/headers/${pointerWord(name)}`);
        const sent = answer.headers[name.toLowerCase()];
        assert.ok(sent !== undefined || !value.required, `${what}: the header ${name} is missing`);
        if (sent !== undefined && value.schema?.type === "integer") {
            const validate = validator(`${at}/schema`);
            assert.ok(validate(Number(sent)), `${what}: ${name}: ${sent} ${ajv.errorsText(validate.errors)}`);
        }
    }

    const [type = ""] = (answer.headers["content-type"] ?? "").split(";");
    if (response.content === undefined) {
        assert.equal(answer.bytes.length, 0, `${what}: a body where none is described`);
        return;
    }
    assert.ok(response.content[type], `${what}: content type ${JSON.stringify(type)} is not described`);
    if (!type.endsWith("json")) {
        return;
    }
    assert.notEqual(answer.json, undefined, `${what}: the body is not JSON: ${answer.text.slice(0, 500)}`);
    const validate = validator(`${pointer}/content/${pointerWord(type)}/schema`);
    assert.ok(validate(answer.json), `${what}: ${ajv.errorsText(validate.errors)}\n${answer.text.slice(0, 2000)}`);
    if (type === "application/problem+json") {
        assert.equal(answer.json.status, answer.status, `${what}: the problem names another status`);
    }
}

/**
 * @typedef {object} Call
 * @property {Record<string, string | number | undefined>} [query]
 * @property {unknown} [body] sent as JSON
 * @property {string | Buffer} [raw] sent as it is
 * @property {string} [type] the Content-Type of raw
 * @property {Record<string, string | undefined>} [headers]
 */

export class Api {
    /**
     * @param {{ url: string }} server
     * @param {string | null} token
     */
    constructor(server, token) {
        this.server = server;
        this.token = token;
    }

    /** The same server through another token. */
    as(token) {
        return new Api(this.server, token);
    }

    /**
     * Any call, checked against the document. Paths are below /api/v1 unless they begin with /api or name another.
     * @param {string} method @param {string} pathname @param {Call} [call]
     */
    async call(method, pathname, call = {}) {
        const answer = await this.send(method, pathname, call);
        conforms(method, answer);
        return answer;
    }

    /** Any call, not checked: for what the document does not have. */
    async send(method, pathname, { query = {}, body, raw, type, headers = {} } = {}) {
        const prefix = /^\/(api|healthz|readyz|metrics|\.well-known)(\/|$)/.test(pathname) ? "" : "/api/v1";
        const url = new URL(prefix + pathname, this.server.url);
        for (const [name, value] of Object.entries(query)) {
            if (value !== undefined) {
                url.searchParams.set(name, String(value));
            }
        }
        return request(url.href, {
            method,
            body: raw ?? (body === undefined ? undefined : JSON.stringify(body)),
            headers: {
                Authorization: this.token === null ? undefined : `Bearer ${this.token}`,
                "Content-Type": raw !== undefined ? type : body === undefined ? undefined : "application/json",
                ...headers,
            },
        });
    }

    /** The body of a call that has to succeed with this status. */
    async expect(status, method, pathname, call = {}) {
        const answer = await this.call(method, pathname, call);
        assert.equal(answer.status, status, `${method} ${pathname}: ${answer.text.slice(0, 500)}`);
        return answer.json;
    }

    /** @param {string} pathname @param {Call["query"]} [query] */
    get(pathname, query) {
        return this.expect(200, "GET", pathname, { query });
    }
    post(pathname, body, query) {
        return this.expect(201, "POST", pathname, { body, query });
    }
    patch(pathname, body) {
        return this.expect(200, "PATCH", pathname, { body });
    }
    put(pathname) {
        return this.expect(204, "PUT", pathname);
    }
    delete(pathname, query) {
        return this.expect(204, "DELETE", pathname, { query });
    }

    /** A call that has to be refused with this status and code. */
    async refused(status, code, method, pathname, call = {}) {
        const answer = await this.call(method, pathname, call);
        assert.deepEqual(
            { status: answer.status, code: answer.json?.code },
            { status, code },
            `${method} ${pathname}: ${answer.text.slice(0, 500)}`,
        );
        return answer.json;
    }

    /** Every item of a list, page by page. */
    async all(pathname, query = {}) {
        const items = [];
        for (let after; ;) {
            const page = await this.get(pathname, { limit: 200, ...query, after });
            items.push(...page.items);
            if (page.next === null) {
                return items;
            }
            after = page.next;
        }
    }

    /** @param {Record<string, unknown>} body */
    mintPat(body, call = {}) {
        return this.call("POST", "/api/ext/users/personal-access-token", { body, ...call });
    }
    /** @param {Record<string, unknown>} body */
    mintEmbed(body, call = {}) {
        return this.call("POST", "/api/embed-url/external-user", { body, ...call });
    }
}
