// The secrets of portals' servers.
import { useQueryClient } from "@tanstack/react-query";
import { KeyRound, PanelsTopLeft, Plus, ShieldAlert, SlidersHorizontal, Trash2 } from "lucide-react";
import { useState } from "react";
import { api, need, type Schemas } from "../api/client";
import { useCan } from "../me";
import { Badge, Button, Copyable, Empty, Notice } from "../ui/basics";
import { Cards, Checkbox, SearchField, Segments, TextField } from "../ui/fields";
import { Confirm, Dialog, FormDialog, Menu } from "../ui/overlays";
import { PageHead } from "../ui/page";
import { PagedTable, type Column } from "../ui/table";
import { useOpenedByAddress } from "../ui/opened";
import { Time } from "../ui/time";
import { toast } from "../ui/toast";
import "../styles/tokens-page.css";

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

function CreateToken({
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
    const scopes = scopesOf(preset, embed, access);
    const close = () => {
        setName("");
        setDescription("");
        setPreset("portal");
        setEmbed(true);
        setAccess({});
        onClose();
    };
    const create = async () => {
        const body = { name: name.trim(), description: description.trim() || null, scopes };
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
        </FormDialog>
    );
}

export default function Tokens() {
    const client = useQueryClient();
    const mayWrite = useCan()("api-tokens:write");
    const [search, setSearch] = useState("");
    const [creating, setCreating] = useOpenedByAddress(false, true, mayWrite);
    const [secret, setSecret] = useState<string | null>(null);
    const [leaving, setLeaving] = useState<Token | null>(null);
    const changed = () =>
        Promise.all([["api-tokens"], ["getting-started"]].map((queryKey) => client.invalidateQueries({ queryKey })));

    const columns: Column<Token>[] = [
        {
            title: "Name",
            kind: "lead",
            cell: (token) => (
                <>
                    <strong>{token.name}</strong>
                    {token.description !== null && <span className="sub">{token.description}</span>}
                </>
            ),
        },
        {
            title: "Scopes",
            cell: (token) => (
                <span className="chips">
                    {token.scopes.map((scope) => (
                        <Badge key={scope} tone={scope === "admin" ? "warn" : "plain"}>
                            {scopeName(scope)}
                        </Badge>
                    ))}
                </span>
            ),
        },
        { title: "Secret", cell: (token) => <code>…{token.last4}</code> },
        {
            title: "Created by",
            cell: (token) => (
                <span>
                    {token.createdBy ?? "Inlay"}
                    <span className="sub">
                        <Time time={token.createdAt} />
                    </span>
                </span>
            ),
        },
        { title: "Last used", cell: (token) => <Time time={token.lastUsedAt} /> },
        ...(mayWrite
            ? [
                  {
                      title: "Actions",
                      kind: "actions" as const,
                      cell: (token: Token) => (
                          <Menu
                              label={`Actions for ${token.name}`}
                              entries={[
                                  { name: "Revoke", icon: Trash2, danger: true, onAction: () => setLeaving(token) },
                              ]}
                          />
                      ),
                  },
              ]
            : []),
    ];

    const revoke = async (token: Token) => {
        await need(api.DELETE("/api/v1/api-tokens/{id}", { params: { path: { id: token.id } } }));
        toast(`Revoked "${token.name}"`);
        await changed();
    };

    const createButton = mayWrite ? (
        <Button kind="primary" icon={Plus} onPress={() => setCreating(true)}>
            Create new
        </Button>
    ) : undefined;
    return (
        <>
            <PageHead
                title="API tokens"
                lead="With a token a portal's server asks Inlay for links. It never belongs in a browser."
                actions={createButton}
            />
            <div className="toolbar">
                <SearchField label="Find a token" onChange={setSearch} />
            </div>
            <PagedTable
                label="API tokens"
                columns={columns}
                rowKey={({ id }) => id}
                queryKey={["api-tokens", { search }]}
                load={(page) =>
                    need(
                        api.GET("/api/v1/api-tokens", {
                            params: { query: { ...page, ...(search === "" ? {} : { search }) } },
                        }),
                    )
                }
                empty={
                    search === "" ? (
                        <Empty icon={KeyRound} title="No API tokens yet" actions={createButton}>
                            A portal needs one with the scope App: Embed.
                        </Empty>
                    ) : (
                        <Empty icon={KeyRound} title={`No token is called "${search}"`} />
                    )
                }
            />
            <CreateToken
                open={creating}
                onClose={() => setCreating(false)}
                onCreated={(token) => {
                    setSecret(token);
                    void changed();
                }}
            />
            <Dialog title="Copy the token now" open={secret !== null} onClose={() => setSecret(null)} insistent>
                <div className="dialog-body">
                    <Notice tone="warn">
                        It is shown only this once. Put it where your portal's server keeps its secrets.
                    </Notice>
                    <Copyable text={secret ?? ""} what="the token" />
                </div>
                <div className="dialog-foot">
                    <Button kind="primary" onPress={() => setSecret(null)}>
                        Done
                    </Button>
                </div>
            </Dialog>
            <Confirm
                title={`Revoke "${leaving?.name ?? ""}"?`}
                action="Revoke"
                open={leaving !== null}
                onClose={() => setLeaving(null)}
                onConfirm={() => revoke(leaving!)}
            >
                It is refused from the next request on. Links that it made stay.
            </Confirm>
        </>
    );
}
