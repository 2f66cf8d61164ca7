// Everybody who opens apps.
import { useQueryClient } from "@tanstack/react-query";
import { Archive, ArchiveRestore, Copy, ListTree, Plus, Users as UsersIcon } from "lucide-react";
import { useState } from "react";
import { Link, useLocation } from "wouter";
import { api, need, type Schemas } from "../api/client";
import { useCan } from "../me";
import { useUserStatus } from "../people/status";
import { useFilters } from "../ui/address";
import { Avatar, Badge, Button, copy, Empty } from "../ui/basics";
import { SearchField, Segments, Select, TextField } from "../ui/fields";
import { personName } from "../ui/format";
import { FormDialog, Menu } from "../ui/overlays";
import { PageHead } from "../ui/page";
import { PagedTable, type Column } from "../ui/table";
import { Time } from "../ui/time";
import { toast } from "../ui/toast";

type User = Schemas["User"];

const KINDS = [
    { id: "", name: "All" },
    { id: "internal", name: "Internal" },
    { id: "external", name: "External" },
];

const STATUSES = [
    { id: "", name: "Any status" },
    { id: "active", name: "Active" },
    { id: "archived", name: "Archived" },
];

function CreateUser({ open, onClose }: { open: boolean; onClose: () => void }) {
    const client = useQueryClient();
    const [, navigate] = useLocation();
    const [email, setEmail] = useState("");
    const [firstName, setFirstName] = useState("");
    const [lastName, setLastName] = useState("");
    const close = () => {
        setEmail("");
        setFirstName("");
        setLastName("");
        onClose();
    };
    const create = async () => {
        const body = { email: email.trim(), firstName: firstName.trim() || null, lastName: lastName.trim() || null };
        const user = await need(api.POST("/api/v1/users", { body }));
        close();
        toast(`Created ${personName(user)}`);
        await client.invalidateQueries({ queryKey: ["users"] });
        navigate(`/users/${user.id}`);
    };
    return (
        <FormDialog
            title="Create an internal user"
            action="Create"
            open={open}
            onClose={close}
            onSubmit={create}
            canSubmit={email.includes("@")}
        >
            <p>
                Portals ask for links for internal users by — address. External users come by themselves, with the first
                link for them.
            </p>
            <TextField
                label="Email"
                type="email"
                value={email}
                onChange={setEmail}
                autoFocus
                required
                maxLength={254}
            />
            <TextField label="First name" optional value={firstName} onChange={setFirstName} maxLength={128} />
            <TextField label="Last name" optional value={lastName} onChange={setLastName} maxLength={128} />
        </FormDialog>
    );
}

export default function Users() {
    const [, navigate] = useLocation();
    const mayWrite = useCan()("users:write");
    const { archive, restore, dialog } = useUserStatus();
    const [creating, setCreating] = useState(false);
    const [filters, setFilters] = useFilters(["search", "kind", "status"]);

    const columns: Column<User>[] = [
        {
            title: "User",
            kind: "lead",
            cell: (user) => {
                const name = personName(user);
                const known = user.email ?? user.externalIdentifier;
                return (
                    <span className="who">
                        <Avatar name={name} />
                        <span>
                            <Link href={`/users/${user.id}`}>{name}</Link>
                            {known !== name && <small>{known}</small>}
                        </span>
                    </span>
                );
            },
        },
        {
            title: "Type",
            cell: (user) => (
                <span className="chips">
                    <Badge tone={user.kind === "external" ? "info" : "plain"}>
                        {user.kind === "external" ? "External" : "Internal"}
                    </Badge>
                    {user.status === "archived" && <Badge tone="warn">Archived</Badge>}
                </span>
            ),
        },
        {
            title: "Identifier",
            cell: (user) =>
                user.externalIdentifier === null ? (
                    <span className="quiet">—</span>
                ) : (
                    <code>{user.externalIdentifier}</code>
                ),
        },
        {
            title: "Groups",
            cell: (user) =>
                user.groups.length === 0 ? (
                    <span className="quiet">{user.kind === "external" ? "by link" : "none"}</span>
                ) : (
                    <span className="chips">
                        {user.groups.map(({ id, name }) => (
                            <Badge key={id}>{name}</Badge>
                        ))}
                    </span>
                ),
        },
        { title: "Since", cell: (user) => <Time time={user.createdAt} /> },
        {
            title: "Actions",
            kind: "actions",
            cell: (user) => (
                <Menu
                    label={`Actions for ${personName(user)}`}
                    entries={[
                        { name: "See events", icon: ListTree, onAction: () => navigate(`/events?userId=${user.id}`) },
                        { name: "Copy user ID", icon: Copy, onAction: () => void copy(user.id, "the user's ID") },
                        ...(!mayWrite
                            ? []
                            : user.status === "active"
                              ? [null, { name: "Archive", icon: Archive, danger: true, onAction: () => archive(user) }]
                              : [null, { name: "Restore", icon: ArchiveRestore, onAction: () => void restore(user) }]),
                    ]}
                />
            ),
        },
    ];

    const createButton = mayWrite && (
        <Button kind="primary" icon={Plus} onPress={() => setCreating(true)}>
            Create user
        </Button>
    );
    const filtered = filters.search !== "" || filters.kind !== "" || filters.status !== "";
    return (
        <>
            <PageHead
                title="Users"
                lead="Internal users are created here. External users appear when a portal first asks for a link for them."
                actions={createButton}
            />
            <div className="toolbar">
                <SearchField
                    label="Search users"
                    placeholder="Name, email or identifier"
                    initial={filters.search}
                    onChange={(search) => setFilters({ search })}
                />
                <Segments label="Type" choices={KINDS} value={filters.kind} onChange={(kind) => setFilters({ kind })} />
                <Select
                    label="Status"
                    hideLabel
                    choices={STATUSES}
                    value={filters.status}
                    onChange={(status) => setFilters({ status })}
                />
            </div>
            <PagedTable
                label="Users"
                columns={columns}
                rowKey={(user) => user.id}
                queryKey={["users", filters]}
                load={(page) =>
                    need(
                        api.GET("/api/v1/users", {
                            params: {
                                query: {
                                    ...page,
                                    ...(filters.search === "" ? {} : { search: filters.search }),
                                    ...(filters.kind === "" ? {} : { kind: filters.kind as User["kind"] }),
                                    ...(filters.status === "" ? {} : { status: filters.status as User["status"] }),
                                },
                            },
                        }),
                    )
                }
                empty={
                    filtered ? (
                        <Empty
                            icon={UsersIcon}
                            title="Nobody matches"
                            actions={
                                <Button onPress={() => setFilters({ search: "", kind: "", status: "" })}>
                                    Show everybody
                                </Button>
                            }
                        />
                    ) : (
                        <Empty icon={UsersIcon} title="No users yet" actions={createButton}>
                            The first link that a portal asks for makes the first external user.
                        </Empty>
                    )
                }
            />
            <CreateUser open={creating} onClose={() => setCreating(false)} />
            {dialog}
        </>
    );
}
