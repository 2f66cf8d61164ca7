// One user: who it is, what they opened, and every session.
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { Archive, ArchiveRestore, ChartColumn, ChevronLeft, Copy, ListTree, Pencil, Trash2 } from "lucide-react";
import { useEffect, useState } from "react";
import { Link, useLocation, useParams } from "wouter";
import { api, ApiError, need, type Schemas } from "../api/client";
import { pretty } from "../api/json";
import { useCan } from "../me";
import { OpenedApps } from "../people/opened";
import { ManyOrigins } from "../people/origins";
import { EndAll, Sessions } from "../people/sessions";
import { ClearStorage } from "../people/storage";
import { useUserStatus } from "../people/status";
import {
    Avatar,
    Badge,
    Button,
    ButtonLink,
    CodeBlock,
    Copyable,
    Empty,
    Facts,
    Failure,
    IconButton,
    Panel,
    Skeleton,
    copy,
} from "../ui/basics";
import { Segments, TextField } from "../ui/fields";
import { personName } from "../ui/format";
import { Confirm, FormDialog, Menu } from "../ui/overlays";
import { Time } from "../ui/time";
import { toast } from "../ui/toast";

type User = Schemas["User"];

function EditUser({ user, open, onClose }: { user: User; open: boolean; onClose: () => void }) {
    const client = useQueryClient();
    const [email, setEmail] = useState(user.email ?? "");
    const [firstName, setFirstName] = useState(user.firstName ?? "");
    const [lastName, setLastName] = useState(user.lastName ?? "");
    const save = async () => {
        const body = {
            ...(email.trim() === "" ? {} : { email: email.trim() }),
            firstName: firstName.trim() || null,
            lastName: lastName.trim() || null,
        };
        await need(api.PATCH("/api/v1/users/{id}", { params: { path: { id: user.id } }, body }));
        toast("Saved");
        await Promise.all([
            client.invalidateQueries({ queryKey: ["user", user.id] }),
            client.invalidateQueries({ queryKey: ["users"] }),
        ]);
        onClose();
    };
    return (
        <FormDialog title="Edit user" action="Save" open={open} onClose={onClose} onSubmit={save}>
            {user.kind === "external" && <p>The next link that a portal asks for may change this again.</p>}
            <TextField
                label="Email"
                type="email"
                optional={user.kind === "external"}
                value={email}
                onChange={setEmail}
                autoFocus
                required={user.kind === "internal"}
                maxLength={254}
            />
            <TextField label="First name" optional value={firstName} onChange={setFirstName} maxLength={128} />
            <TextField label="Last name" optional value={lastName} onChange={setLastName} maxLength={128} />
        </FormDialog>
    );
}

const SHOWN = [
    { id: "active", name: "Active" },
    { id: "all", name: "All" },
] as const;

function Shown({ user }: { user: User }) {
    const client = useQueryClient();
    const [, navigate] = useLocation();
    const [editing, setEditing] = useState(false);
    const [deleting, setDeleting] = useState(false);
    const [shown, setShown] = useState<"active" | "all">("all");
    const mayWrite = useCan()("users:write");
    const mayEnd = useCan()("sessions:write");
    const { archive, restore, dialog } = useUserStatus();
    const name = personName(user);
    const hasMetadata = Object.keys(user.metadata).length > 0;

    useEffect(() => {
        document.title = `${name} · Inlay`;
    }, [name]);

    const remove = async () => {
        await need(api.DELETE("/api/v1/users/{id}", { params: { path: { id: user.id } } }));
        toast(`Deleted ${name}`);
        navigate("/users");
        await client.invalidateQueries({ queryKey: ["users"] });
    };

    return (
        <>
            <Link href="/users" className="crumb">
                <ChevronLeft size={15} aria-hidden /> Users
            </Link>
            <header className="person">
                <Avatar name={name} large />
                <div>
                    <h1>{name}</h1>
                    <span className="chips">
                        <Badge tone={user.kind === "external" ? "info" : "plain"}>
                            {user.kind === "external" ? "External" : "Internal"}
                        </Badge>
                        {user.status === "archived" && <Badge tone="warn">Archived</Badge>}
                    </span>
                </div>
                <div className="row">
                    <ButtonLink href={`/events?userId=${user.id}`} icon={ListTree}>
                        Events
                    </ButtonLink>
                    {mayWrite && user.status === "archived" && (
                        <Button icon={ArchiveRestore} onPress={() => void restore(user)}>
                            Restore
                        </Button>
                    )}
                    {mayWrite && user.status === "active" && (
                        <Button icon={Archive} onPress={() => archive(user)}>
                            Archive
                        </Button>
                    )}
                    <Menu
                        label={`More for ${name}`}
                        entries={[
                            { name: "Usage", icon: ChartColumn, onAction: () => navigate(`/usage?userId=${user.id}`) },
                            { name: "Copy user ID", icon: Copy, onAction: () => void copy(user.id, "the user's ID") },
                            ...(mayWrite
                                ? [
                                      null,
                                      {
                                          name: "Delete user",
                                          icon: Trash2,
                                          danger: true,
                                          onAction: () => setDeleting(true),
                                      },
                                  ]
                                : []),
                        ]}
                    />
                </div>
            </header>
            <div className="stack-l">
                <div className="halves">
                    <Panel
                        title="Details"
                        actions={mayWrite && <IconButton label="Edit" icon={Pencil} onPress={() => setEditing(true)} />}
                    >
                        <Facts
                            facts={[
                                ["Email", user.email ?? <span className="quiet">none</span>],
                                ...(user.externalIdentifier === null
                                    ? []
                                    : ([["Identifier", <code>{user.externalIdentifier}</code>]] as [
                                          string,
                                          React.ReactNode,
                                      ][])),
                                [
                                    "Groups",
                                    user.groups.length > 0 ? (
                                        <span className="chips">
                                            {user.groups.map((group) => (
                                                <Badge key={group.id}>{group.name}</Badge>
                                            ))}
                                        </span>
                                    ) : (
                                        <span className="quiet">
                                            {user.kind === "external" ? "named by each link" : "none, so no app opens"}
                                        </span>
                                    ),
                                ],
                                ["Since", <Time time={user.createdAt} absolute />],
                                ["User ID", <Copyable text={user.id} what="the user's ID" />],
                            ]}
                        />
                    </Panel>
                    <div className="stack">
                        <ManyOrigins query={{ userId: user.id }} />
                        <OpenedApps user={user} />
                        {hasMetadata && (
                            <Panel
                                title="Metadata"
                                lead="What the last link said. Each session keeps what its own link said."
                            >
                                <CodeBlock label="the metadata" text={pretty(user.metadata)} />
                            </Panel>
                        )}
                    </div>
                </div>
                <section>
                    <div className="section-head">
                        <h2>Sessions</h2>
                        <Segments label="Which sessions" choices={[...SHOWN]} value={shown} onChange={setShown} />
                        {mayEnd && (
                            <>
                                <ClearStorage small userId={user.id} of={`the apps that ${name} opens`} />
                                <EndAll userId={user.id} whose={name} />
                            </>
                        )}
                    </div>
                    <Sessions userId={user.id} {...(shown === "active" ? { status: "active" as const } : {})} />
                </section>
            </div>
            {editing && <EditUser user={user} open onClose={() => setEditing(false)} />}
            <Confirm
                title={`Delete ${name}?`}
                action="Delete user"
                open={deleting}
                onClose={() => setDeleting(false)}
                onConfirm={remove}
            >
                Their sessions end at once, and their personal data is deleted. The audit log keeps their events.
            </Confirm>
            {dialog}
        </>
    );
}

export default function UserPage() {
    const { id } = useParams<{ id: string }>();
    const user = useQuery({
        queryKey: ["user", id],
        queryFn: () => need(api.GET("/api/v1/users/{id}", { params: { path: { id } } })),
    });
    if (user.isPending) {
        return <Skeleton />;
    }
    if (user.data === undefined) {
        const gone = user.error instanceof ApiError && (user.error.status === 404 || user.error.status === 400);
        return gone ? (
            <Empty
                icon={Trash2}
                title="There is no such user"
                actions={<ButtonLink href="/users">All users</ButtonLink>}
            >
                They may have been deleted, or belong to another workspace.
            </Empty>
        ) : (
            <Failure error={user.error} />
        );
    }
    return <Shown user={user.data} />;
}
