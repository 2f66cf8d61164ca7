// The portal's pages, written on the server. `html` escapes every value that is not made by `html` itself.

/** @typedef {import("./customers.js").Customer} Customer */

class Markup {
    /** @param {string} text */
    constructor(text) {
        this.text = text;
    }
}

/**
 * @param {TemplateStringsArray} strings
 * @param {...(string | Markup | readonly Markup[])} values
 */
function html(strings, ...values) {
    return new Markup(String.raw({ raw: strings }, ...values.map(markup)));
}

/**
 * @param {string | Markup | readonly Markup[]} value
 * @returns {string}
 */
function markup(value) {
    if (value instanceof Markup) {
        return value.text;
    }
    return typeof value === "string"
        ? value.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`)
        : value.map(markup).join("");
}

/**
 * @param {string} title
 * @param {Markup} body
 */
function page(title, body) {
    return html`<!doctype html>
        <html lang="en">
            <head>
                <meta charset="utf-8">
                <meta name="viewport" content="width=device-width, initial-scale=1">
                <meta name="color-scheme" content="light dark">
                <title>${title} · Tradewell</title>
                <link rel="icon" href="/static/mark.svg" type="image/svg+xml">
                <link rel="stylesheet" href="/static/portal.css">
            </head>
            ${body}
        </html>`.text;
}

/** @param {Markup} [aside] */
function bar(aside = html``) {
    return html`<header class="bar">
        <a class="brand" href="/"><img src="/static/mark.svg" alt="" width="28" height="28">Tradewell</a>
        ${aside}
    </header>`;
}

/** @param {readonly Customer[]} customers */
export function frontPage(customers) {
    return page(
        "Customer portal",
        html`<body>
            ${bar()}
            <main class="narrow">
                <h1>A portal with an app of somebody else’s inside</h1>
                <p class="lead">
                    Tradewell sells to bakeries and coffee houses. Its portal shows an app called Orders, which it
                    did not write and whose logins it does not share: Inlay lets each customer in. Open both
                    customers in two tabs. Each sees their own orders only.
                </p>
                <ul class="customers">
                    ${customers.map(
                        ({ key, company, person }) =>
                            html`<li>
                                <a href="/${key}">
                                    <strong>${company}</strong>
                                    <span>${person.firstName} ${person.lastName}</span>
                                </a>
                            </li>`,
                    )}
                </ul>
            </main>
        </body>`,
    );
}

/**
 * @param {Customer} customer
 * @param {{ password: string, error?: string }} options the password to fill in
 */
export function loginPage({ key, company, person }, { password, error = "" }) {
    return page(
        `Log in to ${company}`,
        html`<body>
            ${bar()}
            <main class="narrow">
                <form class="login" method="post" action="/${key}/login">
                    <h1>${company}</h1>
                    ${error === "" ? [] : html`<p class="problem" role="alert">${error}</p>`}
                    <label>
                        Email
                        <input name="email" type="email" autocomplete="username" required value="${person.email}">
                    </label>
                    <label>
                        Password
                        <input
                            name="password"
                            type="password"
                            autocomplete="current-password"
                            required
                            value="${password}">
                    </label>
                    <button>Log in</button>
                    <p class="small">This is a demo: both fields are filled in for you.</p>
                </form>
            </main>
        </body>`,
    );
}

/** @param {Customer} customer */
export function customerPage({ key, company, person }) {
    return page(
        company,
        html`<body data-api="/${key}/api" data-login="/${key}">
            ${bar(html`
                <span class="company">${company}</span>
                <form method="post" action="/${key}/logout">
                    <span class="person">${person.firstName} ${person.lastName}</span>
                    <button class="plain">Log out</button>
                </form>
            `)}
            <main class="workbench">
                <section class="embedded" aria-labelledby="orders">
                    <div class="head">
                        <h1 id="orders">Your orders</h1>
                        <form id="contract">
                            <fieldset>
                                <legend>Opened with</legend>
                                <label><input type="radio" name="contract" value="embedUrl" checked>Embed URL</label>
                                <label>
                                    <input type="radio" name="contract" value="get-tooljet-url">Personal access token
                                </label>
                            </fieldset>
                            <button class="plain">Open again</button>
                        </form>
                    </div>
                    <p id="problem" class="problem" role="alert" hidden></p>
                    <div id="frame"><p class="waiting">Asking for a link…</p></div>
                </section>
                <aside aria-labelledby="behind">
                    <h2 id="behind">What happened behind it</h2>
                    <p class="small">
                        The portal’s backend asked Inlay for a link that opens this one app for this one person. The
                        frame went there. The API token never reached your browser.
                    </p>
                    <div id="exchange"></div>
                </aside>
            </main>
            <noscript><p class="problem">The portal needs JavaScript.</p></noscript>
            <script type="module" src="/static/portal.js"></script>
        </body>`,
    );
}
