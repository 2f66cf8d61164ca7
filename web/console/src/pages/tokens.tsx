import { useQueryClient } from "@tanstack/react-query";
import { KeyRound, Plus, Trash2 } from "lucide-react";
import { useState } from "react";
import { api, need, type Schemas } from "../api/client";
import { Badge, Button, Copyable, Empty, Notice } from "../ui/basics";
import { Checkbox, TextField } from "../ui/fields";
import { Confirm, Dialog, FormDialog, Menu } from "../ui/overlays";
import { PageHead } from "../ui/page";
import { PagedTable, type Column } from "../ui/table";
import { Time } from "../ui/time";
import { toast } from "../ui/toast";

type Token = Schemas["ApiToken"];
type Scope = Schemas["Scope"];

const NOUNS: [noun: string, name: string][] = [
    ["apps", "App"],
    ["releases", "Release"],
    ["users", "User"],
    ["groups", "Group"],
    ["environments", "Environment"],
    ["api-tokens", "API token"],
    ["grants", "Link"],
    ["sessions", "Session"],
    ["events", "Event"],
    ["workspaces", "Workspace"],
];

const SCOPES: { id: Scope; name: string; note?: string }[] = [
    { id: "embed", name: "App: Embed", note: "Ask for links to apps. All that a portal needs." },
    ...NOUNS.flatMap(([noun, name]) => [
        { id: `${noun}:read` as Scope, name: `${name}: Read` },
        { id: `${noun}:write` as Scope, name: `${name}: Read & Write` },
    ]),
    { id: "admin", name: "Admin: Everything", note: "Every scope, in every workspace." },
];

const scopeName = (id: string) => SCOPES.find((scope) => scope.id === id)?.name ?? id;

function CreateToken({ open, onClose, onCreated }: { open: boolean; onClose: () => void; onCreated: (secret: string) => void }) {
    const [name, setName] = useState("");
    const [description, setDescription] = useState("");
    const [scopes, setScopes] = useState<Scope[]>(["embed"]);
    const close = () => {
        setName("");
        setDescription("");
        setScopes(["embed"]);
        onClose();
    };
    const create = async () => {
        const body = { name: name.trim(), description: description.trim() || null, scopes };
        const { token } = await need(api.POST("/api/v1/api-tokens", { body }));
        close();
        onCreated(token);
    };
    return (
        <FormDialog title="Create an API token" action="Create" open={open} onClose={close} onSubmit={create} canSubmit={name.trim() !== "" && scopes.length > 0}>
            <TextField label="Name" value={name} onChange={setName} autoFocus required maxLength={128} placeholder="Customer portal" />
            <TextField label="Description" optional value={description} onChange={setDescription} maxLength={1024} />
            <fieldset className="stack">
                <legend className="label">Scopes</legend>
                {SCOPES.map((scope) => (
                    <Checkbox
                        key={scope.id}
                        note={scope.note}
                        selected={scopes.includes(scope.id)}
                        onChange={(selected) => setScopes(selected ? [...scopes, scope.id] : scopes.filter((id) => id !== scope.id))}
                    >
                        {scope.name}
                    </Checkbox>
                ))}
            </fieldset>
        </FormDialog>
    );
}

export default function Tokens() {
    const client = useQueryClient();
    const [creating, setCreating] = useState(false);
    const [secret, setSecret] = useState<string | null>(null);
    const [leaving, setLeaving] = useState<Token | null>(null);
    const changed = () => client.invalidateQueries({ queryKey: ["api-tokens"] });

    const columns: Column<Token>[] = [
        {
            title: "Name",
            kind: "lead",
            cell: (token) => (
                <>
                    <strong>{token.name}</strong>
                    <span className="sub">{token.description}</span>
                </>
            ),
        },
        {
            title: "Scopes",
            cell: (token) => (
                <span className="chips">
                    {token.scopes.map((scope) => (
                        <Badge key={scope}>{scopeName(scope)}</Badge>
                    ))}
                </span>
            ),
        },
        { title: "Secret", cell: (token) => <code>…{token.last4}</code> },
        {
            title: "Created",
            cell: (token) => (
                <span>
                    <Time time={token.createdAt} />
                    {token.createdBy !== null && <span className="sub">by {token.createdBy}</span>}
                </span>
            ),
        },
        { title: "Last used", cell: (token) => <Time time={token.lastUsedAt} /> },
        {
            title: "Actions",
            kind: "actions",
            cell: (token) => <Menu label={`Actions for ${token.name}`} entries={[{ name: "Revoke", icon: Trash2, danger: true, onAction: () => setLeaving(token) }]} />,
        },
    ];

    const revoke = async (token: Token) => {
        await need(api.DELETE("/api/v1/api-tokens/{id}", { params: { path: { id: token.id } } }));
        toast(`Revoked "${token.name}"`);
        await changed();
    };

    const createButton = (
        <Button kind="primary" icon={Plus} onPress={() => setCreating(true)}>
            Create new
        </Button>
    );
    return (
        <>
            <PageHead title="API tokens" lead="With a token a portal's server asks Inlay for links. It never belongs into a browser." actions={createButton} />
            <PagedTable
                label="API tokens"
                columns={columns}
                rowKey={(token) => token.id}
                queryKey={["api-tokens"]}
                load={(query) => need(api.GET("/api/v1/api-tokens", { params: { query } }))}
                empty={
                    <Empty icon={KeyRound} title="No API tokens yet" actions={createButton}>
                        A portal needs one with the scope App: Embed.
                    </Empty>
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
                    <Notice tone="warn">It is shown only this once. Put it where your portal's server keeps its secrets.</Notice>
                    <Copyable text={secret ?? ""} what="the token" />
                </div>
                <div className="dialog-foot">
                    <Button kind="primary" onPress={() => setSecret(null)}>
                        Done
                    </Button>
                </div>
            </Dialog>
            <Confirm title={`Revoke "${leaving?.name ?? ""}"?`} action="Revoke" open={leaving !== null} onClose={() => setLeaving(null)} onConfirm={() => revoke(leaving!)}>
                It is refused from the next request on. Links that it made stay.
            </Confirm>
        </>
    );
}
