// The request that a portal's server sends, in the languages that people copy it into.

export const LANGUAGES = [
    { id: "curl", name: "curl" },
    { id: "node", name: "Node" },
    { id: "python", name: "Python" },
    { id: "php", name: "PHP" },
] as const;

export type Language = (typeof LANGUAGES)[number]["id"];

export interface Request {
    url: string;
    body: Record<string, unknown>;
    /** The member of the answer that goes into the frame. */
    answer: string;
}

const json = (value: unknown) => JSON.stringify(value, null, 2);
const indented = (text: string, by: number) => text.replaceAll("\n", `\n${" ".repeat(by)}`);

/** Integers that JavaScript would round are kept as JSON.rawJSON(). */
const isNumber = (value: object) =>
    (JSON as unknown as { isRawJSON?: (value: unknown) => boolean }).isRawJSON?.(value) === true;
const isWide = (value: unknown): boolean =>
    typeof value === "object" && value !== null && (isNumber(value) || Object.values(value).some(isWide));

interface Style {
    object: [open: string, close: string];
    list: [open: string, close: string];
    key: (name: string) => string;
    text: (text: string) => string;
    words: { true: string; false: string; null: string };
    none: string;
}

function literal(value: unknown, style: Style, depth = 0): string {
    if (value === null || typeof value === "boolean") {
        return style.words[String(value) as "true" | "false" | "null"];
    }
    if (typeof value === "string") {
        return style.text(value);
    }
    if (typeof value !== "object" || isNumber(value)) {
        return JSON.stringify(value);
    }
    const isList = Array.isArray(value);
    const [open, close] = isList ? style.list : style.object;
    const parts = isList
        ? value.map((one) => literal(one, style, depth + 1))
        : Object.entries(value).map(([name, one]) => style.key(name) + literal(one, style, depth + 1));
    if (parts.length === 0) {
        return isList ? open + close : style.none;
    }
    if (isList) {
        return `${open}${parts.join(", ")}${close}`;
    }
    const pad = "    ".repeat(depth + 1);
    return `${open}\n${parts.map((part) => `${pad}${part},\n`).join("")}${"    ".repeat(depth)}${close}`;
}

const javascript: Style = {
    object: ["{", "}"],
    list: ["[", "]"],
    key: (name) => `${/^[A-Za-z_$][\w$]*$/.test(name) && name !== "__proto__" ? name : JSON.stringify(name)}: `,
    text: JSON.stringify,
    words: { true: "true", false: "false", null: "null" },
    none: "{}",
};

const python: Style = {
    ...javascript,
    key: (name) => `${JSON.stringify(name)}: `,
    words: { true: "True", false: "False", null: "None" },
};

const quoted = (text: string) => `'${text.replaceAll("\\", "\\\\").replaceAll("'", "\\'")}'`;
const php: Style = {
    object: ["[", "]"],
    list: ["[", "]"],
    key: (name) => `${quoted(name)} => `,
    text: quoted,
    words: { true: "true", false: "false", null: "null" },
    none: "(object) []",
};

function curl({ url, body }: Request): string {
    const data = json(body).replaceAll("'", "'\\''");
    return `curl ${url} \\\n  -H "Authorization: Bearer $INLAY_TOKEN" \\\n  -H 'Content-Type: application/json' \\\n  -d '${data}'`;
}

function node({ url, body, answer }: Request): string {
    const sent = isWide(body)
        ? `// As text: JavaScript would round its largest numbers.\n    body: ${JSON.stringify(JSON.stringify(body))}`
        : `body: JSON.stringify(${indented(literal(body, javascript), 4)})`;
    return `const answer = await fetch(${JSON.stringify(url)}, {
    method: "POST",
    headers: {
        Authorization: \`Bearer \${process.env.INLAY_TOKEN}\`,
        "Content-Type": "application/json",
    },
    ${sent},
});
if (!answer.ok) {
    throw new Error(await answer.text());
}
const { ${answer} } = await answer.json();`;
}

function pythonRequest({ url, body, answer }: Request): string {
    return `import os
import requests

response = requests.post(
    ${JSON.stringify(url)},
    headers={"Authorization": f"Bearer {os.environ['INLAY_TOKEN']}"},
    json=${indented(literal(body, python), 4)},
    timeout=10,
)
response.raise_for_status()
url = response.json()["${answer}"]`;
}

function phpRequest({ url, body, answer }: Request): string {
    return `<?php
$request = curl_init(${quoted(url)});
curl_setopt_array($request, [
    CURLOPT_RETURNTRANSFER => true,
    CURLOPT_HTTPHEADER => [
        'Authorization: Bearer ' . getenv('INLAY_TOKEN'),
        'Content-Type: application/json',
    ],
    CURLOPT_POSTFIELDS => json_encode(${indented(literal(body, php), 4)}),
]);
$answer = json_decode(curl_exec($request), true);
if (curl_getinfo($request, CURLINFO_HTTP_CODE) >= 300) {
    throw new RuntimeException($answer['message']);
}
$url = $answer['${answer}'];`;
}

const WRITERS: Record<Language, (request: Request) => string> = { curl, node, python: pythonRequest, php: phpRequest };

export const inLanguage = (language: Language, request: Request) => WRITERS[language](request);
