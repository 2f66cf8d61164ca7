// The secrets of portals' servers.
import { useQueryClient } from "@tanstack/react-query";
import { KeyRound, Plus, RefreshCw, Trash2 } from "lucide-react";
import { useState } from "react";
import { api, need, type Schemas } from "../api/client";
import { useCan } from "../me";
import { Badge, Button, Copyable, Empty, Notice } from "../ui/basics";
import { SearchField } from "../ui/fields";
import { Confirm, Dialog, Menu } from "../ui/overlays";
import { PageHead } from "../ui/page";
import { PagedTable, type Column } from "../ui/table";
import { useOpenedByAddress } from "../ui/opened";
import { Time } from "../ui/time";
import { toast } from "../ui/toast";
import { CreateToken, RotateToken, scopeName } from "./token-dialogs";
import "../styles/tokens-page.css";

type Token = Schemas["ApiToken"];

const WARN_MS = 7 * 86_400_000;
const expiresSoon = (time: string) => Date.parse(time) - Date.now() < WARN_MS;
const hasExpired = (time: string | null) => time !== null && Date.parse(time) <= Date.now();

function Expiry({ time }: { time: string | null }) {
    if (time === null) {
        return <span className="quiet">never</span>;
    }
    if (hasExpired(time)) {
        return <Badge tone="bad">Expired</Badge>;
    }
    return expiresSoon(time) ? (
        <Badge tone="warn">
            <Time time={time} absolute />
        </Badge>
    ) : (
        <Time time={time} absolute />
    );
}

export default function Tokens() {
    const client = useQueryClient();
    const mayWrite = useCan()("api-tokens:write");
    const [search, setSearch] = useState("");
    const [creating, setCreating] = useOpenedByAddress(false, true, mayWrite);
    const [secret, setSecret] = useState<string | null>(null);
    const [leaving, setLeaving] = useState<Token | null>(null);
    const [rotating, setRotating] = useState<Token | null>(null);
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
                    {token.apps !== null && (
                        <Badge tone="info">{token.apps.length === 1 ? "1 app" : `${token.apps.length} apps`}</Badge>
                    )}
                    {token.portals.length > 0 && <Badge tone="info">Names portals</Badge>}
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
        { title: "Expires", cell: (token) => <Expiry time={token.expiresAt} /> },
        {
            title: "Last used",
            cell: (token) => (
                <span>
                    <Time time={token.lastUsedAt} />
                    {token.lastUsedAddress !== null && <span className="sub">{token.lastUsedAddress}</span>}
                </span>
            ),
        },
        ...(mayWrite
            ? [
                  {
                      title: "Actions",
                      kind: "actions" as const,
                      cell: (token: Token) => (
                          <Menu
                              label={`Actions for ${token.name}`}
                              entries={[
                                  ...(hasExpired(token.expiresAt)
                                      ? []
                                      : [{ name: "Rotate", icon: RefreshCw, onAction: () => setRotating(token) }]),
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
            <RotateToken
                token={rotating}
                onClose={() => setRotating(null)}
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
