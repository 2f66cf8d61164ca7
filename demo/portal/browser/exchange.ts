// Shows the request that the backend made, and its answer. Secrets were masked before they came here.

export interface Exchange {
    readonly request: {
        readonly method: string;
        readonly url: string;
        readonly headers: Readonly<Record<string, string>>;
        readonly body: unknown;
    };
    readonly response: { readonly status: number; readonly body: unknown } | null;
    readonly milliseconds: number;
}

export function exchangeView({ request, response, milliseconds }: Exchange): Node {
    const { host, pathname } = new URL(request.url);
    const headers = { Host: host, ...request.headers };
    const fragment = document.createDocumentFragment();
    fragment.append(
        ...message(
            `${request.method} ${pathname}`,
            Object.entries(headers)
                .map(([name, value]) => `${name}: ${value}\n`)
                .join("") + `\n${json(request.body)}`,
        ),
        ...(response === null
            ? message("No answer", "")
            : message(`${response.status}, after ${milliseconds} ms`, json(response.body))),
    );
    return fragment;
}

function message(heading: string, text: string): Node[] {
    const title = document.createElement("h3");
    title.textContent = heading;
    const body = document.createElement("pre");
    body.textContent = text;
    body.tabIndex = 0;
    return text === "" ? [title] : [title, body];
}

function json(value: unknown): string {
    return JSON.stringify(value, null, 2);
}
