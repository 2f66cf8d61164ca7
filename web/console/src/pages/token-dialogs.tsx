// The dialogs that make API tokens, and what scopes are called.
import { PanelsTopLeft, ShieldAlert, SlidersHorizontal } from "lucide-react";
import { useState } from "react";
import { api, need, type Schemas } from "../api/client";
import { useCan } from "../me";
import { Cards, Checkbox, Segments, Select, TextField, type Choice } from "../ui/fields";
import { FormDialog } from "../ui/overlays";
import { AppsPicker } from "../ui/pickers";
import { PortalLines, portalsOf } from "./app/portals";

type Token = Schemas["ApiToken"];
type Scope = Schemas["Scope"];
type Access = "" | "read" | "write";

const NOUNS: [noun: string, name: string][] = [
    ["apps", "App"],
    ["releases", "Release"],
    ["users", "User"],
    ["groups", "Group"],
    ["environments", "Environment"],
    ["links", "Link"],
    ["sessions", "Session"],
    ["events", "Event"],
    ["api-tokens", "API token"],
    ["workspaces", "Workspace"],
];

const ACCESS: { id: Access; name: string }[] = [
    { id: "", name: "None" },
    { id: "read", name: "Read" },
    { id: "write", name: "Read & Write" },
];

/** What the events are: nobody writes them. */
const READ_ONLY = new Set(["events"]);

const LIVES: Choice[] = [
    { id: "", name: "Never" },
    { id: "30", name: "In 30 days" },
    { id: "90", name: "In 90 days" },
    { id: "365", name: "In a year" },
];

const OVERLAPS: Choice[] = [
    { id: "0", name: "Not at all", note: "it has leaked" },
    { id: "60", name: "1 hour" },
    { id: "1440", name: "1 day" },
    { id: "10080", name: "1 week" },
];

export function scopeName(scope: string): string {
    if (scope === "embed") {
        return "App: Embed";
    }
    if (scope === "admin") {
        return "Everything";
    }
    const [noun, access] = scope.split(":");
    const name = NOUNS.find(([id]) => id === noun)?.[1] ?? noun;
    return `${name}: ${access === "write" ? "Read & Write" : "Read"}`;
}

type Preset = "portal" | "chosen" | "admin";

function scopesOf(preset: Preset, embed: boolean, access: Record<string, Access>): Scope[] {
    if (preset !== "chosen") {
        return [preset === "portal" ? "embed" : "admin"];
    }
    const nouns = NOUNS.flatMap(([noun]) => (access[noun] ? [`${noun}:${access[noun]}` as Scope] : []));
    return embed ? ["embed", ...nouns] : nouns;
}

export function CreateToken({
    open,
    onClose,
    onCreated,
}: {
    open: boolean;
    onClose: () => void;
    onCreated: (secret: string) => void;
}) {
    const [name, setName] = useState("");
    const [description, setDescription] = useState("");
    const [preset, setPreset] = useState<Preset>("portal");
    const [embed, setEmbed] = useState(true);
    const [access, setAccess] = useState<Record<string, Access>>({});
    const [days, setDays] = useState("");
    const [apps, setApps] = useState<Choice[]>([]);
    const [portals, setPortals] = useState([""]);
    const mayName = useCan()("admin");
    const scopes = scopesOf(preset, embed, access);
    const close = () => {
        setName("");
        setDescription("");
        setPreset("portal");
        setEmbed(true);
        setAccess({});
        setDays("");
        setApps([]);
        setPortals([""]);
        onClose();
    };
    const create = async () => {
        const body = {
            name: name.trim(),
            description: description.trim() || null,
            scopes,
            expiresInDays: days === "" ? null : Number(days),
            apps: apps.length === 0 ? null : apps.map(({ id }) => String(id)),
            portals: portalsOf(portals),
        };
        const { token } = await need(api.POST("/api/v1/api-tokens", { body }));
        close();
        onCreated(token);
    };
    return (
        <FormDialog
            title="Create an API token"
            action="Create"
            open={open}
            onClose={close}
            onSubmit={create}
            canSubmit={name.trim() !== "" && scopes.length > 0}
            wide
        >
            <TextField
                label="Name"
                value={name}
                onChange={setName}
                autoFocus
                required
                maxLength={128}
                placeholder="Customer portal"
            />
            <TextField label="Description" optional value={description} onChange={setDescription} maxLength={1024} />
            <div className="stack-s">
                <span className="label">Scopes</span>
                <Cards
                    label="Scopes"
                    value={preset}
                    onChange={setPreset}
                    choices={[
                        {
                            id: "portal",
                            name: "App: Embed",
                            note: "Ask for links to apps. All that a portal needs.",
                            icon: <PanelsTopLeft size={18} aria-hidden />,
                        },
                        {
                            id: "chosen",
                            name: "Choose",
                            note: "For scripts that manage apps, users or groups.",
                            icon: <SlidersHorizontal size={18} aria-hidden />,
                        },
                        {
                            id: "admin",
                            name: "Everything",
                            note: "Every scope, in every workspace.",
                            icon: <ShieldAlert size={18} aria-hidden />,
                        },
                    ]}
                />
            </div>
            {preset === "chosen" && (
                <div className="scopes">
                    <Checkbox selected={embed} onChange={setEmbed}>
                        App: Embed
                    </Checkbox>
                    {NOUNS.map(([noun, noun_name]) => (
                        <div key={noun} className="scope">
                            <span>{noun_name}</span>
                            <Segments
                                label={noun_name}
                                choices={READ_ONLY.has(noun) ? ACCESS.slice(0, 2) : ACCESS}
                                value={access[noun] ?? ""}
                                onChange={(next) => setAccess({ ...access, [noun]: next })}
                            />
                        </div>
                    ))}
                </div>
            )}
            <Select label="Expires" choices={LIVES} value={days} onChange={setDays} />
            <details className="more">
                <summary>Limit it to apps, or let it name portals</summary>
                <div className="stack">
                    <AppsPicker
                        label="Apps"
                        value={apps}
                        onChange={setApps}
                        hint="Then it can embed, read and release these, and nothing else."
                    />
                    {mayName && (
                        <PortalLines
                            lines={portals}
                            onChange={setPortals}
                            title="Portals that its links may name"
                            hint="For a domain per customer: a request names one of these as portalOrigin, and no app has to list it."
                        />
                    )}
                </div>
            </details>
        </FormDialog>
    );
}

/** A new token in the place of another. */
export function RotateToken({
    token,
    onClose,
    onCreated,
}: {
    token: Token | null;
    onClose: () => void;
    onCreated: (secret: string) => void;
}) {
    const [overlap, setOverlap] = useState("1440");
    const rotate = async () => {
        if (token !== null) {
            const made = await need(
                api.POST("/api/v1/api-tokens/{id}/rotate", {
                    params: { path: { id: token.id } },
                    body: { overlapMinutes: Number(overlap) },
                }),
            );
            onClose();
            onCreated(made.token);
        }
    };
    return (
        <FormDialog
            title={`Rotate "${token?.name ?? ""}"`}
            action="Rotate"
            open={token !== null}
            onClose={onClose}
            onSubmit={rotate}
        >
            <p>Makes a token with the same name, scopes, apps and portals. Give it to your portal&rsquo;s server.</p>
            <Select label="Keep the old token working" choices={OVERLAPS} value={overlap} onChange={setOverlap} />
        </FormDialog>
    );
}
